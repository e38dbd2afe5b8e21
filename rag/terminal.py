"""Values → what a person sees in a terminal. In a pipe the same, without colour or wrapping."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from rag.answer import Answer, Citation, copies_told, how_sure, not_said, with_markers
from rag.doctor import Check
from rag.errors import printable
from rag.ingesting import Ingested
from rag.library import Library, Listed
from rag.retrieval import Hit

_LABELS = {"added": "green", "updated": "cyan", "unchanged": "dim", "removed": "magenta"}


def consoles() -> tuple[Console, Console]:
    """One for stdout and one for stderr."""
    return Console(highlight=False, emoji=False, markup=False), Console(
        stderr=True, highlight=False, emoji=False, markup=False
    )


def say(console: Console, text: Text | str) -> None:
    """One line or paragraph, wrapped only where a person looks at it."""
    console.print(text, soft_wrap=not console.is_terminal)


def say_indented(console: Console, text: Text) -> None:
    """The same, four columns in."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, 4)))
    else:
        say(console, Text("    ").append(text))


def show_stream(console: Console, growing: Iterable[Answer]) -> Answer:
    """Each sentence as soon as it is there, then the sources; the whole answer comes back."""
    shown = 0
    answer = None
    for answer in _both_sides_at_once(growing):
        if not shown and answer.standalone_question != answer.question:
            say(console, Text(f"searched as: {printable(answer.standalone_question)}", style="dim"))
        if not shown and answer.scope:
            say(console, Text(f"asked only of: {printable(answer.scope)}", style="dim"))
        if answer.abstained:
            say(console, Text(printable(answer.answer, 400), style="bold yellow"))
        elif not shown and (lead := _lead(answer)):
            say(console, lead)
        if answer.parts:
            _show_parts(console, answer)
        else:
            _show_claims(console, answer, range(shown, len(answer.claims)))
        shown = len(answer.claims)
    if answer is None:
        raise ValueError("an answer has at least one step")
    if answer.notice:
        say(console, Text(printable(answer.notice, 400), style="yellow"))
    show_sources(console, answer)
    return answer


def _both_sides_at_once(growing: Iterable[Answer]) -> Iterator[Answer]:
    """Each of them; where articles disagree the last alone: no side is the answer by itself."""
    held = None
    for answer in growing:
        apart = any(c.what == "agreement" and not c.passed for c in answer.checked)
        held = answer if apart else None
        if not apart:
            yield answer
    if held:
        yield held


def _show_claims(console: Console, answer: Answer, indexes: Sequence[int]) -> None:
    """The sentences; before those that contradict one another that they do, and who says each."""
    sides = {i for group in answer.conflicts for i in group}
    if sides.intersection(indexes):
        say(console, Text("The articles disagree.", style="bold yellow"))
    cited = {citation.n: citation for citation in answer.citations}
    for i in indexes:
        claim = answer.claims[i]
        side = f"{_side(cited[claim.citations[0]])}: " if i in sides else ""
        say(console, f"{side}{with_markers(claim)}")


def _side(citation: Citation) -> str:
    """For example "The Tarn Post, 3 May 2014"."""
    day = citation.published
    told = [printable(citation.outlet or citation.title, 80)]
    return ", ".join([*told, *([f"{day.day} {day:%B %Y}"] if day else [])])


def _show_parts(console: Console, answer: Answer) -> None:
    """What answers each of the questions that one was split into, or that nothing does."""
    for part in answer.parts:
        say(console, Text(f"\n{printable(part.question)}", style="dim"))
        if part.abstained:
            say(console, Text(printable(not_said(part.question), 400), style="bold yellow"))
        _show_claims(console, answer, part.claims)


def show_sources(console: Console, answer: Answer) -> None:
    if answer.nearest:
        say(console, Text("\nThe nearest passages:", style="dim"))
    elif answer.citations:
        say(console, "")
    for citation in (*answer.citations, *answer.nearest):
        say(console, _source_line(citation, number=not answer.abstained))
        say_indented(console, _quote(citation))
        if told := copies_told(citation):
            say_indented(console, Text(printable(told, 300), style="dim"))
    if told := how_sure(answer):
        say(console, Text(f"\n{told}", style="dim"))


def _lead(answer: Answer) -> Text | None:
    """The words that answer, each with the number of its quote, before the sentences."""
    told = []
    for short in answer.short_answers:
        numbers = [f"[{c.n}]" for c in answer.citations if short in _answering(c)]
        told.append(" ".join([printable(short, 200), *numbers]))
    return Text("; ".join(told), style="bold") if told else None


def _answering(citation: Citation) -> list[str]:
    return [citation.quote[a - citation.start : b - citation.start] for a, b in citation.answering]


def _source_line(citation: Citation, *, number: bool) -> Text:
    line = Text(f"[{citation.n}] " if number else " · ", style="bold")
    line.append(printable(citation.title, 120), style="not bold")
    source = citation.sources[0] if citation.sources else ""
    place = citation.outlet or Path(source).name
    for part in (place, citation.published.isoformat() if citation.published else None):
        if part:
            line.append(" · ", style="dim not bold")
            line.append(printable(part, 80), style="dim not bold")
    if source.startswith("/"):
        line.stylize(f"link {Path(source).as_uri()}")
    return line


def _quote(citation: Citation) -> Text:
    one_line = citation.quote.replace("\n", " ")  # as long as the quote, so that spans still fit
    bare = one_line[0] not in "“\"‘'"  # one that is all speech has its own marks
    text = Text(f"“{one_line}”" if bare else one_line, style="italic")
    for start, end in citation.answering:
        text.stylize("bold", start - citation.start + bare, end - citation.start + bare)
    if citation.speaker:
        text = Text(f"[{printable(citation.speaker)}] ").append(text)
    return text


def show_retrieved(console: Console, answer: Answer, library: Library) -> None:
    """The chunks that were found for an answer, in the order that reading gave them."""
    chunks = library.chunks([r.chunk_id for r in answer.retrieved])
    for rank, found in enumerate(answer.retrieved, start=1):
        scores = [f"cosine {found.cosine:.3f}"] if found.cosine is not None else []
        scores += [f"bm25 {found.bm25:.2f}"] if found.bm25 is not None else []
        line = Text(f"{rank}. {printable(found.title, 120)}", style="bold")
        line.append(f" · {' · '.join(scores)}", style="dim not bold")
        say(console, line)
        if chunk := chunks.get(found.chunk_id):
            say_indented(console, Text(" ".join(chunk.text.split())))
    if not answer.retrieved:
        say(console, "nothing was found")


def show_why(console: Console, answer: Answer) -> None:
    """What was checked on the way to the answer, and the seconds that each stage took."""
    for check in answer.checked:
        mark = "passed" if check.passed else "failed"
        say(console, f"{mark}  {printable(check.what, 300)}: {printable(check.outcome, 300)}")
    told = [f"{name.removesuffix('_s')} {taken:.3f}" for name, taken in answer.timings.items()]
    say(console, Text(f"seconds: {', '.join(told)}", style="dim"))


def show_hits(console: Console, hits: Sequence[Hit]) -> None:
    for rank, hit in enumerate(hits, start=1):
        scores = [f"fused {hit.fused:.4f}"]
        scores += [f"cosine {hit.cosine:.3f}"] if hit.cosine is not None else []
        scores += [f"bm25 {hit.bm25:.2f}"] if hit.bm25 is not None else []
        line = Text(f"{rank}. {printable(hit.article.title, 120)}", style="bold")
        line.append(f" · chunk {hit.chunk_id} · {' · '.join(scores)}", style="dim not bold")
        say(console, line)
        say_indented(console, Text(" ".join(hit.chunk.text.split())))


def show_articles(console: Console, articles: Sequence[Listed]) -> None:
    for a in articles:
        line = Text(a.id, style="dim")
        line.append(f"  {printable(a.title, 120)}", style="bold not dim")
        facts = [
            a.outlet and printable(a.outlet, 60),
            a.published and a.published.isoformat(),
            a.language not in (None, "en") and f"language {a.language}",
            f"{a.chunks} chunk{'s' * (a.chunks != 1)}",
            *(printable(Path(s).name, 80) for s in a.sources),
        ]
        line.append(" · " + " · ".join(str(f) for f in facts if f), style="dim")
        say(console, line)


def ingested_line(item: Ingested) -> Text:
    line = Text(f"{item.status:<9} ", style=_LABELS.get(item.status, "yellow"))
    line.append(printable(item.source, 300), style="default not dim")
    if item.note:
        line.append(f"  ({_reason(item)})", style="dim")
    return line


def _reason(item: Ingested) -> str:
    """The note without the source's name, which stands before it already."""
    return (item.note or "").removeprefix(f"{printable(item.source)}: ")


def totals(items: Sequence[Ingested], others: Sequence[str]) -> str:
    """For example "2 added, 1 skipped"; `others`: the files of other kinds."""
    passed = [f"{len(others)} of other kinds passed over"] if others else []
    return ", ".join([*_counts(items), *passed]) or "nothing found"


def _counts(items: Sequence[Ingested]) -> Iterator[str]:
    for status in ("added", "updated", "unchanged", "removed", "skipped"):
        count = sum(item.status == status for item in items)
        if count:
            yield f"{count} {status}"


def text_of_check(check: Check) -> Text:
    style = {"ok": "green", "warn": "yellow", "fail": "bold red"}[check.state]
    line = Text(f"{check.state:<5}", style=style)
    line.append(f"{check.name}: {check.message}", style="default not bold")
    if check.remedy:
        line.append(f" → {check.remedy}", style="default not bold")
    return line
