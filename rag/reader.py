"""The trained reader: question × passage → the words that answer, and whether any do.

A MiniLM cross-encoder, trained by `scripts/train_reader.py`, run by ONNX Runtime. Nothing but the
training uses it yet: its weights are still to come.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.embedding import BUNDLED, model_folder, open_session
from rag.errors import ModelMissing
from rag.machine import physical_cores

LONGEST = 320  # tokens of question, title and passage
MODEL = Path(__file__).parent / "models" / "reader.onnx"
_TITLE = 100  # characters of the title that stand before a passage
_SPAN_TOKENS = 30
_SPANS = 3  # of a passage
_BATCH = 2  # passages; more are padded more, and no faster on a CPU


@dataclass(frozen=True, slots=True)
class Marked:
    """Words of a passage that may answer: `start` and `end` in its characters, half-open.

    `margin`: their start and end logits over those of the first token, which stands for "nothing".
    """

    start: int
    end: int
    margin: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one passage: at most three spans, best first, none within another.

    `answers`: the logit of its being answered there at all.
    """

    spans: tuple[Marked, ...]
    answers: float


class Reader:
    """One trained reader in memory."""

    def __init__(self, file: Path = MODEL) -> None:
        """Raises ModelMissing when its files are not there or not usable."""
        from tokenizers import Tokenizer

        if not file.exists():
            raise ModelMissing(str(file), "not there", "install rag again")
        self.name = file.stem
        self._tokenizer = Tokenizer.from_file(str(model_folder(BUNDLED) / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST, strategy="only_second")
        self._session = open_session(file)
        self._workers = ThreadPoolExecutor(physical_cores(), thread_name_prefix="reading")

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """A reading of each passage (its article's title, and its text), in their order."""
        question = self._fitting(question)
        pairs = [pair(title, text) for title, text in passages]
        made = [self._tokenizer.encode(question, text) for text, _ in pairs]
        by_length = sorted(range(len(made)), key=lambda i: -len(made[i].ids))
        parts = [by_length[at : at + _BATCH] for at in range(0, len(made), _BATCH)]
        found: dict[int, Reading] = {}
        done = self._workers.map(lambda part: self._run([made[i] for i in part]), parts)
        for part, outputs in zip(parts, done, strict=True):
            for i, (start, end, answers) in zip(part, outputs, strict=True):
                found[i] = _reading(made[i], pairs[i][1], start, end, answers)
        return [found[i] for i in range(len(passages))]

    def _fitting(self, question: str) -> str:
        """As much of a very long question as leaves the passage its room."""
        words = self._tokenizer.encode(question, add_special_tokens=False)
        most = LONGEST // 3
        return question[: words.offsets[most - 1][1]] if len(words.ids) > most else question

    def _run(self, made: Sequence[Any]) -> list[tuple[NDArray[Any], NDArray[Any], float]]:
        shape = (len(made), max(len(e.ids) for e in made))
        names = ("input_ids", "attention_mask", "token_type_ids")
        inputs = {name: np.zeros(shape, np.int64) for name in names}
        for row, e in enumerate(made):
            for name, values in zip(names, (e.ids, e.attention_mask, e.type_ids), strict=True):
                inputs[name][row, : len(values)] = values
        start, end, answers = self._session.run(None, inputs)
        return [(start[row], end[row], float(answers[row])) for row in range(len(made))]


def pair(title: str, passage: str) -> tuple[str, int]:
    """The passage with its title before it, and where in that the passage starts."""
    head = f"{title[:_TITLE]}: " if title else ""
    return head + passage, len(head)


def _reading(
    made: Any, shift: int, start: NDArray[Any], end: NDArray[Any], answers: float
) -> Reading:
    offsets = np.array(made.offsets)
    inside = np.array([s == 1 for s in made.sequence_ids]) & (offsets[:, 0] >= shift)
    places = np.flatnonzero(inside)
    if not len(places):
        return Reading((), answers)
    ends = np.concatenate([end[places], np.full(_SPAN_TOKENS - 1, -np.inf, end.dtype)])
    windows = np.lib.stride_tricks.sliding_window_view(ends, _SPAN_TOKENS)
    best = windows.argmax(axis=1)  # of the ends that a start may have
    scores = start[places] + windows.max(axis=1)
    null = float(start[0] + end[0])
    spans: list[Marked] = []
    taken = np.zeros(len(places), bool)
    for i in np.argsort(-scores):
        j = i + best[i]
        if taken[i : j + 1].any():
            continue
        taken[i : j + 1] = True
        a, b = int(offsets[places[i]][0]) - shift, int(offsets[places[j]][1]) - shift
        spans.append(Marked(a, b, float(scores[i]) - null))
        if len(spans) == _SPANS:
            break
    return Reading(tuple(spans), answers)
