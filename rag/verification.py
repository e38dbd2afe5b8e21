"""A sentence × the quotes it cites → whether they carry it: rules, and a checker bounded by them.

The rules err to no, for they understand nothing: a wording passes only as a shortened sentence of
its quote's, the quote's own words in the quote's order, and nothing left out that could turn
what it says. A true sentence lost costs a plainer answer; a false one kept would cost all trust.
The trained checker is heard on top of them, and on any pair of a sentence and a quote.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.chunking import Span, sentences
from rag.facts import (
    altered_quotation,
    contradictions,
    counterpart,
    flat,
    names,
    numbers,
    plainly_marked,
)
from rag.reader import Reader, probability
from rag.stemming import content_stems, stems

Method = Literal["generated", "quoted"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, the numbers of its citations, and how its check came out.

    `text` is without markers. `support`: of what a model worded, the probability that its quote
    says all of it, by the trained checker; None of what is quoted.
    """

    text: str
    citations: tuple[int, ...]
    method: Method
    supported: bool
    support: float | None


def faults(sentence: str, quotes: Sequence[str]) -> list[str]:
    """What speaks against the sentence, in words; an empty list when one of its quotes carries it.

    The reasons are those of the quote that comes nearest.
    """
    found = [_faults(sentence, quote) for quote in quotes]
    return min(found, key=len, default=["it cites no quote"])


# --- what the trained checker says ----------------------------------------------------------------

_WINDOW = 1_000  # characters: about as many tokens of a quote as the reader reads at once
_WINDOWS = 3  # of a longer quote, those that share most of the sentence's words


SUPPORTED = 0.5  # from this probability on a quote counts as saying all of a sentence
_STOPPED = 0.49  # the most that a sentence is supported which a rule speaks against


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a quote carries a sentence, and what the rules find against it.

    `support`: the probability that it says all of it, by the trained checker and the rules.
    """

    support: float
    against: tuple[str, ...]

    @property
    def supported(self) -> bool:
        return self.support >= SUPPORTED


def verdict(sentence: str, title: str, quote: str, reader: Reader) -> Verdict:
    """How far the quote, of an article of that title, carries the sentence. Raises ModelMissing."""
    against = contradictions(sentence, quote, title)
    found = log_odds(sentence, title, quote, reader, stopped=bool(against))
    return Verdict(as_support(found, stopped=bool(against)), tuple(against))


def log_odds(
    sentence: str, title: str, quote: str, reader: Reader, *, stopped: bool = False
) -> float:
    """What the trained checker gives the sentence; `stopped`: whether a rule speaks against it.

    Several sentences are as well supported as the worst of them. A long quote is read in windows,
    the best of which counts. Raises ModelMissing.
    """
    held = [(title, window) for window in windows(sentence, quote)]
    parts = [sentence[a:b] for a, b in sentences(sentence)] or [sentence]
    return min(max(reader.support(part, held, stopped=stopped), default=-9.0) for part in parts)


def as_support(log_odds: float, *, stopped: bool) -> float:
    """The probability; what a rule speaks against is never supported, whatever the checker says."""
    return min(probability(log_odds), _STOPPED if stopped else 1.0)


def windows(sentence: str, quote: str, most: int = _WINDOW, count: int = _WINDOWS) -> list[str]:
    """The quote, or where it is long those stretches of its sentences that are nearest.

    Best first, the earliest of equals; none lies for the most part in a better one.
    """
    if len(quote) <= most:
        return [quote]
    wanted = set(content_stems(sentence))
    pieces = [(at, min(at + most, b)) for a, b in sentences(quote) for at in range(a, b, most)]
    shared = [wanted & set(content_stems(quote[a:b])) for a, b in pieces]
    scored: list[tuple[int, Span]] = []
    last = 0  # the piece that a window ends before
    for first, (start, _) in enumerate(pieces):
        while last < len(pieces) and pieces[last][1] - start <= most:
            last += 1
        held = set[str]().union(*shared[first:last])
        scored.append((len(held), (start, pieces[last - 1][1])))
    chosen: list[Span] = []
    for _, (start, end) in sorted(scored, key=lambda one: -one[0]):
        apart = all(2 * (min(end, b) - max(start, a)) <= end - start for a, b in chosen)
        if apart and len(chosen) < count:
            chosen.append((start, end))
    return [quote[start:end] for start, end in chosen]


# --- what the rules say ---------------------------------------------------------------------------


def _faults(sentence: str, quote: str) -> list[str]:
    """Held against that sentence of the quote which shares most words with it."""
    sentence, quote = plainly_marked(sentence), plainly_marked(quote)
    whole, told = counterpart(sentence, quote), set(stems(quote))
    return [
        *(f"name not in the quote: {n}" for n in names(sentence) if not {*stems(n)} <= told),
        *(f"number not in the quote: {n}" for n in numbers(sentence) if n not in numbers(quote)),
        *altered_quotation(sentence, quote),
        *_marked_otherwise(sentence, whole),
        *_left_out(sentence, whole),
    ]


def may_become(beginning: str, quote: str) -> bool:
    """Whether a sentence that begins so can still pass: its words so far are the quote's, in order.

    The last word may be unfinished and does not count.
    """
    words = _tokens(beginning)[:-1]
    parts = [quote[a:b] for a, b in sentences(quote)] or [quote]
    return any(_in_order(words, _tokens(part)) for part in parts)


def _in_order(words: Sequence[str], held: Sequence[str]) -> bool:
    rest = iter(held)
    return all(word in rest for word in words)


def is_sentence_of(sentence: str, quote: str) -> bool:
    """Whether it is a whole sentence of the quote, but for case, spaces and its last stop."""
    parts = [quote[a:b] for a, b in sentences(quote)]
    return any(flat(sentence) == flat(part) for part in (quote, *parts))


def is_slice_of(sentence: str, quote: str) -> bool:
    """Whether it is a stretch of the quote's words, but for case, spaces and its last stop."""
    words = flat(sentence)
    return bool(words) and bool(re.search(rf"(?<!\w){re.escape(words)}(?!\w)", flat(quote)))


def holds(text: str, words: str) -> bool:
    """Whether the words stand in the text beside each other, case and punctuation aside."""
    held, wanted = (re.findall(rf"\w+|{_SIGNS}", t.casefold()) for t in (text, words))
    return f" {' '.join(wanted)} " in f" {' '.join(held)} "


# --- somebody's words ----------------------------------------------------------------------------


def _marked_otherwise(sentence: str, whole: str) -> list[str]:
    """Quotation marks that were lost, or put round words that have none."""
    if len(re.findall(r"[“”\"]", sentence)) < len(re.findall(r"[“”\"]", whole)):
        return ["somebody's words without their quotation marks"]
    said, held = (re.findall(r"[“\"]([^”\"]+)[”\"]?", text) for text in (sentence, whole))
    strange = [s for s in said if not any(flat(s).strip(" .,;") in flat(h) for h in held)]
    return [f"in quotation marks, which the quote has not: {s}" for s in strange]


# --- what was left out ----------------------------------------------------------------------------

_ARTICLES = frozenset("a an the".split())
# Words that turn, weaken or bind what is said: left out, they leave another statement behind.
_TURNING = frozenset(
    """
    not no never none nobody nothing nowhere neither nor without cannot unable hardly barely rarely
    seldom little few only almost nearly about around roughly up least most more less than over
    under until unless if whether provided would could can may might must should will shall ought
    am is are was were be been being has have had do does did done having
    by from to of for against with within before after since because despite although though while
    likely unlikely possible possibly probably perhaps maybe reportedly allegedly apparently
    he she they it we i you him her them us me his its their our my who whom whose which that
    and or but so than as all every each any some other another both either half
    refused refuses refuse denied denies deny failed fails fail failing lacked lacks ruled rejected
    rejects dismissed dismisses abandoned abandons cancelled cancels dropped drops avoided avoid
    prevented prevent stopped stop doubted doubts doubt false falsely wrongly untrue
    said says say added adds claimed claims claim claiming told tells according warned warns argued
    argues insisted insists accused suggested suggests suggestions believes believed believe thinks
    thought hopes hoped hope plans planned plan wants wanted want expects expected expect intends
    proposed proposes proposal considers considering considered seeks sought asked asks threatened
    reported alleged described describes announced understood called fear feared fears promised
    suspect suspects suspected allege alleges alleging heard testified testifies maintain maintains
    maintained contend contends predict predicts predicted forecast forecasts estimate estimates
    estimated assume assumes assumed presume presumed pretend pretended dispute disputes disputed
    denying tweeted posted wrote stated declared confirmed threatens threat vow vowed pledged pledge
    theory film novel play book dream drama story fiction rumour rumours rumors
    former ex deputy vice acting interim assistant shadow would-be so-called suspended
    attempted fake mock replica toy imitation minus except excluding per
    off out through down away back quashed overturned
    mainly partly mostly largely temporarily potentially supposedly seemingly virtually presumably
    investigating representing posing impersonating
    """.split()
)


def _left_out(sentence: str, whole: str) -> list[str]:
    """The sentence's words must be the whole's in its order; no turning word may be missing.

    What stands between commas or brackets may go as a piece, unless it holds such a word.
    """
    wanted, held = _tokens(sentence), _tokens(whole)
    at, missing = 0, list[int]()
    for word in wanted:
        found = next((i for i in range(at, len(held)) if held[i] == word), None)
        if found is None:
            return [f"not the quote's words in its order, from {word!r} on"]
        missing += range(at, found)
        at = found + 1
    missing += range(at, len(held))
    lost = [held[i] for i in missing if not (held[i] == "that" and held[i - 1] in _SPOKE)]
    return [f"leaves out {w!r}" for w in dict.fromkeys(lost) if _turns(w)]


_SIGNS = r"[£$€₹¥%°]|(?<!\w)[-−](?=\d)"
_SPOKE = frozenset("said says added adds announced claimed claims warned insisted argued".split())


def _tokens(text: str) -> list[str]:
    """Words and signs, without articles, as the same words may be written in two ways."""
    text = re.sub(r"(?:\b(?:in|of|since|until|by|last|next)|\d) May\b|\bMay(?= \d)", _month, text)
    text = re.sub(r"^\W*(?:But|And|So|Yet)\b", "", text)
    text = re.sub(r"(?<=\d),(?=\d)", "", text)
    text = re.sub(r"\b(?:[A-Z]\.){2,}", lambda m: m[0].replace(".", ""), text)
    text = text.casefold().replace("’", "'").replace("per cent", "percent")
    text = text.replace("won't", "will not").replace("can't", "cannot").replace("n't", " not")
    found = re.findall(rf"[^\W_]+(?:['-][^\W_]+)*(?:'(?=\s|$))?|{_SIGNS}", text)
    return [word for word in found if word not in _ARTICLES]


def _month(found: re.Match[str]) -> str:
    return f"{found[0]}-month"  # which turns nothing


def _turns(word: str) -> bool:
    return word in _TURNING or not word[0].isalnum() or word.endswith("'")


def dropped(sentence: str, quote: str, question: str) -> list[str]:
    """The names and numbers of the quote that neither sentence nor question has a word of.

    One of them may be the answer: a wording that loses any is no wording of that quote.
    """
    held = set(stems(f"{sentence}\n{question}"))
    amounts = set(numbers(f"{sentence}\n{question}"))
    groups = re.findall(r"(?:[A-Z][\w’'-]*\s*)+", quote[:1].lower() + quote[1:])
    return [
        *(g.strip() for g in groups if content_stems(g) and not held & set(content_stems(g))),
        *(n for n in numbers(quote) if n not in amounts),
    ]
