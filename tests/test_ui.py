"""The chat in the browser, as a person meets it: the real app in a real Chromium.

Whatever the model words, or leaves unworded, these tests pass: they wait until it is done. Each
visitor has cookies, and so chats, of their own; only tests that change articles have a library of
their own.
"""

import hashlib
import json
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from browser import MockModel, Open, Serve, axe_serious, serving, shot
from conftest import SEEDS, Run, make_library

from rag.answer import Answer, Part, not_said
from rag.answering import look_up, open_engine
from rag.chats import Chats
from rag.composing import quoted
from rag.embedding import Embedder
from rag.library import Library
from ui import views
from ui.accounts import add_user

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Locator, Page, Request, Route

pytestmark = pytest.mark.slow

PATIENCE_MS = 120_000  # for a machine that has other work: no test passes or fails by speed
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
ROWLEY = "who criticised Rowley?"
MARKET = "who bought the covered market?"
BRIDGE = "who found cracks in the bridge?"
UNKNOWN = "what is the capital of Mongolia?"

ARTICLES = {
    "bridge.txt": """title: Bridge closed after cracks are found
outlet: The Harwick Courier
published: 2014-05-03

The Harwick bridge was closed on Friday after engineers found cracks in two of its piers.

Mayor Anne Holt promised that the repairs would take nine weeks.
""",
    "market.txt": """title: Covered market sold to a builder
outlet: The Tarn Gazette
published: 2019-11-20

The covered market of Tarn was sold to the builder Colin Reeve for four million pounds.

The council called the sale a good day for the town.
""",
}


class App(NamedTuple):
    """An app that runs, and the folder of its library."""

    folder: Path
    address: str


def write_articles(folder: Path, articles: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, text in articles.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[App]:
    """The seeds and two articles that have an outlet and a date; no test changes them."""
    folder = tmp_path_factory.mktemp("archive")
    more = write_articles(folder / "more", ARTICLES)
    make_library(folder / "library", embedder, SEEDS, more).close()
    with serving(folder / "library") as address:
        yield App(folder / "library", address)


@pytest.fixture
def own(tmp_path: Path, embedder: Embedder, served: Serve) -> Callable[..., App]:
    """`own(articles, flags, environment)`: an app on a library of this test's own."""

    def start(articles: dict[str, str] = ARTICLES, *flags: str | Path, **environment: str) -> App:
        paths = [write_articles(tmp_path / "first", articles)] if articles else []
        make_library(tmp_path / "library", embedder, *paths).close()
        return App(tmp_path / "library", served(tmp_path / "library", *flags, **environment))

    return start


# --- what a person does ---------------------------------------------------------------------------


def visit(page: "Page", address: str) -> "Page":
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.wait_for_selector("#rag[data-ready]")
    return page


def submit(page: "Page", question: str) -> None:
    page.fill("#question", question)
    page.press("#question", "Enter")


def ask(page: "Page", question: str) -> "Locator":
    """The question's turn, when nothing more will come."""
    submit(page, question)
    return settled(page)


def settled(page: "Page") -> "Locator":
    """The last turn, when nothing more will come."""
    page.wait_for_selector("#rag:not([data-busy])")
    return page.locator("#turns > .turn").last


def tab(page: "Page", name: str) -> None:
    page.get_by_role("navigation", name="Views").get_by_role("button", name=name).click()


def away(page: "Page") -> None:
    """The pointer is where nothing happens."""
    page.mouse.move(2, 2)
    page.locator("#tip").wait_for(state="hidden")


def questions(page: "Page") -> list[str]:
    return page.locator("#turns .question").all_inner_texts()


def owner(page: "Page") -> str:
    """Whose chats the browser's are, in the library."""
    (token,) = [c["value"] for c in page.context.cookies() if c["name"] == "rag_browser"]
    return f"browser:{hashlib.sha256(token.encode()).hexdigest()}"


def answer_to(folder: Path, question: str, standalone: str | None = None) -> Answer:
    engine = open_engine(folder, writer="quote")
    with closing(engine.library):
        return quoted(look_up(question, engine, standalone=standalone))


def open_kept(page: "Page", app: App, answer: Answer, title: str = "Kept") -> "Locator":
    """The turn of an answer that is put into the visitor's chats and opened from there."""
    visit(page, app.address)
    with Chats(app.folder) as chats:
        chats.add(owner(page), chats.start(owner(page), title).id, answer)
    page.reload()
    page.get_by_role("button", name=title, exact=True).click()
    page.wait_for_selector("#turns > .turn")
    return page.locator("#turns > .turn").last


def is_within(page: "Page", inner: str, outer: str) -> bool:
    """Whether all of one element is in what is seen of another."""
    a, b = page.locator(inner).bounding_box(), page.locator(outer).bounding_box()
    assert a
    assert b
    top, bottom = max(b["y"], 0), min(b["y"] + b["height"], page.viewport_size["height"])  # type: ignore[index]
    return top <= a["y"] and a["y"] + a["height"] <= bottom


def is_focused(page: "Page", selector: str) -> bool:
    return bool(page.locator(selector).evaluate("e => e === document.activeElement"))


def has_sideways_scroll(page: "Page") -> bool:
    """Whether the page, or a part that fills it, is wider than what is seen of it."""
    wide = "e => e && e.scrollWidth > e.clientWidth + 1"
    parts = ["html", ".talk", "#panel", "#view-articles", "#view-settings", "#rail"]
    return any(page.evaluate(f"s => ({wide})(document.querySelector(s))", part) for part in parts)


# --- the first run --------------------------------------------------------------------------------


def test_an_empty_library_asks_for_articles_and_takes_no_question(
    own: Callable[..., App], page: "Page"
) -> None:
    visit(page, own({}).address)
    assert page.get_by_role("heading", name="Start with your articles").is_visible()
    assert page.locator("#composer").is_hidden()
    shot(page, "first-run")
    assert axe_serious(page) == []


def test_files_that_are_chosen_become_articles_with_example_questions(
    own: Callable[..., App], page: "Page"
) -> None:
    """The first run ends where a person asks one of the library's own questions."""
    visit(page, own({}).address)
    page.locator("#first-run [data-pick][accept]").set_input_files(sorted(SEEDS.iterdir()))
    page.locator(".examples button").first.click()
    assert settled(page).locator(".marker").count() > 0


def test_a_folder_that_is_chosen_is_read_below_it_too(
    own: Callable[..., App], page: "Page", tmp_path: Path
) -> None:
    folder = write_articles(tmp_path / "folder", {"bridge.txt": ARTICLES["bridge.txt"]})
    write_articles(folder / "below", {"market.txt": ARTICLES["market.txt"], "photo.jpg": "no"})
    visit(page, own({}).address)
    page.locator("#first-run [webkitdirectory]").set_input_files(folder)
    page.wait_for_selector("#strap:has-text('2 articles')")


def test_files_that_are_dropped_become_articles(own: Callable[..., App], page: "Page") -> None:
    visit(page, own({}).address)
    data = page.evaluate_handle(
        """articles => {
            const data = new DataTransfer();
            for (const [name, text] of Object.entries(articles))
                data.items.add(new File([text], name));
            return data;
        }""",
        ARTICLES,
    )
    page.dispatch_event("#first-run [data-drop]", "drop", {"dataTransfer": data})
    page.wait_for_selector("#strap:has-text('2 articles')")


# --- asking ---------------------------------------------------------------------------------------


def test_quotes_come_first_and_stay_until_the_wording_is_checked(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    page.evaluate(
        """() => {
            window.shown = [];
            const note = () => document.querySelectorAll("#turns .answer").forEach(
                (answer) => window.shown.push(answer.dataset.method));
            new MutationObserver(note).observe(
                document.querySelector("#turns"), { childList: true, subtree: true });
        }"""
    )
    turn = ask(page, ROWLEY)
    shown = page.evaluate("() => window.shown")
    assert shown[0] == "quoted"
    assert shown[-1] in {"quoted", "generated"}
    assert "Rowley" in turn.locator(".claims").first.inner_text()
    assert not turn.locator(".working").count()


def test_enter_asks_and_shift_enter_begins_a_line(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    page.fill("#question", "who criticised")
    page.press("#question", "Shift+Enter")
    page.keyboard.type("Rowley?")
    assert page.input_value("#question") == "who criticised\nRowley?"
    page.press("#question", "Enter")
    settled(page)
    assert questions(page) == [ROWLEY]


def test_stopping_the_wording_leaves_the_quotes(archive: App, page: "Page") -> None:
    """The stop button is pressed as soon as the quotes are there."""
    visit(page, archive.address)
    page.evaluate(
        """() => {
            const press = () => document.querySelector(".working") &&
                document.querySelector("#turns .marker") && document.querySelector("#stop").click();
            new MutationObserver(press).observe(
                document.querySelector("#turns"), { childList: true, subtree: true });
        }"""
    )
    turn = ask(page, ROWLEY)
    assert "Stopped: the quotes stand as they are." in turn.inner_text()
    assert turn.locator(".claims.quoted .marker").count() == 1
    assert is_focused(page, "#question")


def test_asking_again_replaces_the_turn_and_those_after_it(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    for question in (BRIDGE, MARKET, UNKNOWN):
        ask(page, question)
    turn = page.locator("#turns > .turn").nth(1)
    turn.get_by_role("button", name="Edit").click()
    assert "takes the place of this one and the 1 after it" in turn.inner_text()
    turn.get_by_label("Your question").fill(ROWLEY)
    turn.get_by_label("Your question").press("Enter")
    settled(page)
    assert questions(page) == [BRIDGE, ROWLEY]
    page.reload()
    page.wait_for_selector("#turns .question")
    assert questions(page) == [BRIDGE, ROWLEY]


def test_escape_leaves_the_question_as_it_was(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    turn = ask(page, BRIDGE)
    turn.get_by_role("button", name="Edit").click()
    page.keyboard.type("something else")
    page.keyboard.press("Escape")
    assert questions(page) == [BRIDGE]
    assert is_focused(page, "[data-do=editQuestion]")


def test_the_example_questions_are_the_librarys_own_and_each_is_answered(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    page.wait_for_selector(".examples button")
    examples = page.locator(".examples button").all_inner_texts()
    shot(page, "welcome")
    assert examples
    for example in examples:
        assert not answer_to(archive.folder, example).abstained


def test_a_question_without_a_word_is_refused_and_stays_in_its_box(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    ask(page, "?!")
    assert "has no word in it" in page.get_by_role("alert").inner_text()
    assert page.input_value("#question") == "?!"
    assert questions(page) == []


# --- many at once ---------------------------------------------------------------------------------


def ask_over_http(address: str, question: str) -> dict[str, Any]:
    """What the page of a new visitor is told, by the one request that asks."""
    with httpx.Client(base_url=address, timeout=PATIENCE_MS / 1000) as client:
        found = re.search(
            r"window\.gradio_config = (\{.*?\});</script>", client.get("/").text, re.S
        )
        assert found
        (page,) = [
            c["id"] for c in json.loads(found[1])["components"] if "server_fns" in c["props"]
        ]
        sent = {"key": "k", "question": question}
        call = {"fn_name": "ask", "component_id": page, "session_hash": secrets.token_hex(8)}
        told = client.post("/gradio_api/component_server/", json={**call, "data": sent}).json()
        assert isinstance(told, dict)
        return told


def test_twenty_people_ask_at_once_and_each_gets_their_answer(archive: App) -> None:
    cases = [f"who criticised Rowley in case {n}?" for n in range(20)]
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(ask_over_http, [archive.address] * 20, cases))
    for case, shown in zip(cases, told, strict=True):
        assert case in shown["turn"]
        assert "Mr Williams" in shown["turn"]


@contextmanager
def nothing_saved(folder: Path) -> Iterator[None]:
    """Questions that are asked meanwhile wait to be kept: those after them wait for their turn."""
    with closing(sqlite3.connect(folder / "library.db", isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


def crowd(opened: Open, address: str, count: int) -> list["Page"]:
    """So many visitors, a question written by each."""
    pages = [visit(opened(viewport=WIDE), address) for _ in range(count)]
    for number, one in enumerate(pages):
        one.fill("#question", f"who bought the covered market in case {number}?")
    return pages


WAITING = ".notice.working:has-text('Waiting for the model: number')"


def ask_and_wait(pages: Sequence["Page"], model: MockModel) -> None:
    """The first page's question is being worded, by a model that is held, and the others' wait."""
    first, *others = pages
    first.press("#question", "Enter")
    assert model.is_asked.wait(PATIENCE_MS / 1000)
    for one in others:
        one.press("#question", "Enter")
    for one in others:
        one.wait_for_selector(WAITING)


def test_a_question_that_waits_to_be_worded_says_its_place_and_can_be_stopped(
    own: Callable[..., App], opened: Open, held: MockModel
) -> None:
    *before, last = crowd(opened, own(ARTICLES, "--model", held.address).address, 6)
    ask_and_wait([*before, last], held)
    shot(last, "queue")
    assert axe_serious(last) == []
    last.click("#stop")
    turn = settled(last)
    assert "Stopped: the quotes stand as they are." in turn.inner_text()
    last.wait_for_selector("#chats .chat")
    assert chat_titles(last) == ["who bought the covered market in case 5?"]


def test_a_question_that_waits_to_be_answered_says_how_many_are_before_it(
    own: Callable[..., App], opened: Open, patient: dict[str, str]
) -> None:
    app = own(**patient)
    pages = crowd(opened, app.address, 5)
    with nothing_saved(app.folder):
        for one in pages:
            with one.expect_request(calls("ask")):
                one.press("#question", "Enter")
        told = pages[-1].wait_for_selector(".notice.working:has-text('before yours')")
        assert re.fullmatch(r"[2-4] questions before yours …", told.inner_text())
        shot(pages[-1], "turns")
    for one in pages:
        assert "Colin Reeve" in settled(one).inner_text()


def test_tabs_that_are_closed_while_they_are_worded_hold_nobody_up(
    own: Callable[..., App], opened: Open, patient: dict[str, str], held: MockModel
) -> None:
    """What the model has begun it ends; of the others that are gone none is worded."""
    app = own(ARTICLES, "--model", held.address, **patient)
    *gone, last = crowd(opened, app.address, 8)
    ask_and_wait(gone, held)
    for one in gone:
        one.close()
    last.press("#question", "Enter")
    last.wait_for_selector(".notice.working:has-text('number 1 of 1')")
    held.let_go.set()
    settled(last).get_by_text("See why").click()
    assert "llm" in last.locator(".why").inner_text()
    assert len(held.asked) == 2


def test_a_second_persons_wording_follows_the_firsts(
    own: Callable[..., App], opened: Open, patient: dict[str, str]
) -> None:
    pages = crowd(opened, own(**patient).address, 2)
    for page in pages:
        page.press("#question", "Enter")
    for page in pages:
        turn = settled(page)
        turn.get_by_text("See why").click()
        assert "llm" in turn.locator(".why").inner_text()


def test_a_tab_that_is_closed_before_its_turn_asks_nothing_and_holds_nobody_up(
    own: Callable[..., App], opened: Open, patient: dict[str, str]
) -> None:
    app = own(**patient)
    *pages, gone, last = crowd(opened, app.address, 6)
    owners = {page: owner(page) for page in (gone, last)}
    with nothing_saved(app.folder):
        for one in (*pages, gone, last):
            with one.expect_request(calls("ask")):
                one.press("#question", "Enter")
        gone.close()
        last.evaluate("fetch('/')")  # it comes to the program after the end of that connection
    settled(last)
    with Chats(app.folder) as chats:
        assert [chat.title for chat in chats.listed(owners[last])] == [
            "who bought the covered market in case 5?"
        ]
        assert chats.listed(owners[gone]) == []


# --- when something fails, or comes late ----------------------------------------------------------


def calls(name: str) -> Callable[["Request"], bool]:
    """Whether a request is the page's call of that name."""

    def is_call(sent: "Request") -> bool:
        return "component_server" in sent.url and (sent.post_data_json or {}).get("fn_name") == name

    return is_call


@contextmanager
def held_up(page: "Page", name: str) -> Iterator[None]:
    """The page's calls of that name go to the program, in their order, when the block ends."""
    held: list[Route] = []

    def choose(route: "Route") -> None:
        if calls(name)(route.request):
            held.append(route)
        else:
            route.fallback()

    page.route("**/component_server/", choose)
    yield
    for route in held:
        route.continue_()
    page.unroute("**/component_server/", choose)


@contextmanager
def answers_held_up(page: "Page", name: str, most: int = 99) -> Iterator[Callable[[], None]]:
    """The program's answers to the first calls of that name come to the page when the block ends.

    What is given waits until the program has answered.
    """
    held: list[tuple[Route, APIResponse]] = []

    def choose(route: "Route") -> None:
        if len(held) < most and calls(name)(route.request):
            held.append((route, route.fetch()))
        else:
            route.fallback()

    def wait() -> None:
        while not held:
            page.wait_for_timeout(20)

    page.route("**/component_server/", choose)
    yield wait
    for route, answer in held:
        route.fulfill(response=answer)
    page.unroute("**/component_server/", choose)


def alarm(page: "Page") -> str:
    page.wait_for_selector("#alert p")
    return page.locator("#alert").inner_text()


def test_a_question_that_does_not_reach_the_program_goes_back_into_its_box(
    archive: App, page: "Page", complaints: list[str]
) -> None:
    visit(page, archive.address)
    page.route("**/component_server/", lambda route: route.abort())
    submit(page, MARKET)
    assert "did not answer" in alarm(page)
    page.unroute_all()
    assert page.input_value("#question") == MARKET
    page.press("#question", "Enter")
    assert "Colin Reeve" in settled(page).inner_text()
    complaints.clear()


def refuse(route: "Route") -> None:
    route.fulfill(status=503, json={"error": "so much of yours is waiting already"})


BREAKS: dict[str, tuple[str, Callable[["Route"], None], str]] = {
    "refused": ("**/queue/join*", refuse, "so much of yours is waiting already"),
    "not reached": ("**/queue/join*", lambda route: route.abort(), "connection"),
    "lost": ("**/queue/data*", lambda route: route.abort(), "connection"),
    "cut off": ("**/queue/data*", lambda route: route.fulfill(body=""), "connection"),
}


@pytest.mark.parametrize("how", BREAKS)
def test_a_wording_that_breaks_off_leaves_the_quotes_and_the_next_question(
    how: str, archive: App, page: "Page", complaints: list[str]
) -> None:
    where, breaks, why = BREAKS[how]
    visit(page, archive.address)
    page.route(where, breaks)
    turn = ask(page, MARKET)
    assert why in alarm(page)
    assert "Colin Reeve" in turn.inner_text()
    assert "Not worded by the model" in turn.inner_text()
    page.unroute_all()
    assert "engineers found" in ask(page, BRIDGE).inner_text()
    complaints.clear()


@pytest.mark.parametrize("how", BREAKS)
def test_a_folder_whose_adding_breaks_off_can_be_added_again(
    how: str, own: Callable[..., App], page: "Page", tmp_path: Path, complaints: list[str]
) -> None:
    """And no question is blamed for it."""
    where, breaks, why = BREAKS[how]
    allowed = write_articles(tmp_path / "allowed", {"market.txt": ARTICLES["market.txt"]})
    visit(page, own({"bridge.txt": ARTICLES["bridge.txt"]}, "--allow-path", allowed).address)
    tab(page, "Articles")
    page.route(where, breaks)
    page.locator("#adding input[name=path]").fill(str(allowed))
    page.press("#adding input[name=path]", "Enter")
    assert why in alarm(page)
    page.unroute_all()
    page.press("#adding input[name=path]", "Enter")
    page.wait_for_selector("#strap:has-text('2 articles')")
    complaints.clear()


def test_a_question_that_is_stopped_in_time_is_not_kept(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    with page.expect_response(lambda reply: calls("ask")(reply.request)):
        stop_in_time(page, lambda: submit(page, MARKET))
    assert page.input_value("#question") == MARKET
    page.reload()
    page.wait_for_selector("#rag[data-ready]")
    assert (questions(page), chat_titles(page)) == ([], [])


def stop_in_time(page: "Page", ask: Callable[[], object]) -> None:
    """What is asked is stopped before it has come to the program."""
    with held_up(page, "ask"):
        ask()
        with page.expect_response(lambda reply: calls("stop_question")(reply.request)):
            page.click("#stop")


def test_a_question_that_is_asked_again_and_stopped_leaves_the_old_answers(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    ask(page, BRIDGE)
    ask(page, MARKET)
    turn = page.locator("#turns > .turn").first
    turn.get_by_role("button", name="Edit").click()
    turn.get_by_label("Your question").fill(ROWLEY)
    with page.expect_response(lambda reply: calls("ask")(reply.request)):
        stop_in_time(page, lambda: turn.get_by_label("Your question").press("Enter"))
    assert questions(page) == [BRIDGE, MARKET]
    page.reload()
    page.wait_for_selector("#turns .question")
    assert questions(page) == [BRIDGE, MARKET]


def test_a_question_that_is_stopped_is_shown_when_it_was_kept_all_the_same(
    archive: App, page: "Page"
) -> None:
    """Its answer was on the way."""
    visit(page, archive.address)
    with answers_held_up(page, "ask") as answered:
        submit(page, MARKET)
        answered()
        page.click("#stop")
        assert page.input_value("#question") == MARKET
        assert questions(page) == []
    page.wait_for_selector("#turns .marker")
    assert questions(page) == [MARKET]
    page.wait_for_selector("#chats .chat")
    assert chat_titles(page) == [MARKET]


def half_worded(answer: Answer) -> Answer:
    """The answer with a sentence that the model has worded before the others."""
    claim = replace(answer.claims[0], text="Mr Reeve bought it.", method="generated")
    return replace(answer, claims=(claim, *answer.claims), method="generated")


HALF_WORDED = "Stopped here: the rest stands in quotes."


def test_a_wording_that_is_stopped_half_way_is_shown_as_it_is_kept(
    archive: App, page: "Page", complaints: list[str]
) -> None:
    """Also what was kept of it and has not come to the page yet."""
    visit(page, archive.address)
    page.route("**/queue/join*", lambda route: None)
    submit(page, MARKET)
    page.wait_for_selector("#turns .working[data-stopped]")
    with Chats(archive.folder) as chats:
        (chat,) = chats.listed(owner(page))
        (saved,) = chats.turns(owner(page), chat.id)
        chats.amend(owner(page), saved.id, half_worded(saved.answer))
    page.click("#stop")
    page.wait_for_selector(f".notice:has-text('{HALF_WORDED}')")
    shown = settled(page).inner_text()
    assert "Mr Reeve bought it." in shown
    page.reload()
    page.wait_for_selector("#turns .turn")
    assert page.locator("#turns .turn").inner_text() == shown
    # Gradio takes back what it never heard that it had joined
    assert [c for c in complaints if not re.search(r"422 .*/gradio_api/(reset|cancel)\)", c)] == []
    complaints.clear()


def test_a_wording_that_breaks_off_half_way_says_that_the_rest_is_quoted(
    archive: App, page: "Page", complaints: list[str]
) -> None:
    worded = half_worded(answer_to(archive.folder, MARKET))

    def reword(route: "Route") -> None:
        if not calls("ask")(route.request):
            return route.fallback()
        answer = route.fetch()
        turn = views.turn(worded, 1, wording=True)
        return route.fulfill(response=answer, json={**answer.json(), "turn": turn})

    visit(page, archive.address)
    page.route("**/component_server/", reword)
    page.route("**/queue/join*", lambda route: route.abort())
    turn = ask(page, MARKET)
    assert "connection" in alarm(page)
    assert HALF_WORDED in turn.inner_text()
    complaints.clear()


def test_a_question_that_is_asked_after_a_stopped_one_is_the_one_that_is_worded(
    own: Callable[..., App], page: "Page", patient: dict[str, str]
) -> None:
    visit(page, own(**patient).address)
    with held_up(page, "ask"):
        submit(page, MARKET)
        page.click("#stop")
        submit(page, BRIDGE)
    turn = settled(page)
    assert questions(page) == [BRIDGE]
    turn.get_by_text("See why").click()
    assert "llm" in turn.locator(".why").inner_text()


def test_a_chat_that_opens_late_does_not_take_the_place_of_a_question(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    ask(page, MARKET)
    page.get_by_role("button", name="New chat").click()
    with held_up(page, "open_chat"):
        page.get_by_role("button", name=MARKET, exact=True).click()
        ask(page, BRIDGE)
    page.wait_for_load_state("networkidle")
    assert questions(page) == [BRIDGE]


def test_a_question_asked_before_the_last_chat_is_there_begins_a_new_one(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    ask(page, MARKET)
    with held_up(page, "library"):
        page.reload()
        page.wait_for_selector("#question")
        ask(page, BRIDGE)
    page.wait_for_selector("#rag[data-ready]")
    assert questions(page) == [BRIDGE]
    assert chat_titles(page) == [BRIDGE, MARKET]


def test_what_is_being_typed_stays_when_an_answer_comes(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    ask(page, MARKET)
    with held_up(page, "ask"):
        submit(page, BRIDGE)
        more_of(page, MARKET).get_by_role("button", name="Rename").click()
        page.get_by_label("Name of the chat").fill("The market of")
    settled(page)
    page.keyboard.type(" Tarn")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chats .chat:has-text('The market of Tarn')")


def test_a_correction_that_is_sent_while_another_is_answered_waits(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    turn = ask(page, MARKET)
    turn.get_by_role("button", name="Edit").click()
    turn.get_by_label("Your question").fill(ROWLEY)
    with held_up(page, "ask"):
        submit(page, BRIDGE)
        page.get_by_role("button", name="Ask again").click()
        assert "being answered" in alarm(page)
    settled(page)
    page.get_by_role("button", name="Ask again").click()
    settled(page)
    assert questions(page) == [ROWLEY]


def send_late(page: "Page", app: App, text: str, meanwhile: Callable[[], object] = bool) -> None:
    """Sends an edit of the chat's first question, with all turns shown anew since it was begun.

    They are by the answer to a third question, which was stopped too late.
    """
    with answers_held_up(page, "ask") as answered:
        submit(page, UNKNOWN)
        answered()
        page.click("#stop")
        page.get_by_role("button", name="Edit").first.click()
        page.locator("#turns .in-place textarea").fill(text)
        meanwhile()
        count = len(kept_questions(page, app))
    again = f"#chats .menu p:has-text('{count} question')"
    page.wait_for_selector(again, state="attached")
    page.get_by_role("button", name="Ask again").click()


def kept_questions(page: "Page", app: App) -> list[str]:
    """Those of the visitor's only chat."""
    with Chats(app.folder) as chats:
        (chat,) = chats.listed(owner(page))
        return [turn.answer.question for turn in chats.turns(owner(page), chat.id)]


def test_an_edit_replaces_its_own_turn_where_that_was_shown_anew_meanwhile(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    ask(page, MARKET)
    ask(page, BRIDGE)
    send_late(page, archive, ROWLEY)
    assert questions(page) == [ROWLEY]
    settled(page)
    assert questions(page) == kept_questions(page, archive) == [ROWLEY]


def test_an_edit_of_a_turn_that_is_gone_asks_nothing_and_is_not_lost(
    archive: App, page: "Page"
) -> None:
    """Another tab has replaced the question meanwhile."""

    def replace_first() -> None:
        with Chats(archive.folder) as chats:
            (chat,) = chats.listed(owner(page))
            first = chats.turns(owner(page), chat.id)[0].id
            chats.add(owner(page), chat.id, answer_to(archive.folder, ROWLEY), replaces=first)

    visit(page, archive.address)
    ask(page, MARKET)
    ask(page, BRIDGE)
    send_late(page, archive, "who sold the market?", replace_first)
    assert "no longer in this chat" in alarm(page)
    assert page.input_value("#question").splitlines() == [UNKNOWN, "who sold the market?"]
    assert questions(page) == kept_questions(page, archive) == [ROWLEY]


def test_a_list_that_comes_late_does_not_take_the_place_of_a_newer_one(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    tab(page, "Articles")
    wait_for_titles(page, 4)
    newest = "Covered market sold to a builder"
    with answers_held_up(page, "list_articles", most=1) as answered:
        page.select_option("#filter-outlet", "The Harwick Courier")
        answered()
        page.select_option("#filter-outlet", "The Tarn Gazette")
        wait_for_titles(page, 1)
        assert titles(page) == [newest]
    page.wait_for_timeout(200)
    assert titles(page) == [newest]


FORBIDDEN = """
    for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, { get() { throw new Error("forbidden"); } });
"""


def test_a_browser_that_forbids_its_storage_shows_a_page_that_works(
    archive: App, page: "Page", complaints: list[str]
) -> None:
    page.add_init_script(FORBIDDEN)
    visit(page, archive.address)
    tab(page, "Settings")
    page.get_by_label("dark", exact=True).check()
    tab(page, "Ask")
    page.click("#scope-summary")
    page.fill("#scope-since", "2019-01-01")
    assert "Colin Reeve" in ask(page, MARKET).inner_text()
    complaints[:] = [one for one in complaints if "forbidden" not in one]  # Gradio's own


# --- checking an answer ---------------------------------------------------------------------------


def test_hovering_over_a_marker_shows_quote_title_outlet_and_date(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    ask(page, MARKET).locator(".marker").hover()
    tip = page.locator("#tip").inner_text()
    assert "sold to the builder Colin Reeve" in tip
    assert "Covered market sold to a builder · The Tarn Gazette · 20 November 2019" in tip
    shot(page, "tip")
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()


def test_a_marker_that_has_the_focus_shows_its_quote(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    ask(page, MARKET).get_by_role("button", name="Edit").focus()
    page.keyboard.press("Tab")
    assert "sold to the builder Colin Reeve" in page.locator("#tip").inner_text()
    page.keyboard.press("Tab")
    page.locator("#tip").wait_for(state="hidden")


def test_a_marker_tells_a_screen_reader_its_source_and_its_quote(
    archive: App, page: "Page"
) -> None:
    visit(page, archive.address)
    marker = ask(page, MARKET).locator(".marker")
    assert marker.get_attribute("aria-label") == "Source 1: Covered market sold to a builder"
    described = page.locator(f"#{marker.get_attribute('aria-describedby')}")
    assert "sold to the builder Colin Reeve" in (described.text_content() or "")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_marker_opens_its_article_at_the_quote(
    archive: App, opened: Open, size: dict[str, int]
) -> None:
    """What is marked is the quote as the library has it, and is seen without scrolling."""
    page = visit(opened(viewport=size), archive.address)
    ask(page, ROWLEY).locator(".marker").click()
    page.wait_for_selector("#panel mark")
    (citation,) = answer_to(archive.folder, ROWLEY).citations
    with Library.open(archive.folder) as library:
        text = library.article(citation.article_id).text
    assert page.locator("#panel mark").inner_text() == text[citation.start : citation.end]
    assert [text[a:b] for a, b in citation.answering] == page.locator(
        "#panel mark strong"
    ).all_inner_texts()
    assert is_within(page, "#panel mark", "#panel")
    assert page.locator("#panel h2").inner_text() == citation.title


def test_a_quote_far_down_a_long_article_is_scrolled_to(
    own: Callable[..., App], page: "Page"
) -> None:
    filler = "\n\n".join(f"Paragraph {n} is about the weather of that week." for n in range(400))
    told = "The harbour master Elin Ross resigned over the broken crane."
    app = own({"long.txt": f"title: A long week\n\n{filler}\n\n{told}\n\n{filler}"})
    visit(page, app.address)
    ask(page, "who resigned over the broken crane?").locator(".marker").first.click()
    page.wait_for_selector("#panel mark")
    assert page.locator("#panel mark").inner_text() == told
    assert is_within(page, "#panel mark", "#panel")


def test_escape_closes_the_article_and_the_focus_returns(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    ask(page, ROWLEY).locator(".marker").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel mark")
    assert is_focused(page, "#panel-title")
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    assert is_focused(page, ".marker")


def test_an_abstention_says_so_and_its_nearest_passages_open(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    turn = ask(page, UNKNOWN)
    assert turn.locator(".claims.abstained .label").inner_text() == "Nothing is claimed"
    assert turn.locator(".unsaid").inner_text() == not_said(UNKNOWN)
    assert not turn.locator(".marker").count()
    shot(page, "abstention")
    assert axe_serious(page) == []
    turn.locator(".nearest .link").first.click()
    page.wait_for_selector("#panel mark")
    nearest = turn.locator(".nearest q").first.inner_text()
    assert all(mark in nearest for mark in page.locator("#panel mark").all_inner_texts())


def test_sentences_say_in_words_whether_they_are_quoted_or_worded(
    archive: App, page: "Page"
) -> None:
    answer = answer_to(archive.folder, ROWLEY)
    claim = replace(answer.claims[0], text="Mr Williams criticised Rowley.", method="generated")
    both = replace(answer, claims=(*answer.claims, claim), method="generated")
    turn = open_kept(page, archive, both)
    assert turn.locator(".claims .label").all_inner_texts() == [
        "In the article’s own words",
        "Worded by the model, checked against its quote",
    ]
    styles = turn.locator(".claims").evaluate_all(
        "all => all.map(e => getComputedStyle(e).borderLeft)"
    )
    assert len(set(styles)) == 2


def test_a_searched_question_that_differs_is_shown_and_can_be_put_right(
    archive: App, page: "Page"
) -> None:
    """What is put right is searched; the person's own words stay the question."""
    turn = open_kept(page, archive, answer_to(archive.folder, "and who bought it?", BRIDGE))
    assert turn.locator(".standalone").inner_text() == BRIDGE
    turn.get_by_role("button", name="Correct").click()
    shot(page, "correcting")
    assert axe_serious(page) == []
    turn.get_by_label("What to search for").fill(MARKET)
    turn.get_by_role("button", name="Ask again").click()
    turn = settled(page)
    assert questions(page) == ["and who bought it?"]
    assert turn.locator(".standalone").inner_text() == MARKET
    assert "Colin Reeve" in turn.locator(".claims").inner_text()


def two_sided(folder: Path) -> Answer:
    """An answer of two claims, each with its own article."""
    first, second = answer_to(folder, BRIDGE), answer_to(folder, MARKET)
    return replace(
        first,
        claims=(first.claims[0], replace(second.claims[0], citations=(2,))),
        citations=(first.citations[0], replace(second.citations[0], n=2)),
    )


def test_claims_in_conflict_stand_side_by_side_with_outlet_and_date(
    archive: App, page: "Page"
) -> None:
    turn = open_kept(page, archive, replace(two_sided(archive.folder), conflicts=((0, 1),)))
    shot(page, "conflict")
    assert axe_serious(page) == []
    left, right = (side.bounding_box() for side in turn.locator(".side").all())
    assert left
    assert right
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert "The Harwick Courier · 3 May 2014" in turn.locator(".side").first.inner_text()
    assert "The Tarn Gazette · 20 November 2019" in turn.locator(".side").last.inner_text()


def test_a_question_in_parts_is_answered_part_by_part(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    turn = ask(page, "Who bought the covered market and what is the capital of Mongolia?")
    bought, capital = turn.locator(".part").all()
    assert "Colin Reeve" in bought.inner_text()
    assert bought.locator(".marker").count() == 1
    assert "The articles do not say" in capital.inner_text()
    assert axe_serious(page) == []


def test_a_summary_is_quotes_that_open_their_article(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    turn = ask(page, "Summarise the article about Mark Duggan")
    assert turn.locator(".marker").count() > 1
    turn.locator(".marker").last.click()
    assert page.wait_for_selector("#panel mark")


def test_copies_of_one_text_are_told_as_one_source(own: Callable[..., App], page: "Page") -> None:
    text = ARTICLES["market.txt"]
    copy = text.replace("The Tarn Gazette", "The Leaf").replace("2019-11-20", "2019-11-22")
    visit(page, own({"market.txt": text, "copy.txt": f"{copy}\nMore on this later.\n"}).address)
    turn = ask(page, MARKET)
    told = "2 outlets, 1 original: first The Tarn Gazette, 2019-11-20"
    assert told in turn.locator(".sources").inner_text()


def test_the_parts_of_a_question_stand_one_under_the_other(archive: App, page: "Page") -> None:
    parts = (Part(BRIDGE, (0,), None, False), Part(MARKET, (1,), None, False))
    unsaid = Part(UNKNOWN, (), None, True)
    turn = open_kept(page, archive, replace(two_sided(archive.folder), parts=(*parts, unsaid)))
    shot(page, "parts")
    assert turn.locator(".part h3").all_inner_texts() == [BRIDGE, MARKET, UNKNOWN]
    assert "engineers found cracks" in turn.locator(".part").nth(0).inner_text()
    assert "Colin Reeve" in turn.locator(".part").nth(1).inner_text()
    assert not_said(UNKNOWN) in turn.locator(".part").nth(2).inner_text()


def test_see_why_lists_passages_checks_and_times(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    turn = ask(page, ROWLEY)
    turn.get_by_text("See why").click()
    shot(page, "see-why")
    assert axe_serious(page) == []
    rows = turn.locator(".why table").first.locator("tbody tr").all_inner_texts()
    retrieved = answer_to(archive.folder, ROWLEY).retrieved
    assert len(rows) == len(retrieved)
    assert f"{retrieved[0].cosine:.3f}" in rows[0]
    assert "confidence in the best sentence" in turn.locator(".checks").inner_text()
    assert re.search(r"passages found\s+\d+\.\d{3} s", turn.locator(".why").inner_text())


def test_an_answer_is_copied_with_its_sources(archive: App, opened: Open) -> None:
    rights = ["clipboard-read", "clipboard-write"]
    page = visit(opened(viewport=WIDE, permissions=rights), archive.address)
    ask(page, MARKET).get_by_role("button", name="Copy with sources").click()
    page.wait_for_selector("#said:has-text('was copied')", state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Colin Reeve" in copied
    assert "Covered market sold to a builder" in copied
    assert "The Tarn Gazette" in copied


def test_a_verdict_is_kept_with_its_reason(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    turn = ask(page, MARKET)
    turn.get_by_role("button", name="Wrong").click()
    turn.get_by_label("What was wrong?").fill("The price is missing.")
    shot(page, "verdict")
    assert axe_serious(page) == []
    with page.expect_response(lambda reply: calls("rate")(reply.request)):
        turn.get_by_role("button", name="Send").click()
    with Chats(archive.folder) as chats:
        (chat,) = chats.listed(owner(page))
        (saved,) = chats.turns(owner(page), chat.id)
    assert saved.feedback
    assert (saved.feedback.verdict, saved.feedback.reason) == ("down", "The price is missing.")


def test_a_verdict_that_is_given_again_keeps_its_reason(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    turn = ask(page, MARKET)
    turn.get_by_role("button", name="Wrong").click()
    turn.get_by_label("What was wrong?").fill("The price is missing.")
    with page.expect_response(lambda reply: calls("rate")(reply.request)):
        turn.get_by_role("button", name="Send").click()
    turn.get_by_role("button", name="Wrong").click()
    turn.get_by_role("button", name="Cancel").click()
    with Chats(archive.folder) as chats:
        (chat,) = chats.listed(owner(page))
        (saved,) = chats.turns(owner(page), chat.id)
    assert saved.feedback
    assert saved.feedback.reason == "The price is missing."


def test_a_verdict_can_be_taken_back(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    turn = ask(page, MARKET)
    turn.get_by_role("button", name="Wrong").click()
    turn.get_by_role("button", name="Cancel").click()
    turn.get_by_role("button", name="Wrong").click()
    with page.expect_response(lambda reply: calls("rate")(reply.request)):
        turn.get_by_role("button", name="Take back").click()
    turn.locator("[data-do=rate][aria-pressed=true]").wait_for(state="detached")
    with Chats(archive.folder) as chats:
        (chat,) = chats.listed(owner(page))
        (saved,) = chats.turns(owner(page), chat.id)
    assert saved.feedback is None


# --- the scope of a question ----------------------------------------------------------------------


def chips(page: "Page") -> list[str]:
    return [
        text.removesuffix(" ×") for text in page.locator("#scope-chips .chip").all_inner_texts()
    ]


def test_a_scope_of_dates_applies_is_seen_and_can_be_dropped(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    page.click("#scope-summary")
    page.fill("#scope-since", "2014-01-01")
    page.fill("#scope-until", "2014-12-31")
    assert chips(page) == ["from 2014-01-01", "to 2014-12-31"]
    assert ask(page, MARKET).locator(".unsaid").is_visible()
    for chip in page.locator("#scope-chips .chip").all()[::-1]:
        chip.click()
    assert chips(page) == []
    assert "Colin Reeve" in ask(page, MARKET).inner_text()


def test_a_scope_of_outlets_applies_and_outlasts_a_reload(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    page.click("#scope-summary")
    page.locator("#scope-outlets").get_by_label("The Harwick Courier").check()
    page.reload()
    page.wait_for_selector("#rag[data-ready]")
    assert chips(page) == ["The Harwick Courier"]
    shot(page, "scope")
    assert axe_serious(page) == []
    turn = ask(page, MARKET)
    turn.get_by_text("See why").click()
    titles = set(turn.locator(".why .link").all_inner_texts())
    assert titles == {"Bridge closed after cracks are found"}


def test_a_scope_of_chosen_articles_applies(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    tab(page, "Articles")
    page.get_by_label("Ask only this: Covered market sold to a builder").check()
    tab(page, "Ask")
    assert chips(page) == ["Covered market sold to a builder"]
    assert ask(page, ROWLEY).locator(".unsaid").is_visible()
    page.click("#scope-chips .chip")
    assert "Mr Williams" in ask(page, ROWLEY).inner_text()


# --- articles -------------------------------------------------------------------------------------


def titles(page: "Page") -> list[str]:
    return page.locator("#articles tbody .link").all_inner_texts()


def wait_for_titles(page: "Page", count: int) -> list[str]:
    page.wait_for_function(
        "n => document.querySelectorAll('#articles tbody tr').length === n", arg=count
    )
    return titles(page)


def test_the_list_of_articles_says_what_is_known_of_each(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    tab(page, "Articles")
    wait_for_titles(page, 4)
    shot(page, "articles")
    assert axe_serious(page) == []
    row = page.locator("#articles tr", has_text="Covered market").inner_text()
    today = f"{date.today():%B %Y}"
    for fact in ("The Tarn Gazette", "20 November 2019", "1", today):
        assert fact in row


def test_the_list_is_searched_and_filtered(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    tab(page, "Articles")
    page.fill("#filter-text", "covered MARKET")
    assert wait_for_titles(page, 1) == ["Covered market sold to a builder"]
    page.fill("#filter-text", "")
    wait_for_titles(page, 4)
    page.select_option("#filter-outlet", "The Harwick Courier")
    assert wait_for_titles(page, 1) == ["Bridge closed after cracks are found"]
    page.fill("#filter-since", "2015-01-01")
    page.wait_for_selector("#articles .none")


def test_a_long_list_has_pages(own: Callable[..., App], page: "Page") -> None:
    many = {f"{n}.txt": f"title: Report {n}\n\nThe number is {n}." for n in range(53)}
    visit(page, own(many).address)
    tab(page, "Articles")
    first = wait_for_titles(page, 50)
    page.get_by_role("button", name="Next").click()
    second = wait_for_titles(page, 3)
    assert len({*first, *second}) == 53
    page.get_by_role("button", name="Previous").click()
    assert wait_for_titles(page, 50) == first


def test_an_article_that_is_added_can_be_asked_about(
    own: Callable[..., App], page: "Page", tmp_path: Path
) -> None:
    """What is skipped is told, a line each, with the reason."""
    app = own({"bridge.txt": ARTICLES["bridge.txt"]})
    files = write_articles(tmp_path / "files", {"market.txt": ARTICLES["market.txt"], "no.txt": ""})
    visit(page, app.address)
    tab(page, "Articles")
    page.locator("#adding [data-pick][accept]").set_input_files(sorted(files.iterdir()))
    page.wait_for_selector("#adding [data-progress]:has-text('1 added, 1 skipped.')")
    assert wait_for_titles(page, 2)
    (line,) = page.locator("#adding [data-lines] li").all_inner_texts()
    assert line.startswith("skipped no.txt holds no text")
    shot(page, "added")
    assert axe_serious(page) == []
    tab(page, "Ask")
    assert "Colin Reeve" in ask(page, MARKET).inner_text()


def test_progress_is_shown_while_files_are_added(
    own: Callable[..., App], page: "Page", tmp_path: Path
) -> None:
    files = write_articles(
        tmp_path / "files", {f"{n}.txt": f"The number is {n}." for n in range(5)}
    )
    visit(page, own().address)
    tab(page, "Articles")
    page.evaluate(
        """() => {
            window.told = new Set();
            const note = () => {
                const bar = document.querySelector("#adding progress");
                if (bar) window.told.add(`${bar.value} of ${bar.max}`);
            };
            new MutationObserver(note).observe(document.querySelector("#adding"),
                { childList: true, subtree: true, attributes: true });
        }"""
    )
    page.locator("#adding [data-pick][accept]").set_input_files(sorted(files.iterdir()))
    page.wait_for_selector("#adding [data-progress]:has-text('5 added.')")
    assert page.evaluate("() => [...window.told]") == [f"{n} of 5" for n in range(5)]


def test_a_folder_is_added_by_its_path_where_that_is_allowed(
    own: Callable[..., App], page: "Page", tmp_path: Path
) -> None:
    allowed = write_articles(tmp_path / "allowed", {**ARTICLES, "empty.txt": ""})
    visit(page, own({}, "--allow-path", allowed).address)
    page.locator("#first-run input[name=path]").fill(str(allowed))
    page.press("#first-run input[name=path]", "Enter")
    page.wait_for_selector("#strap:has-text('2 articles')")
    tab(page, "Articles")
    assert "skipped empty.txt" in page.locator("#adding [data-lines]").inner_text()


def test_a_path_outside_what_is_allowed_is_refused(
    own: Callable[..., App], page: "Page", tmp_path: Path
) -> None:
    allowed = write_articles(tmp_path / "allowed", {})
    outside = write_articles(tmp_path / "outside", ARTICLES)
    visit(page, own({}, "--allow-path", allowed).address)
    page.locator("#first-run input[name=path]").fill(str(outside / "bridge.txt"))
    page.press("#first-run input[name=path]", "Enter")
    page.wait_for_selector("#alert p")
    assert "--allow-path" in page.locator("#alert").inner_text()
    assert page.locator("#first-run").is_visible()


def test_a_removal_can_be_undone(own: Callable[..., App], page: "Page") -> None:
    """What is removed is not asked any more; what comes back is."""
    visit(page, own().address)
    tab(page, "Articles")
    wait_for_titles(page, 2)
    page.get_by_role("button", name="Remove Covered market").click()
    assert wait_for_titles(page, 1) == ["Bridge closed after cracks are found"]
    shot(page, "removed")
    tab(page, "Ask")
    assert ask(page, MARKET).locator(".unsaid").is_visible()
    tab(page, "Articles")
    page.get_by_role("button", name="Undo").click()
    wait_for_titles(page, 2)
    tab(page, "Ask")
    assert "Colin Reeve" in ask(page, MARKET).inner_text()


def test_the_list_stays_filtered_when_an_article_is_removed(
    own: Callable[..., App], page: "Page"
) -> None:
    """Until nothing is left of the outlet."""
    ferry = "title: Ferry delayed\noutlet: The Harwick Courier\n\nThe ferry was late."
    visit(page, own({**ARTICLES, "ferry.txt": ferry}).address)
    tab(page, "Articles")
    page.select_option("#filter-outlet", "The Harwick Courier")
    wait_for_titles(page, 2)
    page.get_by_role("button", name="Remove Ferry delayed").click()
    page.wait_for_selector("#strap:has-text('2 articles')")
    assert wait_for_titles(page, 1) == ["Bridge closed after cracks are found"]
    assert page.input_value("#filter-outlet") == "The Harwick Courier"
    page.get_by_role("button", name="Remove Bridge closed").click()
    page.wait_for_selector("#strap:has-text('1 article')")
    page.wait_for_selector("#articles tr:has-text('Covered market')")
    assert page.input_value("#filter-outlet") == ""


def test_a_removal_while_files_are_added_keeps_the_lines_of_those_that_were_skipped(
    own: Callable[..., App], page: "Page", tmp_path: Path
) -> None:
    files = write_articles(tmp_path / "files", {"a.txt": "", "b.txt": "The number is 5."})
    held: list[Route] = []
    visit(page, own().address)
    page.route("**/articles/file?name=b.txt", lambda route: held.append(route))
    tab(page, "Articles")
    wait_for_titles(page, 2)
    page.locator("#adding [data-pick][accept]").set_input_files(sorted(files.iterdir()))
    page.wait_for_selector("#adding [data-lines] li")
    page.get_by_role("button", name="Remove Covered market").click()
    wait_for_titles(page, 1)
    held[0].continue_()
    page.wait_for_selector("#adding [data-progress]:has-text('1 skipped, 1 added.')")
    assert "skipped a.txt" in page.locator("#adding [data-lines]").inner_text()


def test_an_article_opens_from_the_list(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    tab(page, "Articles")
    page.get_by_role("button", name="Covered market sold to a builder", exact=True).click()
    page.wait_for_selector("#panel:not([hidden])")
    assert "The council called the sale a good day" in page.locator("#panel").inner_text()
    shot(page, "article-from-list")
    assert axe_serious(page) == []


# --- chats ----------------------------------------------------------------------------------------


def chat_titles(page: "Page") -> list[str]:
    return page.locator("#chats .chat").all_inner_texts()


def test_a_chat_is_found_again_after_a_reload(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    said = ask(page, MARKET).locator(".answer").inner_text()
    page.reload()
    page.wait_for_selector("#turns .turn")
    assert questions(page) == [MARKET]
    assert page.locator("#turns .answer").inner_text() == said
    page.get_by_role("button", name="New chat").click()
    assert questions(page) == []
    page.get_by_role("button", name=MARKET, exact=True).click()
    page.wait_for_selector("#turns .turn")
    assert questions(page) == [MARKET]


def test_chats_are_searched(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    for question in (BRIDGE, MARKET):
        page.get_by_role("button", name="New chat").click()
        ask(page, question)
    page.wait_for_function("() => document.querySelectorAll('#chats .chat').length === 2")
    assert chat_titles(page) == [MARKET, BRIDGE]
    page.fill("#chat-search", "engineers found")
    page.wait_for_function("() => document.querySelectorAll('#chats .chat').length === 1")
    assert chat_titles(page) == [BRIDGE]


def more_of(page: "Page", title: str) -> "Locator":
    page.locator(f"summary[aria-label='More about {title}']").click()
    return page.locator("#chats .more[open]")


def test_a_chat_is_renamed(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    ask(page, MARKET)
    more_of(page, MARKET).get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the chat").fill("The market of Tarn")
    page.get_by_label("Name of the chat").press("Enter")
    page.wait_for_selector("#chats .chat:has-text('The market of Tarn')")
    page.reload()
    page.wait_for_selector("#rag[data-ready]")
    assert chat_titles(page) == ["The market of Tarn"]


def test_a_chat_is_deleted_only_when_one_is_sure(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    ask(page, MARKET)
    menu = more_of(page, MARKET)
    shot(page, "chat-menu")
    assert axe_serious(page) == []
    menu.get_by_role("button", name="Delete").click()
    assert chat_titles(page) == [MARKET]
    menu.get_by_role("button", name="Really delete").click()
    page.wait_for_selector("#chats .none")
    assert questions(page) == []


def test_a_chat_that_is_gone_is_not_missed_when_the_page_opens(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    ask(page, MARKET)
    with Chats(archive.folder) as chats:
        (chat,) = chats.listed(owner(page))
        chats.delete(owner(page), chat.id)
    page.reload()
    page.wait_for_selector("#rag[data-ready]")
    assert page.get_by_role("alert").inner_text() == ""
    assert page.locator("#welcome").is_visible()


def test_a_chat_that_cannot_be_reached_when_the_page_opens_is_not_taken_for_gone(
    archive: App, page: "Page", complaints: list[str]
) -> None:
    """It is told, and there with the next load."""
    visit(page, archive.address)
    ask(page, MARKET)
    unreachable(page, "open_chat")
    page.reload()
    page.wait_for_selector("#rag[data-ready]")
    assert "did not answer" in alarm(page)
    page.unroute_all()
    page.reload()
    page.wait_for_selector("#turns .question")
    assert questions(page) == [MARKET]
    complaints.clear()


def test_a_chat_that_cannot_be_reached_stays_on_the_page(
    archive: App, page: "Page", complaints: list[str]
) -> None:
    visit(page, archive.address)
    ask(page, MARKET)
    unreachable(page, "open_chat")
    page.get_by_role("button", name=MARKET, exact=True).click()
    assert "did not answer" in alarm(page)
    assert questions(page) == [MARKET]
    complaints.clear()


def unreachable(page: "Page", name: str) -> None:
    """The page's calls of that name do not come to the program."""

    def choose(route: "Route") -> None:
        if calls(name)(route.request):
            route.abort()
        else:
            route.fallback()

    page.route("**/component_server/", choose)


@pytest.mark.parametrize("kind", ["Markdown", "HTML", "JSON"])
def test_a_chat_is_saved_with_its_sources(
    kind: str, archive: App, page: "Page", tmp_path: Path
) -> None:
    visit(page, archive.address)
    ask(page, MARKET)
    menu = more_of(page, MARKET)
    with page.expect_download() as download:
        menu.get_by_role("link", name=kind).click()
    download.value.save_as(tmp_path / "chat")
    saved = (tmp_path / "chat").read_text(encoding="utf-8")
    for words in (MARKET, "Colin Reeve", "Covered market sold to a builder", "The Tarn Gazette"):
        assert words in saved


def test_a_chat_saved_as_json_is_verified(
    archive: App, page: "Page", tmp_path: Path, run: Run
) -> None:
    visit(page, archive.address)
    ask(page, MARKET)
    ask(page, UNKNOWN)
    page.wait_for_selector("#chats .menu p:has-text('2 questions')", state="attached")
    menu = more_of(page, MARKET)
    with page.expect_download() as download:
        menu.get_by_role("link", name="JSON").click()
    download.value.save_as(tmp_path / "chat.json")
    checked = run("--library", archive.folder, "verify", tmp_path / "chat.json")
    assert checked.returncode == 0, checked.stderr


# --- settings -------------------------------------------------------------------------------------


def test_quotes_only_is_obeyed_and_kept_over_a_reload(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    tab(page, "Settings")
    page.get_by_label("Nobody: the articles’ own sentences only").check()
    shot(page, "settings")
    assert axe_serious(page) == []
    page.reload()
    page.wait_for_selector("#rag[data-ready]")
    assert page.get_by_label("Nobody: the articles’ own sentences only").is_checked()
    tab(page, "Ask")
    turn = ask(page, ROWLEY)
    turn.get_by_text("See why").click()
    assert "llm" not in turn.locator(".why").inner_text()
    assert turn.locator(".claims.quoted").count() == 1


def test_the_number_of_sources_is_obeyed_and_kept(archive: App, page: "Page") -> None:
    visit(page, archive.address)
    tab(page, "Settings")
    page.get_by_label("Number of sources").fill("2")
    page.get_by_label("Number of sources").blur()
    page.reload()
    page.wait_for_selector("#rag[data-ready]")
    assert page.get_by_label("Number of sources").input_value() == "2"
    tab(page, "Ask")
    turn = ask(page, ROWLEY)
    assert turn.locator(".why table").first.locator("tbody tr").count() == 2


@pytest.mark.parametrize(("look", "system"), [("dark", "light"), ("light", "dark")])
def test_a_look_that_is_chosen_goes_before_the_systems(
    look: str, system: str, archive: App, opened: Open
) -> None:
    page = visit(opened(viewport=WIDE, color_scheme=system), archive.address)

    def scheme() -> str:
        return str(page.evaluate("getComputedStyle(document.documentElement).colorScheme"))

    assert scheme() == system
    tab(page, "Settings")
    page.get_by_label(look, exact=True).check()
    assert scheme() == look
    page.reload()
    page.wait_for_selector("#rag[data-ready]")
    assert scheme() == look


# --- many people ----------------------------------------------------------------------------------


def sign_in(page: "Page", name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_two_people_sign_in_and_see_only_their_own_chats(
    own: Callable[..., App], opened: Open, tmp_path: Path
) -> None:
    for name in ("anne", "bert"):
        add_user(tmp_path / "people", name, f"password of {name}")
    app = own(ARTICLES, "--auth", tmp_path / "people")
    pages = {name: opened(viewport=WIDE) for name in ("anne", "bert")}
    for name, page in pages.items():
        page.set_default_timeout(PATIENCE_MS)
        page.goto(app.address)
        shot(page, "sign-in")
        assert axe_serious(page) == []
        sign_in(page, name, f"password of {name}")
        page.wait_for_selector("#rag[data-ready]")
    for name, question in (("anne", BRIDGE), ("bert", MARKET)):
        submit(pages[name], question)
    for name, question in (("anne", BRIDGE), ("bert", MARKET)):
        settled(pages[name])
        pages[name].reload()
        pages[name].wait_for_selector("#chats .chat")
        assert chat_titles(pages[name]) == [question]
        assert name in pages[name].locator("#person").inner_text()


def test_signing_out_shows_the_door(own: Callable[..., App], page: "Page", tmp_path: Path) -> None:
    add_user(tmp_path / "people", "anne", "password of anne")
    page.set_default_timeout(PATIENCE_MS)
    page.goto(own(ARTICLES, "--auth", tmp_path / "people").address)
    sign_in(page, "anne", "password of anne")
    page.wait_for_selector("#rag[data-ready]")
    ask(page, MARKET)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Password").wait_for()
    assert page.evaluate("sessionStorage.getItem('rag.chat')") == "null"
    page.go_back()
    page.get_by_label("Password").wait_for()


def test_visitors_without_sign_in_do_not_see_one_anothers_chats(archive: App, opened: Open) -> None:
    first, second = (visit(opened(viewport=WIDE), archive.address) for _ in range(2))
    submit(first, BRIDGE)
    submit(second, MARKET)
    for page, question in ((first, BRIDGE), (second, MARKET)):
        settled(page)
        page.wait_for_selector("#chats .chat")
        assert chat_titles(page) == [question]


# --- a hostile library ----------------------------------------------------------------------------

# Each would set the flag if it ran; none may be shown otherwise than as it stands here.
PAYLOADS = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "[here](javascript:window.pwned=1)",
    '"onmouseover="window.pwned=1',
    "</mark></textarea></button></template><script>window.pwned=1</script>",
    "${window.pwned=1} {{window.pwned=1}} {%x%} `${window.pwned=1}`",
    "&lt;b&gt;bold&lt;/b&gt; &amp;amp; &#60;i&#62;",
    "<b>bold</b> <a href='javascript:window.pwned=1'>x</a>",
]
HOSTILE = " ".join(PAYLOADS)
TURNING = "\u202eesrever\u202c"


def hostile_articles() -> dict[str, str]:
    told = f"The minister {HOSTILE} criticised the harbour master over the crane."
    text = f"{told}\n\n{TURNING} {HOSTILE}"
    names = ("<img src=x onerror=window.pwned=1>.txt", "`${window.pwned=1}`{{7*7}}.txt")
    return {
        **{name: f"title: {HOSTILE} {name}\noutlet: {HOSTILE}\n\n{text} {name}" for name in names},
        "long.txt": f"title: {'Endless' * 1_500}\noutlet: {'Wide' * 300}\n\n{'x' * 10_000} {text}",
        "turned.txt": f"title: {TURNING} a title\noutlet: {TURNING}\n\nThe crane {TURNING} fell.",
    }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("hostile")
    files = write_articles(folder / "files", hostile_articles())
    make_library(folder / "library", embedder, files).close()
    with serving(folder / "library") as address:
        yield App(folder / "library", address)


def is_whole(page: "Page") -> bool:
    """Nothing has run, nothing was made of the words, and the page is as wide as its window."""
    made = "#rag :is(script, img, svg, b:not(.checks b, .lines b), i, a[href^=javascript])"
    return (
        page.evaluate("window.pwned") is None
        and page.locator(made).count() == 0
        and not has_sideways_scroll(page)
    )


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_hostile_articles_are_listed_and_opened_as_the_words_they_are(
    hostile: App, opened: Open, size: dict[str, int]
) -> None:
    page = visit(opened(viewport=size), hostile.address)
    tab(page, "Articles")
    shown = wait_for_titles(page, 4)
    shot(page, f"hostile-list-{size['width']}")
    assert is_whole(page)
    for title in shown:
        page.locator("#articles .link", has_text=title).first.click()
        page.wait_for_selector("#panel:not([hidden])")
        assert is_whole(page)
        if "Endless" in title:
            shot(page, f"hostile-title-{size['width']}")
        page.get_by_role("button", name="Close").click()
    assert sum(PAYLOADS[0] in title and PAYLOADS[1] in title for title in shown) == 2


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_hostile_answers_are_shown_as_the_words_they_are(
    hostile: App, opened: Open, size: dict[str, int]
) -> None:
    page = visit(opened(viewport=size), hostile.address)
    turn = ask(page, "who criticised the harbour master over the crane?")
    shot(page, f"hostile-answer-{size['width']}")
    assert is_whole(page)
    turn.get_by_text("See why").click()
    assert is_whole(page)
    for marker in turn.locator(".marker").all():
        marker.click()
        page.wait_for_selector("#panel mark")
        shot(page, f"hostile-panel-{size['width']}")
        assert is_whole(page)
        page.keyboard.press("Escape")
        away(page)


@pytest.mark.parametrize("payload", [*PAYLOADS, TURNING, "Endless" * 1_000])
def test_hostile_questions_and_chat_names_are_shown_as_the_words_they_are(
    payload: str, hostile: App, opened: Open
) -> None:
    page = visit(opened(viewport=PHONE), hostile.address)
    ask(page, f"who said {payload}?")
    page.get_by_role("button", name="Chats").click()
    page.wait_for_selector("#chats .chat")
    assert is_whole(page)
    page.locator("#chats summary").click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the chat").fill(payload)
    page.get_by_label("Name of the chat").press("Enter")
    page.wait_for_selector("#chats .chat:visible")
    assert is_whole(page)
    if payload in PAYLOADS:
        page.wait_for_function(
            "t => document.querySelector('#chats .chat').innerText === t", arg=payload
        )


def test_a_hostile_file_name_is_told_as_the_words_it_is(
    own: Callable[..., App], page: "Page"
) -> None:
    visit(page, own({}).address)
    names = ["<img src=x onerror=window.pwned=1>.txt", "../../`{{7*7}}`.txt", "a.pdf"]
    files: Sequence[dict[str, object]] = [
        {"name": name, "mimeType": "text/plain", "buffer": b""} for name in names
    ]
    page.locator("#first-run [data-pick][accept]").set_input_files(files)  # type: ignore[arg-type]
    page.wait_for_selector("#first-run [data-progress]:has-text('skipped')")
    assert is_whole(page)
    lines = page.locator("#first-run [data-lines] li").all_inner_texts()
    assert any("<img src=x onerror=window.pwned=1>.txt" in line for line in lines)


# --- looks and hands ------------------------------------------------------------------------------

SIZES = {"phone": PHONE, "tablet": {"width": 768, "height": 1024}, "wide": WIDE}
SIZES |= {"huge": {"width": 1920, "height": 1080}, "zoomed": {"width": 640, "height": 400}}


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_view_fits_and_can_be_read(size: str, look: str, archive: App, opened: Open) -> None:
    """No sideways scrolling and nothing serious from axe-core; "zoomed" is 1280 × 800 at 200 %."""
    page = visit(opened(viewport=SIZES[size], color_scheme=look), archive.address)

    def check(state: str) -> None:
        shot(page, f"{state}-{size}-{look}")
        assert axe_serious(page) == [], state
        assert not has_sideways_scroll(page), state

    page.wait_for_selector(".examples button")
    check("welcome")
    turn = ask(page, MARKET)
    check("answer")
    turn.locator(".marker").click()
    page.wait_for_selector("#panel mark")
    check("panel")
    page.keyboard.press("Escape")
    away(page)
    ask(page, UNKNOWN)
    check("abstention")
    tab(page, "Articles")
    wait_for_titles(page, 4)
    check("articles")
    tab(page, "Settings")
    check("settings")


def test_the_whole_path_goes_by_keyboard_alone(archive: App, page: "Page") -> None:
    """From the address bar: a question, its source, the article, and back; the focus is seen."""
    visit(page, archive.address)
    page.wait_for_selector(".examples button")

    def tab_to(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", selector
                return
        pytest.fail(f"the tab key never comes to {selector}")

    tab_to("#question")
    page.keyboard.type(ROWLEY)
    page.keyboard.press("Enter")
    settled(page)
    page.keyboard.press("Shift+Tab")
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.marker')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel mark")
    page.keyboard.press("Escape")
    assert is_focused(page, ".marker")
    tab_to("summary")
    page.keyboard.press("Enter")
    assert page.locator(".why table").first.is_visible()


def test_the_focus_stays_on_a_source_while_the_wording_comes(archive: App, page: "Page") -> None:
    """The answer is shown anew with each sentence; a person on a marker stays on it."""
    visit(page, archive.address)
    page.evaluate(
        """() => {
            const turns = document.querySelector("#turns");
            const first = new MutationObserver(() => {
                const marker = turns.querySelector(".marker");
                if (marker) { first.disconnect(); marker.focus(); }
            });
            first.observe(turns, { childList: true, subtree: true });
        }"""
    )
    submit(page, ROWLEY)
    page.wait_for_selector("#turns .marker")
    settled(page)
    assert is_focused(page, "#turns .marker")


def test_on_a_phone_the_chats_open_over_the_page_and_close_again(
    archive: App, opened: Open
) -> None:
    page = visit(opened(viewport=PHONE), archive.address)
    for close in (
        lambda: page.get_by_role("button", name="Close").click(),
        lambda: page.mouse.click(380, 600),
        lambda: page.keyboard.press("Escape"),
    ):
        page.get_by_role("button", name="Chats").click()
        assert page.locator("#rail").is_visible()
        assert is_focused(page, "#rail button >> nth=0")
        shot(page, "chats-phone")
        assert axe_serious(page) == []
        close()
        assert page.locator("#rail").is_hidden()


def test_what_an_article_covers_on_a_phone_cannot_be_reached(archive: App, opened: Open) -> None:
    page = visit(opened(viewport=PHONE), archive.address)
    ask(page, ROWLEY).locator(".marker").click()
    page.wait_for_selector("#panel mark")
    assert page.locator("#question").is_hidden()
    tab(page, "Articles")
    assert page.locator("#panel").is_hidden()


def test_nothing_moves_for_those_who_want_it_still(archive: App, opened: Open) -> None:
    page = visit(opened(viewport=WIDE, reduced_motion="reduce"), archive.address)
    page.evaluate(
        """() => {
            window.animations = new Set();
            new MutationObserver(() => document.querySelectorAll(".working").forEach(
                (e) => window.animations.add(getComputedStyle(e).animationName)),
            ).observe(document.querySelector("#turns"), { childList: true, subtree: true });
        }"""
    )
    ask(page, ROWLEY)
    assert page.evaluate("() => [...window.animations]") == ["none"]


# --- the pictures of the README -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "size", "look"),
    [("light", WIDE, "light"), ("dark", WIDE, "dark"), ("phone", PHONE, "light")],
)
def test_the_readmes_pictures_are_of_a_real_answer(
    name: str, size: dict[str, int], look: str, opened: Open, served: Serve, seeds_folder: Path
) -> None:
    """Makes docs/chat-*.png: RAG_SCREENSHOTS=docs python -m pytest tests/test_ui.py -k readmes."""
    page = visit(opened(viewport=size, color_scheme=look), served(seeds_folder))
    turn = ask(page, ROWLEY)
    if name != "phone":
        turn.locator(".marker").click()
        page.wait_for_selector("#panel mark")
    away(page)
    assert shot(page, f"chat-{name}").stat().st_size < 400_000
