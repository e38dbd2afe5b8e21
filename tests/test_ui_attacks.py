"""The running app attacked past its page: forged values, floods, files, paths and signals."""

import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import end, wait_for_address
from conftest import Run
from test_guard import NEEDED, UNNEEDED

from ui.accounts import add_user

pytestmark = pytest.mark.slow

PATIENCE_S = 120.0
PASSWORD = "correct horse"
QUESTION = "who criticised Rowley?"
TEXT = "The bridge at Harwick was closed on Friday after cracks were found. "
GONE = "can no longer be worded"
BROKEN = re.compile(r"Traceback|Something went wrong|File \\?\"/|Error:")


# --- the app, and somebody who asks it -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class App:
    address: str
    process: subprocess.Popen[bytes]
    log: Path  # what it says on stderr
    scratch: Path  # where it, and Gradio in it, may put temporary files
    clients: ExitStack  # its visitors' connections, closed before it ends

    def memory(self) -> float:
        """Megabytes in use."""
        if not Path("/proc/self/status").exists():
            pytest.skip("memory is read from /proc")
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1000

    def left_behind(self) -> list[Path]:
        return [path for path in self.scratch.rglob("*") if path.is_file()]


@contextmanager
def running(library: Path, *flags: str | Path, **environment: str) -> Iterator[App]:
    """`rag ui --writer quote` on the library, until the block ends."""
    fixed = ["--library", str(library), "ui", "--port", "0", "--writer", "quote"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        scratch, log = folder / "scratch", folder / "stderr"
        scratch.mkdir()
        places = {"TMPDIR": str(scratch), "GRADIO_TEMP_DIR": str(scratch / "gradio")}
        process = subprocess.Popen(
            [sys.executable, "-m", "rag", *fixed, *map(str, flags)],
            cwd=library.parent,
            env={**os.environ, "NO_COLOR": "1", **places, **environment},
            stderr=stack.enter_context(log.open("w")),
        )
        try:
            address = wait_for_address(process, log)
            with ExitStack() as clients:
                yield App(address, process, log, scratch, clients)
        finally:
            end(process)
            print(log.read_text("utf-8", "replace"), file=sys.stderr)  # shown if a test fails


class Visitor:
    """A browser of its own with one page open."""

    def __init__(self, app: App, name: str = "") -> None:
        """Signed in under the name, if there is one."""
        client = httpx.Client(base_url=app.address, timeout=PATIENCE_S)
        self.http = app.clients.enter_context(client)
        if name:
            self.http.post("/sign-in", data={"name": name, "password": PASSWORD})
        front = self.http.get("/").text
        found = re.search(r"window\.gradio_config = (\{.*?\});</script>", front, re.S)
        assert found, front[:500]
        config = json.loads(found[1])
        self.inputs = [taken for event in config["dependencies"] for taken in event["inputs"]]
        self.page = next(part["id"] for part in config["components"] if part["type"] == "html")
        self.events = {
            name: event["id"] for event in config["dependencies"] for _, name in event["targets"]
        }
        self.tab = secrets.token_hex(8)

    def post(self, path: str, **body: object) -> httpx.Response:
        """The answer to the values as JSON, with what JSON does not know as Python writes it."""
        content = json.dumps({"session_hash": self.tab, **body})
        return self.http.post(path, content=content, headers={"Content-Type": "application/json"})

    def call(self, name: object, data: object = None, component: object = None) -> httpx.Response:
        return self.post("/gradio_api/component_server/", **self.called(name, data, component))

    def called(self, name: object, data: object, component: object = None) -> dict[str, object]:
        """What the page sends for a call."""
        part = self.page if component is None else component
        return {"session_hash": self.tab, "data": data, "component_id": part, "fn_name": name}

    def said(self, name: str, **data: object) -> Any:
        return self.call(name, data).json()

    def join(self, event: object, sent: object = None, **more: object) -> httpx.Response:
        body = {"data": [], "event_data": sent, "trigger_id": self.page, **more}
        return self.post("/gradio_api/queue/join", fn_index=event, **body)

    def messages(self) -> Iterator[dict[str, Any]]:
        """What the page is told of its events, until all of them have ended."""
        path = f"/gradio_api/queue/data?session_hash={self.tab}"
        with self.http.stream("GET", path) as answer:
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line.removeprefix("data:"))

    def told(self, event: str, sent: object) -> Any:
        """What the page is last told of one event."""
        assert self.join(self.events[event], sent).status_code == 200
        (done,) = [m for m in self.messages() if m["msg"] == "process_completed"]
        assert done["success"], done
        return done["output"]["data"][0]

    def ask(self, question: object = QUESTION, **sent: object) -> Any:
        return self.said("ask", **{"key": "k", "question": question, **sent})

    def cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    def put(self, name: str, content: Any, **headers: str) -> httpx.Response:
        path = "/articles/file"
        return self.http.put(path, params={"name": name}, content=content, headers=headers)


def exactly(app: App, method: str, path: str, cookies: str = "") -> tuple[int, str]:
    """The answer to just that path: nothing is made regular on the way."""
    where = httpx.URL(app.address)
    headers = {"Content-Type": "application/json", "Cookie": cookies}
    opened = http.client.HTTPConnection(where.host, where.port, timeout=PATIENCE_S)
    with closing(opened) as connection:
        connection.request(method, path, b"{}", headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.fixture(scope="module")
def allowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is named with --allow-path."""
    return tmp_path_factory.mktemp("allowed")


@pytest.fixture(scope="module")
def app(
    tmp_path_factory: pytest.TempPathFactory, seeds_folder: Path, allowed: Path
) -> Iterator[App]:
    library = shutil.copytree(seeds_folder, tmp_path_factory.mktemp("app") / "library")
    with running(library, "--allow-path", allowed) as started:
        yield started


@pytest.fixture
def visitor(app: App) -> Iterator[Visitor]:
    """Somebody new. Whatever a test has done, the app answers others afterwards."""
    yield Visitor(app)
    assert "Williams" in Visitor(app).ask()["turn"]
    assert app.left_behind() == []


@pytest.fixture
def other(app: App) -> Visitor:
    """Somebody else."""
    return Visitor(app)


# --- files that are not to be had ----------------------------------------------------------------

FILES = """
    /gradio_api/file=/etc/passwd /gradio_api/file=../../../../etc/passwd /file=/etc/passwd
    /gradio_api/file=%2Fetc%2Fpasswd /gradio_api/file=%252Fetc%252Fpasswd
    /gradio_api/file=..%2f..%2f..%2fetc%2fpasswd /gradio_api/file=%252e%252e%252fetc%252fpasswd
    /gradio_api/file=//etc/passwd /gradio_api/file=file:///etc/passwd
    /gradio_api/file=http://127.0.0.1:1/ /gradio_api/file=http://[::1]/
    /gradio_api/file=http://169.254.169.254/latest/meta-data/ /gradio_api/file=http://2130706433/
    /gradio_api/proxy=http://127.0.0.1:1/ /gradio_api/stream/%2e%2e/etc/passwd
    /assets/../../../../etc/passwd /assets/..%2f..%2f..%2fetc%2fpasswd
    /assets/%252e%252e%252fetc%252fpasswd /static/img/../../../../../etc/passwd
    /chats/..%2f..%2fetc%2fpasswd.md /chats/%252e%252e%252fpasswd.md
""".split()


@pytest.mark.parametrize("path", FILES)
def test_no_route_gives_a_file_of_the_machine(app: App, visitor: Visitor, path: str) -> None:
    """Asked for by just that path: nothing is made regular on the way."""
    status, text = exactly(app, "GET", path, visitor.cookies())
    assert (status, "root:" in text) == (404, False)


# --- forged values -------------------------------------------------------------------------------


def nested(depth: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(depth):
        inner = [inner]
    return inner


FILE = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
VALUES = {
    "null": None,
    "true": True,
    "negative": -1,
    "huge": 2**70,
    "fraction": 1.5,
    "not a number": float("nan"),
    "infinite": float("inf"),
    "empty": "",
    "long": "x" * 50_000,
    "NUL": "\0",
    "lone surrogate": "\ud800",
    "markup": "<script>alert(1)</script>",
    "list": [1] * 2_000,
    "deep": nested(200),
    "object": {"a": {"b": None}},
    "file": FILE,
    "files": [FILE, {"path": "../../etc/passwd", "meta": {"_type": "gradio.FileData"}}],
    "address": {"path": "http://192.0.2.1/", "url": "http://192.0.2.1/", "meta": FILE["meta"]},
    "update": {"__type__": "update", "value": FILE},
}
FIELDS = """
    key question standalone replaces chat scope settings since until outlets articles outlet offset
    limit containing article quote answering at named path title turn verdict reason current
""".split()
FUNCTIONS = """
    start ask library examples list_articles open_article remove_article undo_removal list_chats
    open_chat rename_chat delete_chat rate place stop_question
""".split()


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_server_function_answers_any_value_in_words(visitor: Visitor, value: object) -> None:
    """Whether it comes in place of the values or as one of them."""
    for name in FUNCTIONS:
        for data in (value, *({field: value} for field in FIELDS)):
            answer = visitor.call(name, data)
            assert (answer.status_code, name) == (200, name)
            nothing_to_say = name == "stop_question"
            assert set(answer.json()) & {"html", "said", "error", "ahead"} or nothing_to_say
            assert not BROKEN.search(answer.text), (name, data)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_an_event_survives_any_value(visitor: Visitor, value: object) -> None:
    """As what was sent, as an input, and as a part of what was sent."""
    for event in range(max(visitor.events.values()) + 1):
        for sent in (value, {"key": value}, {"question": QUESTION, "scope": value, "named": value}):
            joined = visitor.join(event, sent, data=[value])
            assert joined.status_code in (200, 422)
            told = list(visitor.messages()) if joined.status_code == 200 else joined.text
            assert "Traceback" not in str(told)
            assert "root:" not in str(told)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [2**70, {"a": 1}, [nested(3)]])
def test_a_question_with_a_value_of_another_kind_is_answered_in_words(
    visitor: Visitor, field: str, value: object
) -> None:
    shown = visitor.ask(**{field: value}) if field != "question" else visitor.ask(value)
    assert set(shown) & {"turn", "error"}
    assert not BROKEN.search(str(shown))


def test_no_event_takes_a_value_from_the_page(visitor: Visitor) -> None:
    """Gradio would copy the file that it names: mounted in another app, it asks of none whose."""
    assert visitor.inputs == []


@pytest.mark.parametrize("value", ["file", "files", "address", "update"])
def test_what_comes_back_to_the_page_is_never_taken_for_a_file(
    visitor: Visitor, value: str
) -> None:
    """Gradio would copy the file, or fetch the address, that an output names."""
    assert visitor.join(visitor.events["word"], {"key": VALUES[value]}).status_code == 200
    (done,) = [m for m in visitor.messages() if m["msg"] == "process_completed"]
    shown = (done["output"].get("data") or [{}])[0]
    assert shown.get("key") is None
    assert GONE in shown.get("error", "") or "cache folder" in str(done["output"])


NOT_OURS = """
    __init__ __class__ __getattr__ get_config preprocess postprocess push_to_hub _to_publish_format
    constructor_args server_fns word
""".split()


@pytest.mark.parametrize("name", [*NOT_OURS, "", "\ud800", "library\0"])
def test_nothing_but_our_functions_can_be_called(visitor: Visitor, name: str) -> None:
    assert visitor.call(name, {}).status_code == 404


@pytest.mark.parametrize("component", [0, -1, 99, 2**70, "x", [], {}, 1.5, float("nan")])
def test_a_component_that_is_not_there_does_nothing(visitor: Visitor, component: object) -> None:
    answer = visitor.call("library", {}, component)
    assert answer.status_code in (400, 500)
    assert not BROKEN.search(answer.text)


@pytest.mark.parametrize("event", [-1, 99, 2**70, None, "x", [], {}])
def test_an_event_that_is_not_there_does_nothing(visitor: Visitor, event: object) -> None:
    answer = visitor.join(event)
    assert answer.status_code in (400, 422, 500)
    assert not BROKEN.search(answer.text)


def test_after_a_failure_of_the_app_the_connection_goes_on(visitor: Visitor) -> None:

    def connection() -> object:
        with visitor.http.stream("GET", "/favicon.ico") as answer:
            answer.read()
            return answer.extensions["network_stream"].get_extra_info("client_addr")

    before = connection()
    assert visitor.join(99).status_code == 500
    assert connection() == before


# --- questions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question", ["", "   ", "\0", "\x1b[", "?!", "x" * 10_001, "word " * 501, "\u202e"]
)
def test_what_is_no_question_is_said_to_be_none(visitor: Visitor, question: str) -> None:
    assert re.search("question (is|has|'.*' has)", visitor.ask(question)["error"], re.S)


@pytest.mark.parametrize("question", ["x" * 10_000, "who \ud800 criticised Rowley?", "a\0b\x07c"])
def test_a_strange_question_is_answered(visitor: Visitor, question: str) -> None:
    assert "turn" in visitor.ask(question)


def test_markup_in_a_question_is_shown_as_it_was_typed(visitor: Visitor) -> None:
    shown = visitor.ask("who criticised <img src=x onerror=alert(1)> Rowley?")
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown["turn"]
    assert "<img" not in shown["turn"] + visitor.said("list_chats")["html"]["chats"]


# --- what is another's ---------------------------------------------------------------------------


@pytest.fixture
def kept(other: Visitor) -> Any:
    """A turn of somebody else's chat, as it was shown to them; the words are theirs alone."""
    return other.ask("who criticised Rowley in my secret chat?")


def turn_of(shown: Any) -> int:
    (found,) = re.findall(r'data-turn="(\d+)"', shown["turn"])[:1]
    return int(found)


@pytest.mark.parametrize("function", ["open_chat", "rename_chat", "delete_chat"])
def test_another_persons_chat_is_not_there(
    visitor: Visitor, other: Visitor, kept: Any, function: str
) -> None:
    refused = visitor.said(function, chat=kept["chat"], title="mine now")
    unknown = visitor.said(function, chat="A" * 22, title="mine now")
    assert refused["error"].replace(kept["chat"], "") == unknown["error"].replace("A" * 22, "")
    assert "my secret chat" in str(other.said("open_chat", chat=kept["chat"]))


@pytest.mark.parametrize("suffix", ["md", "html", "json"])
def test_another_persons_chat_is_not_downloaded(
    visitor: Visitor, other: Visitor, kept: Any, suffix: str
) -> None:
    path = f"/chats/{kept['chat']}.{suffix}"
    assert visitor.http.get(path).status_code == 404
    assert "my secret chat" in other.http.get(path).text


def test_nobody_lists_or_finds_the_chats_of_another(visitor: Visitor, kept: Any) -> None:
    for containing in ("", "secret", "Rowley"):
        assert "secret" not in str(visitor.said("list_chats", containing=containing))


def test_nobody_asks_within_the_chat_of_another(
    visitor: Visitor, other: Visitor, kept: Any
) -> None:
    assert "error" in visitor.ask(chat=kept["chat"])
    assert "error" in visitor.ask(chat=kept["chat"], replaces=turn_of(kept))
    assert other.said("open_chat", chat=kept["chat"])["html"]["turns"].count("<article") == 1


def test_nobody_replaces_the_turn_of_another(visitor: Visitor, other: Visitor, kept: Any) -> None:
    """Neither in a new chat nor in one of their own."""
    own = visitor.ask()
    assert "error" in visitor.ask(replaces=turn_of(kept), chat=own["chat"])
    visitor.ask(replaces=turn_of(kept))
    assert "my secret chat" in str(other.said("open_chat", chat=kept["chat"]))


def test_nobody_rates_the_answer_of_another(visitor: Visitor, other: Visitor, kept: Any) -> None:
    shown = other.said("open_chat", chat=kept["chat"])
    given = {"turn": turn_of(kept), "verdict": "down", "reason": "forged"}
    assert "error" in visitor.said("rate", **given)
    assert other.said("open_chat", chat=kept["chat"]) == shown


def test_nobody_stops_or_hears_the_events_of_another(visitor: Visitor, other: Visitor) -> None:
    joined = other.join(other.events["word"], {"key": "k"})
    cancel = {"fn_index": other.events["word"], "event_id": joined.json()["event_id"]}
    path = "/gradio_api/cancel"
    assert visitor.post(path, **cancel, session_hash=other.tab).status_code == 403
    own = f"/gradio_api/queue/data?session_hash={other.tab}"
    assert visitor.http.get(own).status_code == 403
    assert GONE in str(list(other.messages()))


def test_filters_of_a_question_that_name_nothing_find_nothing(visitor: Visitor) -> None:
    shown = visitor.ask(scope={"articles": ["0" * 16, "' OR 1=1 --"], "outlets": ["\0", "%"]})
    assert "The articles do not say" in shown["turn"]


# --- where it comes from, and who may come in ----------------------------------------------------


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}]
)
def test_another_site_reaches_nothing(visitor: Visitor, headers: dict[str, str]) -> None:
    """Nor does a name of its own that it points to this machine (DNS rebinding)."""
    visitor.http.headers.update(headers)
    for answer in (visitor.http.get("/"), visitor.call("library"), visitor.put("a.txt", b"a")):
        assert answer.status_code in (403, 421)
        assert [name for name in answer.headers if name.startswith("access-control")] == []


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory, seeds_folder: Path) -> Iterator[App]:
    """The app with sign-in."""
    folder = tmp_path_factory.mktemp("closed")
    add_user(folder / "accounts", "Ada", PASSWORD)
    library = shutil.copytree(seeds_folder, folder / "library")
    with running(library, "--auth", folder / "accounts") as started:
        yield started


def test_nothing_is_given_to_who_has_not_signed_in(closed: App) -> None:
    """By no route that there is, or that Gradio brings."""
    doors = ("/sign-in", "/sign-out")
    for method, path in [*NEEDED, *UNNEEDED]:
        if not path.startswith(doors):
            status, text = exactly(closed, method, path)
            assert (status in (401, 404), len(text) < 100) == (True, True), path


def test_who_has_signed_in_is_told_by_a_cookie_that_no_script_and_no_site_sees(closed: App) -> None:
    form = {"name": "Ada", "password": PASSWORD}
    answer = httpx.post(f"{closed.address}/sign-in", data=form, timeout=PATIENCE_S)
    assert "; HttpOnly; SameSite=Strict" in answer.headers["Set-Cookie"]
    front = httpx.get(closed.address, cookies=answer.cookies, timeout=PATIENCE_S)
    assert "gradio_config" in front.text


# --- uploads -------------------------------------------------------------------------------------


def pieces(megabytes: int) -> Iterator[bytes]:
    piece = b"x" * 1_000_000
    for _ in range(megabytes):
        yield piece


@contextmanager
def begun(app: App, visitor: Visitor, size: str = "Transfer-Encoding: chunked") -> Iterator[Any]:
    """The connection of an upload of which nothing has come yet."""
    where = httpx.URL(app.address)
    head = f"PUT /articles/file?name=a.txt HTTP/1.1\r\nHost: {where.host}:{where.port}\r\n"
    with socket.create_connection((where.host, where.port), timeout=PATIENCE_S) as connection:
        connection.sendall(f"{head}Cookie: {visitor.cookies()}\r\n{size}\r\n\r\n".encode())
        yield connection


def test_a_gigabyte_that_is_announced_is_refused_unread(app: App, visitor: Visitor) -> None:
    with begun(app, visitor, "Content-Length: 1000000000") as connection:
        assert connection.recv(1_000).startswith(b"HTTP/1.1 413 ")


def test_a_gigabyte_that_is_not_announced_takes_no_memory(app: App, visitor: Visitor) -> None:
    visitor.put("a.exe", pieces(9))  # what ten megabytes take is not what is measured
    before = app.memory()
    answer = visitor.put("a.txt", pieces(1_000))
    assert (answer.status_code, "larger than 10 MB" in answer.text) == (413, True)
    assert app.memory() - before < 100


def test_many_small_files_leave_nothing_behind(app: App, visitor: Visitor) -> None:
    for number in range(20):
        visitor.put(f"{number}.txt", f"{TEXT} Number {number}.".encode())
    before, opened = app.memory(), len(os.listdir(f"/proc/{app.process.pid}/fd"))  # noqa: PTH208
    for number in range(20, 320):
        answer = visitor.put(f"{number}.txt", f"{TEXT} Number {number}.".encode())
        assert answer.json()["status"] == "added"
    assert app.left_behind() == []
    assert len(os.listdir(f"/proc/{app.process.pid}/fd")) - opened < 10  # noqa: PTH208
    assert app.memory() - before < 100


def test_one_visitor_cannot_take_all_places_for_uploads(
    app: App, visitor: Visitor, other: Visitor
) -> None:
    """Files that come slowly keep three of eight places; cut off, they give them back."""
    with ExitStack() as slow:

        def refused_beside_one_more() -> bool:
            slow.enter_context(begun(app, visitor)).sendall(b"1\r\na\r\n")
            return visitor.put("b.txt", TEXT.encode()).status_code == 503

        assert until(refused_beside_one_more)
        assert other.put("b.txt", TEXT.encode()).status_code == 200
    assert until(lambda: visitor.put("b.txt", TEXT.encode()).status_code == 200)


def test_a_file_that_was_cut_off_is_not_added(app: App, visitor: Visitor) -> None:
    before = visitor.said("library")["count"]
    with begun(app, visitor, "Content-Length: 5000") as connection:
        connection.sendall(b"Half an article about a harbour. " * 20)
    assert until(lambda: visitor.put("b.txt", TEXT.encode()).status_code == 200)
    assert visitor.said("library")["count"] - before <= 1  # b.txt, if no test has added it


def test_many_uploads_at_once_are_added_or_told_to_come_back(app: App) -> None:
    visitors = [Visitor(app) for _ in range(8)]
    with ThreadPoolExecutor(32) as pool:
        sent = [
            pool.submit(v.put, f"{i}-{n}.txt", f"{TEXT} {i} {n}.".encode())
            for i, v in enumerate(visitors)
            for n in range(4)
        ]
    statuses = [answer.result().status_code for answer in sent]
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 3


NAMES = {
    "up": "../../../../etc/passwd.txt",
    "absolute": "/etc/cron.d/job.txt",
    "Windows": r"C:\Windows\win.txt",
    "NUL": "a\0b.txt",
    "long": "n" * 10_000 + ".txt",
    "bidi": "\u202etxt.exe\u202c.txt",
    "markup": "<img src=x onerror=alert(1)>.txt",
    "lines": "a.txt\r\nSet-Cookie: a=b.txt",
    "empty": "",
    "dots": "..",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_the_name_of_a_file_never_becomes_a_path(app: App, visitor: Visitor, name: str) -> None:
    """It is a label in the list of articles, and nothing of the page."""
    number = list(NAMES.values()).index(name)
    answer = visitor.put(name, f"An article with the number {number}.".encode())
    assert answer.json()["status"] == "added"
    listed = visitor.said("list_articles", containing="with the number")["html"]["articles"]
    assert "<img" not in listed + answer.text
    assert "\u202e" not in listed + answer.text
    assert not re.search("cron.d|Windows|etc/passwd", listed)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.exe", TEXT.encode()),
        ("no suffix", TEXT.encode()),
        (".txt", TEXT.encode()),
        ("binary.txt", bytes(range(256)) * 20),
        ("empty.txt", b""),
        ("blank.md", b" \n" * 100),
        ("cut.txt", b"\xff\xfea"),
        ("broken.txt", "Zürich schließt die Brücke über den Fluß. ".encode() * 9 + b"\xc3 a"),
        ("deep.html", b"<div>" * 50_000),
    ],
)
def test_what_is_no_article_is_skipped_with_a_reason(
    visitor: Visitor, name: str, data: bytes
) -> None:
    answer = visitor.put(name, data)
    assert (answer.status_code, answer.json()["status"]) == (200, "skipped")
    assert not BROKEN.search(answer.text)


def test_an_entity_reads_no_file(visitor: Visitor) -> None:
    page = '<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/passwd">]><p>Entity &e; of a page.</p>' * 3
    visitor.put("entity.html", page.encode())
    (article,) = re.findall(
        r'data-article="(\w{16})"', str(visitor.said("list_articles", containing="Entity"))
    )[:1]
    assert "root:" not in str(visitor.said("open_article", article=article))


# --- paths ---------------------------------------------------------------------------------------


def added(visitor: Visitor, named: object) -> Any:
    return visitor.told("addPath", {"key": "k", "named": str(named)})


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that was not allowed, with an article."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("The secret harbour plan is Heron. " * 3)
    return tmp_path / "outside"


def test_a_file_inside_is_added(visitor: Visitor, allowed: Path) -> None:
    (allowed / "inside.txt").write_text("The lighthouse of Skerry was lit again on Sunday. " * 3)
    assert added(visitor, allowed / "inside.txt")["counts"] == {"added": 1}


def test_what_lies_outside_is_refused_in_the_same_words_as_what_is_not_there(
    visitor: Visitor, allowed: Path, outside: Path
) -> None:
    paths = [
        outside,
        outside / "secret.txt",
        outside / "no.txt",
        allowed / "no.txt",
        allowed / ".." / outside.name / "secret.txt",
        f"{allowed}/../{os.path.relpath(outside, allowed.parent)}/secret.txt",
        f"{allowed}x",
        "/",
        "/etc/passwd",
        "/proc/self/environ",
        "/dev/zero",
        "secret.txt",
        "../secret.txt",
        "~",
        "",
        f"{allowed}\0/secret.txt",
        f"{allowed}/{'n' * 5_000}",
        "\ud800",
        "file:///etc/passwd",
        "http://127.0.0.1/",
    ]
    said = {added(visitor, path)["error"] for path in paths}
    assert len(said) == 1
    assert "none of the folders" in said.pop()


@pytest.mark.parametrize("link", ["secret.txt", "folder"])
def test_a_link_that_leads_out_is_not_followed(
    visitor: Visitor, allowed: Path, outside: Path, link: str
) -> None:
    """Named itself or met in a folder; nor is anything said of what it leads to."""
    (allowed / "links").mkdir(exist_ok=True)
    target = outside if link == "folder" else outside / link
    (allowed / "links" / link).symlink_to(target)
    try:
        assert "none of the folders" in added(visitor, allowed / "links" / link)["error"]
        shown = added(visitor, allowed / "links")
        assert "added" not in shown["counts"]
        assert "secret" not in str(shown["lines"])
    finally:
        (allowed / "links" / link).unlink()
    found = visitor.said("list_articles", containing="harbour plan")["html"]["articles"]
    assert "Heron" not in found


def test_a_pipe_inside_is_not_waited_for(visitor: Visitor, allowed: Path) -> None:
    (allowed / "pipes").mkdir(exist_ok=True)
    os.mkfifo(allowed / "pipes" / "pipe.txt")
    try:
        assert added(visitor, allowed / "pipes" / "pipe.txt")["counts"] == {"skipped": 1}
        assert added(visitor, allowed / "pipes")["counts"] == {}
    finally:
        (allowed / "pipes" / "pipe.txt").unlink()


def test_without_allowed_folders_every_path_is_refused_in_the_same_words(closed: App) -> None:
    visitor = Visitor(closed, "Ada")
    said = {added(visitor, path)["error"] for path in ("/", "/etc/passwd", "/nowhere", "", "x")}
    assert len(said) == 1


# --- floods --------------------------------------------------------------------------------------


def until(holds: Any) -> bool:
    """Whether it comes to hold."""
    patience = time.monotonic() + PATIENCE_S
    while not (held := holds()) and time.monotonic() < patience:
        time.sleep(0.2)
    return bool(held)


@contextmanager
def flood(
    app: App, visitors: list[Visitor], each: int
) -> Iterator[list[http.client.HTTPConnection]]:
    """So many questions of each visitor, of which the answers have not been read.

    The app stands still till a hundred have come: else it might keep up with who asks them.
    """
    where = httpx.URL(app.address)
    with ExitStack() as opened, ExitStack() as halted:
        app.process.send_signal(signal.SIGSTOP)
        halted.callback(app.process.send_signal, signal.SIGCONT)
        asked = []
        for visitor in [visitor for visitor in visitors for _ in range(each)]:
            one = http.client.HTTPConnection(where.host, where.port, timeout=PATIENCE_S)
            asked.append(opened.enter_context(closing(one)))
            body = visitor.called("ask", {"key": "k", "question": QUESTION})
            headers = {"Content-Type": "application/json", "Cookie": visitor.cookies()}
            one.request("POST", "/gradio_api/component_server/", json.dumps(body), headers)
            if len(asked) == 100:
                halted.close()
        yield asked


def test_300_questions_of_one_visitor_take_no_place_from_another(
    app: App, visitor: Visitor, other: Visitor
) -> None:
    """They are told so at once, by the app or before it."""
    with flood(app, [visitor], 300) as asked:
        assert "Williams" in other.ask()["turn"]
        answers = [one.getresponse() for one in asked]
        told = [json.load(answer) for answer in answers if answer.status == 200]
    assert {answer.status for answer in answers} == {200, 503}
    assert any("turn" in one for one in told)
    assert all("turn" in one or "wait already" in one["error"] for one in told)


def test_as_many_visitors_as_one_likes_to_invent_are_told_to_come_back(
    app: App, visitor: Visitor
) -> None:
    """From one address; what was let in is worked off."""
    with flood(app, [Visitor(app) for _ in range(150)], 1) as asked:
        statuses = [one.getresponse().status for one in asked]
    assert set(statuses) == {200, 503}
    assert statuses.count(200) >= 64
    assert "turn" in visitor.ask()


def test_what_nobody_fetches_is_not_piled_up(app: App, visitor: Visitor) -> None:
    """A page that sets off events and never listens is refused after a while."""

    def refused() -> bool:
        joined = visitor.join(visitor.events["word"], {"key": ""})
        lying = visitor.join(visitor.events["stop"])
        return joined.status_code == lying.status_code == 503 and quiet()

    def quiet() -> bool:
        time.sleep(0.5)  # what is at work ends: then it is the unread alone
        return visitor.join(visitor.events["word"], {"key": ""}).status_code == 503

    assert until(refused)


def test_pages_without_end_are_forgotten(visitor: Visitor) -> None:
    """Of one visitor's pages the thirty last used are remembered, with what waits for them."""
    first = visitor.tab
    visitor.join(visitor.events["word"], {"key": "k"})
    for _ in range(30):
        visitor.tab = secrets.token_hex(8)
        visitor.call("library")
    visitor.tab = first
    with pytest.raises(httpx.RemoteProtocolError):  # Gradio breaks off what it knows nothing of
        list(visitor.messages())


def test_new_pages_do_not_grow_the_app(app: App, visitor: Visitor) -> None:
    def ask_as_new_pages(count: int) -> None:
        for _ in range(count):
            visitor.tab = secrets.token_hex(8)
            visitor.ask()

    ask_as_new_pages(60)
    before = app.memory()
    ask_as_new_pages(200)
    assert app.memory() - before < 30


# --- where it is, and whom it asks ---------------------------------------------------------------


def test_behind_a_proxy_it_is_at_its_public_address_alone(
    tmp_path: Path, seeds_folder: Path
) -> None:
    """Though it listens everywhere: a name that was not given to it is refused with the remedy."""
    library = shutil.copytree(seeds_folder, tmp_path / "library")
    with running(library, "--host", "0.0.0.0", "--public-address", "https://rag.example") as app:

        def asked(host: str, **headers: str) -> httpx.Response:
            return httpx.get(app.address, headers={"Host": host, **headers}, timeout=PATIENCE_S)

        assert "open https://rag.example" in app.log.read_text("utf-8")
        page = asked("rag.example")
        assert (page.status_code, "; Secure" in page.headers["Set-Cookie"]) == (200, True)
        other = asked("evil.example")
        assert (other.status_code, "--public-address" in other.text) == (421, True)
        statuses = [
            asked("192.0.2.1:7860", Origin=origin).status_code
            for origin in ("https://rag.example", "http://192.0.2.1:7860", "http://rag.example")
        ]
        assert statuses == [200, 403, 403]


def test_a_library_that_is_replaced_meanwhile_is_said_to_be(
    tmp_path: Path, seeds_folder: Path
) -> None:
    """Without the server's folders; the log names the library and the remedy."""
    library = shutil.copytree(seeds_folder, tmp_path / "library")
    with running(library) as app:
        visitor = Visitor(app)
        assert "Williams" in visitor.ask()["turn"]
        shutil.copy(library / "library.db", tmp_path / "restored.db")
        (tmp_path / "restored.db").replace(library / "library.db")
        error = visitor.ask()["error"]
        assert "Tell whoever runs this program" in error
        assert str(tmp_path) not in error
        said = app.log.read_text("utf-8")
        assert "was moved or replaced while it was open; start the program again." in said


# Run by the app's Python before the app: an audit hook cannot be taken off again.
WATCH = """
import os, sys

def note(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        host = arguments[1][0] if isinstance(arguments[1], tuple) else "a local socket"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    with open(os.environ["WATCHED"], "a") as file:
        print(event, host, file=file)

sys.addaudithook(note)
note("socket.getaddrinfo", ("localhost",))
"""
OWN = re.compile(r"socket\.\w+ (127\.\d+\.\d+\.\d+|::1|localhost|None|a local socket)")


def test_the_app_itself_asks_nothing_of_the_network(tmp_path: Path, seeds_folder: Path) -> None:
    """From its start on: no name is looked up, no connection opened but to this machine.

    Seen is what goes through Python; what a compiled library opens by itself is not.
    """
    library = shutil.copytree(seeds_folder, tmp_path / "library")
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    watched = tmp_path / "watched"
    environment = {"PYTHONPATH": str(tmp_path / "watch"), "WATCHED": str(watched)}
    with running(library, "--writer", "auto", **environment) as app:
        visitor = Visitor(app)
        shown = visitor.ask()
        assert shown["wording"]
        assert "turn" in visitor.told("word", {"key": "k"})
        assert visitor.put("a.txt", (TEXT * 3).encode()).status_code == 200
        page = b"<html><body><article><p>" + TEXT.encode() * 9 + b"</p></article></body></html>"
        assert visitor.put("a.html", page).status_code == 200
        for name in ("start", "library", "examples", "list_articles", "list_chats"):
            assert visitor.call(name, {}).status_code == 200
        assert visitor.http.get(f"/chats/{shown['chat']}.html").status_code == 200
    sought = watched.read_text().splitlines()
    assert sought, "nobody watched"
    assert [line for line in sought if not OWN.fullmatch(line)] == []


# --- starting and stopping -----------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [("SIGINT", 0), ("SIGTERM", -signal.SIGTERM)])
def test_a_signal_ends_it_while_somebody_listens(
    tmp_path: Path, seeds_folder: Path, number: str, code: int
) -> None:
    """Without a traceback; Ctrl-C is how it is meant to be ended."""
    library = shutil.copytree(seeds_folder, tmp_path / "library")
    with running(library) as app:
        visitor = Visitor(app)
        visitor.ask()
        path = f"/gradio_api/heartbeat/{visitor.tab}"
        with visitor.http.stream("GET", path) as heartbeat, begun(app, visitor) as upload:
            next(heartbeat.iter_lines())
            upload.sendall(b"1\r\na\r\n")
            app.process.send_signal(signal.Signals[number])
            assert app.process.wait(timeout=PATIENCE_S) == code
        assert "Traceback" not in app.log.read_text("utf-8", "replace")


def test_nothing_listens_but_at_the_host_that_was_named(app: App) -> None:
    sockets = Path(f"/proc/{app.process.pid}/net/tcp")
    if not sockets.exists():
        pytest.skip("sockets are read from /proc")
    ours = {
        found[1]
        for name in Path(f"/proc/{app.process.pid}/fd").iterdir()
        if (found := re.match(r"socket:\[(\d+)\]", str(name.readlink())))
    }
    listening = [
        line.split()[1]
        for kind in ("tcp", "tcp6")
        for line in sockets.with_name(kind).read_text().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[9] in ours
    ]
    port = httpx.URL(app.address).port
    assert listening == [f"0100007F:{port:04X}"]


def ui(run: Run, library: Path, *flags: str | Path) -> subprocess.CompletedProcess[str]:
    return run("--library", library, "ui", *flags)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--host", ""], "--host names no address"),
        (["--host", "nowhere.invalid"], "nowhere.invalid, port 7860 to 7879: "),
        (["--host", "192.0.2.1", "--port", "0"], "192.0.2.1, port 0: "),
        (["--port", "70000"], "port 70000: "),
        (["--port", "-1"], "port -1: "),
        (["--port", "x"], "invalid int value: 'x'"),
        (["--auth", "missing"], "missing: no such file of accounts"),
        (["--auth", "/etc/hostname"], "line 1 is not NAME:scrypt"),
        (["--allow-path", "missing"], "--allow-path missing: no such folder"),
        (["--add-user", "Ada"], "--add-user needs --auth FILE"),
        (["--public-address", "rag.example"], "--public-address rag.example: not http"),
        (["--model", "missing.gguf"], "model missing.gguf: no such file"),
    ],
)
def test_what_it_cannot_start_with_is_said_in_a_line(
    run: Run, seeds_folder: Path, flags: list[str], said: str
) -> None:
    done = ui(run, seeds_folder, *flags)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("rag: ")][-1:]
    assert said in line
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_said_in_a_line(run: Run, seeds_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = ui(run, seeds_folder, "--port", str(taken.getsockname()[1]))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "already in use" in done.stderr


def test_a_user_is_added_with_the_password_from_a_pipe(run: Run, tmp_path: Path) -> None:
    done = run("ui", "--auth", "users", "--add-user", "Ada", stdin=f"{PASSWORD}\n")
    assert (done.returncode, "Ada may sign in." in done.stderr) == (0, True)
    assert PASSWORD not in (tmp_path / "users").read_text()


@pytest.mark.parametrize("password", ["", "\n", "short\n", "x" * 1_001])
def test_a_weak_password_is_refused(run: Run, tmp_path: Path, password: str) -> None:
    done = run("ui", "--auth", "users", "--add-user", "Ada", stdin=password)
    assert (done.returncode, (tmp_path / "users").exists()) == (2, False)
    assert "the password is too " in done.stderr


def test_an_unusable_library_is_said_in_a_line(
    run: Run, tmp_path: Path, seeds_folder: Path
) -> None:
    library = shutil.copytree(seeds_folder, tmp_path / "library")
    for file in library.glob("library.db-*"):
        file.unlink()
    (library / "library.db").write_bytes(b"not a database, but long" * 100)
    done = ui(run, library, "--port", "0")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert len([line for line in done.stderr.splitlines() if line.startswith("rag: ")]) == 1


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_library_that_cannot_be_made_is_said_in_a_line(
    run: Run, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("a file")
    done = ui(run, tmp_path / place, "--port", "0")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert done.stderr.count("rag: ") == 1


def test_on_a_full_disk_the_page_says_so(tmp_path: Path, seeds_folder: Path) -> None:
    """What can be read is still answered from; a disk is full here for files above a size."""
    resource = pytest.importorskip("resource", reason="limits are POSIX")
    library = shutil.copytree(seeds_folder, tmp_path / "library")
    with running(library) as app:
        visitor = Visitor(app)
        visitor.ask()
        resource.prlimit(app.process.pid, resource.RLIMIT_FSIZE, (0, 0))
        shown = visitor.ask()
        assert "the disk is full" in shown["error"]
        assert "the disk is full" in visitor.put("a.txt", TEXT.encode()).text
        assert visitor.said("library")["count"] == 2
