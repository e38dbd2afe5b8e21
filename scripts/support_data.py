"""What the support checker learns from: sentences beside quotes that say them, or do not."""

import itertools
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from datasets import rows_of
from reading_data import OPPOSITE, Example, reading, runs, texts_of

from rag.chunking import sentences
from rag.gold import as_title, fifteenth
from rag.stemming import content_stems
from rag.verification import faults

SETS = {
    "wice": 2_500,
    "summedits": 2_500,
    "defacto": 4_000,
    "fib": 3_500,
    "fool_me_twice": 2_600,
    "fever_symmetric": 1_500,
    "begin_wow_cmu": 1_500,
    "faithdial_audit": 600,
    "expertqa_claims": 1_700,
    "hagrid_part": 1_100,
    "conjnli": 2_000,
    "negation_nli": 1_500,
    "veridicality": 1_600,
    "monotonicity_med_help": 800,
    "nli_mnli_snli": 5_000,
}
MEASURED = ("qags", "aggrefact_types", "lfqa_verification", "attributionbench")
_FROM = ("squad_train_part", "squadshifts_new_wiki", "qamr", "afriqa_en", "nq_oracle")
_STATED = (*_FROM, "squadshifts_reddit", "qed_dev", "timeqa_human")
_STATEMENTS = 9_000
WRITTEN = Path(__file__).with_name("sentences.jsonl")
_WRITTEN = 4  # times each of those: what nearly is said is nowhere else so near
_OWN = 9_000  # sentences of passages, each kept or reworded once and altered twice


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and what it cites. `supported`: whether the quote says all of the sentence."""

    sentence: str
    title: str
    quote: str
    supported: bool
    source: str


def pairs(folder: Path, seed: int) -> list[Pair]:
    """All that trains, in one fixed order."""
    draw = random.Random(seed)
    found: list[Pair] = []
    for name, most in SETS.items():
        every = list(judged(folder, name))
        found += every if len(every) <= most else draw.sample(every, most)
    asked = [e for name in _STATED for e in reading(folder, name) if e.spans]
    found += stated(asked, draw)
    found += reworded_and_altered([e for e in asked if e.source in _FROM], draw, _OWN)
    found += _WRITTEN * list(written(folder))
    found = without_measured(found, folder)
    draw.shuffle(found)
    return [replace(p, title="") if draw.random() < 0.4 else p for p in found]


def judged(folder: Path, name: str, side: str = "train") -> Iterator[Pair]:
    """What people (or rules) judged. Partly supported is not supported."""
    for row in rows_of(folder, f"support/{name}"):
        if name in SETS and (fifteenth(row["quote"][:80]) == 14) != (side == "dev"):
            continue
        title = as_title(row["title"]) if row.get("title") else ""
        yield Pair(row["sentence"], title, row["quote"], row["label"] == "supported", name)


def written(folder: Path, side: str = "train") -> Iterator[Pair]:
    """Sentences that a large language model wrote for this project, on quotes of these sets.

    Three that a quote says, in other words ("yes"), and four that it nearly says; what is wrong
    with each of these is told beside it.
    """
    rows = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]
    texts = texts_of(folder, {row["set"] for row in rows})
    for row in rows:
        quote = texts[row["set"], row["id"]][row["start"] : row["end"]]
        if (fifteenth(quote[:80]) == 14) != (side == "dev"):
            continue
        for kind, sentence in row["told"]:
            yield Pair(sentence, row["title"], quote, kind == "yes", "written")


def without_measured(found: Sequence[Pair], folder: Path) -> list[Pair]:
    """Those whose quote shares no run of twelve words with a quote that is kept to measure with."""
    kept = {p.quote for name in MEASURED for p in judged(folder, name)}
    held = {run for quote in kept for run in runs(quote)}
    clean = {quote: held.isdisjoint(runs(quote)) for quote in {p.quote for p in found}}
    return [p for p in found if clean[p.quote]]


# --- statements out of questions ------------------------------------------------------------------

_BE = re.compile(r"(?:Who|What|Which \w+) (is|was|are|were) (.+)\?$")
_SUBJECT = re.compile(
    r"(?:Who|What|Which \w+) ([a-z]+(?:ed|won|led|wrote|made|became|has|had)\b.*)\?$"
)
_COUNTED = re.compile(r"How many ((?:[a-z]+ )+?)(are|were|live|lived|died|took|came|work)\b(.*)\?$")
_WHEN = re.compile(
    r"(?:When|Where|In what year|In which year|What year) (was|were) (.+?) "
    r"(born|built|made|held|written|sold|found|known|[a-z]+ed)\b(.*)\?$"
)
_PREPOSITION = re.compile(r"(in|on|at|by|from|since|after|before|near|around)\b")
_DAY = re.compile(r"[A-Z][a-z]+ \d{1,2}\b|\d{1,2} [A-Z]")
_KIND = (re.compile(r"\d"), re.compile(r"^[A-Z]"))


def statement(question: str, answer: str) -> str | None:
    """Question and answer as one sentence, where that takes no knowledge of grammar."""
    answer = answer.strip(" .,;:")
    if m := _COUNTED.match(question):
        return f"{answer[:1].upper()}{answer[1:]} {m[1]}{m[2]}{m[3]}."
    if m := _WHEN.match(question):
        before = "on " if _DAY.match(answer) else "in "
        before = "" if _PREPOSITION.match(answer) else before
        return f"{m[2][:1].upper()}{m[2][1:]} {m[1]} {m[3]}{m[4]} {before}{answer}."
    if m := _BE.match(question):
        return f"{answer[:1].upper()}{answer[1:]} {m[1]} {m[2]}."
    if m := _SUBJECT.match(question):
        return f"{answer[:1].upper()}{answer[1:]} {m[1]}."
    return None


def stated(asked: Sequence[Example], draw: random.Random) -> list[Pair]:
    """Of questions and their answers, right ones and others of the same passage."""
    found: list[Pair] = []
    others: dict[str, list[str]] = {}
    for e in asked:
        others.setdefault(e.passage, []).append(e.passage[slice(*e.spans[0])])
    able = [
        (e, answer, said)
        for e in asked
        if len(answer := e.passage[slice(*e.spans[0])]) <= 80
        and (said := statement(e.question, answer))
    ]
    for e, answer, said in draw.sample(able, min(_STATEMENTS, len(able))):
        quote = around(e.passage, e.spans[0], draw)
        found.append(Pair(said, e.title, quote, True, "stated"))
        right = {e.passage[a:b].casefold() for a, b in e.spans}
        wrong = [
            other
            for other in others[e.passage]
            if _kind(other) == _kind(answer)
            and not any(other.casefold() in r or r in other.casefold() for r in right)
        ]
        near = [w for w in wrong if w in quote] or wrong
        if near and draw.random() < 0.8:
            false = statement(e.question, draw.choice(near)) or said
            found.append(Pair(false, e.title, quote, False, "stated, another answer"))
    return found


def _kind(answer: str) -> tuple[bool, ...]:
    return tuple(bool(p.search(answer)) for p in _KIND)


def around(passage: str, span: tuple[int, int], draw: random.Random) -> str:
    """The sentences that hold the span, with the one before, or with several about it."""
    whole = sentences(passage)
    held = [i for i, (a, b) in enumerate(whole) if a < span[1] and span[0] < b]
    if not held:
        return passage
    before, after = draw.choice(((0, 0), (1, 0), (1, 0), (2, 1), (1, 3)))
    first, last = max(0, held[0] - before), min(len(whole) - 1, held[-1] + after)
    return passage[whole[first][0] : whole[last][1]]


# --- sentences kept, reworded and altered ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence, the whole passage, and the passage's other sentences."""

    sentence: str
    passage: str
    others: tuple[str, ...]


Way = Callable[[Place, random.Random], str | None]


def reworded_and_altered(asked: Sequence[Example], draw: random.Random, most: int) -> list[Pair]:
    """Of `most` sentences, and of all that are speech: one wording that holds, two that do not."""
    passages = list(dict.fromkeys((e.title, e.passage) for e in asked))
    places: list[tuple[str, str, tuple[int, int]]] = [
        (title, passage, span)
        for title, passage in passages
        for span in sentences(passage)
        if 40 <= span[1] - span[0] <= 350
    ]
    found: list[Pair] = []
    spoken = [p for p in places if any(s.match(p[1][slice(*p[2])]) for s in (_SAID, _SAID_LAST))]
    for title, passage, span in (*spoken, *draw.sample(places, min(most, len(places)))):
        whole = [passage[a:b] for a, b in sentences(passage)]
        sentence = passage[slice(*span)]
        place = Place(sentence, passage, tuple(s for s in whole if s != sentence))
        quote = around(passage, span, draw)
        for supported, ways, most in ((True, KEPT, 1), (False, ALTERED, 2)):
            tried = draw.sample(ways, len(ways))
            tried.sort(key=lambda way: way in RARE and draw.random() < 0.7, reverse=True)
            done = ((way(place, draw), way.__name__) for way in tried)
            held = [(said, name) for said, name in done if said and said != sentence][:most]
            found += [Pair(said, title, quote, supported, name) for said, name in held]
        if draw.random() < 0.1:
            found.append(Pair(sentence, title, quote, True, "kept"))
        if place.others and draw.random() < 0.25:
            other = draw.choice(place.others)
            if other not in quote:
                found.append(Pair(other, title, quote, False, "another sentence"))
    return found


def shortened(place: Place, draw: random.Random) -> str | None:
    """Without a piece between commas or brackets, where the rules find that nothing turns."""
    pieces = list(re.finditer(r",[^,;()]{3,90}(?=[,.;])|\s?\([^()]+\)", place.sentence))
    draw.shuffle(pieces)
    for m in pieces:
        left = place.sentence[: m.start()] + place.sentence[m.end() :]
        left = re.sub(r"(?<=\w),(?= \w+ed\b)", "", left, count=1) if m[0].startswith(",") else left
        if len(left) > 25 and not faults(left, [place.sentence]):
            return left
    return None


def brought_back(place: Place, draw: random.Random) -> str | None:
    """What comes first, last: "In 1998, she left" becomes "She left in 1998"."""
    m = re.match(
        r"((?:In|On|At|During|After|By|For) [^,]{3,50}), (?!and\b|but\b)(.{15,})\.$", place.sentence
    )
    if not m or "," in m[2]:
        return None
    first = m[1][0].lower() + m[1][1:]
    return f"{m[2][0].upper()}{m[2][1:]} {first}."


_SPEECH = r"[“\"]([^“”\"]{15,}),[”\"] "
_VERB_FIRST = re.compile(_SPEECH + r"(said|says) ([A-Z][^,.;]{2,60})\.$")
_WHO_FIRST = re.compile(_SPEECH + r"([A-Z][^,.;]{2,40}|he|she|they) (said|says)\.$")


def speaker_first(place: Place, draw: random.Random) -> str | None:
    """The speaker before the words: "“We left,” said Reed" becomes "Reed said: “We left”"."""
    if m := _VERB_FIRST.match(place.sentence):
        verb, who = m[2], m[3]
    elif m := _WHO_FIRST.match(place.sentence):
        who, verb = m[2], m[3]
    else:
        return None
    if draw.random() < 0.5 and who[0].isupper():
        return f"According to {who}, “{m[1]}”."
    return f"{who[0].upper()}{who[1:]} {verb}: “{m[1]}.”"


_SAME = (
    "about approximately|around about|because of due to|began started|started began|"
    "bought purchased|purchased bought|died passed away|more than over|said stated|"
    "large big|big large|help assist|children kids|many numerous|numerous many|several a number of|"
    "near close to|nearly almost|almost nearly|shows demonstrates|showed demonstrated|"
    "show demonstrate|used employed|received got|city town's city|"
    "created made|built constructed|constructed built|killed slain|movie film|film movie|"
    "also additionally|often frequently|frequently often|usually normally|quickly rapidly|"
    "rapidly quickly|however but|although though|though although|while whereas|"
    "percent per cent|per cent percent|United States US|U.S. United States|"
    "located situated|situated located|main chief|"
    "important significant|important major|allows lets|requires needs|needs requires|"
    "ended finished|finished ended|whole entire|entire whole|difficult hard|famous well-known|"
    "wealthy rich|attempted tried|tried attempted|gave handed|reported announced"
)
_PARAPHRASE: dict[str, str] = {}
for _pair in _SAME.split("|"):
    for _head in ("because of", "more than", "per cent", "United States"):
        if _pair.startswith(_head + " "):
            _PARAPHRASE[_head] = _pair[len(_head) + 1 :]
            break
    else:
        _PARAPHRASE.setdefault(*_pair.split(" ", 1))
_NOT_THE_SAME = ("city", "reported", "however", "also", "killed")
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()


def reworded(place: Place, draw: random.Random) -> str | None:
    """With one or two words said otherwise."""
    said, changes = place.sentence, 0
    words = [w for w in _PARAPHRASE if w not in _NOT_THE_SAME and re.search(rf"\b{w}\b", said)]
    for word in draw.sample(words, min(2, len(words))):
        said, changes = re.sub(rf"\b{word}\b", _PARAPHRASE[word], said, count=1), changes + 1
    for n, word in enumerate(_WORDS):
        if n > 1 and draw.random() < 0.5 and re.search(rf"\b{word}\b", said):
            said, changes = re.sub(rf"\b{word}\b", str(n), said, count=1), changes + 1
    return said if changes else None


def shortened_and_reworded(place: Place, draw: random.Random) -> str | None:
    short = shortened(place, draw)
    return reworded(replace(place, sentence=short), draw) if short else None


KEPT: tuple[Way, ...] = (
    shortened,
    brought_back,
    speaker_first,
    reworded,
    shortened_and_reworded,
)

_NAME = re.compile(r"(?<=[a-z,”] )[A-Z][\w’'-]+(?: (?:of |de |van |the )?[A-Z][\w’'-]+)*")
_OPENING = re.compile(r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)+")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_LETTER = re.compile(r"[a-z]")
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def _names_of(text: str) -> list[str]:
    return list(dict.fromkeys(m[0] for p in (_NAME, _OPENING) for m in p.finditer(text)))


def other_name(place: Place, draw: random.Random) -> str | None:
    """Another of the passage's names in the place of one."""
    own = [m for p in (_NAME, _OPENING) for m in p.finditer(place.sentence)]
    others = [n for n in _names_of(place.passage) if n not in place.sentence]
    if not own or not others:
        return None
    m = draw.choice(own)
    likely = [n for n in others if n.count(" ") == m[0].count(" ")] or others
    return _put(place.sentence, m, draw.choice(likely))


def swapped_names(place: Place, draw: random.Random) -> str | None:
    """Two of its own names in each other's place, where no "and" makes them equals."""
    own = sorted(_OPENING.finditer(place.sentence), key=lambda m: m.start())
    own += [m for m in _NAME.finditer(place.sentence) if all(m.start() >= o.end() for o in own)]
    for a, b in itertools.pairwise(own):
        between = place.sentence[a.end() : b.start()]
        if len(between) > 5 and not re.search(r"\b(and|or|with|to)\b|,|&", between):
            return place.sentence[: a.start()] + b[0] + between + a[0] + place.sentence[b.end() :]
    return None


def other_number(place: Place, draw: random.Random) -> str | None:
    """Another of the passage's numbers, or one a little off."""
    own = [
        m
        for m in _NUMBER.finditer(place.sentence)
        if not re.match(r"[a-z]", place.sentence[m.end() :])
    ]
    if not own:
        return _other_word(place.sentence, _WORDS[2:], draw)
    m = draw.choice(own)
    others = [n for n in _NUMBER.findall(place.passage) if len(n) == len(m[0]) and n != m[0]]
    if others and draw.random() < 0.5:
        return _put(place.sentence, m, draw.choice(others))
    digits = [i for i, c in enumerate(m[0]) if c.isdigit()]
    i = draw.choice(digits[1:] or digits)
    other = str((int(m[0][i]) + draw.randint(1, 8)) % 9 + 1)
    changed = m[0][:i] + other + m[0][i + 1 :]
    return _put(place.sentence, m, changed) if changed != m[0] else None


def other_date(place: Place, draw: random.Random) -> str | None:
    return _other_word(place.sentence, _MONTHS, draw) or _other_word(place.sentence, _DAYS, draw)


_UNITS = (
    "million billion|hundred thousand|kilometres miles|km miles|feet metres|feet meters|"
    "days weeks|weeks months|months years|years decades|hours minutes|minutes seconds|"
    "pounds dollars|dollars euros|tonnes kilograms|acres hectares|inches feet|daily weekly|"
    "monthly yearly|annually monthly|per cent per thousand|centuries decades"
)
_UNIT = {
    a: b for pair in _UNITS.split("|") if len(pair.split()) == 2
    for a, b in (pair.split(), reversed(pair.split()))
}  # fmt: skip


def other_unit(place: Place, draw: random.Random) -> str | None:
    return _by_table(place.sentence, _UNIT, draw)


def opposite_word(place: Place, draw: random.Random) -> str | None:
    return _by_table(place.sentence, OPPOSITE, draw)


_STRONGER = {
    **{"some": "all", "many": "all", "most": "all", "several": "all", "few": "many"},
    **{"often": "always", "sometimes": "always", "usually": "always", "rarely": "never"},
    **{"at least": "at most", "more than": "fewer than", "less than": "more than"},
    **{"up to": "at least", "nearly": "more than", "almost": "more than", "at most": "at least"},
    **{"half": "a third", "all": "some", "both": "neither", "only": "also", "each": "only one"},
    **{"may": "will", "might": "will", "could": "will", "can": "must", "should": "must"},
    **{"would": "did", "likely": "certain", "possible": "certain", "possibly": "certainly"},
    **{"probably": "certainly", "perhaps": "certainly", "planned": "agreed", "plans": "agreed"},
    **{"alleged": "proven", "allegedly": "demonstrably", "accused": "convicted"},
    **{"charged": "convicted", "suspected": "convicted", "proposed": "approved"},
    **{"considered": "decided", "considering": "doing", "asked": "forced", "tried": "managed"},
    **{"expected": "certain", "believed": "proven", "hoped": "promised", "offered": "gave"},
    **{"will be": "has been", "will": "did", "has been": "will be", "used to": "still"},
    **{"former": "current", "until": "since", "after": "before", "before": "after"},
}


def stronger(place: Place, draw: random.Random) -> str | None:
    """Another quantity, certainty, duty or time than what is said."""
    return _by_table(place.sentence, _STRONGER, draw)


_CAUSES = re.compile(r"(?<=\w),? (after|when|while)(?= (?:the|a|an|he|she|it|they|his|her|its) )")


def caused(place: Place, draw: random.Random) -> str | None:
    """What came after another thing comes because of it."""
    m = _CAUSES.search(place.sentence)
    return _put(place.sentence, m, " because") if m else None


_BECAUSE = re.compile(r" because (of )?")


def other_cause(place: Place, draw: random.Random) -> str | None:
    m = _BECAUSE.search(place.sentence)
    return _put(place.sentence, m, " despite " if m[1] else " although ") if m else None


_AUXILIARY = re.compile(
    r"\b(is|are|was|were|has|have|had|will|would|can|could|should|did|does|do|may|might|must)\b"
)


def denied(place: Place, draw: random.Random) -> str | None:
    """With a "not" more, or one less."""
    less = re.search(r" (not|never)\b|n['’]t\b", place.sentence)
    if less:
        return place.sentence[: less.start()] + place.sentence[less.end() :]
    found = list(_AUXILIARY.finditer(place.sentence))
    if not found:
        return None
    m = found[0]
    return _put(place.sentence, m, f"{m[0]} {draw.choice(('not', 'not', 'never', 'no longer'))}")


_SAID = re.compile(
    r"^([A-Z][^,;“”\"]{1,70}?) (?:has |have |had )?"
    r"(said|says|claimed|claims|argued|argues|believed|believes|suggested|suggests|stated|warned|"
    r"told [^,]{3,40}|thought|felt|alleged|insisted|complained)(?: that|:)? (.{20,})$"
)
_SAID_LAST = re.compile(r"^[“\"]?(.{20,}?),?[”\"]? (?:said|says|according to) ([^,.]{3,60})\.$")


def unattributed(place: Place, draw: random.Random) -> str | None:
    """What somebody said as if it were so."""
    if m := _SAID.match(place.sentence):
        said = m[3].strip('“”" ')
    elif m := _SAID_LAST.match(place.sentence):
        said = m[1].strip('“”" ,')
    else:
        return None
    said = said.rstrip('.”"')
    return f"{said[0].upper()}{said[1:]}."


def other_speaker(place: Place, draw: random.Random) -> str | None:
    """What one said as another's words."""
    who = [n for n in _names_of(place.passage) if n not in place.sentence and " " in n]
    if not who:
        return None
    if m := _SAID.match(place.sentence):
        return f"{draw.choice(who)} {place.sentence[m.start(2) :]}"
    if m := _SAID_LAST.match(place.sentence):
        return place.sentence[: m.start(2)] + draw.choice(who) + place.sentence[m.end(2) :]
    return None


_HINGE = re.compile(r" (is|was|are|were|has|had|will|became|won|made|began) ")


def joined(place: Place, draw: random.Random) -> str | None:
    """The first half of one sentence with the second of another."""
    mine = _HINGE.search(place.sentence)
    if not mine or mine.start() > 90 or not place.others:
        return None
    head = place.sentence[: mine.start()]
    for other in draw.sample(place.others, len(place.others)):
        m = _HINGE.search(other)
        if m and m[1] == mine[1] and not set(content_stems(head)) & set(content_stems(other)):
            pronoun = re.match(r"(he|she|it|they|this|these|his|her|its)\b", other, re.I)
            if not pronoun:
                return head + other[m.start() :]
    return None


_TAIL = re.compile(
    r",? (?:in|at|on|for|because|during|since|with|near|to|by|as) (?:[^,.;“”\"]{6,60})(?=\.$)"
)


def added(place: Place, draw: random.Random) -> str | None:
    """With the end of another sentence, which the quote does not say of this."""
    tails = [m[0] for s in place.others if (m := _TAIL.search(s)) and m[0] not in place.sentence]
    if not tails or not place.sentence.endswith("."):
        return None
    return place.sentence[:-1] + draw.choice(tails) + "."


def _put(text: str, m: re.Match[str], other: str) -> str:
    return text[: m.start()] + other + text[m.end() :]


def _other_word(text: str, words: Sequence[str], draw: random.Random) -> str | None:
    own = [m for w in words for m in re.finditer(rf"\b{w}\b", text)]
    if not own:
        return None
    m = draw.choice(own)
    return _put(text, m, draw.choice([w for w in words if w != m[0]]))


def _by_table(text: str, table: dict[str, str], draw: random.Random) -> str | None:
    own = [m for w in table for m in re.finditer(rf"\b{w}\b", text)]
    if not own:
        return None
    m = draw.choice(own)
    return _put(text, m, table[m[0]])


ALTERED: tuple[Way, ...] = (
    *(other_name, other_name, swapped_names, other_number, other_date, other_unit),
    *(opposite_word, stronger, stronger, caused, other_cause, denied),
    *(unattributed, other_speaker, joined, added),
)
RARE: tuple[Way, ...] = (
    *(brought_back, speaker_first, shortened_and_reworded, swapped_names, other_date, other_unit),
    *(caused, other_cause, unattributed, other_speaker),
)
