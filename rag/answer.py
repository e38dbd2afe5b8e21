"""What an answer is, and its JSON (docs/contract.md)."""

import re
from dataclasses import asdict, dataclass
from datetime import date
from types import UnionType
from typing import Any, Literal

from rag.errors import BadInput
from rag.verification import Claim

VERSION = 1
NOT_SAID = "The articles do not say."
SURE = "confidence in the best sentence"  # what the first of an answer's checks is called
OF_ONE_OUTLET = "asked of one outlet alone"  # and one whose outcome is the outlet's name
_LONGEST_NAMED = 160  # characters of a question that an abstention repeats


@dataclass(frozen=True, slots=True)
class Copy:
    """The cited article under another outlet, or another that is in all but the same text."""

    article_id: str
    title: str
    outlet: str | None
    published: date | None


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and where it stands: `article.text[start:end] == quote` (characters, half-open).

    `answering` are the spans, of the article too, that look like the answer itself. `speaker` is
    who speaks where the quote is speech and does not say.
    """

    n: int
    article_id: str
    chunk_id: int
    title: str
    outlet: str | None
    published: date | None
    sources: tuple[str, ...]
    quote: str
    start: int
    end: int
    answering: tuple[tuple[int, int], ...]
    speaker: str | None
    score: float | None
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation and what was answered, for the follow-ups to it.

    `titles` are those of the articles that the answer cites, `short` the words that answer, and
    `outlet` the one that alone was asked: this question named it, or one that it goes on from.
    """

    question: str
    answer: str
    titles: tuple[str, ...] = ()
    short: str | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A chunk that was found, `start` to `end` of its article, with its scores as in a `Hit`."""

    chunk_id: int
    article_id: str
    title: str
    start: int
    end: int
    cosine: float | None
    bm25: float | None
    fused: float


@dataclass(frozen=True, slots=True)
class Part:
    """One of the questions that a question was split into; `claims` by their index."""

    question: str
    claims: tuple[int, ...]
    short_answer: str | None
    abstained: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """Something that was checked on the way to the answer, and how it came out."""

    what: str
    passed: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person reads, and everything that it rests on. Markers [n] name `citations[].n`.

    `conflicts` are claims, by their index, that contradict one another. `notice` is what one should
    know of how the answer came about, such as a wording that was left out. `scope` says in words
    which articles it was asked of, None where of all.
    """

    question: str
    standalone_question: str
    answer: str
    short_answer: str | None
    short_answers: tuple[str, ...]
    abstained: bool
    confidence: float | None
    method: Literal["generated", "quoted", "abstained"]
    claims: tuple[Claim, ...]
    parts: tuple[Part, ...]
    conflicts: tuple[tuple[int, ...], ...]
    citations: tuple[Citation, ...]
    nearest: tuple[Citation, ...]
    retrieved: tuple[Retrieved, ...]
    checked: tuple[Checked, ...]
    notice: str | None
    timings: dict[str, float]
    models: dict[str, str | None]
    scope: str | None = None

    def to_json(self) -> dict[str, object]:
        """As the contract in docs/contract.md has it."""
        value = {"version": VERSION, **asdict(self)}
        for citation in (*value["citations"], *value["nearest"]):
            for dated in (citation, *citation["copies"]):
                day = dated["published"]
                dated["published"] = day.isoformat() if day else None
        return value

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Answer":
        """Raises BadInput when `value` is not a saved Answer."""
        try:
            if value["version"] != VERSION:
                raise ValueError(f"version {value['version']}")
            added = {"retrieved": (), "checked": (), "notice": None, "scope": None}
            value = {**added, **value}  # which older ones lack
            fields = {name: value[name] for name in cls.__slots__}
            _typed(value, question=str, standalone_question=str, answer=str, short_answers=list)
            for short in (value["short_answer"] or "", *value["short_answers"]):
                _typed({"short_answer": short}, short_answer=str)
            _typed({"scope": value["scope"] or ""}, scope=str)
            for claim in value["claims"]:
                _typed(claim, text=str, citations=list)
            for part in value["parts"]:
                _typed(part, question=str)
            for check in value["checked"]:
                _typed(check, what=str, outcome=str)
            fields["claims"] = tuple(
                Claim(**{**c, "citations": tuple(c["citations"])}) for c in value["claims"]
            )
            for name in ("citations", "nearest"):
                fields[name] = tuple(map(_citation_from_json, value[name]))
            fields["parts"] = tuple(
                Part(**{**p, "claims": tuple(p["claims"])}) for p in value["parts"]
            )
            fields["conflicts"] = tuple(map(tuple, value["conflicts"]))
            fields["retrieved"] = tuple(Retrieved(**r) for r in value["retrieved"])
            fields["checked"] = tuple(Checked(**c) for c in value["checked"])
            return cls(**{**fields, "short_answers": tuple(value["short_answers"])})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(f"this is not a saved answer ({error}); save one with --json.") from None


def _typed(value: dict[str, Any], **kinds: type | UnionType) -> None:
    for name, kind in kinds.items():
        if not isinstance(value[name], kind):
            raise TypeError(f"{name} is {value[name]!r:.40}")


def _citation_from_json(value: dict[str, Any]) -> Citation:
    _typed(value, n=int, article_id=str, title=str, quote=str, start=int, end=int)
    return Citation(
        **{
            **value,
            "published": _day(value["published"]),
            "copies": tuple(
                Copy(**{**copy, "published": _day(copy["published"])})
                for copy in value.get("copies", ())
            ),
            "sources": tuple(value["sources"]),
            "answering": tuple((a, b) for a, b in value.get("answering", ())),
        }
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def copies_told(citation: Citation) -> str | None:
    """For example "3 outlets, 1 original: first The Tarn Gazette, 2014-05-03"; None of one text."""
    if not citation.copies:
        return None
    all_of_them: tuple[Citation | Copy, ...] = (citation, *citation.copies)
    outlets = {one.outlet for one in all_of_them}
    several = len(outlets) > 1 and None not in outlets
    count = f"{len(outlets)} outlets" if several else f"{len(all_of_them)} copies"
    dated = [one for one in all_of_them if one.published]
    if not dated:
        return f"{count}, 1 original"
    first = min(dated, key=lambda one: one.published or date.max)
    return f"{count}, 1 original: first {first.outlet or first.title}, {first.published}"


def not_said(question: str) -> str:
    """That the articles do not say it, naming what was asked where that is short enough.

    The question stands in quotation marks: its words are not the articles'.
    """
    bare = "".join(c for c in re.sub(r"[“”]|\[\d+\]", "", question) if c.isprintable())
    bare = " ".join(bare.split())
    if not bare.strip() or len(bare) > _LONGEST_NAMED:
        return NOT_SAID
    return f"{NOT_SAID.rstrip('.')}: “{bare}”"


def how_sure(answer: Answer) -> str | None:
    """For example "confidence 0.93; 0.40 is needed (strictness normal)", None if it is not known.

    Of an abstention, how sure it was of the nearest passage.
    """
    told = next((check.outcome for check in answer.checked if check.what == SURE), None)
    if (told is None or answer.parts) and answer.confidence is not None:
        told = f"{answer.confidence:.2f}"
    return f"confidence {told}" if told and told[0].isdigit() else None


def turn_of(answer: Answer) -> Turn:
    """What a follow-up may lean on: the question as it was searched, and what was said to it."""
    said = "" if answer.abstained else " ".join(claim.text for claim in answer.claims)
    titles = dict.fromkeys(citation.title for citation in answer.citations)
    question = answer.parts[0].question if answer.parts else answer.standalone_question
    outlet = next((check.outcome for check in answer.checked if check.what == OF_ONE_OUTLET), None)
    return Turn(question, said, tuple(titles), answer.short_answer, outlet)


def turn_from_json(value: dict[str, Any]) -> Turn:
    """A turn as other programs hand it in: a whole Answer, or what they know of one.

    Raises BadInput when `value` is neither.
    """
    try:
        turn = turn_of(Answer.from_json(value)) if "claims" in value else _turn_told(value)
        # half a character in JSON is no text, which articles and questions are
        "".join((turn.question, turn.answer, turn.short or "", *turn.titles)).encode()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"this is no turn of a conversation ({error}).") from None
    return turn


def _turn_told(value: dict[str, Any]) -> Turn:
    optional = ("answer", "short_answer", "standalone_question")
    told = {**dict.fromkeys(optional), "titles": [], **value}
    _typed(told, question=str, titles=list, **dict.fromkeys(optional, str | None))
    for title in told["titles"]:
        _typed({"title": title}, title=str)
    question = told["standalone_question"] or told["question"]
    return Turn(question, told["answer"] or "", tuple(told["titles"]), told["short_answer"])


def unnamed(text: str, citation: Citation) -> str:
    """A claim without the speaker's name in front, which its quote does not have."""
    return text.removeprefix(f"[{citation.speaker}] ")


def with_markers(claim: Claim) -> str:
    """The claim's sentence with the numbers of its citations behind it."""
    return " ".join([claim.text, *(f"[{n}]" for n in claim.citations)])
