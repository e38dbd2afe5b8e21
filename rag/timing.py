"""Seconds by stage, for the `timings` of an answer."""

import time

STAGES = ("load_s", "retrieve_s", "read_s", "first_token_s", "wait_s", "write_s", "verify_s")


class Clock:
    """Seconds by stage; a stage that comes again adds up."""

    def __init__(self, load_s: float) -> None:
        self._started = self._last = time.perf_counter()
        self._stages = dict.fromkeys(STAGES, 0.0)
        self._stages["load_s"] = load_s
        self._load_s = load_s

    def lap(self, stage: str) -> float:
        """Counts the time since the last lap to `stage`, and says how long it was."""
        now = time.perf_counter()
        lap, self._last = now - self._last, now
        self._stages[stage] += lap
        return lap

    def first(self, stage: str) -> None:
        self._stages[stage] = self._stages[stage] or self._elapsed()

    def timings(self) -> dict[str, float]:
        stages = {**self._stages, "total_s": self._elapsed()}
        return {stage: round(seconds, 4) for stage, seconds in stages.items()}

    def _elapsed(self) -> float:
        return time.perf_counter() - self._started + self._load_s
