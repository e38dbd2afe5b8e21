"""What the reader learns from: questions on passages, with the words that answer or without any."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from datasets import rows_of

from rag.chunking import Span, sentences
from rag.gold import as_title, fifteenth, is_dev

Row = dict[str, Any]
Side = Literal["train", "calibrate", "dev"]


@dataclass(frozen=True, slots=True)
class Example:
    """A question on a passage: any of `spans` (characters of it, half-open) answers it.

    Without one the passage answers nothing, or, if `answerable`, yes, no, or with whole sentences.
    `source` is the set it comes from, and how it was altered.
    """

    question: str
    title: str
    passage: str
    spans: tuple[Span, ...]
    answerable: bool
    source: str


_PLAIN = (
    *("squadshifts_reddit", "squadshifts_amazon", "friendsqa", "policyqa"),
    *("qadiscourse", "qasrl_gs", "qanom"),
)
# At most so many of a set: those that ask as people do whole, the many and plain ones in part.
READING = {
    "squad_train_part": 12_000,
    "squadshifts_new_wiki": 8_000,
    "squadshifts_reddit": 10_000,
    "squadshifts_amazon": 8_000,
    "afriqa_en": 6_000,
    "nq_oracle": 3_000,
    "qed_dev": 1_300,
    "qamr": 12_000,
    "fairytaleqa": 4_000,
    "timeqa_human": 2_400,
    "timeqa_templates": 900,
    "covid_qa": 1_300,
    "tatqa_text": 700,
    "friendsqa": 1_500,
    "policyqa": 800,
    "qadiscourse": 3_000,
    "qasrl_gs": 2_000,
    "qanom": 1_500,
    "condaqa_spans": 61,
}
# The last steps, in which a learner settles, see those alone that ask as people ask of articles.
LAST = {name: most for name, most in READING.items() if name not in _PLAIN} | {"qamr": 6_000}
WITHOUT_SPAN = {"yesno/condaqa": 3_000, "yesno/pubmedqa": 800, "reading/selqa": 1_800}
# Of how many of a set's questions another passage is shown too. As many for sets that ask in lower
# case or have titles as for others: a learner takes whatever tells one from the other for the sign.
ELSEWHERE = {
    "squad_train_part": 0.6,
    "squadshifts_new_wiki": 0.6,
    "squadshifts_reddit": 0.4,
    "squadshifts_amazon": 0.3,
    "afriqa_en": 0.7,
    "nq_oracle": 1.0,
    "qed_dev": 1.0,
    "qamr": 0.5,
    "fairytaleqa": 0.4,
    "timeqa_human": 0.6,
    "covid_qa": 0.6,
    "tatqa_text": 0.4,
    "selqa": 0.5,
}
UNTITLED = 0.15  # of all examples: an article may have no title
_NO_STRETCH = ("sentence", "events", "list")
# Sets whose questions still ask for the same when their passage, or a word of theirs, is another.
_ALTERED = ("squad_train_part", "squadshifts_new_wiki", "squadshifts_reddit", "afriqa_en", "qamr")


def examples(folder: Path, seed: int, sets: Mapping[str, int] = READING) -> list[Example]:
    """All that trains, in one fixed order: nothing of an article that is kept to measure with."""
    draw = random.Random(seed)
    found = [e for name, most in sets.items() for e in _drawn(reading(folder, name), most, draw)]
    for name, most in WITHOUT_SPAN.items():
        found += _drawn(without_span(folder, name), most, draw)
    found += [*altered(found, draw), *elsewhere(found, ELSEWHERE, draw)]
    # people's own look-alikes are few and the best there are
    found += 4 * [*unanswerable(folder, "squad2_questions")]
    found += 2 * [*unanswerable(folder, "condaqa_dont_know")]
    found = without_what_is_kept(found, folder)
    draw.shuffle(found)
    return [replace(e, title="") if draw.random() < UNTITLED else e for e in found]


PASSAGES = ("multihop/hotpot_sample", "cited/quotesum_dev")  # kept whole to measure with
_RUN = 12  # words; texts that share so many in a row are the same


def without_what_is_kept(found: Sequence[Example], folder: Path) -> list[Example]:
    """Those of whose passage no run of words stands in a passage that is kept.

    Sets overlap: one's article is another's passage, under another title or none.
    """
    kept = set(kept_passages(folder))
    held = {run for passage in kept for run in runs(passage)}
    clean = {passage: held.isdisjoint(runs(passage)) for passage in {e.passage for e in found}}
    return [e for e in found if clean[e.passage]]


def kept_passages(folder: Path) -> Iterator[str]:
    sides: tuple[Side, ...] = ("dev", "calibrate")
    for name in (*READING, "quoref_contrast"):
        for side in sides:
            yield from (e.passage for e in reading(folder, name, side))
    for name in PASSAGES:
        yield from (p["text"] for row in rows_of(folder, name) for p in row["passages"])


def runs(text: str) -> Iterator[int]:
    words = text.casefold().split()
    return (hash(tuple(words[i : i + _RUN])) for i in range(len(words) - _RUN + 1))


def _drawn(found: Iterator[Example], most: int, draw: random.Random) -> list[Example]:
    every = list(found)
    return every if len(every) <= most else draw.sample(every, most)


def reading(folder: Path, name: str, side: Side = "train") -> Iterator[Example]:
    """The questions of one set whose answer is a stretch of the passage."""
    for row in rows_of(folder, f"reading/{name}"):
        if _side(f"reading/{name}", row) != side or row.get("style") in _NO_STRETCH:
            continue
        places = zip(row["answers"], row["answer_start"], strict=True)
        spans = tuple((at, at + len(answer)) for answer, at in places)
        yield _example(row, spans if row["answerable"] else (), name)


def without_span(folder: Path, name: str) -> Iterator[Example]:
    """Questions that the passage answers, though by no stretch of it."""
    for row in rows_of(folder, name):
        if _side(name, row) == "train":
            yield replace(_example(row, (), name.partition("/")[2]), answerable=True)


def unanswerable(folder: Path, name: str, side: Side = "train") -> Iterator[Example]:
    """People's questions that look answerable. Of those without a title, all train."""
    for row in rows_of(folder, f"unanswerable/{name}"):
        if _side(f"unanswerable/{name}", row) == side:
            yield _example(row, (), name)


def _side(set_name: str, row: Row) -> Side | None:
    if not row.get("title"):
        return "train"
    if is_dev(set_name, row["title"]):
        return "dev"
    if is_calibration(row["title"]):
        return "calibrate"
    # What one set keeps no other trains on: sets differ in how many of their articles they keep.
    return None if is_dev("reading/squad_train_part", row["title"]) else "train"


def is_calibration(title: str) -> bool:
    """Whether what there is of this article fits the confidence: it neither trains nor tests."""
    return fifteenth(title) == 14


def _example(row: Row, spans: tuple[Span, ...], source: str) -> Example:
    title = as_title(row["title"]) if row.get("title") else ""
    return Example(row["question"].strip(), title, row["context"], spans, bool(spans), source)


# --- passages that look right and are not ---------------------------------------------------------

_NEAREST = 8


def elsewhere(
    found: Sequence[Example], shares: Mapping[str, float], draw: random.Random
) -> list[Example]:
    """Questions beside another passage of their set: one of the likest that lacks every answer.

    What retrieval finds beside the right passage looks so. Likest by tf-idf, as a word search goes.
    """
    made: list[Example] = []
    for name, share in shares.items():
        own = [e for e in found if e.source == name]
        asked = [e for e in own if draw.random() < share]
        passages = list(dict.fromkeys((e.title, e.passage) for e in own))
        for e, near in zip(asked, _likest([e.question for e in asked], passages), strict=True):
            answers = [e.passage[a:b].casefold() for a, b in e.spans] or [e.passage.casefold()]
            others = [p for p in near if not any(answer in p[1].casefold() for answer in answers)]
            if others:
                title, passage = draw.choice(others[: _NEAREST // 2])
                made.append(_elsewhere(e, title, passage))
    return made


def _elsewhere(example: Example, title: str, passage: str) -> Example:
    made = _unanswered(example, example.question, "elsewhere")
    return replace(made, title=title, passage=passage)


def _likest(
    questions: Sequence[str], passages: Sequence[tuple[str, str]]
) -> Iterator[list[tuple[str, str]]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not questions:
        return
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    held = words.fit_transform(f"{title} {passage}" for title, passage in passages).T.tocsr()
    for start in range(0, len(questions), 500):
        likeness = (words.transform(questions[start : start + 500]) @ held).toarray()
        for row in likeness.argsort(axis=1)[:, : -_NEAREST - 1 : -1]:
            yield [passages[i] for i in row]


# --- questions that look answerable and are not ---------------------------------------------------

_NAME = re.compile(r"(?<=[a-z] )[A-Z][\w’'-]+(?: (?:of |de |van |the )?[A-Z][\w’'-]+)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_OPPOSITES = (
    "first last|before after|most least|largest smallest|highest lowest|north south|east west|"
    "northern southern|eastern western|increase decrease|increased decreased|male female|men women|"
    "more fewer|oldest youngest|always never|with without|best worst|above below|"
    "early late|earliest latest|longest shortest|won lost|win lose|father mother|son daughter|"
    "brother sister|husband wife|began ended|"
    "allow forbid|allowed banned|support oppose|supported opposed|biggest smallest|older younger|"
    "higher lower|larger smaller|rich poor|buy sell|bought sold|arrive leave|enter leave|"
    "public private|positive negative|common rare|strong weak|summer winter|day night|"
    "majority minority|maximum minimum|inside outside|internal external|former present|"
    "domestic foreign|rural urban|previous next|cause prevent|caused prevented|born killed"
)
OPPOSITE = {
    word: other
    for pair in _OPPOSITES.split("|")
    for word, other in (pair.split(), reversed(pair.split()))
}
_DENIABLE = re.compile(r"\b(did|does|do|is|was|are|were|can|could|will|would|has|have|had)\b", re.I)


def altered(found: Sequence[Example], draw: random.Random) -> list[Example]:
    """For two in five of them, another that its passage no longer answers."""
    names = {name: _names(e for e in found if e.source == name) for name in _ALTERED}
    ways: tuple[tuple[float, Callable[[Example], Example | None]], ...] = (
        (0.14, without_answer),
        (0.12, lambda e: with_other(e, _NAME, names[e.source], draw)),
        (0.05, lambda e: with_other(e, _NUMBER, names[e.source], draw)),
        (0.30, opposite),
        (0.02, denied),
        (1.00, swapped_roles),
    )
    made: list[Example] = []
    for example in found:
        if example.source in _ALTERED and example.spans:
            tried = (way(example) for share, way in ways if draw.random() < share)
            made += [one for one in tried if one is not None]
    return made


def _names(found: Iterator[Example]) -> list[tuple[str, str]]:
    """Names and numbers that questions of one set hold, with their article's title, in order."""
    held = (
        (m[0], e.title) for e in found for p in (_NAME, _NUMBER) for m in p.finditer(e.question)
    )
    return list(dict.fromkeys(held))


def without_answer(example: Example) -> Example | None:
    """The passage without the sentences that hold an answer; None where little would be left."""
    answers = {example.passage[a:b].casefold() for a, b in example.spans}
    spans = sentences(example.passage)
    left = [
        s
        for s in spans
        if not any(a < s[1] and s[0] < b for a, b in example.spans)
        and not any(answer in example.passage[slice(*s)].casefold() for answer in answers)
    ]
    if len(left) < 2 or len(left) == len(spans):
        return None
    passage = " ".join(example.passage[a:b] for a, b in left)
    return replace(
        example,
        passage=passage,
        spans=(),
        answerable=False,
        source=f"{example.source}, sentence cut",
    )


def with_other(
    example: Example,
    pattern: re.Pattern[str],
    names: Sequence[tuple[str, str]],
    draw: random.Random,
) -> Example | None:
    """The question with another name or number in it, one that the passage lacks.

    Of the same article if one of a few drawn is: the nearer, the harder.
    """
    places = list(pattern.finditer(example.question))
    if not places or not names:
        return None
    place = draw.choice(places)
    start = draw.randrange(len(names))
    near = [names[(start + i) % len(names)] for i in range(200)]
    near.sort(key=lambda pair: pair[1] != example.title)
    for name, _ in near:
        if pattern.fullmatch(f"a {name}", 2) and name.casefold() not in example.passage.casefold():
            question = example.question[: place.start()] + name + example.question[place.end() :]
            return _unanswered(example, question, "name or number changed")
    return None


def opposite(example: Example) -> Example | None:
    """The question with one word turned into its opposite, where the passage lacks that one."""
    for m in re.finditer(r"[a-z]+", example.question):
        other = OPPOSITE.get(m[0])
        if other and not re.search(rf"\b{other}\b", example.passage, re.I):
            question = example.question[: m.start()] + other + example.question[m.end() :]
            return _unanswered(example, question, "opposite")
    return None


def denied(example: Example) -> Example | None:
    """The question with a "not" in it; not of how many, why or when: those may have answers."""
    m = _DENIABLE.search(example.question)
    if (
        not m
        or " not " in example.question
        or not re.match(r"(who|what|which)\b", example.question, re.I)
    ):
        return None
    question = f"{example.question[: m.end()]} not{example.question[m.end() :]}"
    return _unanswered(example, question, "denied")


_WHO_DID = re.compile(r"Who ([a-z]+?)(e?d) ((?:[A-Z][\w’'-]+ ?)+)\?$")
_WHOM_DID = re.compile(r"Whom? did ((?:[A-Z][\w’'-]+ ?)+) ([a-z]+)\?$")


def swapped_roles(example: Example) -> Example | None:
    """The other one's doing: "Who praised Reed?" becomes "Who did Reed praise?", and back."""
    if re.search(r"\b(marr|met\b|meet|join|dat)", example.question):
        return None  # whom she married married her
    if m := _WHO_DID.match(example.question):
        ends_in_e = m[1][-1] in "scvgzu" or m[1][-2:] in ("at", "ir", "or", "ik", "it", "in")
        verb = m[1] + "e" * (m[2] == "ed" and ends_in_e and m[1][-2:] not in ("ss", "ck", "rs"))
        return _unanswered(example, f"Who did {m[3].strip()} {verb}?", "roles swapped")
    if m := _WHOM_DID.match(example.question):
        verb = m[2] + ("d" if m[2].endswith("e") else "ed")
        return _unanswered(example, f"Who {verb} {m[1].strip()}?", "roles swapped")
    return None


def _unanswered(example: Example, question: str, how: str) -> Example:
    return replace(
        example, question=question, spans=(), answerable=False, source=f"{example.source}, {how}"
    )
