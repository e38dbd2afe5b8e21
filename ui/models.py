"""The one chat model that all people share."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rag.errors import ModelMissing
from rag.llm import Model, open_model

_CALM_S = 0.1  # after a question the next one of many is there sooner than that


class SharedModel:
    """Of the models that are offered, the one that is in memory."""

    def __init__(self, offered: Mapping[str, str]) -> None:
        """`offered`: what `open_model` takes, by the name that people choose; may be empty."""
        self._paths = dict(offered)
        self._lock = threading.Lock()
        self._loaded: tuple[str, Model | None] | None = None
        self._calm = threading.Condition()
        self._looking_up = 0
        self._last_looked_up = 0.0  # when that ended, by the monotonic clock

    @contextmanager
    def resting(self) -> Iterator[None]:
        """While this is held, a question is being looked up: what the model does can wait."""
        with self._calm:
            self._looking_up += 1
        try:
            yield
        finally:
            with self._calm:
                self._looking_up -= 1
                self._last_looked_up = time.monotonic()
                self._calm.notify_all()

    def rest(self, most_s: float = 1.0) -> None:
        """Returns when no question is, or was just now, being looked up, or after `most_s`."""
        until = time.monotonic() + most_s
        with self._calm:
            while (left := until - time.monotonic()) > 0:
                if self._looking_up:
                    self._calm.wait(left)
                elif (calm := time.monotonic() - self._last_looked_up) < _CALM_S:
                    self._calm.wait(min(left, _CALM_S - calm))
                else:
                    return

    @property
    def offered(self) -> tuple[str, ...]:
        return tuple(self._paths)

    @property
    def default(self) -> str:
        """The first, or "" where none is offered."""
        return next(iter(self._paths), "")

    def get(self, name: str) -> Model | None:
        """The model, loaded now if another one is in memory; None when it cannot be."""
        with self._lock:
            if self._loaded is None or self._loaded[0] != name:
                self._loaded = None  # the other one's memory is free before this one takes its own
                self._loaded = (name, self._load(name))
            return self._loaded[1]

    def _load(self, name: str) -> Model | None:
        try:
            return open_model(self._paths[name]) if name in self._paths else None
        except ModelMissing:
            return None
