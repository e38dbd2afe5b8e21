"""A sentence × the quotes it cites → whether they carry it: rules, and a checker bounded by them.

The rules err to no, for they understand nothing: a wording passes only as a shortened sentence of
its quote's, the quote's own words in the quote's order, and nothing left out that could turn
what it says. A true sentence lost costs a plainer answer; a false one kept would cost all trust.
The trained checker is heard on top of them, and on any pair of a sentence and a quote.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.chunking import Span, sentences
from rag.opposites import opposed
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
    whole = _counterpart(sentence, quote)
    return [
        *(f"name not in the quote: {n}" for n in names(sentence) if not _within(stems(n), quote)),
        *(f"number not in the quote: {n}" for n in numbers(sentence) if n not in numbers(quote)),
        *_altered_quotation(sentence, quote),
        *_unmarked_speech(sentence, whole),
        *_left_out(sentence, whole),
    ]


def contradictions(sentence: str, quote: str, title: str = "") -> list[str]:
    """What of the sentence's names, numbers, quoted words and denials the quote does not bear out.

    Of a free wording too: it may choose and order its words. A name may stand in the title.
    """
    held = f"{title}\n{quote}"
    nearest = _counterpart(sentence, quote)
    said, told = set(content_stems(sentence)), set(content_stems(quote))
    turned = _denied(sentence) & told - _denied(quote)
    lost = _denied(quote) & said - _denied(sentence) - _undenied(quote)
    return [
        *(f"name not in the quote: {n}" for n in names(sentence) if not _named(n, held)),
        *(f"number not in the quote: {n}" for n in _unheld_numbers(sentence, held)),
        *(f"not in the quote: {word}" for word in sorted(_bounds(sentence) - _bounds(held))),
        *_altered_quotation(sentence, quote),
        *(f"denies {stem!r}, which the quote does not" for stem in sorted(turned)),
        *(f"does not deny {stem!r}, which the quote does" for stem in sorted(lost)),
        *(f"the quote has the opposite of {s!r}" for s in opposed(sentence, nearest)),
    ]


_NOT = re.compile(
    r"(?:\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot)\b|n['’]t\b)", re.I
)


def _denied(text: str) -> set[str]:
    """The stems that a denying word stands before, by four words at most of its clause."""
    found: set[str] = set()
    for m in _NOT.finditer(text):
        clause = re.split(r"[,.;:“”\"]", text[m.end() :], maxsplit=1)[0]
        found |= set(content_stems(" ".join(clause.split()[:4]))[:2])
    return found


def _undenied(text: str) -> set[str]:
    """The stems that stand more often in the text than they are denied in it."""
    return {
        stem
        for stem, count in Counter(content_stems(text)).items()
        if count > 1 or stem not in _denied(text)
    }


_OF_A_COUNTRY = re.compile(r"(?:ian|an|n|ish|ese|i)s?$")


def _named(name: str, text: str) -> bool:
    """Whether the text holds the name, its country ("Kenyan": Kenya), or what its letters mean."""
    if _within(stems(name), text):
        return True
    words = re.findall(r"[A-Z][\w’'-]*", text)
    for one, other in ((name, w) for w in words):
        for adjective, country in ((one, other), (other, one)):
            root = _OF_A_COUNTRY.sub("", adjective)
            if root != adjective and len(root) >= 4 and country.startswith(root):
                return True
    return name.isupper() and len(name) > 1 and name in "".join(w[0] for w in words)


# Words of time, direction and measure, of which another is another fact. In a group all mean one.
_BOUNDS = [
    group.split("/")
    for group in """
        january/jan february/feb march april may june/jun july/jul august/aug september/sept/sep
        october/oct november/nov december/dec monday/mondays tuesday/tuesdays wednesday/wednesdays
        thursday/thursdays friday/fridays saturday/saturdays sunday/sundays spring summer
        autumn/fall winter noon/midday midnight dawn dusk morning afternoon evening a.m./am p.m./pm
        yesterday tomorrow north/northern south/southern east/eastern west/western
        north-east/northeast north-west/northwest south-east/southeast south-west/southwest
        week/weeks/weekly/fortnight/fortnights month/months/monthly day/days/daily decade/decades
        century/centuries hour/hours/hourly minute/minutes percent/percentage/cent/%
        thousand/thousands million/millions billion/billions/bn trillion/trillions
        kilometre/kilometres/kilometer/kilometers/km mile/miles metre/metres/meter/meters foot/feet
        inch/inches yard/yards centimetre/centimetres/cm tonne/tonnes ton/tons
        kilogram/kilograms/kilo/kilos/kg gram/grams pound/pounds/£ ounce/ounces dollar/dollars/$
        euro/euros/€ acre/acres hectare/hectares litre/litres/liter/liters gallon/gallons
        celsius fahrenheit megawatt/megawatts/mw
    """.split()
]
_BOUND = {word: group[0] for group in _BOUNDS for word in group}
_OTHERWISE = frozenset("may march spring fall".split())  # which mean other things too
_DATED = re.compile(
    r"(?:\d|\b(?:in|of|since|until|by|from|last|next|this|the|late|early|mid))[- ]"
    r"((?-i:May|March)|spring|fall)\b|\b((?-i:May|March))(?= \d)",
    re.I,
)


def _bounds(text: str) -> set[str]:
    """The groups that words of the text belong to, by each group's first word."""
    words = re.findall(r"[£$€%]|\b[ap]\.m\.|(?<=\d)[a-z]+\b|\b[a-z]+(?:-[a-z]+)*", text.casefold())
    words = [word for word in words if word not in _OTHERWISE]
    words += [(a or b).casefold() for a, b in _DATED.findall(text)]
    return {_BOUND[word] for word in words if word in _BOUND}


_AT_LEAST = r"(?:more than|over|at least|upwards of|exceed(?:s|ed|ing)?|above)\s+[£$€]?"


def _unheld_numbers(sentence: str, text: str) -> list[str]:
    """Numbers that the text lacks; "over 100" is held where it has one from 100 to 200."""
    held = set(numbers(text))
    values = [float(n) for n in held if re.fullmatch(r"\d+(?:\.\d+)?", n)]
    found = []
    for n in dict.fromkeys(numbers(sentence)):
        least = re.search(rf"{_AT_LEAST}{re.escape(n)}\b", sentence.replace(",", ""), re.I)
        more = least and any(float(n) <= v <= 2 * float(n) for v in values)
        if n not in held and not more:
            found.append(n)
    return found


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


def is_slice_of(sentence: str, quote: str) -> bool:
    """Whether it is a stretch of the quote's words, but for case, spaces and its last stop."""
    words = _flat(sentence)
    return bool(words) and bool(re.search(rf"(?<!\w){re.escape(words)}(?!\w)", _flat(quote)))


def holds(text: str, words: str) -> bool:
    """Whether the words stand in the text beside each other, case and punctuation aside."""
    held, wanted = (re.findall(r"\w+|[£$€%]", t.casefold()) for t in (text, words))
    return f" {' '.join(wanted)} " in f" {' '.join(held)} "


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
        before = text[max(0, match.start() - 20) : match.start()]
        first = not re.search(r"[\w,;:)]['\"”’)]*\s*[\"'“‘(]*$", before)
        opens = first and (word.casefold() in _OPENERS or re.search(r"[a-z](?:ly|ing|ed)$", word))
        of_a_number = before[-1:].isdigit()  # 30C
        if any(c.isupper() for c in word) and not opens and not of_a_number:
            found.append(word)
    return [name for name in found if content_stems(name)]


_OPENERS = frozenset(
    """
    a an the this that these those it he she they we i in on at by for from of to as and but or if
    when while after before since during because although according however also both all some
    many most more there no not one two three several his her their its our my what who
    once over under fewer less about around near nearly above upwards according only just even yet
    still then now here such each every any either neither nobody nothing until unless with without
    between among within through against despite into onto like unlike people men women others
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
    **{
        word: str(value)
        for value, word in enumerate(
            "fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=4
        )
    },
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
