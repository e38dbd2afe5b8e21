"""A sentence × the quotes it cites → whether they carry it. Rules, no model, and they err to no.

A sentence that fails is not shown; what was quoted stands in its place. So a true sentence lost
costs a plainer answer, and a false one kept would cost the reader's trust.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.chunking import sentences
from rag.stemming import content_stems, stems

Method = Literal["generated", "quoted"]

MIN_CONTENT = 0.75  # share of a sentence's content words that its quotes must hold


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, the numbers of its citations, and how its check came out.

    `text` is without markers. `support` is a probability, None until a calibrated model gives it.
    """

    text: str
    citations: tuple[int, ...]
    method: Method
    supported: bool
    support: float | None


def faults(sentence: str, quotes: Sequence[str], question: str) -> list[str]:
    """What speaks against the sentence, in words; an empty list when its quotes carry it.

    Every content word, name, number and quoted word must stand in a quote or in the question, and
    three in four content words in a quote; names must come in the quote's order ("A criticised B"
    does not carry "B criticised A"); and a negation or a "said" that only one side has fails it.
    """
    quoted = "\n".join(quotes)
    return [
        *_missing("name", names(sentence), quoted, question),
        *_missing("number", numbers(sentence), quoted, question),
        *_unquoted(sentence, quoted, question),
        *_new_words(sentence, quoted, question),
        *_negation(sentence, quoted),
        *_attribution(sentence, quoted),
        *_order(sentence, quotes),
        *_scattered(sentence, quotes),
        *_repeats(sentence),
    ]


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


def is_slice(sentence: str, quote: str) -> bool:
    """Whether the sentence is a part of the quote, but for case, spaces and its last stop."""
    return _flat(sentence).rstrip(".") in _flat(quote)


def _flat(text: str) -> str:
    straight = text.translate(str.maketrans("“”„«»‘’", '"""""\'\''))
    return " ".join(straight.casefold().split())


# --- what a sentence holds that must stand in its quote -------------------------------------------


def names(text: str) -> list[str]:
    """Words with a capital, but for the common ones that open a sentence."""
    found = []
    for match in re.finditer(r"[^\W\d_][\w'’-]*", text):
        word = re.sub(r"['’]s?$", "", match[0])
        first = not re.search(r"[\w,;:)]['\"”’)]*\s*[\"'“‘(]*$", text[: match.start()])
        if any(c.isupper() for c in word) and not (first and word.casefold() in _OPENERS):
            found.append(word)
    return [name for name in found if content_stems(name)]


_OPENERS = frozenset(
    """
    a an the this that these those it he she they we i in on at by for from of to as and but or if
    when while after before since during because although according however also both all some
    many most more there no not one two three several his her their its our my what who
    """.split()
)
_NUMBER_WORDS = {
    **{
        word: str(value)
        for value, word in enumerate(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen twenty".split()
        )
        if word != "one"  # a pronoun too
    },
    **{
        word: str(10 * value)
        for value, word in enumerate(
            "thirty forty fifty sixty seventy eighty ninety hundred".split(), start=3
        )
    },
    "thousand": "1000",
    "million": "1000000",
    "billion": "1000000000",
    "dozen": "12",
    "first": "1",
    "second": "2",
    "third": "3",
    "half": "1/2",
    "twice": "2",
}


def numbers(text: str) -> list[str]:
    """Numbers, "1,000" as 1000 and "three" as 3."""
    digits = re.findall(r"\d+(?:[.,]\d+)*", text)
    words = re.findall(r"[a-z]+", text.casefold())
    return [d.replace(",", "") for d in digits] + [
        _NUMBER_WORDS[w] for w in words if w in _NUMBER_WORDS
    ]


def _missing(kind: str, wanted: list[str], quoted: str, question: str) -> list[str]:
    text = f"{quoted}\n{question}"
    held = set(numbers(text)) if kind == "number" else set(stems(text))
    return [
        f"{kind} not in the quote: {item}"
        for item in dict.fromkeys(wanted)
        if not (item in held if kind == "number" else set(stems(item)) <= held)
    ]


def _unquoted(sentence: str, quoted: str, question: str) -> list[str]:
    text = _flat(f"{quoted}\n{question}")
    said = re.findall(r"[“\"]([^”\"]+)[”\"]?", sentence)
    return [f"not the quote's words: {s}" for s in said if _flat(s).strip(" .,;") not in text]


def _new_words(sentence: str, quoted: str, question: str) -> list[str]:
    words, held = content_stems(sentence), set(stems(quoted))
    new = set(words) - held - set(stems(question))
    if new:
        return [f"in neither quote nor question: {', '.join(sorted(new))}"]
    share = sum(w in held for w in words) / len(words) if words else 0.0
    return [] if share >= MIN_CONTENT else [f"{share:.0%} of its content words in the quote"]


# --- what must be on both sides or on none --------------------------------------------------------

_NEGATION = re.compile(
    r"\b(not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|unable|"
    r"refus\w*|den(y|ies|ied)|fail(s|ed)?|lack(s|ed)?|hardly|barely)\b|n['’]t\b",
    re.I,
)
_SPEECH = re.compile(
    r"\b(sa(y|ys|id)|add(s|ed)|claim(s|ed|ing)?|tells?|told|accord\w*|warn(s|ed|ing)?|"
    r"argu(es|ed|ing)|insist(s|ed)|alleg\w+|accus\w+|suggest(s|ed)?|believ\w+|"
    r"reported(ly)?|describ\w+|critici[sz]\w+|announc\w+|stated|understood|call(s|ed))\b",
    re.I,
)


def _negation(sentence: str, quoted: str) -> list[str]:
    same = bool(_NEGATION.search(sentence)) == bool(
        _NEGATION.search(_counterpart(sentence, quoted))
    )
    return [] if same else ["a negation on one side only"]


def _attribution(sentence: str, quoted: str) -> list[str]:
    counterpart = _counterpart(sentence, quoted)
    spoken = _SPEECH.search(counterpart) or re.search(r"[“\"]", counterpart)
    lost = spoken and not _SPEECH.search(sentence)
    return ["the quote says who said it, the sentence does not"] if lost else []


def _counterpart(sentence: str, quoted: str) -> str:
    """The quote's sentence that shares most words with `sentence`."""
    words = set(content_stems(sentence))
    parts = [quoted[a:b] for a, b in sentences(quoted)] or [quoted]
    return max(parts, key=lambda part: len(words & set(content_stems(part))))


def _order(sentence: str, quotes: Sequence[str]) -> list[str]:
    """Names that the quote has once each must come in its order."""
    wanted = [stems(name)[0] for name in names(sentence)]
    for quote in quotes:
        words = stems(quote)
        places = [words.index(w) for w in wanted if words.count(w) == 1]
        if places != sorted(places):
            return ["its names stand in another order in the quote"]
    return []


def _scattered(sentence: str, quotes: Sequence[str]) -> list[str]:
    """Words picked from all over a quote may make a sentence that it does not.

    So the quote's stretch that holds them, in their order, may be twice as long as the sentence.
    """
    words = content_stems(sentence)
    for quote in quotes:
        held = content_stems(quote)
        common = [w for w in words if w in held]
        stretch = _shortest_stretch(common, held)
        if stretch is not None and stretch <= 2 * len(words) + 2:
            return []
    return ["its words are scattered over the quote, or in another order"]


def _shortest_stretch(words: Sequence[str], held: Sequence[str]) -> int | None:
    """The length of the shortest run of `held` that has `words` in order; None if there is none."""
    best = None
    for first in (i for i, w in enumerate(held) if words and w == words[0]):
        at = first
        for word in words[1:]:
            at = next((i for i in range(at + 1, len(held)) if held[i] == word), -1)
            if at < 0:
                break
        if at >= 0 and (best is None or at - first + 1 < best):
            best = at - first + 1
    return best


def _repeats(sentence: str) -> list[str]:
    words = stems(sentence)
    runs = list(zip(words, words[1:], words[2:], strict=False))
    return ["it repeats itself"] if len(set(runs)) < len(runs) else []
