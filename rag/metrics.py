"""How good retrieval, answers, citations and abstentions are.

Most take what one question gave and return a share from 0 to 1, or None where the question says
nothing about it; `rag.intervals` makes figures of many. Abstention and confidence are of all.
"""

import math
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.answer import Citation
from rag.chunking import sentences
from rag.intervals import Floats, Interval, ratio

Judge = Callable[[str, Sequence[str]], bool]
"""Whether the quotes, taken together, support the sentence."""
Cited = Sequence[tuple[str, Sequence[str]]]
"""The sentences of an answer, each with the quotes that it cites."""

PARTIAL, FULL = 1, 2
_RUN = 4  # words in a row by which a piece of evidence is known from words that merely come again


# --- retrieval: the grades of the chunks found, best first ----------------------------------------


def grade(chunk_text: str, evidence: Sequence[str]) -> int:
    """How much of the evidence a chunk holds: 2 one piece whole, 1 a part of one, 0 none.

    Whole is up to white space. A part is half of its words in a row, or what the chunk's beginning
    or end cuts off; fewer than four words (or all, where it has fewer) are no part. The text alone
    is judged: that the chunk is of the article meant is for the caller to see to.
    """
    text = " ".join(chunk_text.split())
    if any(piece and piece in text for piece in (" ".join(e.split()) for e in evidence)):
        return FULL
    words = _words(chunk_text)
    parts = (_has_half(words, e) or _is_cut(words, e) for e in map(_words, evidence))
    return PARTIAL if any(parts) else 0


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _has_half(words: Sequence[str], evidence: Sequence[str]) -> bool:
    """Whether half of the evidence's words, rounded up, stand among the words in a row."""
    least = max(math.ceil(len(evidence) / 2), min(_RUN, len(evidence)))
    runs = range(len(evidence) - least + 1) if evidence else ()
    return any(_stands_in(evidence[i : i + least], words) for i in runs)


def _is_cut(words: Sequence[str], evidence: Sequence[str]) -> bool:
    """Whether the evidence begins before the words do, or ends after them."""
    return any(
        words[-n:] == evidence[:n] or words[:n] == evidence[-n:]
        for n in range(_RUN, min(len(words), len(evidence)) + 1)
    ) or (len(words) >= _RUN and _stands_in(words, evidence))


def _stands_in(few: Sequence[str], many: Sequence[str]) -> bool:
    return f" {' '.join(few)} " in f" {' '.join(many)} "


def success_at(k: int, grades: Sequence[int], *, least: int = PARTIAL) -> float:
    """1 when one of the first k is relevant, else 0 (Success@k: Craswell and Hawking, TREC 2004).

    `least` is the grade from which on a chunk counts: a part of the evidence is enough for a start.
    """
    return float(any(g >= least for g in grades[:k]))


def recall_at(k: int, grades: Sequence[int], existing: Sequence[int]) -> float | None:
    """The share of the relevant chunks that are among the first k (trec_eval's recall_k).

    `existing` are the grades of the relevant chunks that there are; None when there are none.
    """
    relevant = sum(g > 0 for g in existing)
    return sum(g > 0 for g in grades[:k]) / relevant if relevant else None


def reciprocal_rank_at(k: int, grades: Sequence[int]) -> float:
    """1 / the rank of the first relevant chunk, 0 when the first k have none.

    Its mean over questions is the MRR@k (Voorhees, TREC-8, 1999).
    """
    return next((1 / rank for rank, g in enumerate(grades[:k], start=1) if g), 0.0)


def ndcg_at(k: int, grades: Sequence[int], existing: Sequence[int]) -> float | None:
    """The gain of the first k over that of the best order (Järvelin and Kekäläinen 2002).

    The gain is the sum of grade / log2(rank + 1), as in trec_eval. `existing` as in `recall_at`.
    """
    best = _gain(sorted(existing, reverse=True)[:k])
    return _gain(grades[:k]) / best if best else None


def _gain(grades: Sequence[int]) -> float:
    return math.fsum(g / math.log2(rank + 1) for rank, g in enumerate(grades, start=1))


# --- answers --------------------------------------------------------------------------------------


def normalised(text: str) -> str:
    """As SQuAD compares answers (Rajpurkar et al. 2016): no case, punctuation, articles, gaps.

    Its script knows ASCII's punctuation; here curly quotes, dashes and the like are some too. A
    long dash parts words.
    """
    kept = "".join(c for c in text.lower().replace("—", " ") if not _is_punctuation(c))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", kept).split())


def _is_punctuation(c: str) -> bool:
    return c in string.punctuation or unicodedata.category(c).startswith("P")


def exact_match(answer: str, golds: Sequence[str]) -> float | None:
    """1 when the answer is one of the gold answers, normalised (Rajpurkar et al. 2016)."""
    said = _comparable(answer)
    return max((float(said == _comparable(gold)) for gold in golds), default=None)


def _comparable(text: str) -> str:
    """Normalised, or as it is where nothing would be left of it: "A", "%"."""
    return normalised(text) or " ".join(text.lower().split())


def token_f1(answer: str, golds: Sequence[str]) -> float | None:
    """The best F1 of the answer's words against a gold answer's (Rajpurkar et al. 2016).

    Words that come again count as often as both have them.
    """
    said = _comparable(answer).split()
    return max((_f1(said, _comparable(gold).split()) for gold in golds), default=None)


def _f1(said: list[str], gold: list[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    return 2 * (Counter(said) & Counter(gold)).total() / (len(said) + len(gold))


def gold_in_answer(answer: str, golds: Sequence[str]) -> float | None:
    """1 when the words of a gold answer stand in the answer in a row.

    Both normalised, or both parted at every mark: "24" stands in "24-hour", and "$100" in "US$100".
    The "accuracy" of answers in sentences (Mallen et al. 2023). Markers [n] are left out. A gold
    "yes" or "no" has to be the first word: any text may have a "no" in it.
    """
    bare = _MARKER.sub(" ", answer)
    return max((float(_is_said(gold, bare)) for gold in golds if gold.strip()), default=None)


def _is_said(gold: str, said: str) -> bool:
    if normalised(gold) in ("yes", "no"):
        return normalised(said).split()[:1] == [normalised(gold)]
    if not normalised(gold):  # "A", "%": as it is written
        marks = re.compile(r"\w+|[^\w\s]")
        return _stands_in(marks.findall(gold), marks.findall(said))
    forms = (lambda text: normalised(text).split(), _parted)
    return any(bool(form(gold)) and _stands_in(form(gold), form(said)) for form in forms)


def _parted(text: str) -> list[str]:
    """The words without articles, each without what is not of it.

    Parted are a number before a hyphen ("24-hour", not "3-2" or "non-smoker"), a currency before
    its sign, and "'s" behind a name; numbers stay whole.
    """
    bare = re.sub(r"(?<=\w)['’]s\b", " ", text.casefold())
    words = re.findall(r"\d+(?:[.,:/–-]\d+)*\w*|\w+(?:['’-]\w+)*", bare)
    halves = ((m.groups() if (m := _COUNTED.fullmatch(word)) else (word,)) for word in words)
    return [half for parts in halves for half in parts if half not in ("a", "an", "the")]


_COUNTED = re.compile(
    r"(one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|hundred)-(.+)"
)


def gold_in_first_sentence(answer: str, golds: Sequence[str]) -> float | None:
    """`gold_in_answer` of the sentence that a person reads first: this project's own measure."""
    bare = _MARKER.sub(" ", answer)
    spans = sentences(bare)
    return gold_in_answer(bare[slice(*spans[0])] if spans else "", golds)


_MARKER = re.compile(r"\[\d+\]")


# --- citations, after ALCE (Gao et al. 2023, "… to Generate Text with Citations") -----------------


def gold_judge(answers: Sequence[str], evidence: Sequence[str]) -> Judge:
    """A judge without a model: quotes support what they hold a gold answer or evidence for.

    Of a piece of evidence half the words in a row will do, as in `grade`. It does not read the
    sentence: whether that says what its quotes say is for the answer's own measures. It stands in
    for the entailment model that Gao et al. 2023 judge with, whose place a filter's model has here.
    """
    pieces = list(map(_words, evidence))

    def supports(_sentence: str, quotes: Sequence[str]) -> bool:
        together = " ".join(quotes)
        words = _words(together)
        return gold_in_answer(together, answers) == 1 or any(_has_half(words, p) for p in pieces)

    return supports


def citation_recall(cited: Cited, supports: Judge) -> float | None:
    """The share of the sentences that their quotes, taken together, support; None without any.

    ALCE's citation recall (Gao et al. 2023).
    """
    right = [bool(quotes) and supports(sentence, quotes) for sentence, quotes in cited]
    return sum(right) / len(right) if right else None


def citation_precision(cited: Cited, supports: Judge) -> float | None:
    """The share of the citations that are needed; None without any.

    One is needed when its sentence is supported and it supports it alone, or the others without it
    do not. As in ALCE (Gao et al. 2023) no citation of an unsupported sentence is.
    """
    needed = [
        supports(sentence, quotes)
        and (supports(sentence, [quote]) or not supports(sentence, _without(quotes, i)))
        for sentence, quotes in cited
        for i, quote in enumerate(quotes)
    ]
    return sum(needed) / len(needed) if needed else None


def _without(quotes: Sequence[str], i: int) -> list[str]:
    return [*quotes[:i], *quotes[i + 1 :]]


def quote_exactness(citations: Sequence[Citation], texts: Mapping[str, str]) -> float | None:
    """The share of the quotes that stand, character for character, where the citation says.

    `texts` are the articles' by their id; None without citations. Less than 1 is a bug. This
    project's own measure: an answer promises quotes word for word.
    """
    exact = [
        0 <= c.start < c.end and texts.get(c.article_id, "")[c.start : c.end] == c.quote
        for c in citations
    ]
    return sum(exact) / len(exact) if exact else None


# --- abstention and confidence --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Abstention:
    """How well it tells the questions that the articles do not answer."""

    precision: Interval | None
    recall: Interval | None
    f1: Interval | None
    false_rate: Interval | None


def abstention(abstained: Sequence[bool], answerable: Sequence[bool]) -> Abstention:
    """Precision, recall and F1 on the unanswerable (as SQuAD 2.0, Rajpurkar et al. 2018, has them).

    `false_rate` is the share of the answerable that it abstained on. None where that is 0 / 0.
    """
    asked = list(zip(abstained, answerable, strict=True))
    right = [a and not can for a, can in asked]
    return Abstention(
        precision=ratio([(r, a) for r, a in zip(right, abstained, strict=True)]),
        recall=ratio([(r, not can) for r, can in zip(right, answerable, strict=True)]),
        f1=ratio([(2.0 * r, a + (not can)) for r, (a, can) in zip(right, asked, strict=True)]),
        false_rate=ratio([(a and can, can) for a, can in asked]),
    )


@dataclass(frozen=True, slots=True)
class Point:
    """`coverage`: the share that is answered; `risk`: the share of wrong ones among those."""

    coverage: float
    risk: float


def risk_coverage(scores: Sequence[float], right: Sequence[float]) -> list[Point]:
    """The risk of answering only the best scored questions.

    El-Yaniv and Wiener 2010; of networks, Geifman and El-Yaniv 2017.
    One point for each score at which one could stop, the strictest first. `scores` are the answers'
    confidences, or another score where they have none; `right` is 1, 0, or between.
    """
    risks, last = _risks(np.array(scores, dtype=np.float64), np.array(right, dtype=np.float64))
    return [Point((i + 1) / len(risks), float(risks[i])) for i in np.flatnonzero(last)]


def aurc(scores: Sequence[float] | Floats, right: Sequence[float] | Floats) -> float:
    """The area under the risk–coverage curve: the mean risk over all coverages i/n; less is better.

    Geifman, Uziel and El-Yaniv, "Bias-reduced uncertainty estimation", ICLR 2019. Questions of one
    score share their mean loss: no order is theirs.
    """
    risks, _ = _risks(np.asarray(scores, dtype=np.float64), np.asarray(right, dtype=np.float64))
    return float(risks.mean())


def _risks(scores: Floats, right: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """The risk when the best 1, 2, … n are answered, and which of them are the last of a score."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(ranked[1:] != ranked[:-1], True) if len(ranked) else np.zeros(0, np.bool_)
    group = np.cumsum(np.append(0, last))[: len(ranked)].astype(np.intp)
    losses: Floats = np.bincount(group, 1 - right[order]) / np.bincount(group)
    return np.cumsum(losses[group]) / np.arange(1, len(ranked) + 1), last


def ece(confidences: Sequence[float], right: Sequence[float], bins: int = 15) -> float | None:
    """Expected calibration error, in bins of equal width (Guo et al. 2017).

    The mean distance of confidence, 0 to 1, and share right in a bin, weighted by its questions. A
    confidence on an edge is in the lower bin. None without questions.
    """
    sure, hits = np.array(confidences, dtype=np.float64), np.array(right, dtype=np.float64)
    if not len(sure):
        return None
    at = np.clip(np.ceil(sure * bins).astype(np.intp) - 1, 0, bins - 1)
    return float(np.abs(np.bincount(at, sure - hits)).sum() / len(sure))
