"""A sentence × the quotes it cites → whether they carry it. Rules, no model, and they err to no.

Without a model nothing here understands a sentence. So a wording passes only as a shortened one
of its quote's: the quote's own words in the quote's order, and nothing left out that could turn
what it says. A true sentence lost costs a plainer answer; a false one kept would cost all trust.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.chunking import sentences
from rag.stemming import content_stems, stems

Method = Literal["generated", "quoted"]


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


def faults(sentence: str, quotes: Sequence[str]) -> list[str]:
    """What speaks against the sentence, in words; an empty list when one of its quotes carries it.

    The reasons are those of the quote that comes nearest.
    """
    found = [_faults(sentence, quote) for quote in quotes]
    return min(found, key=len, default=["it cites no quote"])


def _faults(sentence: str, quote: str) -> list[str]:
    """Held against that sentence of the quote which shares most words with it."""
    whole = _counterpart(sentence, quote)
    return [
        *(f"name not in the quote: {n}" for n in names(sentence) if not _within(stems(n), quote)),
        *(f"number not in the quote: {n}" for n in numbers(sentence) if n not in numbers(quote)),
        *_altered_quotation(sentence, quote),
        *_unmarked_speech(sentence, whole),
        *_left_out(sentence, whole),
    ]


def may_become(beginning: str, quote: str) -> bool:
    """Whether a sentence that begins so can still pass: its words so far are the quote's, in order.

    The last word may be unfinished and does not count.
    """
    words = [w for w in _tokens(beginning)[:-1] if w not in _ARTICLES]
    parts = [quote[a:b] for a, b in sentences(quote)] or [quote]
    return any(_in_order(words, _tokens(part)) for part in parts)


def _in_order(words: Sequence[str], held: Sequence[str]) -> bool:
    rest = iter(held)
    return all(word in rest for word in words)


def is_sentence_of(sentence: str, quote: str) -> bool:
    """Whether it is a whole sentence of the quote, but for case, spaces and its last stop."""
    parts = [quote[a:b] for a, b in sentences(quote)]
    return any(_flat(sentence) == _flat(part) for part in (quote, *parts))


def _flat(text: str) -> str:
    straight = text.translate(str.maketrans("“”„«»‘’", '"""""\'\''))
    return " ".join(straight.casefold().split()).rstrip(".")


def _within(words: Sequence[str], text: str) -> bool:
    return set(words) <= set(stems(text))


def _counterpart(sentence: str, quote: str) -> str:
    words = set(content_stems(sentence))
    parts = [quote[a:b] for a, b in sentences(quote)] or [quote]
    return max(parts, key=lambda part: len(words & set(content_stems(part))))


# --- names, numbers, quotations ------------------------------------------------------------------


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
    spelled = [_NUMBER_WORDS[w] for w in words if w in _NUMBER_WORDS]
    return [d.replace(",", "") for d in digits] + spelled


def _altered_quotation(sentence: str, quote: str) -> list[str]:
    said = re.findall(r"[“\"]([^”\"]+)[”\"]?", sentence)
    held = _flat(quote)
    return [f"not the quote's words: {s}" for s in said if _flat(s).strip(" .,;") not in held]


def _unmarked_speech(sentence: str, whole: str) -> list[str]:
    lost = len(re.findall(r"[“”\"]", sentence)) < len(re.findall(r"[“”\"]", whole))
    return ["somebody's words without their quotation marks"] if lost else []


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
    reported alleged described describes announced understood called feared fears promised
    """.split()
)


def _left_out(sentence: str, whole: str) -> list[str]:
    """The sentence's words must be the whole's in its order; no turning word may be missing.

    What stands between commas or brackets may go as a piece, unless it holds such a word.
    """
    wanted, held = _tokens(sentence), _tokens(whole)
    at, missing = 0, []
    for word in wanted:
        found = next((i for i in range(at, len(held)) if held[i] == word), None)
        if found is None:
            if word in _ARTICLES:
                continue
            return [f"not the quote's words in its order, from {word!r} on"]
        missing += held[at:found]
        at = found + 1
    missing += held[at:]
    return [f"leaves out {w!r}" for w in dict.fromkeys(missing) if _turns(w)]


def _tokens(text: str) -> list[str]:
    text = re.sub(r"(?<=\w )May\b|\bMay(?= \d)", "May-month", text)  # which turns nothing
    return re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text.casefold().replace("’", "'"))


def _turns(word: str) -> bool:
    return word in _TURNING or word.endswith("n't")


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
