"""Exports: complete, checkable, and whatever an article holds, text in them."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.answer import NOT_SAID, Answer, Citation, Part
from rag.articles import public_source
from rag.errors import BadInput
from rag.exporting import answer_markdown, answers_of, is_chat, to_html, to_json, to_markdown
from rag.verification import Claim

NOON = datetime(2026, 1, 2, 12, 30, tzinfo=UTC)
Tags = list[tuple[str, tuple[str, ...]]]


def citation(n: int, quote: str, title: str, outlet: str, source: str, speaker: str) -> Citation:
    where = (0, len(quote), (), speaker or None, None)
    return Citation(n, "a1", 1, title, outlet, date(2014, 3, 5), (source,), quote, *where)


def answered(
    question: str = "Who closed the bridge?",
    text: str = "The council closed it.",
    title: str = "Bridge closed",
    outlet: str = "The Post",
    source: str = "/articles/bridge.txt",
    speaker: str = "",
    *,
    abstained: bool = False,
) -> Answer:
    """One sentence quoted and one by the model, or an abstention; its texts are the arguments."""
    cited = [citation(n, f"Quote {text}", title, outlet, source, speaker) for n in (1, 2)]
    claims = (
        Claim(text, (1,), "quoted", supported=True, support=None),
        Claim(text, (2,), "generated", supported=True, support=None),
    )
    return Answer(
        question,
        f"{question} Standing alone?",
        NOT_SAID if abstained else f"{text} [1] {text} [2]",
        None,
        (),
        abstained,
        None,
        "abstained" if abstained else "generated",
        claims=() if abstained else claims,
        parts=(),
        conflicts=(),
        citations=() if abstained else tuple(cited),
        nearest=tuple(cited) if abstained else (),
        retrieved=(),
        checked=(),
        notice=f"Note {text}",
        timings={},
        models={},
    )


# --- reading an export back ----------------------------------------------------------------------


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Tags = []
        self.links: list[str] = []
        self.others: list[str] = []  # comments, declarations, processing instructions
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


def rendered(markdown: str, preset: str = "commonmark") -> Page:
    return Page(MarkdownIt(preset, {"html": True}).render(markdown))


def plain(text: str) -> str:
    """On one line, as both formats show it; what an export may change is left out."""
    kept = "".join(
        " " if c.isspace() else c
        for c in text
        if c not in "\u2066\u2067\u2068\u2069\ufffd" and (c.isspace() or not is_control(c))
    )
    return " ".join(kept.split())


def is_control(c: str) -> bool:
    return c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c <= "\udfff"


PIECES = """
<script>alert(1)</script> <img/src=x onerror=alert(1)> </mark> </style> </title> <!-- --> <![CDATA[
[x](javascript:alert(1)) ![x](http://x.example/y.png) <http://evil.example> http://evil.example [x]:
[1]: www.evil.example a@evil.example ** __ _a_ *b* `c` ``` ~~~ ~~d~~ # ## - + * 1. 2) > | |-|-| ---
=== \\ \\\\ & &lt; &#60; &amp; " ' {.x} {{x}} $x$ ^1^ [^1] : ! [ ] ( ) < > \u202e \u2066 \u2069
\u202c \0 \x1b \x0b \u2028 \ud800 \ufeff \u200d é ש 東京 'onclick=x "onclick=x %3C {title} {0}
""".split()
BLANKS = [" ", "\n", "\n\n", "\t", "    ", "  \n", ""]
hostile = st.lists(
    st.sampled_from(PIECES) | st.sampled_from(BLANKS) | st.text(st.characters(), max_size=4),
    max_size=12,
).map("".join)
sources = hostile.map("/articles/{}".format) | hostile.map("https://news.example/{}".format)
answers = st.builds(
    answered, hostile, hostile, hostile, hostile, sources, hostile, abstained=st.booleans()
)


def harmless(answer: Answer) -> Answer:
    """The same answer about the same number of things, in words that nothing reads anything into.

    Where there is an address there is one, and where somebody speaks somebody does.
    """
    (first, *_) = (*answer.citations, *answer.nearest)
    return answered(
        source="https://x.example/" if first.sources[0].startswith("http") else "/x.txt",
        outlet="The Post" if first.outlet else "",
        speaker="Ann" if first.speaker else "",
        abstained=answer.abstained,
    )


# --- hostile text --------------------------------------------------------------------------------


@given(title=hostile, answer=answers)
def test_a_markdown_export_has_no_element_that_is_not_its_own(title: str, answer: Answer) -> None:
    """Tables and strike-through, which the second preset has, come of nothing either."""
    for preset in ("commonmark", "js-default"):
        page = rendered(to_markdown(title, [answer], NOON), preset)
        own = rendered(to_markdown("A title", [harmless(answer)], NOON), preset)
        assert (page.tags, page.others) == (own.tags, own.others)
        assert all(link.startswith("https://news.example/") for link in page.links)


@given(title=hostile, answer=answers)
def test_an_html_export_has_no_element_or_attribute_that_is_not_its_own(
    title: str, answer: Answer
) -> None:
    page = Page(to_html(title, [answer], NOON))
    own = Page(to_html("A title", [harmless(answer)], NOON))
    assert (page.tags, page.others) == (own.tags, own.others)
    assert all(re.match(r"#q1-\d$|https://news\.example/", link) for link in page.links)


@given(answer=answers)
def test_what_an_article_says_is_in_the_exports_as_text(answer: Answer) -> None:
    """Character for character, but for line breaks, controls, and marks of the reading order."""
    exports = (
        rendered(to_markdown("A title", [answer], NOON)),
        rendered(answer_markdown(answer)),
        Page(to_html("A title", [answer], NOON)),
    )
    for page in exports:
        for text in (
            answer.question,
            *(claim.text for claim in answer.claims),
            *(c.quote for c in (*answer.citations, *answer.nearest)),
        ):
            assert plain(text) in plain(page.words)


@given(title=hostile, answer=answers)
@example(title="\ud800", answer=answered(*["\ud800"] * 4, "/articles/\ud800", "\ud800"))
@example(title="x", answer=answered(source="https://news.example/\ud800"))
def test_an_export_can_be_written_as_utf8(title: str, answer: Answer) -> None:
    for export in (to_markdown, to_html, to_json):
        assert export(title, [answer], NOON).encode()


@given(answer=answers)
def test_nothing_turns_the_reading_order_of_what_stands_around_it(answer: Answer) -> None:
    """On every line what is opened is closed, and overrides are within an isolate."""
    for line in answer_markdown(answer).splitlines():
        depth = 0
        for c in line:
            depth += (c in "\u2066\u2067\u2068") - (c == "\u2069")
            assert depth >= 0
            assert depth or c not in "\u202a\u202b\u202c\u202d\u202e"
        assert depth == 0


@given(title=hostile, name=hostile)
def test_titles_and_file_names_turn_no_reading_order(title: str, name: str) -> None:
    answer = answered(title=title, outlet=title, source=f"/articles/{name}")
    for export in (to_markdown, to_html):
        text = export(title, [answer], NOON)
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize("scheme", ["javascript:alert(1)//", "data:text/html,", "file:///etc/", ""])
def test_only_web_addresses_become_links(scheme: str) -> None:
    answer = answered(source=f"{scheme}x")
    assert rendered(answer_markdown(answer)).links == []
    assert set(Page(to_html("A title", [answer], NOON)).links) == {"#q1-1", "#q1-2"}


def test_an_address_leads_where_it_did_but_for_what_could_break_out() -> None:
    source = 'HTTPS://news.example/a_b*c/?q="><x> y&amp;z;#é)'
    safe = "HTTPS://news.example/a_b%2Ac/?q=%22%3E%3Cx%3E%20y&amp%3Bz%3B#%C3%A9)"
    answer = answered(source=source)
    assert f"<{safe}>" in answer_markdown(answer)
    assert safe in Page(to_html("A title", [answer], NOON)).links


@pytest.mark.parametrize(
    "text", ["1. one", "2) two", "- item", "+ item", "# head", "> said", "    code", "---", "| a |"]
)
def test_a_sentence_that_looks_like_markdown_is_a_sentence(text: str) -> None:
    page = rendered(answer_markdown(answered(text=text)))
    assert {tag for tag, _ in page.tags if tag[0] != "/"} == {"p", "em", "strong", "blockquote"}
    assert f"{text.strip()} [1] (quoted)" in page.words


# --- what a person reads -------------------------------------------------------------------------


def test_a_copied_answer_is_the_question_the_answer_and_its_numbered_sources() -> None:
    answer = replace(answered(), standalone_question="Who closed the bridge?", notice=None)
    assert answer_markdown(answer) == (
        "**Question:** Who closed the bridge?\n\n"
        "The council closed it. [1] *(quoted)* "
        "The council closed it. [2] *(worded by the model)*\n\n"
        "[1] Bridge closed · The Post · 2014-03-05 · bridge.txt\n\n"
        "> “Quote The council closed it.”\n\n"
        "[2] Bridge closed · The Post · 2014-03-05 · bridge.txt\n\n"
        "> “Quote The council closed it.”\n"
    )


def test_a_copied_abstention_says_so_and_gives_the_nearest_passages() -> None:
    answer = replace(answered(abstained=True), notice="The list is short.")
    assert answer_markdown(answer).split("\n\n")[:6] == [
        "**Question:** Who closed the bridge?",
        "*Searched as:* Who closed the bridge? Standing alone?",
        "**The articles do not say.** *(no answer)*",
        "*Note:* The list is short.",
        "The nearest passages, which do not answer it:",
        "Bridge closed · The Post · 2014-03-05 · bridge.txt",
    ]


@pytest.mark.parametrize("export", [to_markdown, to_html])
def test_quoted_worded_and_missing_answers_differ_in_words(export: object) -> None:
    assert callable(export)
    given_answer = export("A title", [answered()], NOON)
    missing = export("A title", [answered(abstained=True)], NOON)
    for words in ("quoted", "worded by the model"):
        assert words in given_answer
        assert words not in missing
    assert "no answer" in missing


@pytest.mark.parametrize("export", [to_markdown, to_html])
def test_an_export_has_the_title_the_time_and_every_question_in_order(export: object) -> None:
    assert callable(export)
    text = export("Bridges", [answered("One?"), answered("Two?")], NOON)
    found = [text.index(s) for s in ("Bridges", "2026-01-02 12:30 UTC", "1. ", "One?", "Two?")]
    assert found == sorted(found)


def test_a_quote_that_is_all_speech_keeps_its_own_marks_and_says_who_speaks() -> None:
    cited = replace(answered().citations[0], quote="“It is shut.”", speaker="Ann Cole")
    answer = replace(answered(), citations=(cited,))
    assert "> \\[Ann Cole\\] “It is shut.”" in answer_markdown(answer)


def test_a_page_needs_no_network_and_runs_no_script() -> None:
    page = to_html("A title", [answered()], NOON)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page
    assert not re.search(r"<script|<link|<img|url\(|@import|\bon\w+=", page)


def test_every_marker_on_a_page_leads_to_its_source() -> None:
    html = to_html("A title", [answered(), answered()], NOON)
    ids = re.findall(r'id="([^"]*)"', html)
    assert ids == ["q1-1", "q1-2", "q2-1", "q2-2"]
    assert re.findall(r'href="#([^"]*)"', html) == ids


def test_a_very_long_title_does_not_bury_the_quote() -> None:
    assert len(answer_markdown(answered(title="x" * 10_000))) < 2_000


@pytest.mark.parametrize("export", [to_markdown, to_html])
def test_a_chat_without_questions_is_its_title(export: object) -> None:
    assert callable(export)
    assert "Bridges" in export("Bridges", [], NOON)


# --- JSON ----------------------------------------------------------------------------------------


def without_folders(answer: Answer) -> Answer:
    def shown(citation: Citation) -> Citation:
        return replace(citation, sources=tuple(map(public_source, citation.sources)))

    return replace(
        answer,
        citations=tuple(map(shown, answer.citations)),
        nearest=tuple(map(shown, answer.nearest)),
    )


@pytest.mark.parametrize("export", [to_markdown, to_html, to_json])
@pytest.mark.parametrize("abstained", [False, True])
def test_no_export_tells_the_folders_of_the_machine(export: object, abstained: bool) -> None:
    assert callable(export)
    asked = answered(source="/home/ada/private/bridge.txt", abstained=abstained)
    page = export("Bridges", [replace(asked, models={"llm": "/home/ada/private/a.gguf"})], NOON)
    assert "bridge.txt" in page
    assert not [folder for folder in ("home", "ada/", "private") if folder in page]


@pytest.mark.parametrize("export", [to_markdown, to_html, to_json])
def test_an_address_of_the_web_is_told_whole(export: object) -> None:
    assert callable(export)
    assert "https://news.example/2014/flood" in export(
        "Floods", [answered(source="https://news.example/2014/flood")], NOON
    )


@given(title=hostile, saved=st.lists(answers, max_size=3))
def test_the_answers_of_a_json_export_come_back(title: str, saved: list[Answer]) -> None:
    value = json.loads(to_json(title, saved, NOON))
    assert is_chat(value)
    assert answers_of(value) == list(map(without_folders, saved))
    assert (value["version"], value["title"]) == (1, title)
    assert datetime.fromisoformat(value["exported"]) == NOON


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"version": None}, {"answers": None}, {"answers": {}}]
)
def test_what_is_no_saved_chat_is_said_to_be_none(change: dict[str, object]) -> None:
    value = json.loads(to_json("Bridges", [answered()], NOON)) | change
    with pytest.raises(BadInput, match="not a saved chat of version 1"):
        answers_of(value)


def test_an_answer_that_is_none_is_named_by_its_number() -> None:
    value = json.loads(to_json("Bridges", [answered(), answered()], NOON))
    del value["answers"][1]["question"]
    with pytest.raises(BadInput, match=r"^2: this is not a saved answer"):
        answers_of(value)


@pytest.mark.parametrize("value", [[], None, "chat", 1, {}, {"kind": "answer"}])
def test_other_json_is_no_chat(value: object) -> None:
    assert not is_chat(value)


@pytest.mark.parametrize("export", [to_markdown, to_html])
def test_parts_and_contradictions_are_told(export: object) -> None:
    parts = (Part("Who closed it?", (0,), None, False), Part("And when?", (), None, True))
    answer = replace(answered(), parts=parts, conflicts=((0, 1),))
    page = to_html("A chat", [answer], NOON) if export is to_html else answer_markdown(answer)
    words = Page(page).words if export is to_html else rendered(page).words
    assert "on “Who closed it?”: sentence 1." in words
    assert "on “And when?”: the articles do not say." in words
    assert "the articles disagree: sentences 1 and 2 contradict one another." in words
