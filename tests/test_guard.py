"""What gets through to the app, attacked over HTTP on loopback, past any page."""

import asyncio
import http.client
import json
import re
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from rag.errors import BadInput
from ui.accounts import Accounts, add_user
from ui.guard import BROWSER, SESSION, Guard
from ui.places import InHand, Places
from ui.server import hosts_of, public_origin

if TYPE_CHECKING:
    import gradio as gr

PASSWORD = "correct horse"
TOKEN = "t" * 43
HERE = frozenset({"127.0.0.1", "localhost", "::1"})
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NAVIGATION = {
    "Accept": "text/html",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    def cookie(self, name: str) -> str:
        """The value that the answer sets, empty where it sets none."""
        lines = self.headers.get_all("Set-Cookie") or []
        found = re.search(rf"^{name}=([^;]*)", "\n".join(lines), re.M)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Site:
    """A server on loopback, what a browser's cookie would be, and from where it asks."""

    port: int
    cookie: str = ""
    address: str = "127.0.0.1"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to just that path: nothing is made regular on the way."""
        sent = {"Cookie": self.cookie} if self.cookie else {}
        with closing(
            http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=20, source_address=(self.address, 0)
            )
        ) as connection:
            connection.request(method, path, body, {**sent, **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, value: object, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask("POST", path, json.dumps(value).encode(), {**JSON, **(headers or {})})

    def sign_in(
        self, name: str = "Ada", password: str = PASSWORD, headers: Mapping[str, str] | None = None
    ) -> Answer:
        form = urlencode({"name": name, "password": password}).encode()
        return self.ask("POST", "/sign-in", form, {**FORM, **(headers or {})})

    def signed_in(self, name: str = "Ada", password: str = PASSWORD) -> "Site":
        return Site(self.port, f"{SESSION}={self.sign_in(name, password).cookie(SESSION)}")


@contextmanager
def served(app: ASGIApp) -> Iterator[Site]:
    config = uvicorn.Config(
        app, log_level="error", ws="none", timeout_graceful_shutdown=1, proxy_headers=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield Site(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


async def echo(request: Request) -> Response:
    """What the app is told: the path, the body, who asks."""
    told = {
        "path": request.url.path,
        "bytes": len(await request.body()),
        "owner": request.state.owner,
        "user": request.state.user,
        "address": request.state.address,
    }
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"}
    return JSONResponse(told, headers=headers)


def inner() -> Starlette:
    app = Starlette()
    app.add_route("/{path:path}", echo, methods=["GET", "POST", "PUT", "OPTIONS", "HEAD"])
    return app


@pytest.fixture(scope="module")
def open_site() -> Iterator[Site]:
    """No sign-in: any browser may come in. The site as a browser sees it that has been there."""
    with served(Guard(inner(), accounts=None, hosts=HERE, body_s=1)) as site:
        yield Site(site.port, f"{BROWSER}={TOKEN}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    add_user(tmp_path / "accounts", "Ada", PASSWORD)
    add_user(tmp_path / "accounts", "Bob", "another horse")
    return tmp_path / "accounts"


@pytest.fixture
def closed_site(file: Path) -> Iterator[Site]:
    """With sign-in, and nobody has."""
    accounts = Accounts.read(file)
    with served(Guard(inner(), accounts=accounts, hosts=HERE)) as site:
        yield site


# --- routes --------------------------------------------------------------------------------------

NEEDED = [
    ("GET", "/"),
    ("GET", "/theme.css?v=1"),
    ("GET", "/favicon.ico"),
    ("GET", "/assets/index-BZ_2x.js"),
    ("GET", "/static/fonts/Lora/Lora-Regular.woff2"),
    ("GET", "/gradio_api/queue/data?session_hash=aaa"),
    ("GET", "/gradio_api/heartbeat/aaa"),
    ("POST", "/gradio_api/queue/join?"),
    ("POST", "/gradio_api/component_server"),
    ("POST", "/gradio_api/component_server/"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/reset"),
    ("PUT", "/articles/file?name=a.txt"),
    ("GET", "/chats/0f3a.html"),
]
UNNEEDED = [
    *(
        ("GET", path)
        for path in """
        /config /config/ /gradio_api/info /gradio_api/openapi.json /openapi.json /docs /redoc
        /gradio_api/file=/etc/passwd /gradio_api/file=../../etc/passwd /file=/etc/passwd
        /gradio_api/file=http://127.0.0.1:1/ /gradio_api/file=http://169.254.169.254/latest
        /gradio_api/file/etc/passwd /file/etc/passwd /gradio_api/file%3D/etc/passwd
        /gradio_api/proxy=http://127.0.0.1:1/ /gradio_api/proxy=http://169.254.169.254/
        /gradio_api/stream/a/b/c/playlist.m3u8 /gradio_api/call/ask/1 /gradio_api/call/v2/ask/1
        /gradio_api/upload_progress?upload_id=a /gradio_api/queue/status /gradio_api/app_id
        /gradio_api/token /gradio_api/token/ /gradio_api/user /gradio_api/login_check
        /gradio_api/deep_link?session_hash=aaa /gradio_api/runs /gradio_api/run-history/records
        /gradio_api/vibe-code /gradio_api/dev/reload /gradio_api/startup-events
        /gradio_api/profiling/traces /monitoring /monitoring/summary /logout /login /token
        /gradio_api/custom_component/a/client/component/index.js /svelte/a.js /manifest.json
        /pwa_icon /robots.txt /static/bokeh/3.8.1/bokeh.js /static/ffmpeg/ffmpeg-core.js
        /assets/ /assets/../config /assets/..%2f..%2fconfig /assets/%2e%2e/config /assets/.env
        /assets/a/b.js /assets//etc/passwd //assets/a.js //etc/passwd /./config /../etc/passwd
        /static/fonts/../../config /static/fonts/%2e%2e/a /static/img//etc/passwd
        /chats/../config /chats/a%2f..%2fb.md /chats/a.txt /chats/a.b.md /chats/.md /chats/
        /gradio_api/heartbeat/a%2fb /gradio_api/heartbeat/ /gradio_api/queue/data/
        /gradio_api//queue/data /gradio_api/queue%2Fdata /%67radio_api/queue/data /%00 /a%0d%0ab
        /assets/a.js%00 /assets/caf%C3%A9.js /ASSETS/a.js /sign-in /sign-out /articles/file
        """.split()
    ),
    *(
        ("POST", path)
        for path in """
        / /gradio_api/upload /gradio_api/upload?upload_id=a /upload /gradio_api/run/predict
        /gradio_api/api/predict /run/predict /api/predict /gradio_api/call/ask
        /gradio_api/call/v2/ask /gradio_api/stream/a /gradio_api/stream/a/close /login /login/
        /gradio_api/vibe-edit /gradio_api/undo-vibe-edit /gradio_api/process_recording
        /gradio_api/run-history/connect /gradio_api/profiling/clear /queue/join
        /gradio_api/queue/join/ /gradio_api/queue/data /articles/file /chats/a.md /sign-in /sign-out
        """.split()
    ),
    *(("PUT", path) for path in ("/", "/articles/file/", "/articles/../file", "/chats/a.md")),
    *(("OPTIONS", path) for path in ("/", "/gradio_api/queue/join", "/articles/file")),
    *(("HEAD", path) for path in ("/", "/gradio_api/file=/etc/passwd")),
    *(("DELETE", path) for path in ("/", "/chats/a.md")),
]


@pytest.mark.parametrize(("method", "path"), NEEDED)
def test_what_the_page_needs_gets_through(open_site: Site, method: str, path: str) -> None:
    body = b'{"session_hash": "aaa"}' if method == "POST" else None
    answer = open_site.ask(method, path, body, JSON)
    assert answer.status == 200
    assert json.loads(answer.text)["path"] == path.partition("?")[0]


@pytest.mark.parametrize(("method", "path"), UNNEEDED)
def test_everything_else_is_not_there(open_site: Site, method: str, path: str) -> None:
    assert open_site.ask(method, path, b"{}", JSON).status == 404


def test_there_is_no_web_socket() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    guard = Guard(inner(), accounts=None, hosts=HERE)
    asyncio.run(guard({"type": "websocket", "path": "/"}, receive, send))
    assert sent == [{"type": "websocket.close"}]


# --- where it comes from -------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "LOCALHOST:7860", "[::1]:7860"])
def test_the_names_it_was_given_are_answered(open_site: Site, host: str) -> None:
    assert open_site.get("/", {"Host": host}).status == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost.", "[::2]"])
def test_a_name_that_another_site_points_here_is_not(open_site: Site, host: str) -> None:
    """DNS rebinding."""
    assert open_site.get("/", {"Host": host}).status == 421


@pytest.mark.parametrize("host", ["", "localhost/../assets", "localhost?", "a@localhost", "a b"])
def test_a_host_that_is_none_is_refused(open_site: Site, host: str) -> None:
    assert open_site.get("/config", {"Host": host}).status == 400


FOREIGN: list[dict[str, str]] = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(("method", "path"), NEEDED)
def test_another_site_may_ask_nothing(
    open_site: Site, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = open_site.ask(method, path, b'{"session_hash": "aaa"}', {**JSON, **headers})
    assert answer.status == 403


@pytest.mark.parametrize("headers", [*FOREIGN, {"Sec-Fetch-Site": "cross-site", **NAVIGATION}])
def test_another_site_can_sign_nobody_in_or_out(closed_site: Site, headers: dict[str, str]) -> None:
    assert closed_site.sign_in(headers=headers).status == 403
    ada = closed_site.signed_in()
    assert ada.ask("POST", "/sign-out", b"", headers).status == 403
    assert ada.get("/").status == 200


def test_our_own_page_may_ask(open_site: Site) -> None:
    own = {"Origin": open_site.origin, "Sec-Fetch-Site": "same-origin"}
    assert open_site.post("/gradio_api/cancel", {"session_hash": "aaa"}, own).status == 200


def test_a_name_that_is_refused_is_told_with_the_flag_that_lets_it_in(open_site: Site) -> None:
    text = open_site.get("/", {"Host": "a.example"}).text
    assert "the name a.example;" in text
    assert "--public-address" in text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_server_on_loopback_has_the_names_of_loopback_alone(host: str) -> None:
    hosts = hosts_of(host)
    assert all(name in hosts for name in ("127.0.0.1", "localhost", "::1"))
    assert not any(name in hosts for name in ("192.0.2.1", "2001:db8::1", "a.example"))


def test_a_server_at_one_address_has_that_as_its_name() -> None:
    hosts = hosts_of("192.0.2.1")
    assert "192.0.2.1" in hosts
    assert not any(name in hosts for name in ("192.0.2.2", "localhost", "a.example"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_at_every_address_has_them_all_and_its_own_names(host: str) -> None:
    hosts = hosts_of(host)
    own = socket.gethostname().lower()
    assert all(name in hosts for name in ("192.0.2.1", "2001:db8::1", "localhost", own))


@pytest.mark.parametrize(
    "name", ["a.example", "192.0.2.1.a.example", "2130706433", "0x7f.1", "localhost.a.example", ""]
)
def test_at_every_address_a_name_that_somebody_else_may_own_is_not_its(name: str) -> None:
    """DNS rebinding needs a name: an address leads to nowhere else."""
    assert name not in hosts_of("0.0.0.0")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "192.0.2.1"])
def test_the_name_in_the_public_address_is_added(host: str) -> None:
    hosts = hosts_of(host, "https://a.example:8443")
    assert "a.example" in hosts
    assert "b.example" not in hosts


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://a.example", "https://a.example"),
        ("https://A.Example/", "https://a.example"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:80", "http://a.example"),
        ("https://a.example:8443", "https://a.example:8443"),
        ("http://192.0.2.1:7860", "http://192.0.2.1:7860"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ],
)
def test_a_public_address_is_kept_as_browsers_write_an_origin(address: str, origin: str) -> None:
    assert public_origin(address) == origin


@pytest.mark.parametrize(
    "address",
    """
    a.example ftp://a.example https:// https:/a.example https://a.example/rag https://a.example?x
    https://a.example#x https://ada@a.example https://a.example:x https://a.example:123456
    https://a.example:70000 https://[a.example] https://*.a.example https://ä.example javascript:x
    https://[:::::]
    """.split(),
)
def test_what_is_no_public_address_is_refused_with_the_form_to_use(address: str) -> None:
    with pytest.raises(BadInput, match=r"^--public-address .*; write it as https://") as refused:
        public_origin(address)
    assert "\n" not in str(refused.value)


@pytest.fixture(scope="module")
def proxied_site() -> Iterator[Site]:
    """No sign-in, and a proxy in front that shows it to people by https."""
    hosts = HERE | {"a.example"}
    with served(Guard(inner(), accounts=None, hosts=hosts, origin="https://a.example")) as site:
        yield Site(site.port, f"{BROWSER}={TOKEN}")


@pytest.mark.parametrize("host", ["a.example", "127.0.0.1:7860"])
def test_behind_a_proxy_our_own_page_is_the_one_at_the_public_address(
    proxied_site: Site, host: str
) -> None:
    """Whether the proxy passes the name on, or asks by one of its own."""
    assert proxied_site.get("/", {"Host": host, "Origin": "https://a.example"}).status == 200
    assert proxied_site.get("/", {"Host": host, "Origin": "http://a.example"}).status == 403
    assert proxied_site.get("/", {"Host": host, "Origin": f"http://{host}"}).status == 403


def test_a_link_from_another_site_leads_to_the_front_page(open_site: Site) -> None:
    """By a page that asks again, since strict cookies are not sent along with the first request."""
    path = "/gradio_api/queue/data?session_hash=aaa"
    answer = open_site.get(path, {"Sec-Fetch-Site": "cross-site", **NAVIGATION})
    assert (answer.status, answer.cookie(BROWSER)) == (200, "")
    assert 'http-equiv="refresh" content="0; url=/"' in answer.text


# --- browsers without sign-in --------------------------------------------------------------------


def test_the_front_page_gives_a_browser_its_cookie(open_site: Site) -> None:
    answer = Site(open_site.port).get("/")
    attributes = str(answer.headers["Set-Cookie"]).split("; ")[1:]
    assert re.fullmatch(r"[\w-]{43}", answer.cookie(BROWSER))
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=31536000"}


def test_behind_https_the_cookie_stays_there(proxied_site: Site) -> None:
    assert "; Secure" in str(proxied_site.get("/").headers["Set-Cookie"])


def test_behind_https_the_session_stays_there(file: Path) -> None:
    accounts, origin = Accounts.read(file), "https://a.example"
    with served(Guard(inner(), accounts=accounts, hosts=HERE, origin=origin)) as site:
        assert "; Secure" in str(site.sign_in().headers["Set-Cookie"])


def test_a_browser_keeps_its_cookie(open_site: Site) -> None:
    assert open_site.get("/").cookie(BROWSER) == TOKEN


@pytest.mark.parametrize(("method", "path"), NEEDED[1:])
@pytest.mark.parametrize("cookie", ["", "x", f"{BROWSER}=", f"{BROWSER}=short", f"a={TOKEN}"])
def test_nothing_else_is_open_to_who_has_none(
    open_site: Site, method: str, path: str, cookie: str
) -> None:
    assert Site(open_site.port, cookie).ask(method, path, b"{}", JSON).status == 401


def test_two_browsers_are_two_owners(open_site: Site) -> None:
    other = Site(open_site.port, f"{BROWSER}={'u' * 43}")
    owners = {json.loads(site.get("/").text)["owner"] for site in (open_site, other)}
    assert len(owners) == 2
    assert all(re.fullmatch(r"browser:[0-9a-f]{64}", owner) for owner in owners)


def test_nobody_becomes_another_by_what_he_sends(open_site: Site) -> None:
    """An owner is known by the cookie alone, and an owner's name is not its cookie."""
    told = json.loads(open_site.get("/").text)
    forged = {"owner": "user:Ada", "X-Owner": "user:Ada", "X-Forwarded-User": "Ada"}
    again = open_site.get("/?owner=user:Ada&user=Ada", forged)
    assert json.loads(again.text)["owner"] == told["owner"]
    assert json.loads(again.text)["user"] is None
    stolen = Site(open_site.port, f"{BROWSER}={told['owner'].removeprefix('browser:')}")
    assert stolen.get("/favicon.ico").status == 401


def test_a_browsers_tab_is_nobody_elses(open_site: Site) -> None:
    """Even who has seen the Gradio session of another reads and ends nothing of it."""
    other = Site(open_site.port, f"{BROWSER}={'u' * 43}")
    assert open_site.post("/gradio_api/queue/join", {"session_hash": "mine"}).status == 200
    assert other.get("/gradio_api/queue/data?session_hash=mine").status == 403
    assert other.get("/gradio_api/heartbeat/mine").status == 403
    for path in ("queue/join", "component_server", "component_server/", "cancel"):
        assert other.post(f"/gradio_api/{path}", {"session_hash": "mine"}).status == 403
    assert open_site.get("/gradio_api/queue/data?session_hash=mine").status == 200


# --- who is counted with whom --------------------------------------------------------------------


def counted(site: Site, headers: Mapping[str, str] | None = None) -> object:
    return json.loads(site.get("/", headers).text)["address"]


def test_without_sign_in_people_are_counted_by_address_too(open_site: Site) -> None:
    assert counted(open_site) == "127.0.0.1"


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_nobody_chooses_the_address_they_are_counted_by(open_site: Site, name: str) -> None:
    assert counted(open_site, {name: "for=192.0.2.1" if name == "Forwarded" else "192.0.2.1"}) == (
        "127.0.0.1"
    )


def test_behind_a_proxy_whose_address_is_everybodys_nobody_is_counted_by_it(
    proxied_site: Site,
) -> None:
    assert counted(proxied_site) is None


def test_the_signed_in_are_counted_by_name_alone(closed_site: Site) -> None:
    assert counted(closed_site.signed_in()) is None


def room(in_hand: InHand, *visitors: tuple[str, str | None]) -> list[bool]:
    """For each of them whether there was room, while those before were still at it."""
    with ExitStack() as at_work:
        return [not at_work.enter_context(in_hand.one_more(*visitor)) for visitor in visitors]


def test_one_visitor_has_so_many_things_in_hand_and_leaves_room_for_others() -> None:
    in_hand = InHand(each=2, near=9, total=9)
    asked = [("ada", None), ("ada", None), ("ada", None), ("bob", None)]
    assert room(in_hand, *asked) == [True, True, False, True]


def test_an_address_has_so_many_however_many_cookies_it_invents() -> None:
    in_hand = InHand(each=2, near=3, total=9)
    asked = [(f"browser{n}", "192.0.2.1") for n in range(5)]
    assert room(in_hand, *asked, ("ada", "192.0.2.2")) == [True] * 3 + [False] * 2 + [True]


def test_all_of_them_have_so_many() -> None:
    in_hand = InHand(each=2, near=3, total=4)
    assert room(in_hand, *((f"person{n}", None) for n in range(5))) == [True] * 4 + [False]


def test_what_is_done_leaves_room_again_and_no_trace() -> None:
    in_hand = InHand(each=1, near=1, total=1)
    for number in range(3):
        assert room(in_hand, (f"browser{number}", f"192.0.2.{number}")) == [True]
    assert not in_hand._counts


# --- sign-in -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cookie", ["", f"{SESSION}={TOKEN}", f"{BROWSER}={TOKEN}"])
def test_nothing_is_open_to_who_has_not_signed_in(closed_site: Site, cookie: str) -> None:
    """Nor to one with a made-up cookie."""
    stranger = Site(closed_site.port, cookie)
    answers = {(method, path): stranger.ask(method, path, b"{}", JSON) for method, path in NEEDED}
    assert {asked: answer.status for asked, answer in answers.items()} == dict.fromkeys(NEEDED, 401)


@pytest.mark.parametrize("path", ["/", "/chats/a.html"])
def test_who_has_not_signed_in_is_shown_where(closed_site: Site, path: str) -> None:
    answer = closed_site.get(path, {"Accept": "text/html", "Sec-Fetch-Site": "none"})
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")


def test_signing_in_opens_the_app(closed_site: Site) -> None:
    answer = closed_site.sign_in()
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    told = json.loads(Site(closed_site.port, f"{SESSION}={answer.cookie(SESSION)}").get("/").text)
    assert (told["owner"], told["user"]) == ("user:Ada", "Ada")


def test_no_script_reads_the_session(closed_site: Site) -> None:
    attributes = str(closed_site.sign_in().headers["Set-Cookie"]).split("; ")[1:]
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Strict"}


def test_an_upload_of_the_signed_in_arrives_whole(closed_site: Site) -> None:
    """It may be larger than anything else; its own limits are where it is read."""
    ada = closed_site.signed_in()
    answer = ada.ask("PUT", "/articles/file?name=a.txt", b"x" * 3_000_000)
    assert json.loads(answer.text)["bytes"] == 3_000_000


@pytest.mark.parametrize(
    ("name", "password"),
    [("Ada", "wrong horse"), ("Bob", PASSWORD), ("nobody", PASSWORD), ("Ada", ""), ("", "")],
)
def test_a_wrong_name_or_password_is_said_in_words(
    closed_site: Site, name: str, password: str
) -> None:
    """The same words, so that nobody learns which names there are."""
    answer = closed_site.sign_in(name, password)
    assert (answer.status, answer.cookie(SESSION)) == (401, "")
    assert '<p role="alert">The name or the password is not right.</p>' in answer.text


def test_the_name_that_was_typed_comes_back_as_text(closed_site: Site) -> None:
    page = closed_site.sign_in('"><script>alert(1)</script>').text
    assert 'value="&quot;&gt;&lt;script&gt;' in page
    assert "<script" not in page


def test_the_sign_in_page_needs_nothing_from_elsewhere(closed_site: Site) -> None:
    answer = closed_site.get("/sign-in")
    assert answer.status == 200
    assert not re.search(r"src=|url\(|<link rel=\"stylesheet|<script|https?:", answer.text)
    assert "default-src 'none'" in str(answer.headers["Content-Security-Policy"])


@pytest.mark.parametrize("field", ["name", "password"])
def test_each_field_of_it_has_a_label(closed_site: Site, field: str) -> None:
    page = closed_site.get("/sign-in").text
    assert f'<label for="{field}">' in page
    assert re.search(rf'<input id="{field}"[^>]* autocomplete="(username|current-password)"', page)


def test_who_is_signed_in_does_not_see_it(closed_site: Site) -> None:
    answer = closed_site.signed_in().get("/sign-in")
    assert (answer.status, answer.headers["Location"]) == (303, "/")


def test_no_parameter_leads_elsewhere(closed_site: Site) -> None:
    form = urlencode({"name": "Ada", "password": PASSWORD, "next": "http://evil.example"})
    answer = closed_site.ask("POST", "/sign-in?next=//evil.example", form.encode(), FORM)
    assert answer.headers["Location"] == "/"


def test_signing_out_ends_the_session_on_the_server(closed_site: Site) -> None:
    ada, elsewhere = closed_site.signed_in(), closed_site.signed_in()
    answer = ada.ask("POST", "/sign-out")
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    assert ada.get("/").status == 401
    assert elsewhere.get("/").status == 200


def test_signing_in_again_ends_the_session_before(closed_site: Site) -> None:
    """And never takes over a token that the browser came with."""
    ada = closed_site.signed_in()
    assert ada.sign_in().cookie(SESSION) not in ("", ada.cookie.partition("=")[2])
    assert ada.get("/").status == 401


def test_a_removed_user_is_out_with_the_next_request(closed_site: Site, file: Path) -> None:
    bob = closed_site.signed_in("Bob", "another horse")
    assert bob.get("/").status == 200
    file.write_text(file.read_text().splitlines()[0])
    assert bob.get("/").status == 401


@pytest.mark.parametrize("damage", ["garbled", None])
def test_nobody_is_in_while_the_accounts_cannot_be_read(
    closed_site: Site, file: Path, damage: str | None
) -> None:
    """Nor is the file named to them."""
    ada = closed_site.signed_in()
    file.unlink() if damage is None else file.write_text(damage)
    for answer in (ada.get("/"), closed_site.sign_in()):
        assert answer.status == 503
        assert str(file) not in answer.text


def test_after_five_failures_it_says_how_long_to_wait(closed_site: Site) -> None:
    statuses = [closed_site.sign_in(password=f"wrong horse {n}").status for n in range(5)]
    answer = closed_site.sign_in()
    assert (statuses, answer.status) == ([401] * 5, 429)
    assert 0 < int(str(answer.headers["Retry-After"])) <= 15 * 60
    assert "Too many attempts. Try again in 15 minutes." in answer.text


def test_failures_under_one_name_do_not_keep_out_another(closed_site: Site) -> None:
    for number in range(6):
        closed_site.sign_in(password=f"wrong horse {number}")
    assert closed_site.sign_in("Bob", "another horse").status == 303


def test_behind_a_proxy_a_few_failures_shut_a_name_for_nobody(file: Path) -> None:
    """All people have one address there; after fifty failures the name has to wait all the same."""
    accounts, origin = Accounts.read(file), "https://a.example"
    with served(Guard(inner(), accounts=accounts, hosts=HERE, origin=origin)) as site:
        for number in range(6):
            assert site.sign_in(password=f"wrong horse {number}").status == 401
        assert site.sign_in().status == 303
        statuses = [site.sign_in(password=f"wrong horse {number}").status for number in range(51)]
        assert statuses == [401] * 50 + [429]
        assert site.sign_in("Bob", "another horse").status == 303


def test_many_attempts_at_once_are_counted_as_well(closed_site: Site) -> None:
    statuses: list[int] = []

    def attempt(number: int) -> None:
        statuses.append(closed_site.sign_in(password=f"wrong horse {number}").status)

    threads = [threading.Thread(target=attempt, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [401] * 5 + [429] * 15


# --- bodies --------------------------------------------------------------------------------------


def chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * 100_000


def test_a_body_over_its_limit_is_refused_by_what_it_says(open_site: Site) -> None:
    headers = {**JSON, "Content-Length": str(10**9)}
    assert open_site.ask("POST", "/gradio_api/queue/join", b"", headers).status == 413


def test_a_body_that_does_not_say_is_counted(open_site: Site) -> None:
    assert open_site.ask("POST", "/gradio_api/queue/join", chunks(3), JSON).status == 413


def test_a_body_just_below_gets_through(open_site: Site) -> None:
    body = b'{"session_hash": "aaa"}'.ljust(200_000)
    answer = open_site.ask("POST", "/gradio_api/queue/join", body, JSON)
    assert json.loads(answer.text)["bytes"] == 200_000


def test_a_sign_in_form_may_have_eight_kilobytes(closed_site: Site) -> None:
    assert closed_site.ask("POST", "/sign-in", b"name=" + b"x" * 8_000, FORM).status == 413


@pytest.mark.parametrize("body", [b"\xff", b"&" * 1_000, b"--x\r\n\r\n", b"name=%ff&password=%00"])
def test_a_garbled_form_is_a_failed_attempt(closed_site: Site, body: bytes) -> None:
    assert closed_site.ask("POST", "/sign-in", body, FORM).status == 401


def test_a_body_that_does_not_come_is_not_waited_for(open_site: Site) -> None:
    """Nor one of which a byte comes now and then: the limit is on the whole."""
    with socket.create_connection(("127.0.0.1", open_site.port), timeout=20) as connection:
        head = "POST /gradio_api/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
        connection.sendall(f"{head}Cookie: {open_site.cookie}\r\n\r\n".encode())
        for _ in range(99):
            connection.sendall(b" ")
            if select.select([connection], [], [], 0.2)[0]:
                break
        answer = connection.recv(1_000)
    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[" * 200_000, 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"session_hash": null}', 400),
        (b'{"session_hash": ["aaa"]}', 400),
        (b'{"session_hash": "../aaa"}', 400),
        (b'{"session_hash": "' + b"a" * 65 + b'"}', 400),
    ],
)
def test_a_body_that_the_page_would_not_send_is_refused(
    open_site: Site, body: bytes, status: int
) -> None:
    for path in ("queue/join", "component_server", "cancel"):
        assert open_site.ask("POST", f"/gradio_api/{path}", body, JSON).status == status


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data; boundary=x", *FORM.values()]
)
def test_only_json_reaches_gradio(open_site: Site, kind: str) -> None:
    """No file of a multipart form is written anywhere."""
    body = b'{"session_hash": "aaa"}'
    headers = {"Content-Type": kind}
    assert open_site.ask("POST", "/gradio_api/component_server", body, headers).status == 415


# --- headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"), [*NEEDED, ("GET", "/config"), ("GET", "/gradio_api/file=/etc/passwd")]
)
def test_every_answer_is_hardened(open_site: Site, method: str, path: str) -> None:
    answer = open_site.ask(method, path, b'{"session_hash": "aaa"}', JSON)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in str(answer.headers["Permissions-Policy"])
    assert "frame-ancestors 'none'" in str(answer.headers["Content-Security-Policy"])


@pytest.mark.parametrize(("method", "path"), NEEDED)
def test_no_answer_is_opened_to_other_sites(open_site: Site, method: str, path: str) -> None:
    answer = open_site.ask(method, path, b'{"session_hash": "aaa"}', JSON)
    assert [n for n in answer.headers if n.lower().startswith("access-control")] == []


@pytest.mark.parametrize(("method", "path"), NEEDED)
def test_nothing_but_gradios_own_files_is_kept_by_a_browser(
    open_site: Site, method: str, path: str
) -> None:
    lasting = path.startswith(("/assets/", "/static/"))
    answer = open_site.ask(method, path, b'{"session_hash": "aaa"}', JSON)
    assert answer.headers["Cache-Control"] == (None if lasting else "no-store")


def test_no_script_runs_in_an_exported_chat(open_site: Site) -> None:
    policy = str(open_site.get("/chats/0f3a.html").headers["Content-Security-Policy"])
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


# --- Gradio itself -------------------------------------------------------------------------------


def whose(value: str, request: "gr.Request") -> str:
    return f"{value}, {request.state.owner}"


ended = threading.Event()
ended.set()


def hold() -> None:
    ended.wait()


begun = threading.Semaphore(0)


def hold_call(_: object) -> None:
    begun.release()
    ended.wait()


@pytest.fixture(scope="module")
def gradio_site() -> Iterator[Site]:
    """A page of one gr.HTML, mounted as the real one is."""

    async def guarded() -> ASGIApp:
        import fastapi
        import gradio as gr

        whose.__annotations__["request"] = gr.Request  # Gradio reads the annotation itself
        with gr.Blocks(analytics_enabled=False) as blocks:
            page = gr.HTML("<p>one</p>", server_functions=[whose, hold_call])
            page.submit(whose, page, page, api_visibility="private")
            page.submit(hold, None, None, api_visibility="private")
        app = fastapi.FastAPI(openapi_url=None)
        gr.mount_gradio_app(app, blocks, "/", footer_links=[], run_history=False, ssr_mode=False)
        return Guard(app, accounts=None, hosts=HERE, places=Places(blocks))

    # in a loop, since Gradio opens others where there is none, and leaves them open
    with served(asyncio.run(guarded())) as site:
        yield Site(site.port, f"{BROWSER}={TOKEN}")


def components(site: Site) -> dict[str, int]:
    """The numbers of the page's components by their kind."""
    config = json.loads(
        re.search(r"window\.gradio_config = (\{.*?\});</script>", site.get("/").text, re.S)[1]  # type: ignore[index]
    )
    return {part["type"]: part["id"] for part in config["components"]}


def held(site: Site, tab: str) -> Answer:
    """An event that is not done before `ended` is set."""
    body = {"data": [], "fn_index": 1, "session_hash": tab}
    return site.post("/gradio_api/queue/join", body)


def call(site: Site, tab: str, **changes: object) -> Answer:
    body = {"data": "hello", "component_id": components(site)["html"], "fn_name": "whose"}
    return site.post("/gradio_api/component_server/", {**body, "session_hash": tab, **changes})


def streamed(site: Site, tab: str, value: object) -> str:
    body = {"data": [value], "fn_index": 0, "session_hash": tab}
    joined = site.post("/gradio_api/queue/join?", body)
    assert joined.status == 200, joined.text
    return site.get(f"/gradio_api/queue/data?session_hash={tab}").text


def test_the_page_and_its_files_are_served(gradio_site: Site) -> None:
    page = gradio_site.get("/")
    files = re.findall(r"\./(assets/[^\"]+|theme\.css[^\"]*)\"", page.text)
    assert page.status == 200
    assert len(files) > 1
    assert {gradio_site.get(f"/{file}").status for file in files} == {200}


def test_a_server_function_is_told_who_asks(gradio_site: Site) -> None:
    assert re.match('"hello, browser:[0-9a-f]{64}"', call(gradio_site, "one").text)


def test_an_event_is_told_who_asks(gradio_site: Site) -> None:
    assert re.search("hello, browser:[0-9a-f]{64}", streamed(gradio_site, "two", "hello"))


def test_another_browser_cannot_listen_to_an_event(gradio_site: Site) -> None:
    body = {"data": ["hello"], "fn_index": 0, "session_hash": "three"}
    gradio_site.post("/gradio_api/queue/join?", body)
    other = Site(gradio_site.port, f"{BROWSER}={'u' * 43}")
    assert other.get("/gradio_api/queue/data?session_hash=three").status == 403


@pytest.mark.parametrize("name", ["preprocess", "__init__", "__class__", "postprocess", ""])
def test_only_the_server_functions_can_be_called(gradio_site: Site, name: str) -> None:
    assert call(gradio_site, "four", fn_name=name).status == 404


@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", "http://127.0.0.1:1/a"])
def test_a_forged_file_value_is_to_a_server_function_what_it_is(
    gradio_site: Site, path: str
) -> None:
    """Not opened, not fetched, not copied. An event must not take one: it is copied."""
    forged = {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
    assert call(gradio_site, "five", data=forged).text.startswith(f"\"{{'path': '{path}', 'url':")


def test_of_pages_without_end_one_visitors_oldest_are_forgotten(gradio_site: Site) -> None:
    """Nobody can have the pages of others forgotten with them."""
    other = Site(gradio_site.port, f"{BROWSER}={'u' * 43}")
    for site, tab in ((gradio_site, "mine"), (other, "theirs")):
        site.post("/gradio_api/queue/join", {"data": [tab], "fn_index": 0, "session_hash": tab})
    for number in range(30):
        assert call(gradio_site, f"new{number}").status == 200
    assert "theirs, browser:" in other.get("/gradio_api/queue/data?session_hash=theirs").text
    with pytest.raises(http.client.IncompleteRead):  # Gradio breaks off what it does not know
        gradio_site.get("/gradio_api/queue/data?session_hash=mine")


def test_who_has_five_events_waiting_sets_off_no_other(gradio_site: Site) -> None:
    """Until one is done; others may."""
    other = Site(gradio_site.port, f"{BROWSER}={'u' * 43}")
    ended.clear()
    try:
        statuses = [held(gradio_site, f"held{n}").status for n in range(6)]
        assert (statuses, held(other, "other").status) == ([200] * 5 + [503], 200)
    finally:
        ended.set()
    assert '"success":true' in gradio_site.get("/gradio_api/queue/data?session_hash=held4").text
    assert held(gradio_site, "again").status == 200


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has one loopback address")
def test_events_of_one_address_leave_room_for_another(gradio_site: Site) -> None:
    """However many cookies it invents."""
    sites = [Site(gradio_site.port, f"{BROWSER}={n:043}", "127.0.0.2") for n in range(41)]
    ended.clear()
    try:
        statuses = [held(site, f"invented{n}").status for n, site in enumerate(sites)]
        assert (statuses, held(gradio_site, "elsewhere").status) == ([200] * 40 + [503], 200)
    finally:
        ended.set()
    assert until(lambda: held(gradio_site, "after").status == 200)


def test_who_has_sixteen_calls_at_work_makes_no_other(gradio_site: Site) -> None:
    """Until one is done; others may."""
    other = Site(gradio_site.port, f"{BROWSER}={'u' * 43}")
    ended.clear()
    try:
        with ThreadPoolExecutor(16) as pool:
            calls = [pool.submit(call, gradio_site, "calls", fn_name="hold_call") for _ in "x" * 16]
            assert all(begun.acquire(timeout=20) for _ in calls)
            assert call(gradio_site, "calls").status == 503
            assert call(other, "theircalls").status == 200
            ended.set()
            assert {made.result().status for made in calls} == {200}
    finally:
        ended.set()
    assert call(gradio_site, "calls").status == 200


def until(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold within some seconds."""
    patience = time.monotonic() + 20
    while not (held := holds()) and time.monotonic() < patience:
        time.sleep(0.05)
    return held


def test_a_page_that_never_listens_is_refused(gradio_site: Site) -> None:
    """What it is told would be kept without end."""
    statuses = set()
    for _ in range(200):
        statuses.add(held(gradio_site, "deaf").status)
        time.sleep(0.01)
    assert statuses == {200, 503}
    assert held(gradio_site, "another").status == 200


@pytest.mark.parametrize(("method", "path"), UNNEEDED)
def test_none_of_gradios_other_routes_answers(gradio_site: Site, method: str, path: str) -> None:
    answer = gradio_site.ask(method, path, b"{}", JSON)
    assert (
        answer.status,
        json.loads(answer.text or "{}").get("error", "there is nothing here"),
    ) == (
        404,
        "there is nothing here",
    )


def test_gradio_opens_nothing_to_other_sites(gradio_site: Site) -> None:
    answer = gradio_site.get("/theme.css", {"Origin": gradio_site.origin})
    assert answer.status == 200
    assert [n for n in answer.headers if n.lower().startswith("access-control")] == []
