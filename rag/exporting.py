"""Answers → Markdown, HTML and JSON to keep or to pass on, with the quotes that prove them.

What articles, questions and models say is text and stays text, whatever it is made of.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

from rag.answer import Answer, Citation, copies_told, how_sure
from rag.articles import is_address, public_source
from rag.chats import one_line
from rag.errors import BadInput
from rag.verification import Claim

VERSION = 1
_NEAREST = "The nearest passages, which do not answer it:"
_PROMISE = "Every quote stands in the article named above it, word for word."


# --- JSON ----------------------------------------------------------------------------------------


def to_json(title: str, answers: Sequence[Answer], when: datetime) -> str:
    """As docs/contract.md has it; `rag verify` checks it against a library.

    Of a path it holds the last part alone: whoever gets it need not know the machine's folders.
    """
    value = {
        "version": VERSION,
        "kind": "chat",
        "title": title,
        "exported": when.astimezone(UTC).isoformat(timespec="seconds"),
        "answers": [_public(answer).to_json() for answer in answers],
    }
    text = json.dumps(value, ensure_ascii=False, indent=1)
    # UTF-8 has no place for a lone surrogate; as it happens Python's escape for one is JSON's too
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _public(answer: Answer) -> Answer:
    def without_folders(citation: Citation) -> Citation:
        return replace(citation, sources=tuple(map(public_source, citation.sources)))

    return replace(
        answer,
        citations=tuple(map(without_folders, answer.citations)),
        nearest=tuple(map(without_folders, answer.nearest)),
        models={job: public_source(name) if name else name for job, name in answer.models.items()},
    )


def is_chat(value: object) -> bool:
    """Whether a JSON value says that it is an exported chat."""
    return isinstance(value, dict) and value.get("kind") == "chat"


def answers_of(chat: dict[str, Any]) -> list[Answer]:
    """The answers of an exported chat. Raises BadInput, with the number of the one at fault."""
    listed = chat.get("answers")
    if chat.get("version") != VERSION or not isinstance(listed, list):
        raise BadInput(f"this is not a saved chat of version {VERSION}; export it as JSON again.")
    return [_numbered_answer(number, value) for number, value in enumerate(listed, start=1)]


def _numbered_answer(number: int, value: Any) -> Answer:
    try:
        return Answer.from_json(value)
    except BadInput as error:
        raise BadInput(f"{number}: {error}") from None


# --- Markdown ------------------------------------------------------------------------------------


def to_markdown(title: str, answers: Sequence[Answer], when: datetime) -> str:
    """The chat as CommonMark: a heading for each question, then what `answer_markdown` says."""
    parts = [f"# {_md(_name(title))}", f"*Exported {_minute(when)}. {_PROMISE}*"]
    for number, answer in enumerate(answers, start=1):
        parts += [f"## {number}. {_md(_text(answer.question))}", *_markdown_parts(answer)]
    return "\n\n".join(parts) + "\n"


def answer_markdown(answer: Answer) -> str:
    """One question, its answer with markers, and the numbered sources with their quotes."""
    question = f"**Question:** {_md(_text(answer.question))}"
    return "\n\n".join([question, *_markdown_parts(answer)]) + "\n"


def _markdown_parts(answer: Answer) -> Iterator[str]:
    if answer.standalone_question != answer.question:
        yield f"*Searched as:* {_md(_text(answer.standalone_question))}"
    if answer.scope:
        yield f"*Asked only of:* {_md(_text(answer.scope))}"
    if answer.abstained:
        yield f"**{_md(_text(answer.answer))}** *(no answer)*"
    else:
        if answer.short_answers:
            yield f"**{_md(_text('; '.join(answer.short_answers)))}**"
        yield " ".join(map(_markdown_claim, answer.claims))
    for note in _notes(answer):
        yield f"*Note:* {_md(_text(note))}"
    if answer.nearest:
        yield _NEAREST
    for citation in (*answer.citations, *answer.nearest):
        number = "" if answer.abstained else f"[{citation.n}] "
        yield number + " · ".join(_markdown_source(citation))
        yield f"> {_md(_quote(citation))}"


def _markdown_claim(claim: Claim) -> str:
    markers = (f"[{_md(str(n))}]" for n in claim.citations)
    return " ".join([_md(_text(claim.text)), *markers, f"*({_how(claim)})*"])


def _markdown_source(citation: Citation) -> Iterator[str]:
    yield from map(_md, _facts(citation))
    source = _source(citation)
    if source:
        yield f"<{_address(source)}>" if is_address(source) else _md(_file_name(source))


def _md(text: str) -> str:
    """`text`, which is one line, so that CommonMark and its usual extensions show it as it is."""
    text = re.sub(r"[\\`*_{}\[\]<>#|~&$^@]", r"\\\g<0>", text)
    text = re.sub(r"^([-+=:])", r"\\\1", text)  # lists, headings and definitions
    text = re.sub(r"^(\d+)([.)])", r"\1\\\2", text)
    # of which GitHub and others make links without being asked
    return re.sub(r":(?=//)|(?<=www)\.", r"\\\g<0>", text, flags=re.IGNORECASE)


# --- HTML ----------------------------------------------------------------------------------------


def to_html(title: str, answers: Sequence[Answer], when: datetime) -> str:
    """The chat as one page that needs nothing else: no script, no network."""
    name = escape(_name(title))
    parts = [_answer_html(number, answer) for number, answer in enumerate(answers, start=1)]
    return _PAGE.format(
        title=name,
        style=_STYLE,
        exported=escape(f"Exported {_minute(when)}. {_PROMISE}"),
        answers="\n".join(parts),
    )


def _answer_html(number: int, answer: Answer) -> str:
    heading = f"<h2>{number}. {_bdi(answer.question)}</h2>"
    sources = [_source_html(number, c, answer) for c in (*answer.citations, *answer.nearest)]
    listed = ["<ol>", *sources, "</ol>"] if sources else []
    lines = [heading, *_answer_lines(number, answer), *listed]
    return "\n".join(["<article>", *lines, "</article>"])


def _answer_lines(number: int, answer: Answer) -> Iterator[str]:
    if answer.standalone_question != answer.question:
        yield f'<p class="note">Searched as: {_bdi(answer.standalone_question)}</p>'
    if answer.scope:
        yield f'<p class="note">Asked only of: {_bdi(answer.scope)}</p>'
    if answer.abstained:
        yield f'<p class="none">{_bdi(answer.answer)} <small>(no answer)</small></p>'
    else:
        if answer.short_answers:
            yield f'<p class="short">{_bdi("; ".join(answer.short_answers))}</p>'
        yield f'<p class="answer">{" ".join(_claim_html(number, c) for c in answer.claims)}</p>'
    for note in _notes(answer):
        yield f'<p class="note">Note: {_bdi(note)}</p>'
    if answer.nearest:
        yield f"<p>{escape(_NEAREST)}</p>"


def _claim_html(number: int, claim: Claim) -> str:
    markers = (
        f'<a href="#{escape(f"q{number}-{n}")}">{escape(f"[{n}]")}</a>' for n in claim.citations
    )
    return " ".join([_bdi(claim.text), *markers, f"<small>({_how(claim)})</small>"])


def _source_html(number: int, citation: Citation, answer: Answer) -> str:
    shown = "" if answer.abstained else f"<b>{escape(f'[{citation.n}]')}</b> "
    facts = [*(f"<bdi>{escape(fact)}</bdi>" for fact in _facts(citation))]
    source = _source(citation)
    if source and is_address(source):
        address = escape(_address(source))
        facts.append(f'<a href="{address}" rel="noreferrer">{address}</a>')
    elif source:
        facts.append(f"<bdi>{escape(_file_name(source))}</bdi>")
    return (
        f'<li id="{escape(f"q{number}-{citation.n}")}"><p>{shown}{" · ".join(facts)}</p>'
        f'<blockquote dir="auto">{escape(_quote(citation))}</blockquote></li>'
    )


def _bdi(text: str) -> str:
    return f"<bdi>{escape(_text(text))}</bdi>"


_STYLE = """
:root { color-scheme: light dark; --text: #1b1b1a; --dim: #5f5e5a; --line: #d8d5cd; }
:root { --page: #fdfcf9; --link: #1f4e79; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8e6e1; --dim: #a5a29b; --line: #44423e; --page: #1a1918; --link: #9cc3ea; }
}
body { margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere;
  font: 1.0625rem/1.6 Georgia, "Times New Roman", serif; }
main { max-width: 42rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.25; }
h2 { font-size: 1.25rem; line-height: 1.35; margin: 0 0 .75rem; }
article { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: 1.5rem; }
a { color: var(--link); }
small, .note, .exported, li p { color: var(--dim); font: .875rem/1.5 system-ui, sans-serif; }
small { font-style: italic; }
.none, .short { font-weight: bold; }
ol { list-style: none; padding: 0; }
li:target { outline: 2px solid var(--link); outline-offset: .5rem; }
li p { margin: 1rem 0 .25rem; }
blockquote { margin: 0; padding-inline-start: 1rem; border-inline-start: 3px solid var(--line); }
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1><bdi>{title}</bdi></h1>
<p class="exported">{exported}</p>
{answers}
</main>
</body>
</html>
"""


# --- what is shown, before it is escaped ---------------------------------------------------------


def _notes(answer: Answer) -> Iterator[str]:
    """What the sentences alone do not tell: which answers what, and which contradict which."""
    for part in answer.parts:
        said = "the articles do not say" if part.abstained else _sentences(part.claims)
        yield f"on “{part.question}”: {said}."
    for group in answer.conflicts:
        yield f"the articles disagree: {_sentences(group)} contradict one another."
    if told := how_sure(answer):
        yield f"{told}."
    if answer.notice:
        yield answer.notice


def _sentences(indexes: Sequence[int]) -> str:
    numbers = [str(i + 1) for i in indexes]
    listed = " and ".join([", ".join(numbers[:-1]), numbers[-1]] if len(numbers) > 1 else numbers)
    return f"sentence{'s' * (len(numbers) != 1)} {listed}"


def _how(claim: Claim) -> str:
    return "quoted" if claim.method == "quoted" else "worded by the model"


def _facts(citation: Citation) -> list[str]:
    day = citation.published.isoformat() if citation.published else None
    facts = (citation.outlet, day, copies_told(citation))
    return [_name(citation.title), *(_name(fact) for fact in facts if fact)]


def _quote(citation: Citation) -> str:
    """The quote in quotation marks, unless it is all speech and has its own; who speaks before."""
    said = _text(citation.quote)
    marked = said if said.startswith(("“", '"', "‘", "'")) else f"“{said}”"
    return f"[{_name(citation.speaker)}] {marked}" if citation.speaker else marked


def _minute(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _name(text: str) -> str:
    """A title, an outlet or a file's name: without what could turn the reading order."""
    return one_line(text, 300)


def _text(text: str) -> str:
    """A sentence or a quote on one line, which turns no reading order but its own."""
    line = " ".join("".join(map(_visible, text)).split())
    return _isolated(line) if _TURNING.search(line) else line


def _visible(c: str) -> str:
    if c.isspace():
        return " "
    return "\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c


_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_OPENING, _CLOSING = "\u2066\u2067\u2068", "\u2069"


def _isolated(line: str) -> str:
    """`line` as an isolate (UAX #9), all that it opens closed, and nothing closed that it did not.

    The end of an isolate ends the overrides and embeddings in it too.
    """
    depth, kept = 0, []
    for c in line:
        depth += (c in _OPENING) - (c in _CLOSING)
        if depth < 0:
            depth = 0
        else:
            kept.append(c)
    return "\u2068" + "".join(kept) + _CLOSING * (depth + 1)


# --- sources -------------------------------------------------------------------------------------


def _source(citation: Citation) -> str:
    return citation.sources[0] if citation.sources else ""


def _address(source: str) -> str:
    """The address of ASCII letters that neither Markdown nor HTML reads anything into."""
    return quote(source, safe="%:/?#[]@!()+,=&~", errors="replace")


def _file_name(source: str) -> str:
    return _name(public_source(source))
