"""What the machine has."""

import os
import platform
import sys
from pathlib import Path

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})  # names of the machine for itself


def physical_cores() -> int:
    """Cores this process may use, hyper-threads not counted: a second thread on one only waits."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        siblings = {
            file.read_text()
            for file in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/topology/core_cpus_list")
        }
    except OSError:
        siblings = set()
    return max(1, min(allowed or 1, len(siblings) or allowed or 1))


def peak_megabytes() -> float:
    """The most memory that this process has had; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def description() -> str:
    """System, processor, cores and Python, for those who read figures."""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}, Python {platform.python_version()}"
