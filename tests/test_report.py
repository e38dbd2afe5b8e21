"""The report: all that a run holds is in it, as text; and it can be used by anybody."""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from browser import Open, axe_serious, shot
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from rag.intervals import Interval, bootstrap
from rag.plots import Line, curves
from rag.report import differences_told, figure_of, range_of, table, to_html
from rag.runs import FAILURES, Cited, Failure, Figure, Row, Run, differences

if TYPE_CHECKING:
    from playwright.sync_api import Page

KINDS = ("who", "when", "why", "yes–no")
STAGES = ("load_s", "retrieve_s", "read_s", "write_s", "total_s")
NOON = datetime(2026, 1, 2, 12, 30, tzinfo=UTC)


def row(number: int, draw: np.random.Generator, failure: Failure, text: str = "") -> Row:
    """A made-up question; `text` stands in every text of it."""
    abstained = failure == "wrongly abstained" or (not failure and number % 7 == 0)
    cited = Cited(1, f"Bridge closed after cracks {text}", f"It was closed on Friday. {text}", True)
    f1 = float(draw.beta(4, 2)) if not failure else 0.0
    return Row(
        id=f"q{number}{text}",
        kind=KINDS[number % 4] + text,
        question=f"Who closed bridge number {number}, and what did the council say? {text}",
        answers=(f"the council {text}",),
        evidence=(f"The council closed the bridge on Friday. {text}",),
        answerable=not (abstained and not failure),
        answer=f"The council closed bridge number {number} on Friday. [1] {text}",
        short_answer=None if number % 3 else f"the council {text}",
        abstained=abstained,
        confidence=float(draw.random()),
        citations=() if abstained else (cited, replace(cited, n=2, supports=False)),
        failure=failure,
        scores={"short_f1": None if abstained else f1, "gold_in_answer": float(not failure)},
        timings={stage: float(draw.gamma(2, 0.1)) for stage in STAGES},
        tokens_in=None,
        tokens_out=None,
        relevant={f"Bridge {number} {text}": 1},
    )


def made_up(name: str, count: int, seed: int, text: str = "") -> Run:
    """A run of `count` questions, a third of which went wrong; `text` stands in all its texts."""
    draw = np.random.default_rng(seed)
    wrong = [FAILURES[draw.integers(1, 7)] if draw.random() < 0.35 else "" for _ in range(count)]
    rows = tuple(row(n, draw, failure, text) for n, failure in enumerate(wrong, start=1))
    shares = [("success@1", "retrieval"), ("nDCG@10", "retrieval"), ("short_f1", "answers")]
    seconds = bootstrap([r.timings["total_s"] for r in rows])
    return Run(
        name=name + text,
        settings={"mode": name + text, "top": 8, f"strict{text}": None},
        started=NOON,
        machine=f"two cores {text}",
        summary=(
            *(Figure(n + text, g, "", bootstrap(draw.random(count).tolist())) for n, g in shares),
            Figure(f"median of the whole {text}", "cost", "s", seconds),
            Figure(f"nothing known {text}", f"cost{text}", "MB", None),
        ),
        rows=rows,
    )


# --- reading the page -----------------------------------------------------------------------------

PIECES = """
<script>alert(1)</script> <img/src=x onerror=alert(1)> </script> <!-- --> </style> </title> </td>
</svg> </dl> <![CDATA[ ]]> &amp; &lt; &#60; " ' "onclick="alert(1) '/onfocus='x
{{x}} {%x%} ${x} \\ ` \u202e \u2066 \0 \x1b \ud800 \ufeff é ש
""".split()
hostile = st.lists(st.sampled_from([*PIECES, " ", "\n"]), max_size=8).map(
    lambda pieces: "".join(["a", *pieces])  # a text of nothing but space is not seen
)


def tree(page: str) -> html.HtmlElement:
    return html.document_fromstring(page)


def shape(page: str) -> list[tuple[object, ...]]:
    """Every element with the names of its attributes; comments and the like would count too."""
    return [(element.tag, *element.keys()) for element in tree(page).iter()]


def texts(page: str, path: str) -> list[str]:
    """What each element that the path finds says, on one line."""
    return [" ".join(element.text_content().split()) for element in tree(page).xpath(path)]


# --- what is in it --------------------------------------------------------------------------------


def test_every_question_is_a_row_with_its_answer_gold_and_what_went_wrong() -> None:
    run = made_up("hybrid", 12, 1)
    found = texts(to_html([run]), "//table[@id='questions']/tbody/tr")
    assert len(found) == 12
    for text, row in zip(found, run.rows, strict=True):
        said = [row.id, row.kind, row.question, row.failure or "right", row.answer, *row.evidence]
        said += [name.strip() for name in row.relevant]
        said += [c.quote for c in row.citations] + [f"{row.confidence:.3f}"]
        assert [part for part in said if part.strip() not in text] == []


def test_what_was_asked_before_and_how_relevant_an_article_is_stand_in_its_row() -> None:
    run = made_up("hybrid", 1, 1)
    turn = ("What was closed?", "The bridge was.")
    graded = {"Bridge": 1, "Ford": 2, "Mill": 0}
    changed = replace(run, rows=(replace(run.rows[0], history=(turn,), relevant=graded),))
    (text,) = texts(to_html([changed]), "//table[@id='questions']/tbody/tr")
    assert "Asked before What was closed? The bridge was." in text
    assert "Gold articles Bridge Ford (grade 2)" in text
    assert "Mill" not in text


def test_of_what_was_measured_once_no_interval_is_told() -> None:
    figure = Figure("peak memory", "cost", "MB", bootstrap([412.0]))
    run = replace(made_up("hybrid", 3, 1), summary=(figure,))
    (line,) = texts(to_html([run]), "//table[@class='figures']//tr[td]")
    assert line == "peak memory 412 MB"


def test_the_summary_has_each_figure_with_interval_and_n() -> None:
    figure = Figure("short_f1", "answers", "", Interval(0.5, 0.4, 0.6, 12))
    run = replace(made_up("hybrid", 3, 1), summary=(figure,))
    (line,) = texts(to_html([run]), "//table[@class='figures']//tr[td]")
    assert line == "short f1 0.500 0.400–0.600 · n 12"


def test_latencies_are_folded_away_from_the_other_figures() -> None:
    interval = Interval(20, 15, 25, 3)
    summary = [
        Figure("short_f1", "answers", "", interval),
        Figure("read p50", "warm latency", "ms", interval),
    ]
    page = to_html([replace(made_up("hybrid", 3, 1), summary=(*summary,))])
    folded = texts(page, "//details//table[contains(@class, 'figures')]//tr[td]")
    assert folded == ["read p50 20 ms 15–25 · n 3"]


def test_the_page_says_of_which_gold_it_is() -> None:
    run = replace(made_up("hybrid", 1, 1), settings={"gold": "open/gold.jsonl"})
    assert "open/gold.jsonl" in texts(to_html([run, run]), "//header/p")


def test_figures_of_one_group_stand_together_and_runs_side_by_side() -> None:
    """Also where one run has a figure that another lacks."""
    names = [("a", "one"), ("b", "two"), ("c", "one")]
    figures = [Figure(name, group, "", Interval(0.5, 0.4, 0.6, 2)) for name, group in names]
    first, second = made_up("x", 2, 1), made_up("y", 2, 2)
    page = to_html([replace(first, summary=(*figures,)), replace(second, summary=(figures[1],))])
    lines = texts(page, "(//table[contains(@class, 'figures')])[1]/tbody/tr")
    shown = "0.500 0.400–0.600 · n 2"
    assert lines == ["one", f"a {shown} –", f"c {shown} –", "two", f"b {shown} {shown}"]


def test_failures_are_counted_by_their_type() -> None:
    run = made_up("hybrid", 4, 1)
    failures: list[Failure] = ["", "not retrieved", "not retrieved", "citation wrong"]
    wrong = [replace(r, failure=f) for r, f in zip(run.rows, failures, strict=True)]
    lines = texts(to_html([replace(run, rows=tuple(wrong))]), "//section[3]//tr | //section[2]//tr")
    assert "not retrieved 2 50.0 %" in lines
    assert "right 1 25.0 %" in lines
    assert "wrongly answered 0 0.0 %" in lines


def test_a_comparison_says_in_words_which_differences_are_real() -> None:
    a, b = made_up("old", 60, 1), made_up("new", 60, 2)
    worse = [replace(r, scores={**r.scores, "gold_in_answer": 0.0}) for r in b.rows]
    found = differences([(a, replace(b, rows=tuple(worse)))])
    lines = texts(to_html([a], found), "//section[@aria-labelledby='comparison-title']//tr[td]")
    assert [line.endswith(" real") for line in lines] == [d.real for d in found]
    assert lines[1].startswith("gold in answer 0.")
    assert " −0." in lines[1]


def test_plots_say_in_words_what_they_show() -> None:
    run = made_up("hybrid", 40, 1)
    drawn = tree(to_html([run])).xpath("//figure")
    titles = [figure.find(".//h2").text for figure in drawn]
    assert titles == [
        "Retrieval",
        "Answer F1 by kind of question",
        "Risk and coverage",
        "Milliseconds by stage",
    ]
    said = [figure.find(".//svg").get("aria-label") for figure in drawn]
    assert said[0].startswith(f"success@1: hybrid {run.summary[0].interval.mean:.3f}; nDCG@10: ")
    assert re.match(r"load: hybrid \d+ · \d+; retrieve: ", said[3])


def test_a_bar_is_as_long_as_its_value() -> None:
    figures = [
        Figure(n, "retrieval", "", Interval(v, v, v, 2)) for n, v in (("a", 1.0), ("b", 0.25))
    ]
    run = replace(made_up("hybrid", 2, 1), summary=tuple(figures))
    (svg, *_) = tree(to_html([run])).xpath("//svg")
    whole, quarter = (float(bar.get("width")) for bar in svg.iter("rect"))
    assert quarter == pytest.approx(whole / 4)


def test_shares_are_drawn_on_a_scale_to_one_however_small_they_are() -> None:
    figure = Figure("a", "retrieval", "", Interval(0.1, 0.1, 0.1, 2))
    (svg, *_) = tree(to_html([replace(made_up("x", 2, 1), summary=(figure,))])).xpath("//svg")
    assert [tick.text for tick in svg.xpath(".//text[contains(@class, 'tick')]")][-1] == "1"


def test_only_figures_of_retrieval_are_drawn_beside_one_another() -> None:
    figures = [Figure(n, n, "", Interval(0.5, 0.4, 0.6, 2)) for n in ("retrieval", "answers")]
    (svg, *_) = tree(to_html([replace(made_up("x", 2, 1), summary=(*figures,))])).xpath("//svg")
    assert svg.get("aria-label") == "retrieval: x 0.500"


def test_what_is_answered_is_a_share_of_all_questions_and_no_abstention_is_a_risk() -> None:
    run = made_up("x", 4, 1)
    told = [(0.9, False), (0.8, True), (0.7, True), (0.6, False)]
    rows = [
        replace(r, confidence=sure, abstained=mute, answerable=True, failure="")
        for r, (sure, mute) in zip(run.rows, told, strict=True)
    ]
    drawn = curves("share answered", "share not right", [Line("x", ((0.25, 0), (0.5, 0)))])
    assert str(drawn) in to_html([replace(run, rows=tuple(rows))])


def test_milliseconds_are_drawn_as_median_and_p95_by_stage() -> None:
    """Of 1, 2 … 101; a stage that took no time is left out."""
    seconds = [{"first_token_s": i / 1000, "write_s": 0.0} for i in range(1, 102)]
    run = made_up("x", 101, 1)
    rows = [replace(r, timings=timed) for r, timed in zip(run.rows, seconds, strict=True)]
    (*_, svg) = tree(to_html([replace(run, rows=tuple(rows))])).xpath("//svg")
    assert svg.get("aria-label") == "first token: x 51 · 96"


def test_a_stage_of_a_question_is_named_without_its_unit() -> None:
    run = made_up("x", 1, 1)
    row = replace(run.rows[0], timings={"first_token_s": 0.25})
    assert "first token 0.250" in texts(to_html([replace(run, rows=(row,))]), "//dd")


def test_a_curve_goes_through_its_points() -> None:
    """From the lower left corner of the square to the upper right."""
    svg = html.fragment_fromstring(str(curves("x", "y", [Line("a", ((0, 0), (0.5, 0.5), (1, 1)))])))
    points = [tuple(map(float, p.split(","))) for p in svg.find("polyline").get("points").split()]
    (x0, y0), (x1, y1), (x2, y2) = points
    assert x0 < x1 < x2
    assert y0 > y1 > y2  # down is more, in SVG
    assert (x1, y1) == pytest.approx(((x0 + x2) / 2, (y0 + y2) / 2))


@pytest.mark.parametrize("count", [0, 1])
def test_a_run_of_hardly_anything_is_a_page_too(count: int) -> None:
    run = made_up("hybrid", count, 1)
    assert texts(to_html([run]), "//h1") == ["Evaluation"]
    bare = replace(
        run, summary=(), settings={}, rows=tuple(replace(r, timings={}) for r in run.rows)
    )
    assert len(texts(to_html([bare]), "//table[@id='questions']/tbody/tr")) == count


# --- what is text stays text ----------------------------------------------------------------------


@settings(max_examples=30)
@given(hostile)
def test_whatever_a_run_holds_is_text(text: str) -> None:
    """The page has the same elements and attributes as with a harmless text."""
    harmless, found = (
        to_html([run, replace(run, name=f"b{t}")], differences([(run, run)]))
        for t in ("x", text)
        for run in [made_up("a", 8, 1, t)]
    )
    assert shape(found) == shape(harmless)


def test_what_turns_the_reading_order_or_cannot_be_seen_is_named() -> None:
    page = to_html([made_up("a", 2, 1, "\u202e \ud800 \0 \x1b")])
    assert "⟨U+202E⟩ ⟨U+D800⟩ ⟨U+0000⟩ ⟨U+001B⟩" in page
    assert page.encode("utf-8")


def test_the_page_may_run_its_own_script_and_style_and_nothing_else() -> None:
    page = to_html([made_up("a", 2, 1)])
    (policy,) = tree(page).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    kinds = {"style-src": "style", "script-src": "script"}
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for directive, tag in kinds.items():
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert allowed.pop(directive) == f"'sha256-{digest}'"
    assert set(allowed.values()) == {"'none'"}
    assert "default-src" in allowed


# --- in words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.73449, "", "0.734"),
        (0.0512, "s", "0.05 s"),
        (12.34, "s", "12.3 s"),
        (123.4, "s", "123 s"),
        (412.3, "MB", "412 MB"),
        (3.26, "tokens", "3.3 tokens"),
    ],
)
def test_a_figure_has_no_more_digits_than_it_is_worth(value: float, unit: str, shown: str) -> None:
    assert figure_of(value, unit) == shown


def test_an_interval_below_zero_needs_no_guessing_which_dash_is_a_minus() -> None:
    assert range_of(Interval(0, -0.1, 0.1, 5)) == "−0.100 to 0.100"
    assert range_of(Interval(1.5, 1.25, 1.75, 5), "s") == "1.25–1.75"


def figure(name: str, value: float = 0.5, unit: str = "") -> Figure:
    return Figure(name, "", unit, Interval(value, 0.8 * value, 1.2 * value, 9))


def test_the_terminal_has_a_line_for_each_figure_that_one_steers_by() -> None:
    """And none for what was not measured, or what only the page tells."""
    missing = Figure("short_f1", "", "", None)
    summary = (figure("success@1"), figure("total p95", 120, "ms"), figure("total p99"), missing)
    assert table([replace(made_up("hybrid", 1, 1), summary=summary)]).splitlines() == [
        "                   95 % interval  n",
        "success@1  0.500   0.400–0.600    9",
        "total p95  120 ms  96–144         9",
    ]


def test_the_terminal_has_a_line_for_each_of_several_runs() -> None:
    costs = figure("total p95", 250, "ms")
    first = replace(made_up("hybrid", 1, 1), summary=(figure("ndcg@10"), costs))
    second = replace(made_up("dense\x1b[31m", 1, 1), summary=(figure("ndcg@10", 0.25),))
    assert table([first, second]).splitlines() == [
        "95 % interval: ±  ndcg@10   short_f1  in_answer  cit_prec  abst_f1  p95",
        "hybrid            0.50±.10  –         –          –         –        250 ms",
        "dense\\x1b[31m     0.25±.05  –         –          –         –        –",
    ]


def test_runs_with_long_names_are_told_apart_by_numbers_that_are_explained() -> None:
    names = ("hybrid /models/a-chat-model.gguf", "hybrid /models/a-chat-model-2.gguf")
    first, second = (replace(made_up(n, 1, 1), summary=(figure("ndcg@10"),)) for n in names)
    shown = table([first, second]).splitlines()
    assert [line.split()[0] for line in shown[1:3]] == ["(1)", "(2)"]
    assert shown[3:] == [f"(1) {names[0]}", f"(2) {names[1]}"]


def test_the_table_for_the_terminal_is_no_wider_than_one_is() -> None:
    run = made_up("hybrid quote wide", 1, 1)
    names = ("ndcg@10", "short_f1", "gold_in_answer", "citation_precision", "abstention_f1")
    summary = (*map(figure, names), figure("total p95", 12_345, "ms"))
    shown = table([replace(run, summary=summary)] * 2).splitlines()
    assert max(map(len, shown)) <= 80


def test_the_terminal_tells_differences_that_are_more_than_chance_and_counts_the_rest() -> None:
    a, b = made_up("old", 60, 1), made_up("new", 60, 1)
    right = [replace(r, scores={**r.scores, "gold_in_answer": 1.0}) for r in a.rows]
    wrong = [replace(r, scores={**r.scores, "gold_in_answer": 0.0}) for r in b.rows]
    old, new = replace(a, rows=tuple(right)), replace(b, rows=tuple(wrong))
    found = differences([(old, new)])
    assert differences_told(found).splitlines() == [
        "new: gold_in_answer -1.000 against old (p 0.000)",
        "more than chance: 1 of 2 differences",
    ]


# --- in the browser -------------------------------------------------------------------------------


Show = Callable[..., "Page"]


@pytest.fixture
def show(opened: Open, complaints: list[str], tmp_path: Path) -> Show:
    """`show(runs, color_scheme="dark")`: the report of the runs as a file in a page.

    That file is all that the page may ask for.
    """

    def read(runs: Sequence[Run], **options: object) -> "Page":
        file = tmp_path / "report.html"
        file.write_text(to_html(runs, differences([(runs[0], runs[-1])])), "utf-8")
        page = opened(**options)
        page.goto(file.as_uri())
        complaints.remove(f"asked for: {file.as_uri()}")
        return page

    return read


def three_runs(count: int = 200) -> list[Run]:
    names = ("hybrid, quote", "dense, quote", "lexical, quote")
    return [made_up(name, count, seed) for seed, name in enumerate(names)]


def shown(page: "Page", column: int) -> list[str]:
    """What that column says in the rows that are shown."""
    cells = page.locator(f"#questions tbody tr:not([hidden]) td:nth-child({column})")
    return [text.strip() for text in cells.all_inner_texts()]


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_everybody_can_read_it(show: Show, look: str, width: int) -> None:
    """Nothing serious for axe, and nothing beside the page, on a wide screen and on a phone."""
    page = show(three_runs(), color_scheme=look, viewport={"width": width, "height": 900})
    page.locator("#questions summary").first.click()
    assert axe_serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    shot(page, f"report-{look}-{width}")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_long_names_and_words_stay_within_the_page(show: Show, width: int) -> None:
    """Also those in which nothing can be broken; tables of many runs scroll by themselves."""
    runs = [made_up(f"{n} {'model' * 16}.gguf", 20, n, "x" * 300) for n in range(4)]
    page = show(runs, viewport={"width": width, "height": 900})
    page.locator("#questions summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    shot(page, f"report-long-{width}")


@pytest.mark.slow
def test_only_the_first_hundred_questions_are_shown_until_more_are_asked_for(show: Show) -> None:
    page = show([made_up("hybrid", 230, 1)])
    counts = [len(shown(page, 1))]
    for _ in range(2):
        page.get_by_role("button", name="Show more").click()
        counts.append(len(shown(page, 1)))
    assert counts == [100, 200, 230]
    assert page.get_by_role("button", name="Show more").is_hidden()


@pytest.mark.slow
def test_questions_are_filtered_by_what_went_wrong_by_kind_and_by_words(show: Show) -> None:
    run = made_up("hybrid", 60, 1)
    page = show([run])
    page.get_by_label("Went wrong").select_option("anything")
    assert shown(page, 1) == [r.id for r in run.rows if r.failure]
    page.get_by_label("Went wrong").select_option("wrongly answered")
    assert shown(page, 1) == [r.id for r in run.rows if r.failure == "wrongly answered"]
    page.get_by_label("Kind").select_option("who")
    wanted = [r.id for r in run.rows if (r.failure, r.kind) == ("wrongly answered", "who")]
    assert shown(page, 1) == wanted
    page.get_by_label("Went wrong").select_option("all questions")
    page.get_by_label("Words").fill("COUNCIL  12, number")
    assert shown(page, 1) == ["q12"]
    assert page.get_by_role("status").inner_text() == "1 of 60 questions"


@pytest.mark.slow
def test_questions_of_several_runs_are_filtered_by_run(show: Show) -> None:
    page = show(three_runs(5))
    page.get_by_label("Run").select_option("dense, quote")
    assert shown(page, 1) == ["dense, quote"] * 5


@pytest.mark.slow
def test_questions_are_sorted_by_the_keyboard_and_back(show: Show) -> None:
    page = show([made_up("hybrid", 30, 1)])
    page.get_by_role("button", name="id", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert shown(page, 1) == [f"q{n}" for n in range(30, 0, -1)]  # q10 after q9
    assert page.locator("[aria-sort]").get_attribute("aria-sort") == "descending"


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2])
def test_questions_without_a_score_are_last_however_it_is_sorted(show: Show, times: int) -> None:
    page = show([made_up("hybrid", 30, 1)])
    for _ in range(times):
        page.get_by_role("button", name="short f1").click()
    column = shown(page, 6)
    scores = [float(text) for text in column if text != "–"]
    assert column[len(scores) :] == ["–"] * (30 - len(scores))
    assert len(scores) < 30
    assert scores == sorted(scores, reverse=times == 2)


@pytest.mark.slow
def test_thousands_of_questions_are_sorted_and_searched(show: Show) -> None:
    page = show([made_up("hybrid", 2_000, 1)])
    page.get_by_role("button", name="id", exact=True).click()
    page.get_by_role("button", name="id", exact=True).click()
    assert shown(page, 1)[:2] == ["q2000", "q1999"]
    page.get_by_label("Words").fill("number 1234")
    assert shown(page, 1) == ["q1234"]


@pytest.mark.slow
def test_a_question_opens_by_the_keyboard(show: Show) -> None:
    page = show([made_up("hybrid", 3, 1)])
    answer = page.get_by_text("It was closed on Friday.").first
    page.locator("#questions summary").first.focus()
    page.keyboard.press("Enter")
    assert answer.is_visible()


@pytest.mark.slow
def test_hostile_texts_run_nothing_in_the_page(show: Show) -> None:
    """The watch on pages fails the test when one throws, logs an error, or asks for something."""
    page = show([made_up("a", 8, 1, " ".join(PIECES))])
    page.get_by_label("Words").fill("<script>")
    assert len(shown(page, 1)) == 8
    assert page.locator("script, style, img, iframe, a, object").count() == 2


@pytest.mark.slow
def test_without_a_script_every_question_is_there(show: Show) -> None:
    page = show([made_up("hybrid", 120, 1)], java_script_enabled=False)
    assert page.locator("#questions tbody tr").last.is_visible()
