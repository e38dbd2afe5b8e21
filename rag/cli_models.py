"""`rag models`: what is installed for each job, and where."""

import argparse
from typing import TYPE_CHECKING

from rag.errors import printable
from rag.opening import print_json
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.doctor import Installed


def models(arguments: argparse.Namespace, chosen: Settings) -> int:
    """A line for each job: 1 where its model is missing, or does not load."""
    from dataclasses import asdict

    from rag.doctor import installed

    missing = 0
    for found in installed(chosen.embedding, chosen.model):
        missing += found.wrong is not None
        if arguments.json:
            print_json({**asdict(found), "loads": found.wrong is None})
        else:
            print(printable(_line(found), 500))
    return 1 if missing else 0


def _line(found: "Installed") -> str:
    if found.wrong is not None:
        return f"missing  {found.job}: {found.wrong}"
    size = "" if found.megabytes is None else f"{found.megabytes:.1f} MB"
    facts = dict.fromkeys((found.name, size, found.where or ""))  # one may be named by its place
    return f"ok       {found.job}: {', '.join(filter(None, facts))}"
