"""What the reader learns from: questions on passages, with the words that answer or without any."""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from datasets import rows_of
from synonyms import masked, reworded

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
    "squad_train_part": 1.0,
    "squadshifts_new_wiki": 1.0,
    "squadshifts_reddit": 0.5,
    "squadshifts_amazon": 0.4,
    "afriqa_en": 1.0,
    "nq_oracle": 1.0,
    "qed_dev": 1.0,
    "qamr": 0.5,
    "fairytaleqa": 0.6,
    "timeqa_human": 0.8,
    "covid_qa": 0.8,
    "tatqa_text": 0.4,
    "selqa": 0.5,
    "written": 0.8,
}
_WRITTEN = 3  # times each of those: what is in other words is nowhere else
REWORDED, MASKED = 0.25, 0.05  # of all examples
UNTITLED = 0.15  # of all examples: an article may have no title
_NO_STRETCH = ("sentence", "events", "list")
# Sets whose questions still ask for the same when their passage, or a word of theirs, is another.
_ALTERED = ("squad_train_part", "squadshifts_new_wiki", "squadshifts_reddit", "afriqa_en", "qamr")


def examples(folder: Path, seed: int, sets: Mapping[str, int] = READING) -> list[Example]:
    """All that trains, in one fixed order: nothing of an article that is kept to measure with."""
    draw = random.Random(seed)
    found = [e for name, most in sets.items() for e in _drawn(reading(folder, name), most, draw)]
    found += _WRITTEN * [*written(folder)]
    for name, most in WITHOUT_SPAN.items():
        found += _drawn(without_span(folder, name), most, draw)
    found += [*altered(found, draw), *elsewhere(found, ELSEWHERE, draw)]
    found += 2 * [*further_on(folder)]
    # people's own look-alikes are few and the best there are
    found += 4 * [*unanswerable(folder, "squad2_questions")]
    found += 2 * [*unanswerable(folder, "condaqa_dont_know")]
    found = without_what_is_kept(found, folder)
    draw.shuffle(found)
    found = [in_other_words(e, draw) for e in found]
    return [replace(e, title="") if draw.random() < UNTITLED else e for e in found]


def in_other_words(example: Example, draw: random.Random) -> Example:
    """Now and then with a question in words that the passage lacks: people ask in their own."""
    chance = draw.random()
    if chance < REWORDED:
        question = reworded(example.question, example.passage, draw)
    elif chance < REWORDED + MASKED:
        question = masked(example.question, example.passage, draw)
    else:
        return example
    return replace(example, question=question)


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


WRITTEN = Path(__file__).with_name("questions.jsonl")


def written(folder: Path, side: Side = "train") -> Iterator[Example]:
    """Questions that a large language model wrote for this project, on passages of these sets.

    In other words than the passage's ("o"), as people type ("s"), and such as look answerable and
    are not ("n").
    """
    for row, text in _written(folder, side):
        passage = text[row["start"] : row["end"]]
        for _, question, answer in row["asked"]:
            found = re.finditer(re.escape(answer), passage) if answer else ()
            spans = tuple(m.span() for m in found)
            yield Example(question, row["title"], passage, spans, bool(spans), "written")


def further_on(folder: Path) -> Iterator[Example]:
    """Those with an answer, beside what their article goes on with, where that lacks it."""
    for row, text in _written(folder, "train"):
        rest = text[row["end"] : row["end"] + _REST]
        own = sentences(rest)
        passage = rest[: own[-2][1]].lstrip() if len(own) > _FEWEST else ""
        for _, question, answer in row["asked"] if passage else ():
            if answer and answer.casefold() not in passage.casefold():
                source = "written, elsewhere"
                yield Example(question, row["title"], passage, (), False, source)


_REST, _FEWEST = 1_300, 3  # characters, sentences


def _written(folder: Path, side: Side) -> Iterator[tuple[Row, str]]:
    rows = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]
    own = [row for row in rows if row["side"] == side]
    texts = texts_of(folder, {row["set"] for row in own})
    return ((row, texts[row["set"], row["id"]]) for row in own)


def texts_of(folder: Path, sets: Set[str]) -> dict[tuple[str, str], str]:
    """By set and id, what each row reads: its passage, or its quote."""
    rows = ((name, row) for name in sets for row in rows_of(folder, name))
    return {(name, row["id"]): row.get("context") or row["quote"] for name, row in rows}


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
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
# What a question can do without, and a noun behind a little word, up to where its phrase ends.
_WHEN_WHERE = re.compile(
    r"\b(?:in (?:the )?(?:1\d|20)\d\ds?|(?:in|at|during|after|before|under|near) "
    r"[A-Z][\w’-]+(?: [A-Z][\w’-]+)*)(?= (?:and|to|for|with|on|by|who|which|when|where)\b|[,.;])"
)
_NOUN = re.compile(
    r"\b(?P<lead>the|a|an|of|for|by|with|from|in) (?P<noun>[a-z]{4,}(?: [a-z]{4,})?)"
    r"(?= (?:of|in|for|to|is|was|were|are|did|does|do|on|at|by|from|with|and|that|who|has|had)\b"
    r"|[,.;?])"
)
_SHORT = 7  # words: of a question with fewer little is left that says what it asks of
_NO_NAME = set(
    "January February March April May June July August September October November December Monday "
    "Tuesday Wednesday Thursday Friday Saturday Sunday I'm I’m It He She They We You".split()
)
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
    "domestic foreign|rural urban|previous next|cause prevent|caused prevented|born killed|"
    "accept reject|accepted rejected|agree disagree|agreed disagreed|succeed fail|"
    "succeeded failed|success failure|create destroy|created destroyed|built demolished|"
    "open close|opened closed|join leave|joined left|hired fired|appointed dismissed|"
    "praised criticised|criticized praised|criticised praised|admitted denied|include exclude|"
    "included excluded|loved hated|love hate|liked disliked|friend enemy|friends enemies|"
    "ally enemy|safe dangerous|easy difficult|hard easy|simple complex|good bad|better worse|"
    "modern ancient|old new|tall short|long short|wide narrow|deep shallow|hot cold|warm cool|"
    "wet dry|heavy light|fast slow|fastest slowest|major minor|permanent temporary|legal illegal|"
    "possible impossible|likely unlikely|successful unsuccessful|popular unpopular|known unknown|"
    "similar different|same different|advantage disadvantage|advantages disadvantages|"
    "benefit harm|profit loss|import export|imports exports|imported exported|rise fall|rose fell|"
    "raise lower|raised lowered|started stopped|start stop|begin end|beginning end|entered left|"
    "arrived departed|top bottom|upper lower|closest farthest|nearest farthest|inner outer|"
    "attack defend|attacked defended|victory defeat|winner loser|guilty innocent|peace war|"
    "birth death|died born|alive dead|marriage divorce|married divorced|king queen|"
    "prince princess|uncle aunt|nephew niece|boy girl|boys girls|man woman|mother father|"
    "daughter son|sister brother|wife husband|teacher student|employer employee|parents children|"
    "cheap expensive|wealthy poor|natural artificial|conservative liberal|northeast southwest|"
    "northwest southeast|morning evening|spring autumn|visible invisible|directly indirectly|"
    "formal informal|official unofficial|required optional|encouraged discouraged|"
    "approved rejected|earlier later|later earlier|highest lowest|least most|fewer more|"
    "gained lost|gain lose|grew shrank|proved disproved|confirmed denied|"
    "innocent guilty|voluntary compulsory|upstream downstream|ascended descended"
)
OPPOSITE = {
    word: other
    for pair in reversed(_OPPOSITES.split("|"))
    for other, word in (reversed(pair.split()), pair.split())
}
_DENIABLE = re.compile(
    r"\b(did|does|do|is|was|are|were|could|would|has|have|had)\b"
    r"(?P<who>(?: the)?(?: [A-Z][\w’-]+)+)?(?= (?P<next>\w+))"
)
_SUBJECT = re.compile(
    r"(the|a|an|this|that|these|those|their|his|her|its|he|she|it|they|we|you|there)\b"
)


def altered(found: Sequence[Example], draw: random.Random) -> list[Example]:
    """For some of them another, or a few, that the passage no longer answers."""
    names = {name: _names(e for e in found if e.source == name) for name in _ALTERED}
    nouns = _nouns(found)
    ways: tuple[tuple[float, Callable[[Example], Example | None]], ...] = (
        (0.14, without_answer),
        (0.10, lambda e: with_other(e, _NAME, names[e.source], draw)),
        (0.03, lambda e: with_other(e, _NUMBER, names[e.source], draw)),
        (0.25, lambda e: with_near_number(e, draw)),
        (0.30, lambda e: with_neighbour(e, _NAME, draw)),
        (0.15, lambda e: with_neighbour(e, _NUMBER, draw)),
        (0.40, lambda e: with_other_noun(e, nouns, draw)),
        (0.20, lambda e: with_condition(e, draw)),
        (0.50, opposite),
        (0.05, denied),
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
            question = _put(example.question, place.span(), name)
            return _unanswered(example, question, "name or number changed")
    return None


def with_neighbour(
    example: Example, pattern: re.Pattern[str], draw: random.Random
) -> Example | None:
    """The question with another name or number of its passage, of a sentence that lacks the first.

    People who wrote questions to look answerable did so most of all.
    """
    asked = _nameable(example.question, pattern)
    draw.shuffle(asked)
    for place in asked:
        there = [s for s in _beside(example) if place[0] not in s]
        years = bool(_YEAR.fullmatch(place[0]))
        others = [
            m[0]
            for s in there
            for m in _nameable(s, pattern)
            if m[0].casefold() not in example.question.casefold()
            and place[0].casefold() not in m[0].casefold()
            and bool(_YEAR.fullmatch(m[0])) == years
        ]
        if others and place[0] in example.passage:
            question = _put(example.question, place.span(), draw.choice(others))
            return _unanswered(example, question, "another of the passage's")
    return None


def with_other_noun(
    example: Example, nouns: Mapping[tuple[str, str], Sequence[str]], draw: random.Random
) -> Example | None:
    """The question with a noun that another question on the article has, and a far sentence."""
    if len(example.question.split()) < _SHORT:
        return None
    asked = list(_NOUN.finditer(example.question))
    draw.shuffle(asked)
    for place in asked:
        known = set(nouns.get((example.title, place["lead"]), ()))
        others = [
            m["noun"]
            for s in _beside(example)
            if place["noun"] not in s
            for m in _NOUN.finditer(s)
            if m["noun"] in known and m["noun"] not in example.question
        ]
        if others and place["noun"] in example.passage:
            question = _put(example.question, place.span("noun"), draw.choice(others))
            return _unanswered(example, question, "another noun of the passage's")
    return None


def with_condition(example: Example, draw: random.Random) -> Example | None:
    """The question with a time or place that the passage names once, of something else."""
    if not example.question.endswith("?") or _WHEN_WHERE.search(f"{example.question[:-1]},"):
        return None
    if re.match(r"(when|where|what year)\b", example.question, re.I):
        return None
    if len(example.question.split()) < _SHORT:
        return None
    others = [
        m[0]
        for s in _beside(example)
        for m in _WHEN_WHERE.finditer(s)
        if (name := m[0].split()[-1]) not in f"{example.question} {example.title}"
        and example.passage.count(name) == 1
    ]
    if not others:
        return None
    question = f"{example.question[:-1].rstrip()} {draw.choice(others)}?"
    return _unanswered(example, question, "condition added")


def with_near_number(example: Example, draw: random.Random) -> Example | None:
    """The question with a year or number that is a little more or less, which the passage lacks."""
    places = [m for m in _NUMBER.finditer(example.question) if m[0] in example.passage]
    if not places:
        return None
    place = draw.choice(places)
    if not place[0].isdigit() or len(place[0]) > 4:
        return None
    number = int(place[0])
    most = 12 if _YEAR.fullmatch(place[0]) else max(2, number // 3)
    other = str(abs(number + draw.choice((-1, 1)) * draw.randint(1, most)))
    if other in example.passage:
        return None
    question = _put(example.question, place.span(), other)
    return _unanswered(example, question, "name or number changed")


def _nouns(found: Sequence[Example]) -> dict[tuple[str, str], list[str]]:
    """The nouns that questions on an article hold, by its title and the word before them."""
    made: dict[tuple[str, str], list[str]] = {}
    for e in found:
        for m in _NOUN.finditer(e.question):
            made.setdefault((e.title, m["lead"]), []).append(m["noun"])
    return made


def _nameable(text: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    found = (m for m in pattern.finditer(text) if m[0].split()[0] not in _NO_NAME)
    return [m for m in found if not re.search(r"[’'](s|m)?$", m[0])]


def _beside(example: Example) -> list[str]:
    """The passage's sentences without words that answer."""
    answers = {example.passage[a:b].casefold() for a, b in example.spans}
    own = (example.passage[a:b] for a, b in sentences(example.passage))
    return [s for s in own if not any(answer in s.casefold() for answer in answers)]


def _put(text: str, at: Span, words: str) -> str:
    return text[: at[0]] + words + text[at[1] :]


def opposite(example: Example) -> Example | None:
    """The question with one word turned into its opposite, where the passage lacks that one."""
    for m in re.finditer(r"(?<![Hh]ow )\b[a-z]+", example.question):
        other = OPPOSITE.get(m[0])
        if other and not re.search(rf"\b{other}\b", example.passage, re.I):
            question = _put(example.question, m.span(), other)
            return _unanswered(example, question, "opposite")
    return None


def denied(example: Example) -> Example | None:
    """The question with a "not" in it; not of how many, why or when: those may have answers."""
    question = example.question
    m = _DENIABLE.search(question)
    if not m or re.search(r"\bnot\b|n[’']t\b", question):
        return None
    if not re.match(r"(who|what|which)\b", question, re.I):
        return None
    if m["who"]:
        made = f"{question[: m.end()]} not{question[m.end() :]}"
    else:
        denial = "n't" if _SUBJECT.match(m["next"]) else " not"
        made = f"{question[: m.end()]}{denial}{question[m.end() :]}"
    return _unanswered(example, made, "denied")


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
