"""What the reader is given, and what its logits say: question × passage → the words that answer.

The reader is a cross-encoder, trained by `scripts/train_reader.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.chunking import Span

LONGEST = 320  # tokens of question, title and passage
_TITLE = 100  # characters of the title that stand before a passage
_SPAN_TOKENS = 30


@dataclass(frozen=True, slots=True)
class Marked:
    """Words of a passage that may answer: `start` and `end` in its characters, half-open.

    `margin`: their start and end logits over those of the first token, which stands for "nothing".
    """

    start: int
    end: int
    margin: float


def pair(title: str, passage: str) -> tuple[str, int]:
    """The passage with its title before it, and where in that the passage starts."""
    head = f"{title[:_TITLE]}: " if title else ""
    return head + passage, len(head)


def places(sequences: Sequence[int | None], offsets: Sequence[Span], shift: int) -> list[int]:
    """The tokens of the passage proper: neither the question's, nor the title's before `shift`."""
    found = enumerate(zip(sequences, offsets, strict=True))
    return [i for i, (sequence, (at, _)) in found if sequence == 1 and at >= shift]


def spans(
    inside: Sequence[int],
    offsets: Sequence[Span],
    shift: int,
    start: NDArray[Any],
    end: NDArray[Any],
    most: int,
) -> tuple[Marked, ...]:
    """At most `most` spans of the tokens `inside`, best first, none within another.

    `start` and `end`: the logits, shape (tokens,); `offsets` are the tokens' characters.
    """
    if not inside:
        return ()
    held = np.array(inside)
    ends = np.concatenate([end[held], np.full(_SPAN_TOKENS - 1, -np.inf, end.dtype)])
    windows = np.lib.stride_tricks.sliding_window_view(ends, _SPAN_TOKENS)
    best = windows.argmax(axis=1)  # of the ends that a start may have
    scores = start[held] + windows.max(axis=1)
    null = float(start[0] + end[0])
    found: list[Marked] = []
    taken = np.zeros(len(held), bool)
    for i in np.argsort(-scores):
        j = i + best[i]
        if taken[i : j + 1].any():
            continue
        taken[i : j + 1] = True
        a, b = offsets[held[i]][0] - shift, offsets[held[j]][1] - shift
        found.append(Marked(a, b, float(scores[i]) - null))
        if len(found) == most:
            break
    return tuple(found)
