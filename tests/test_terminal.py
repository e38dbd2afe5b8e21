"""What a person sees of an answer in a terminal."""

import io
from collections.abc import Sequence
from datetime import date

import pytest
from rich.console import Console

from rag.answer import Answer, Checked, Citation, Part
from rag.terminal import show_stream
from rag.verification import Claim

SEATS = "How many seats does the hall have?"
SIDES = (("The Tarn Post", date(2024, 4, 11), "510"), ("", None, "420"))


def side(n: int, outlet: str, day: date | None, seats: str) -> tuple[Claim, Citation]:
    quote = f"The Wick Hall has {seats} seats."
    span = (quote.index(seats), quote.index(seats) + len(seats))
    cited = Citation(
        n=n,
        article_id=f"id{n}",
        chunk_id=str(n),
        title="The hall",
        outlet=outlet or None,
        published=day,
        sources=(),
        quote=quote,
        start=0,
        end=len(quote),
        answering=(span,),
        speaker=None,
        score=0.9,
    )
    return Claim(quote, (n,), "quoted", True, None), cited


def answer_of(sides: Sequence[tuple[str, date | None, str]], *, parts: tuple[Part, ...]) -> Answer:
    told = [side(n, *one) for n, one in enumerate(sides, start=1)]
    return Answer(
        question=SEATS,
        standalone_question=SEATS,
        answer=" ".join(claim.text for claim, _ in told),
        short_answer=sides[0][2],
        short_answers=tuple(seats for *_, seats in sides),
        abstained=False,
        confidence=None,
        method="quoted",
        claims=tuple(claim for claim, _ in told),
        parts=parts,
        conflicts=((0, 1),) if len(sides) > 1 else (),
        citations=tuple(cited for _, cited in told),
        nearest=(),
        retrieved=(),
        checked=(Checked("agreement", False, "articles give different answers"),),
        notice=None,
        timings={},
        models={},
    )


def shown(*growing: Answer) -> list[str]:
    written = io.StringIO()
    show_stream(Console(file=written, highlight=False, emoji=False, markup=False), growing)
    return written.getvalue().splitlines()


@pytest.mark.parametrize("parts", [(), (Part(SEATS, (0, 1), "510", abstained=False),)])
def test_two_sides_are_told_before_they_speak_and_by_whom(parts: tuple[Part, ...]) -> None:
    lines = shown(answer_of(SIDES, parts=parts))
    at = lines.index("The articles disagree.")
    assert lines[at + 1 : at + 4] == [
        "The Tarn Post, 11 April 2024: The Wick Hall has 510 seats. [1]",
        "The hall: The Wick Hall has 420 seats. [2]",
        "",
    ]
    assert lines[0] == "510 [1]; 420 [2]"
    assert lines.count("The articles disagree.") == 1


def test_no_side_is_shown_before_the_other_is_there() -> None:
    half, whole = (answer_of(SIDES[:n], parts=()) for n in (1, 2))
    assert shown(half, whole) == shown(whole)
