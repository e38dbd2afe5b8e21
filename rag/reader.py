"""The trained reader: question × passage → the words that answer, and whether any do.

And sentence × quote → whether the quote says it. One cross-encoder, trained by
`scripts/train_reader.py`; rag/models/README.md says how, on what, and how well it reads.
"""

import hashlib
import json
import math
import re
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.chunking import Span
from rag.embedding import BUNDLED as TOKENIZER
from rag.embedding import model_folder, open_session
from rag.errors import ModelMissing
from rag.machine import physical_cores

FOLDER = Path(__file__).parent / "models"
NAME = "rag-reader"
WINDOW = 254  # tokens of a chunk with its title: what fits beside a question
LONGEST = 320  # tokens of question, title and passage
_TITLE = 100  # characters of the title that stand before a passage
_QUESTION = 240  # characters of a question, from its end, where the question mark is
_REMEDY = "install the project again: it is part of it"
_SPAN_TOKENS = 30
_SPANS = 2  # of a passage
_OPENED = 60  # characters: so far before the rest of it a span's quotation may have begun


@dataclass(frozen=True, slots=True)
class Marked:
    """Words of a passage that may answer: `start` and `end` in its characters, half-open.

    `margin`: their start and end logits over those of the first token, which stands for "nothing".
    """

    start: int
    end: int
    margin: float


@dataclass(frozen=True, slots=True)
class Look:
    """What the reader sees in one passage: a few spans, best first, and one more number.

    The last may be of a stretch that it was told to look into. `answers` is the logit of its second
    head: whether the passage answers, by a span or otherwise.
    """

    spans: tuple[Marked, ...]
    answers: float


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression on features by name: what it gives is a log-odds."""

    weights: Mapping[str, float]
    bias: float

    def __call__(self, features: Mapping[str, float]) -> float:
        return self.bias + sum(w * features[name] for name, w in self.weights.items())


def probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


class Reader:
    """The shipped reader, for any number of threads.

    `rank` scores a candidate against others for one question, `sure` gives the log-odds that the
    best one is right; `scripts/fit_confidence.py` fits both. `scripts/fit_support.py` fits what
    turns the last head's logit into log-odds.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        """Raises ModelMissing."""
        from tokenizers import Tokenizer

        self.name = NAME
        self._file = folder / "reader.onnx"
        self._fitted = folder / "reader.json"
        try:
            fitted = json.loads(self._fitted.read_text("utf-8"))
            self.rank = Logistic(**fitted["rank"])
            self.sure = Logistic(**fitted["sure"])
            self._support = Logistic(**fitted["support"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelMissing(str(self._fitted), "cannot be read", _REMEDY) from error
        if not self._file.exists():
            raise ModelMissing(str(self._file), "is not there", _REMEDY)
        self._tokenizer = Tokenizer.from_file(str(model_folder(TOKENIZER) / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST, strategy="only_second")
        self._session: Any = None
        self._lock = threading.Lock()
        # One passage at a time in each: padding to the longest of a batch costs more than it saves.
        self._workers = ThreadPoolExecutor(physical_cores(), thread_name_prefix="reader")

    @property
    def fingerprint(self) -> str:
        """What tells these weights and this fit from others: a hash of both files."""
        digest = hashlib.sha256(self._fitted.read_bytes())
        with self._file.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()[:16]

    def read(
        self,
        question: str,
        passages: Sequence[tuple[str, str]],
        into: Sequence[Span | None] = (),
    ) -> list[Look]:
        """What it sees in each passage, given as title and text, in their order.

        `into`: for each passage a stretch of it, half-open, that gets a span in any case. Raises
        ModelMissing.
        """
        if passages:
            self._open()
        asked = ending(question)
        stretches = into or [None] * len(passages)
        looked = self._workers.map(lambda p, s: self._look(asked, p, s), passages, stretches)
        return list(looked)

    def support(
        self, sentence: str, quotes: Sequence[tuple[str, str]], *, stopped: bool = False
    ) -> list[float]:
        """The log-odds that each quote, given as title and text, says all that the sentence says.

        A sentence that leaves no room for a quote is read in halves, the worse of which counts; of
        a quote as much as fits. `stopped`: whether a rule speaks against it. Raises ModelMissing.
        """
        if quotes:
            self._open()
        if len(self._tokenizer.encode("", sentence).ids) > LONGEST // 2:
            halves = (self.support(half, quotes, stopped=stopped) for half in halved(sentence))
            return [min(both) for both in zip(*halves, strict=True)]

        def log_odds(quote: tuple[str, str]) -> float:
            made = self._tokenizer.encode(sentence, pair(*quote)[0])
            logit = float(self._run(made, ["support"])[0][0])
            return self._support({"logit": logit, "stopped": float(stopped)})

        return list(self._workers.map(log_odds, quotes))

    def _open(self) -> None:
        with self._lock:
            if self._session is None:
                try:
                    self._session = open_session(self._file)
                except ModelMissing as error:
                    raise ModelMissing(str(self._file), "cannot be read", _REMEDY) from error

    def _run(self, made: Any, outputs: Sequence[str]) -> list[NDArray[Any]]:
        inputs = {
            "input_ids": made.ids,
            "attention_mask": made.attention_mask,
            "token_type_ids": made.type_ids,
        }
        arrays = {name: np.array([row], np.int64) for name, row in inputs.items()}
        found: list[NDArray[Any]] = self._session.run(list(outputs), arrays)
        return found

    def _look(self, question: str, titled: tuple[str, str], into: Span | None) -> Look:
        passage = titled[1]
        text, shift = pair(*titled)
        made = self._tokenizer.encode(question, text)
        start, end, answers = self._run(made, ["start", "end", "answers"])
        inside = places(made.sequence_ids, made.offsets, shift)
        told = (made.offsets, shift, start[0], end[0])
        found = spans(inside, *told, _SPANS)
        if into and not any(into[0] <= m.start < into[1] for m in found):
            first, last = into[0] + shift, into[1] + shift
            there = [i for i in inside if first <= made.offsets[i][0] < last]
            found += spans(there, *told, most=1)
        whole = (Marked(*whole_words(passage, m.start, m.end), m.margin) for m in found)
        return Look(tuple(whole), float(answers[0]))


def ending(text: str, most: int = _QUESTION) -> str:
    """As much of a question as leaves room for a passage; no letter is more than one token.

    Letters as the tokenizer takes them: a Korean syllable is three.
    """
    kept = text[-most:]
    while len(unicodedata.normalize("NFKD", kept)) > most:
        kept = kept[len(kept) // 8 + 1 :]
    return kept


def halved(text: str) -> tuple[str, str]:
    """The text in two, at the clause end nearest its middle, or else the space, or the middle."""
    middle = len(text) // 2
    for end in (r"[,;:]\s+", r"\s+"):
        cuts = [m.end() for m in re.finditer(end, text) if m.end() < len(text)]
        if cuts:
            middle = min(cuts, key=lambda at: abs(at - middle))
            break
    return text[:middle], text[middle:]


_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Sir|Lord|Lady|Dame|Prof|Professor)\.?$")
_NAMED = re.compile(r"\.?(?: [A-Z][\w’'-]+){1,3}")


def whole_words(text: str, start: int, end: int) -> Span:
    """The span with the words that it breaks whole, and without commas or space at its ends.

    A title takes its name along, and a quotation that ends in it the mark that it begins with.
    """
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    while end - start > 1 and text[end - 1] in " \n\t,;:":
        end -= 1
    while end - start > 1 and text[start] in " \n\t,;:":
        start += 1
    if _TITLED.search(text[start:end]) and (name := _NAMED.match(text, end)):
        end = name.end()
    opened = text.rfind("“", max(0, start - _OPENED), start)
    if text.count("”", start, end) > text.count("“", start, end) and opened >= 0:
        start = opened
    return start, end


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
