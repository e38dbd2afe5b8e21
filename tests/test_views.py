"""What the page shows: whatever a text is made of, it is text; a quote is marked where it is."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html
from strategies import article

from rag.answer import Answer, Checked, Part, not_said
from rag.answering import Engine, ask, open_engine
from rag.articles import Article
from rag.chats import Chat, Feedback, one_line
from rag.ingesting import Ingested
from rag.library import Listed
from rag.verification import Claim
from ui import views

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

PIECES = """
<script>alert(1)</script> <img/src=x onerror=alert(1)> </mark> <mark> </textarea> </style> </button>
</article> <!-- --> <![CDATA[ ]]> <?x ?> [x](javascript:alert(1)) &amp; &lt; &#60; &notanentity " '
"onclick="alert(1) '/onfocus='x {{x}} {%x%} ${x} \\ ` \u202e \u202c \u2066 \u2069 \u200d
\ufeff é ש 東京
""".split()
hostile = st.lists(
    st.sampled_from(PIECES)
    | st.sampled_from([" ", "\n", "\n\n"])
    | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=5),
    max_size=10,
).map("".join)
some = hostile.map("a{}".format)  # a text that is empty is shown by nothing at all


# --- reading what is shown -----------------------------------------------------------------------


def tree(shown: str) -> html.HtmlElement:
    return html.fragment_fromstring(shown, create_parent="main")


def shape(shown: str) -> list[tuple[object, ...]]:
    """Every element with the names of its attributes; comments and the like would count too."""
    return [(element.tag, *element.keys()) for element in tree(shown).iter()]


def words(shown: str, selector: str = "") -> list[str]:
    """The text of each element of that class or name; without one, of all together."""
    found = tree(shown)
    if not selector:
        return [found.text_content()]
    path = f".//*[contains(concat(' ', @class, ' '), ' {selector} ') or name() = '{selector}']"
    return [element.text_content() for element in found.xpath(path)]


def visible(text: str) -> str:
    """What turns the reading order, by its number."""
    return "".join(f"⟨U+{ord(c):04X}⟩" if c in TURNING else c for c in text)


# --- answers -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine(seeds_folder: Path) -> Engine:
    return open_engine(seeds_folder, writer="quote")


@pytest.fixture(scope="module")
def heads(engine: Engine) -> Answer:
    """Two sentences, quoted from two articles, with answering words."""
    return ask("Who is the head of the Police Firearms Officers Association?", engine)


@pytest.fixture(scope="module")
def abstention(engine: Engine) -> Answer:
    return ask("What is the capital of France?", engine)


def made_of(answer: Answer, text: str) -> Answer:
    """The answer with `text` wherever an article, a person or a model has a say."""
    cited, nearest = (
        tuple(
            replace(c, quote=text, title=text, outlet=text, speaker=text, sources=(text,))
            for c in those
        )
        for those in (answer.citations, answer.nearest)
    )
    return replace(
        answer,
        question=text,
        standalone_question=f"{text}, standing alone",
        claims=tuple(replace(claim, text=text) for claim in answer.claims),
        citations=cited,
        nearest=nearest,
        parts=(Part(text, (0,), None, abstained=True),) if answer.claims else (),
        conflicts=((0, 1),) if len(answer.claims) > 1 else (),
        retrieved=tuple(replace(r, title=text) for r in answer.retrieved),
        checked=(Checked(text, True, text),),
        notice=text,
        models={"llm": text},
    )


@settings(max_examples=60)
@given(text=some)
def test_no_element_or_attribute_of_a_turn_comes_from_a_text(
    heads: Answer, abstention: Answer, text: str
) -> None:
    for answer in (heads, abstention):
        assert shape(views.turn(made_of(answer, text), 1)) == shape(
            views.turn(made_of(answer, "a"), 1)
        )


@settings(max_examples=60)
@given(text=some)
def test_a_turn_says_its_texts_character_for_character(heads: Answer, text: str) -> None:
    answer = replace(made_of(heads, text), parts=(), conflicts=())
    shown = views.turn(answer, 1)
    assert words(shown, "question") == [visible(text)]
    assert words(shown, "standalone") == [visible(f"{text}, standing alone")]
    assert words(shown, "claim") == [f"{visible(text)}{c.n}" for c in answer.citations]
    assert words(shown, "quote") == [f"[{one_line(text, 100)}] {visible(text)}"] * 2
    assert words(shown, "notice") == [text]
    assert {title.strip() for title in words(shown, "title")} == {one_line(text, views.TITLE)}


def test_what_turns_the_reading_order_is_shown_by_its_number(heads: Answer) -> None:
    shown = views.turn(replace(made_of(heads, f"left{TURNING}right"), notice=None), 1)
    assert not set(TURNING) & set("".join(words(shown, "answer")))
    assert "⟨U+202E⟩" in words(shown, "question")[0]


def test_a_title_of_ten_thousand_characters_is_cut(heads: Answer) -> None:
    for title in words(views.turn(made_of(heads, "x" * 10_000), 1), "title"):
        assert len(title) <= views.TITLE


def test_every_marker_opens_the_article_at_its_citation(heads: Answer) -> None:
    markers = tree(views.turn(heads, 1)).find_class("marker")
    assert [marker.text for marker in markers] == [str(c.n) for c in heads.citations]
    for marker, c in zip(markers, heads.citations, strict=True):
        spans = ",".join(f"{a}-{b}" for a, b in c.answering)
        assert marker.get("data-do") == "openArticle"
        assert marker.get("data-article") == c.article_id
        assert (marker.get("data-start"), marker.get("data-end")) == (str(c.start), str(c.end))
        assert marker.get("data-answering") == spans != ""


def test_every_marker_is_described_by_its_quote_and_where_that_stands(heads: Answer) -> None:
    page = tree(views.turn(heads, 7))
    for marker, c in zip(page.find_class("marker"), heads.citations, strict=True):
        tip = page.get_element_by_id(marker.get("aria-describedby"))
        assert tip.find_class("quote")[0].text_content() == c.quote
        assert tip.find_class("title")[0].text_content() == c.title


def test_a_marker_says_outlet_and_date_of_its_source(heads: Answer) -> None:
    known = replace(heads.citations[0], outlet="The Courier", published=date(2014, 5, 3))
    (where, *_) = words(views.turn(replace(heads, citations=(known,)), 1), "where")
    assert where == f"{known.title} · The Courier · 3 May 2014"


def test_a_source_without_an_outlet_is_named_by_its_file_and_no_folder(heads: Answer) -> None:
    shown = views.turn(heads, 1)
    path = Path(heads.citations[0].sources[0])
    assert path.name in shown
    assert str(path.parent) not in shown


def test_no_id_stands_twice_in_a_chat_of_several_turns(heads: Answer, abstention: Answer) -> None:
    page = "".join(views.turn(a, n) for n, a in enumerate((heads, abstention, heads), start=1))
    ids = Counter(element.get("id") for element in tree(page).xpath(".//*[@id]"))
    assert len(ids) == 4
    assert set(ids.values()) == {1}


def test_quoted_worded_and_abstained_differ_in_words(heads: Answer, abstention: Answer) -> None:
    first, second = heads.claims
    mixed = replace(heads, claims=(first, replace(second, method="generated")))
    quoted, worded = words(views.turn(mixed, 1), "claims")
    assert "In the article’s own words" in quoted
    assert first.text in quoted
    assert "Worded by the model, checked against its quote" in worded
    assert second.text in worded
    assert words(views.turn(abstention, 1), "label")[0] == "Nothing is claimed"


def test_an_abstention_shows_the_nearest_passages(abstention: Answer) -> None:
    shown = views.turn(abstention, 1)
    assert words(shown, "unsaid") == [abstention.answer]
    assert (
        words(shown, "quote")
        == [f"[{c.speaker}] " * bool(c.speaker) + c.quote for c in abstention.nearest]
        != []
    )
    for button, c in zip(tree(shown).xpath(".//li/button"), abstention.nearest, strict=False):
        assert (button.get("data-start"), button.get("data-end")) == (str(c.start), str(c.end))


def test_an_abstention_with_nothing_near_says_so(abstention: Answer) -> None:
    shown = views.turn(replace(abstention, nearest=()), 1)
    assert "No passage is near it." in words(shown, "label")


def test_claims_that_contradict_one_another_stand_side_by_side_and_nowhere_else(
    heads: Answer,
) -> None:
    shown = views.turn(replace(heads, conflicts=((0, 1),)), 1)
    assert words(shown, "claims") == []
    sides = words(shown, "side")
    for side, claim, c in zip(sides, heads.claims, heads.citations, strict=True):
        assert claim.text in side
        assert c.title in side
        assert "In the article’s own words" in side


def test_a_side_that_the_model_worded_says_so(heads: Answer) -> None:
    worded = tuple(replace(claim, method="generated") for claim in heads.claims)
    shown = views.turn(replace(heads, claims=worded, conflicts=((0, 1),)), 1)
    assert len(words(shown, "generated")) == 2
    assert all("Worded by the model" in side for side in words(shown, "side"))


def test_what_an_answer_was_asked_of_stands_under_its_question(heads: Answer) -> None:
    assert words(views.turn(heads, 1), "searched") == []
    (told,) = words(views.turn(replace(heads, scope="The Post"), 1), "searched")
    assert "Asked only of: The Post" in told


def test_a_model_elsewhere_is_told_of() -> None:
    chosen = {"writer": "auto", "model": "a", "top": 8, "strictness": "normal", "look": ""}
    alone, sent = (
        views.settings(models=["a"], chosen=chosen, local=[], servers=servers)
        for servers in ([], ["http://example.org/v1"])
    )
    assert "Nothing is sent anywhere else" in alone
    assert "are sent to" in sent
    assert "Nothing is sent anywhere else" not in sent


def test_a_list_of_chats_that_was_cut_says_so() -> None:
    shown = views.chats([chat("A chat")], current=None, searched=False, cut=True)
    assert "search for the others" in words(shown, "none")[0]


def three_parts(answer: Answer) -> Answer:
    first, second = answer.claims
    last = Claim("The last one.", (1,), "quoted", supported=True, support=None)
    parts = (
        Part("Who heads it?", (0,), None, abstained=False),
        Part("Who pays for it?", (), None, abstained=True),
        Part("Since when?", (1,), None, abstained=False),
    )
    return replace(answer, claims=(first, second, last), parts=parts)


def test_the_parts_of_a_question_stand_one_under_the_other(heads: Answer) -> None:
    answer = three_parts(heads)
    first, _, third = words(views.turn(answer, 1), "part")
    assert "Who heads it?" in first
    assert answer.claims[0].text in first
    assert answer.claims[1].text not in first
    assert "Since when?" in third
    assert answer.claims[1].text in third


def test_a_part_that_the_articles_do_not_answer_says_so(heads: Answer) -> None:
    answered, not_answered, _ = words(views.turn(three_parts(heads), 1), "part")
    assert not_said("Who pays for it?") in not_answered
    assert "do not say" not in answered


def test_a_claim_of_no_part_is_shown_before_the_parts_and_each_claim_once(heads: Answer) -> None:
    answer = three_parts(heads)
    first, second, last = (claim.text for claim in answer.claims)
    shown = [said.rstrip("0123456789") for said in words(views.turn(answer, 1), "claim")]
    assert shown == [last, first, second]


def test_claims_of_a_part_that_contradict_one_another_stand_in_it_and_once(heads: Answer) -> None:
    parts = (Part("Who heads it?", (0, 1), None, abstained=False),)
    shown = views.turn(replace(heads, parts=parts, conflicts=((0, 1),)), 1)
    assert "The articles disagree" in words(shown, "part")[0]
    assert len(words(shown, "claim")) == 2
    assert len(words(shown, "side")) == 2


def test_the_searched_question_is_shown_only_where_it_differs(heads: Answer) -> None:
    assert words(views.turn(heads, 1), "searched") == []
    shown = views.turn(replace(heads, standalone_question="Who heads the PFOA?"), 1)
    assert words(shown, "standalone") == ["Who heads the PFOA?"]


def test_a_notice_is_shown_beside_that_of_the_wording(heads: Answer) -> None:
    noticed = replace(heads, notice="Not worded.")
    assert words(views.turn(heads, 1), "notice") == []
    assert words(views.turn(noticed, 1), "notice") == ["Not worded."]
    at_work = words(views.turn(noticed, 1, wording=True), "notice")
    assert at_work == ["The model is wording this …", "Not worded."]


@pytest.mark.parametrize(
    ("verdict", "pressed"),
    [(None, ["false", "false"]), ("up", ["true", "false"]), ("down", ["false", "true"])],
)
def test_the_button_of_the_verdict_that_was_given_is_pressed(
    heads: Answer, verdict: str | None, pressed: list[str]
) -> None:
    given = Feedback(verdict, "", NOON) if verdict else None  # type: ignore[arg-type]
    buttons = tree(views.turn(heads, 1, feedback=given)).xpath(".//button[@data-do='rate']")
    assert [button.get("aria-pressed") for button in buttons] == pressed


def test_an_answer_is_rated_only_once_it_is_whole(heads: Answer) -> None:
    hidden = [
        tree(views.turn(heads, 1, wording=wording)).find_class("rates")[0].get("hidden")
        for wording in (True, False)
    ]
    assert [value is None for value in hidden] == [False, True]


def test_seeing_why_lists_what_was_found_checked_and_timed(heads: Answer) -> None:
    (why,) = words(views.turn(heads, 1), "why")
    for r in heads.retrieved:
        assert r.title in why
        assert f"{r.fused:.4f}" in why
    for check in heads.checked:
        assert check.outcome in why
    assert f"{heads.timings['retrieve_s']:.3f} s" in why


def test_what_an_index_did_not_find_has_no_score(heads: Answer) -> None:
    found = replace(heads.retrieved[0], cosine=None, bm25=None)
    shown = views.turn(replace(heads, retrieved=(found,)), 1)
    assert words(shown, "n")[4:6] == ["–", "–"]


# --- an article ----------------------------------------------------------------------------------


def marks(shown: str) -> str:
    """What is marked, paragraph by paragraph."""
    return "\n\n".join(words(shown, "mark"))


def of_length(letters: int) -> Article:
    """Numbered paragraphs, so that every place can be told from every other."""
    numbered = (f"Paragraph {n} says {n}." for n in range(letters // 20))
    return article("\n\n".join(numbered)[:letters])


spans = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda s: (min(s), max(s)))


@given(
    text=st.lists(some.map(str.strip), min_size=1, max_size=4).map("\n\n".join),
    title=some,
    quote=spans,
    answering=st.lists(spans, max_size=3),
)
def test_no_element_of_an_article_comes_from_its_text(
    text: str, title: str, quote: tuple[int, int], answering: list[tuple[int, int]]
) -> None:
    """The same letters, each an x, give the same elements; and its text is the article's."""
    found = article(text, title, f"/{title}", outlet=title, author=title)
    harmless = article(re.sub(r"[^\n]", "x", text), "a", "/a", outlet="a", author="a")
    shown = views.article(found, quote, answering)
    assert shape(shown) == shape(views.article(harmless, quote, answering))
    assert "\n\n".join(t.text_content() for t in paragraphs(shown)) == visible(text)


def paragraphs(shown: str) -> list[html.HtmlElement]:
    found: list[html.HtmlElement] = tree(shown).find_class("article-text")[0].findall("p")
    return found


@pytest.mark.parametrize(
    "quote",
    [
        "Paragraph 0",
        "aragraph 3 sa",
        "says 2.\n\nParagraph 3 says 3.\n\nPara",
        "Paragraph 5 says 5.",
        "says 9.",
    ],
)
def test_the_quote_is_marked_and_nothing_else(quote: str) -> None:
    """At the start of the text, within a paragraph, across several, a whole one, at the end."""
    text = "\n\n".join(f"Paragraph {n} says {n}." for n in range(10))
    start = text.index(quote)
    assert marks(views.article(article(text), (start, start + len(quote)))) == quote


@given(quote=spans)
def test_any_span_of_a_paragraph_can_be_marked(quote: tuple[int, int]) -> None:
    text = "".join(map(chr, range(0x100, 0x100 + 300)))
    assert marks(views.article(article(text), quote)) == text[slice(*quote)]


def test_the_answering_words_stand_out_within_the_quote_alone() -> None:
    text = "Ann Cole opened it.\n\nLater Ann Cole closed it."
    shown = views.article(article(text), (24, len(text)), [(0, 8), (27, 35)])
    assert [strong.text for strong in tree(shown).findall(".//mark/strong")] == ["Ann Cole"]
    assert words(shown, "strong") == ["Ann Cole"]


def test_answering_words_that_overlap_are_shown_once() -> None:
    assert views.marked("abcdef", 10, [(12, 15), (10, 13)]) == (
        "<strong>abc</strong><strong>de</strong>f"
    )


def test_an_article_without_a_quote_has_no_mark() -> None:
    assert words(views.article(article("Nothing is marked.")), "mark") == []


def test_what_is_known_of_an_article_stands_under_its_title() -> None:
    known = article(
        "Text.", "Title", "/secret/a.txt", outlet="The Post", published=date(2014, 5, 3)
    )
    shown = views.article(replace(known, author="Jane Doe"))
    assert words(shown, "h2") == ["Title"]
    assert words(shown, "where") == ["The Post · Jane Doe · 3 May 2014 · a.txt"]


LONG = of_length(5 * views.WINDOW)
UNBROKEN = article("".join(str(n % 10) for n in range(4 * views.WINDOW)))


@settings(max_examples=30)
@given(at=st.integers(0, len(LONG.text) - 300), length=st.integers(1, 300))
def test_the_part_of_a_long_article_that_is_shown_holds_the_quote(at: int, length: int) -> None:
    shown = views.article(LONG, (at, at + length))
    assert len(paragraphs(shown)) < 5_000  # and not the whole of it
    assert marks(shown).strip("\n") == LONG.text[at : at + length].strip("\n")


def walked(found: Article, quote: tuple[int, int], label: str) -> list[tuple[int, int]]:
    """The spans of text that are shown when `label` is pressed until it is no longer there."""
    seen, at = [], None
    while True:
        shown = views.article(found, quote, at=at)
        text = "\n\n".join(p.text_content() for p in paragraphs(shown))
        start = found.text.index(text)
        seen.append((start, start + len(text)))
        buttons = [b for b in tree(shown).findall(".//button") if label in (b.text or "")]
        if not buttons:
            return seen
        at = int(buttons[0].get("data-at"))


@pytest.mark.parametrize("at", [0, 61_000, 150_000, len(LONG.text) - 10])
def test_earlier_leads_to_the_start_of_the_text_without_a_gap(at: int) -> None:
    seen = walked(LONG, (at, at + 5), "Earlier")
    assert seen[-1][0] == 0
    for later, earlier in pairwise(seen):
        assert earlier[0] < later[0] <= earlier[1]


@pytest.mark.parametrize("at", [0, 61_000, 150_000, len(LONG.text) - 10])
def test_later_leads_to_the_end_of_the_text_without_a_gap(at: int) -> None:
    seen = walked(LONG, (at, at + 5), "Later")
    assert seen[-1][1] == len(LONG.text)
    for earlier, later in pairwise(seen):
        assert later[0] <= earlier[1] < later[1]


def test_a_text_without_paragraphs_is_cut_where_it_must_be() -> None:
    shown = views.article(UNBROKEN, (views.WINDOW, views.WINDOW + 5))
    (paragraph,) = paragraphs(shown)
    start = views.WINDOW // 2
    assert paragraph.text_content() == UNBROKEN.text[start : start + views.WINDOW]


@given(at=st.integers(0, 2**53 - 1), quote=st.none() | st.tuples(st.integers(0, 2**53 - 1)))
@example(at=19, quote=None)  # where the first paragraph ends
@settings(max_examples=20)
def test_a_place_that_is_not_in_the_article_opens_it_all_the_same(
    at: int, quote: tuple[int] | None
) -> None:
    for found in (LONG, article("Short.")):
        shown = views.article(found, (at, at + quote[0]) if quote else None, at=at)
        assert paragraphs(shown)[0].text_content()


# --- lists and pieces ----------------------------------------------------------------------------


def listed(text: str) -> Listed:
    return Listed("a1", text, text, date(2014, 5, 3), "en", 2, NOON, (text,))


def chat(text: str) -> Chat:
    return Chat("c1", text, NOON, NOON, 2)


def pieces(text: str) -> list[str]:
    """All that is shown besides turns and articles, made of `text`."""
    choices = {"writer": text, "model": text, "top": 8, "strictness": text, "look": text}
    return [
        views.articles([listed(text)], total=1, offset=0, limit=50),
        views.chats([chat(text)], current=None, searched=False),
        views.undo([("a1", text)]),
        views.outlets([text]),
        views.outlet_options([text]),
        views.added_line(Ingested(text, "skipped", None, text, text)),
        views.person(text),
        views.welcome(2, [text]),
        views.settings(models=[text], chosen=choices, local=[(text, text)], servers=[text]),
    ]


@settings(max_examples=60)
@given(text=some)
def test_no_element_or_attribute_of_the_rest_of_the_page_comes_from_a_text(text: str) -> None:
    for shown, harmless in zip(pieces(text), pieces("a"), strict=True):
        assert shape(shown) == shape(harmless)


@settings(max_examples=60)
@given(text=some)
def test_names_and_notes_are_shown_as_text(text: str) -> None:
    """On one line; of a title and a name, what cannot be seen is left out."""
    name = one_line(text, views.TITLE)
    assert words(views.articles([listed(text)], total=1, offset=0, limit=50), "link") == [name]
    assert name in words(views.undo([("a1", text)]), "small")[0]
    line = views.added_line(Ingested("a.txt", "skipped", None, None, text))
    assert words(line, "small") == [visible(text)]
    assert words(views.welcome(2, [text]), "link") == [visible(text)]


def test_an_outlet_is_chosen_by_its_name_as_it_is_stored() -> None:
    name = 'The "Post" <&> \u202e' + "x" * 100
    (option,) = tree(views.outlet_options([name])).xpath(".//option[@value != '']")
    (box,) = tree(views.outlets([name])).xpath(".//input")
    assert option.get("value") == box.get("value") == name


def test_the_chat_that_is_open_is_the_current_one() -> None:
    others = [replace(chat("A chat"), id=chat_id) for chat_id in ("c1", "c2")]
    shown = tree(views.chats(others, current="c2", searched=False))
    (current,) = shown.xpath(".//*[@aria-current]/ancestor::li")
    assert current.get("data-chat") == "c2"


def test_no_chat_at_all_and_none_that_was_searched_for_differ_in_words() -> None:
    assert words(views.chats([], current=None, searched=False), "none") == ["No chats yet."]
    found = words(views.chats([], current=None, searched=True), "none")
    assert found == ["No chat has these words."]


def test_a_chat_can_be_saved_in_each_format() -> None:
    links = tree(views.chats([chat("A chat")], current=None, searched=False)).findall(".//a")
    assert [a.get("href") for a in links] == ["/chats/c1.md", "/chats/c1.html", "/chats/c1.json"]


@pytest.mark.parametrize(
    ("offset", "buttons"),
    [
        (0, {"Next": "50"}),
        (30, {"Previous": "0", "Next": "80"}),
        (50, {"Previous": "0", "Next": "100"}),
        (100, {"Previous": "50"}),
    ],
)
def test_a_list_leads_to_the_page_before_and_the_page_after(
    offset: int, buttons: dict[str, str]
) -> None:
    rows = [listed("A title")] * 50
    shown = tree(views.articles(rows, total=150, offset=offset, limit=50))
    found = shown.xpath(".//button[@data-do='articlesFrom']")
    assert {button.text: button.get("data-offset") for button in found} == buttons


def test_a_list_says_which_of_how_many_it_shows() -> None:
    shown = views.articles([listed("A title")] * 50, total=1_150, offset=50, limit=50)
    assert words(shown, "small")[0] == "51–100 of 1,150"


def test_a_list_that_is_empty_says_so() -> None:
    shown = views.articles([], total=0, offset=0, limit=50)
    assert words(shown, "none") == ["No article is within these filters."]


def test_a_path_can_be_named_only_where_that_was_allowed() -> None:
    allowed, not_allowed = (
        views.adding(by_path=by_path, megabytes=10, formats=[".txt"]) for by_path in (True, False)
    )
    assert tree(allowed).xpath(".//input[@name='path']")
    assert not tree(not_allowed).xpath(".//input[@name='path']")
    assert "--allow-path" in not_allowed


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/home/ann/secret/notes.txt", "notes.txt"),
        ("C:\\Users\\ann\\notes.txt", "notes.txt"),
        ("upload:0123456789ab/notes.txt", "notes.txt"),
        ("https://news.example/a/b", "https://news.example/a/b"),
    ],
)
def test_of_a_path_only_its_last_part_is_shown(source: str, name: str) -> None:
    assert views.file_name([source]) == name
