"""Values → HTML, by the templates beside it, which escape whatever they put in."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rag.answer import Answer, copies_told, how_sure, not_said
from rag.articles import Article, is_address, public_source
from rag.chats import Chat, Feedback, one_line
from rag.chunking import Span
from rag.exporting import answer_markdown
from rag.ingesting import Ingested
from rag.library import Listed
from rag.verification import Claim

TITLE = 200  # characters of a title that are shown
WINDOW = 60_000  # characters of an article that are shown at once
_NEAR = 2_000  # so far before it, a window opens with the paragraph
# What changes the reading order of all that follows it on the page is shown instead of obeyed.
_TURNS = {code: f"⟨U+{code:04X}⟩" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_STAGES = (
    ("retrieve_s", "passages found"),
    ("read_s", "passages read"),
    ("first_token_s", "first checked words, from the start"),
    ("wait_s", "waited for the model’s turn"),
    ("write_s", "worded"),
    ("verify_s", "wording checked"),
    ("total_s", "all, from the start"),
)


# --- what a template shows of a text --------------------------------------------------------------


def text_of(text: str) -> str:
    return text.translate(_TURNS)


def title_of(title: str) -> str:
    return one_line(title, TITLE)


def day_of(day: date | None) -> str:
    """For example "3 May 2014"."""
    return f"{day.day} {day:%B %Y}" if day else ""


def file_name(sources: Sequence[str]) -> str:
    """An address as it is; of a path its last part alone: the rest is the server's own matter."""
    first = sources[0] if sources else ""
    return one_line(public_source(first), TITLE if is_address(first) else 80) if first else ""


def marked(text: str, at: int, strong: Sequence[Span]) -> Markup:
    """`text`, which stands at `at` in its article, with the article's spans `strong` stressed."""
    pieces, done = [], 0
    for start, end in sorted(strong):
        a, b = max(start - at, done), min(end - at, len(text))
        if a < b:
            pieces += [
                Markup.escape(text_of(text[done:a])),
                Markup("<strong>{}</strong>").format(text_of(text[a:b])),
            ]
            done = b
    return Markup().join([*pieces, Markup.escape(text_of(text[done:]))])


def _runs(claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    """Neighbours that came about in the same way."""
    return [(method, list(run)) for method, run in groupby(claims, key=lambda c: c.method)]


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "text": text_of,
        "title": title_of,
        "line": one_line,
        "day": day_of,
        "file_name": file_name,
        "runs": _runs,
        "copies": copies_told,
        "at": lambda values, indexes: [values[i] for i in indexes if 0 <= i < len(values)],
        "inside": lambda groups, indexes: [g for g in groups if set(g) <= set(indexes)],
        "without": lambda values, others: [v for v in values if v not in others],
    }
    made.globals |= {"marked": marked, "stages": _STAGES, "unsaid": not_said}
    return made


def _html(template: str, **values: Any) -> str:
    return _templates().get_template(f"{template}.html").render(**values)


def _small(macro: str, value: object) -> str:
    return str(getattr(_templates().get_template("small.html").module, macro)(value))


# --- the page's parts -----------------------------------------------------------------------------


def turn(
    answer: Answer, turn_id: int, *, feedback: Feedback | None = None, wording: bool = False
) -> str:
    """A question and its answer. `wording`: the model is still at work on it."""
    contrary = {i for group in answer.conflicts for i in group}
    elsewhere = contrary.union(*(part.claims for part in answer.parts))
    return _html(
        "turn",
        answer=answer,
        turn_id=turn_id,
        feedback=feedback,
        wording=wording,
        cited={citation.n: citation for citation in answer.citations},
        whole=[i for i in range(len(answer.claims)) if i not in elsewhere],
        conflicts=[
            g for g in answer.conflicts if not any({*g} <= {*p.claims} for p in answer.parts)
        ],
        copied=answer_markdown(answer),
        stopped=stopped(answer),
        sure=how_sure(answer),
    )


def stopped(answer: Answer) -> str:
    """What is said of an answer whose wording was stopped."""
    if answer.method == "generated":
        return "Stopped here: the rest stands in quotes."
    return "Stopped: the quotes stand as they are."


def article(
    found: Article, quote: Span | None = None, answering: Sequence[Span] = (), at: int | None = None
) -> str:
    """The article with the quote marked and the answering words stressed.

    Of a long one the part around the quote, or from the character `at` on.
    """
    start, end = _window(found.text, quote, at)
    facts = (found.outlet, found.author, day_of(found.published), file_name(found.sources))
    return _html(
        "article",
        article=found,
        facts=[fact for fact in facts if fact],
        paragraphs=list(_paragraphs(found.text, start, end, quote, answering)),
        start=start,
        end=end,
        earlier=max(0, start - WINDOW + _NEAR),  # whose window then reaches `start` in any case
    )


def _window(text: str, quote: Span | None, at: int | None) -> Span:
    """The part to show, from the start of a paragraph where one is near."""
    if len(text) <= WINDOW:
        return 0, len(text)
    wanted = at if at is not None else (quote[0] - WINDOW // 2 if quote else 0)
    start = min(max(wanted, 0), len(text) - 1)
    near = max(0, start - _NEAR)
    paragraph = text.rfind("\n\n", near, start)
    if paragraph >= 0:
        start = paragraph + 2
    elif not near:  # the first paragraph has no break before it
        start = 0
    return start, min(start + WINDOW, len(text))


def _paragraphs(
    text: str, start: int, end: int, quote: Span | None, answering: Sequence[Span]
) -> Iterable[Markup]:
    at = start
    for paragraph in text[start:end].split("\n\n"):
        yield _highlighted(paragraph, at, quote or (0, 0), answering)
        at += len(paragraph) + 2


def _highlighted(paragraph: str, at: int, quote: Span, answering: Sequence[Span]) -> Markup:
    """The paragraph, which stands at `at`, with what of the quote is in it inside <mark>."""
    a, b = max(quote[0] - at, 0), min(quote[1] - at, len(paragraph))
    if a >= b:
        return Markup.escape(text_of(paragraph))
    return Markup("{}<mark>{}</mark>{}").format(
        text_of(paragraph[:a]), marked(paragraph[a:b], at + a, answering), text_of(paragraph[b:])
    )


def articles(listed: Sequence[Listed], *, total: int, offset: int, limit: int) -> str:
    """A page of the list; `total` are let through by the filter."""
    return _html("articles", listed=listed, total=total, offset=offset, limit=limit)


def adding(*, by_path: bool, megabytes: float, formats: Sequence[str]) -> str:
    """Where files are dropped or chosen, or named by path where that was allowed at the start."""
    return _html("adding", by_path=by_path, megabytes=megabytes, formats=formats)


def first_run(*, by_path: bool, megabytes: float, formats: Sequence[str]) -> str:
    """What stands in place of a chat while the library is empty."""
    return _html("first_run", by_path=by_path, megabytes=megabytes, formats=formats)


def welcome(count: int, examples: Sequence[str]) -> str:
    """What stands where a chat has not begun."""
    return _html("welcome", count=count, examples=examples)


def chats(listed: Sequence[Chat], *, current: str | None, searched: bool, cut: bool = False) -> str:
    """The list of chats; `cut`: there are more than these."""
    return _html("chats", listed=listed, current=current, searched=searched, cut=cut)


def settings(
    *,
    models: Sequence[str],
    chosen: dict[str, str | int],
    local: Sequence[tuple[str, str]],
    servers: Sequence[str],
) -> str:
    """The form of what a person sets for their own questions, and what runs where.

    `servers`: the other machines that models to choose from are asked on.
    """
    return _html("settings", models=models, chosen=chosen, local=local, servers=servers)


def undo(removed: Sequence[tuple[str, str]]) -> str:
    """What was removed, by id and title, and the buttons that bring it back."""
    return _small("undo", removed)


def gone() -> str:
    """What stands in place of an article that is not in the library any more."""
    return _small("gone", None)


def outlets(names: Sequence[str]) -> str:
    """Check boxes for the scope of a question."""
    return _small("outlets", names)


def outlet_options(names: Sequence[str]) -> str:
    return _small("outlet_options", names)


def added_line(item: Ingested) -> str:
    return _small("added_line", item)


def person(name: str | None) -> str:
    return _small("person", name)
