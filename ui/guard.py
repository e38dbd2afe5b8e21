"""In front of the Gradio app: what may be asked, from where, by whom, and how much at once.

Every request passes, in this order: Host, route, Origin, identity, body. Gradio brings some sixty
routes; the page needs eleven of them, and the others are not there.
"""

import asyncio
import hashlib
import html
import json
import logging
import math
import re
import secrets
from collections import OrderedDict
from collections.abc import Container
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

import anyio
from anyio.to_thread import run_sync
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import RagError
from ui.accounts import Accounts, Attempts, SignIns, network
from ui.places import InHand, Places

SESSION, BROWSER = "rag_session", "rag_browser"  # the cookies
_FILE = r"[\w~@+-][\w.~@+-]*"  # no name that opens with a dot, nothing percent-encoded
_HASH = r"[A-Za-z0-9]{1,64}"
# Gradio 6.31: what its page was seen to ask for in a browser, and what its client may ask for
_ROUTES = {
    "GET": re.compile(
        rf"/|/theme\.css|/favicon\.ico|/assets/{_FILE}|/static/(?:fonts|img|js)(?:/{_FILE})+"
        rf"|/gradio_api/queue/data|/gradio_api/heartbeat/(?P<tab>{_HASH})"
        r"|/chats/[\w-]{1,64}\.(?:md|html|json)|/sign-in",
        re.ASCII,
    ),
    "POST": re.compile(
        r"/gradio_api/(?:queue/join|component_server/?|cancel|reset)|/sign-in|/sign-out"
    ),
    "PUT": re.compile(r"/articles/file"),
}
_DOORS = {"/sign-in", "/sign-out"}
_UPLOAD = "/articles/file"
_CALL = {"/gradio_api/component_server", "/gradio_api/component_server/"}
_HOST = re.compile(r"(?:(?P<name>[a-z0-9._-]+)|\[(?P<ipv6>[0-9a-f:.]+)\])(?::\d{1,5})?", re.I)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes
_BODY_BYTES = 200_000  # a question with a thousand articles to ask has a tenth of that
_FORM_BYTES = 8_000
_YEAR_S = 365 * 24 * 3600
# Pages that are remembered, of one visitor, of an address and of all: one with an answer takes
# some 0.3 MB.
_TABS_EACH, _TABS_NEAR, _TABS = 30, 300, 1_000
# Server functions that wait or are at work, of one visitor, of an address and of all. A browser
# has six connections, or more where a proxy speaks HTTP/2.
_CALLS_EACH, _CALLS_NEAR, _CALLS = 16, 64, 400
# Failed sign-ins for a name and by address, where that is the proxy's and with it everybody's: with
# five for a name anybody could keep a person out in passing.
_FAILURES_OF_NAME, _FAILURES_BY_PROXY = 50, 1_000

_PAGE_POLICY = "; ".join(
    """
    default-src 'self'
    script-src 'self' 'unsafe-inline' 'unsafe-eval'
    script-src-attr 'none'
    style-src 'self' 'unsafe-inline'
    img-src 'self' data:
    font-src 'self' data:
    connect-src 'self'
    worker-src 'self' blob:
    object-src 'none'
    base-uri 'self'
    form-action 'self'
    frame-ancestors 'none'
    """.strip().split("\n    ")
)
# the sign-in page and an exported chat need no script, and whatever else is answered needs nothing
_STILL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # no-referrer would make browsers send `Origin: null` with the sign-in form
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_STEPPING_STONE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>One moment</title>'
    '<meta http-equiv="refresh" content="0; url=/"></head>'
    '<body><p><a href="/">Go on to the articles</a></p></body></html>'
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking: `owner` is what chats are kept under, `user` the name if there is one."""

    owner: str  # "user:NAME", or "browser:" and the SHA-256 of the browser's token
    user: str | None
    address: str | None  # by which they are counted too; None where that says nothing of them
    cookie: str | None  # to be set with the answer


class Guard:
    """The ASGI application around `app`.

    What gets through carries `request.state.owner`, `.user` and `.address`, as in `Visitor`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        accounts: Accounts | None,
        hosts: Container[str],
        origin: str | None = None,
        places: Places | None = None,
        body_s: float = 30.0,
    ) -> None:
        """`app`, shown to the signed in alone where there are accounts, else to any browser.

        `hosts` are the names it answers to, in lower case and without port. `origin` is where
        people find it behind a proxy, such as `https://a.example`; without, they come directly.
        `places` bounds what each may take of Gradio's queue, `body_s` is how long a request's body
        may take.
        """
        self._app = app
        self._hosts = hosts
        self._origin = origin
        self._secure = origin is not None and origin.startswith("https:")
        self._places = places
        self._body_s = body_s
        self._calls = InHand(each=_CALLS_EACH, near=_CALLS_NEAR, total=_CALLS)
        self._door = None
        if accounts is not None:
            by_all = Attempts(by_name=_FAILURES_OF_NAME, by_address=_FAILURES_BY_PROXY)
            attempts = by_all if origin else Attempts()
            self._door = Door(accounts, attempts, secure=self._secure, body_s=body_s)
        # Gradio's sessions, and the owner and address of each
        self._tabs: OrderedDict[str, tuple[str, str | None]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            hardened = _hardened(send, scope["path"])
            # cancelled are those that are still at it when the server ends: no traceback for that
            with suppress(asyncio.CancelledError):
                response = await self._answered(scope, receive, hardened)
                if response is not None:
                    await response(scope, receive, hardened)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> Response | None:
        """The guard's own answer; None where the app has given one, or nobody waits any more."""
        request = Request(scope, receive)
        try:
            if refused := self._refused(request):
                return refused
            if self._door is not None and scope["path"] in _DOORS:
                return await self._door.answered(request)
            visitor = self._visitor(request)
            if visitor is None:
                return _turned_away(request, signs_in=self._door is not None)
            if scope["path"] != _UPLOAD:  # its limits are where it is read
                body = await _body(request, _BODY_BYTES, self._body_s)
                if isinstance(body, Response):
                    return body
                if wrong := self._wrong(request, body, visitor):
                    return wrong
                receive = _replayed(body, receive)
        except RagError as error:  # the file of accounts has become unreadable
            log.error("%s", error)
            return _refusal(503, "nobody can sign in at the moment; tell whoever runs this")
        except ClientDisconnect:
            return None
        counted = self._calls.one_more(visitor.owner, visitor.address)
        with counted if scope["path"] in _CALL else nullcontext("") as full:
            if full:
                return _refusal(503, "too much of yours is being done already; try again")
            try:
                await self._app(_known(scope, visitor), receive, _with_cookie(send, visitor.cookie))
            except Exception:  # answered with a bare 500; raised on, it would end the connection
                log.exception("%s %s failed", request.method, scope["path"])
        return None

    def _refused(self, request: Request) -> Response | None:
        """The answer to what is asked under another name, of no route, or from another site."""
        hosts = request.headers.getlist("host")
        host = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if host is None:
            return _refusal(400, "a request needs one Host")
        name = (host["name"] or host["ipv6"]).lower()
        if name not in self._hosts:
            why = f"this server does not answer to the name {name[:100]}"
            return _refusal(421, f"{why}; if it is its own, start it with --public-address")
        doorless = self._door is None and request.scope["path"] in _DOORS
        if doorless or _route(request) is None:
            return _refusal(404, "there is nothing here")
        return _foreign(request, self._origin or f"{request.scope['scheme']}://{hosts[0]}".lower())

    # --- who is asking ---------------------------------------------------------------------------

    def _visitor(self, request: Request) -> Visitor | None:
        if self._door is not None:
            name = self._door.who(request)
            return Visitor(f"user:{name}", name, None, None) if name else None
        token = request.cookies.get(BROWSER, "")
        at_home = request.scope["path"] == "/"
        if not _TOKEN.fullmatch(token):
            if not at_home:
                return None
            token = secrets.token_urlsafe(32)
        owner = f"browser:{hashlib.sha256(token.encode()).hexdigest()}"
        # set again with each visit, so that the year begins anew
        cookie = _cookie(BROWSER, token, age_s=_YEAR_S, secure=self._secure) if at_home else None
        # Behind a proxy the peer is the proxy, whoever asks: there the cookie alone counts.
        address = network(request.client.host) if request.client and not self._origin else None
        return Visitor(owner, None, address, cookie)

    def _wrong(self, request: Request, body: bytes, visitor: Visitor) -> Response | None:
        """The answer to a request that Gradio could misread, or that names another's tab."""
        if not request.scope["path"].startswith("/gradio_api/"):
            return None
        if request.method == "POST" and _media_type(request) != "application/json":
            return _refusal(415, "only JSON is read here")
        if request.scope["path"] == "/gradio_api/reset":  # does nothing, and names no tab
            return None
        tab = _tab(request, body)
        if tab is None:
            return _refusal(400, "that is not what the page sends")
        if not self._is_own(tab, visitor):
            return _refusal(403, "that is somebody else's")
        asks = request.scope["path"] == "/gradio_api/queue/join"
        if asks and self._places and self._places.taken(visitor.owner, visitor.address, tab):
            # 503, which Gradio's page takes for a full queue
            return _refusal(503, "so much of yours is waiting already; ask again when it is done")
        return None

    def _is_own(self, tab: str, visitor: Visitor) -> bool:
        """Whether the page is the visitor's, as a new one is; those used longest ago are forgotten.

        First the visitor's own, then their address's, so that nobody can have the pages of others
        forgotten.
        """
        owner, address = visitor.owner, visitor.address
        if self._tabs.setdefault(tab, (owner, address))[0] != owner:
            return False
        self._tabs.move_to_end(tab)
        own = [known for known, whose in self._tabs.items() if whose[0] == owner]
        near = [known for known, whose in self._tabs.items() if address and whose[1] == address]
        for old in own[:-_TABS_EACH] or near[:-_TABS_NEAR] or list(self._tabs)[:-_TABS]:
            del self._tabs[old]
            if self._places:
                self._places.forget(old)
        return True


class Door:
    """The sign-in page: who has come in by it, and how often somebody has failed to."""

    def __init__(
        self, accounts: Accounts, attempts: Attempts, *, secure: bool, body_s: float
    ) -> None:
        self._accounts = accounts
        self._secure = secure
        self._body_s = body_s
        self._sign_ins = SignIns(accounts)
        self._attempts = attempts
        self._hashing = anyio.CapacityLimiter(2)  # 16 MB and a core each

    def who(self, request: Request) -> str | None:
        """The name under which the request's session was opened, None where there is none."""
        return self._sign_ins.who(request.cookies.get(SESSION, ""))

    async def answered(self, request: Request) -> Response:
        """What `/sign-in` and `/sign-out` answer."""
        if request.scope["path"] == "/sign-out":
            self._end(request)
            return _sent_on("/sign-in", _cookie(SESSION, "", age_s=0, secure=self._secure))
        if request.method == "GET":
            return _sign_in_page() if self.who(request) is None else _sent_on("/")
        body = await _body(request, _FORM_BYTES, self._body_s)
        if isinstance(body, Response):
            return body
        opened = await self._opened(request, _field(body, "name"), _field(body, "password"))
        if isinstance(opened, Response):
            return opened
        self._end(request)
        return _sent_on("/", _cookie(SESSION, opened, age_s=None, secure=self._secure))

    async def _opened(self, request: Request, name: str, password: str) -> str | Response:
        """The token of a new session, or the page that says why there is none."""
        address = request.client.host if request.client else ""
        if wait_s := self._attempts.take(name, address):
            return _wait_page(wait_s, name)
        check = self._accounts.check  # in a thread, so that everybody else is served meanwhile
        if await run_sync(check, name, password, limiter=self._hashing):
            self._attempts.succeeded(name, address)
            if token := self._sign_ins.open(name):
                return token
        return _sign_in_page(401, "The name or the password is not right.", name)

    def _end(self, request: Request) -> None:
        self._sign_ins.end(request.cookies.get(SESSION, ""))


# --- what is asked, and from where ---------------------------------------------------------------


def _route(request: Request) -> re.Match[str] | None:
    """The match of an allowed route; None for any other, and for a path written in escapes."""
    path = request.scope["path"]
    routes = _ROUTES.get(request.method)
    if routes is None or request.scope.get("raw_path", path.encode()) != path.encode():
        return None
    return routes.fullmatch(path)


def _foreign(request: Request, own: str) -> Response | None:
    """The answer to what another site has asked; `own` is the origin of our pages."""
    headers = request.headers
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        followed = headers.get("sec-fetch-mode") == "navigate"
        whole = headers.get("sec-fetch-dest") == "document"
        if request.method == "GET" and followed and whole:
            # a strict cookie does not come with it: our own page asks again
            return HTMLResponse(_STEPPING_STONE)
        return _refusal(403, "another site may not ask this")
    if any(origin.lower() != own for origin in headers.getlist("origin")):
        return _refusal(403, f"only a page at {own} may ask this; open that one")
    return None


def _turned_away(request: Request, *, signs_in: bool) -> Response:
    if signs_in and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/sign-in", 303)
    return _refusal(
        401,
        "you are signed out: reload the page, and sign in"
        if signs_in
        else "open the front page first",
    )


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status)


def _sent_on(path: str, cookie: str | None = None) -> Response:
    return RedirectResponse(path, 303, {"Set-Cookie": cookie} if cookie else None)


def _cookie(name: str, value: str, *, age_s: int | None, secure: bool) -> str:
    """A Set-Cookie line; `age_s` None: until the browser is closed."""
    age = "" if age_s is None else f"; Max-Age={age_s}"
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}" + "; Secure" * secure


def _wait_page(wait_s: int, name: str) -> Response:
    minutes = math.ceil(wait_s / 60)
    when = f"{minutes} minutes" if minutes > 1 else "a minute"
    page = _sign_in_page(429, f"Too many attempts. Try again in {when}.", name)
    page.headers["Retry-After"] = str(wait_s)
    return page


def _sign_in_page(status: int = 200, why: str = "", name: str = "") -> Response:
    page = Template(Path(__file__).with_name("sign_in.html").read_text(encoding="utf-8"))
    text = page.substitute(
        alert=f'<p role="alert">{html.escape(why)}</p>' if why else "",
        name=html.escape(name),
        name_focus="" if name else "autofocus",
        password_focus="autofocus" if name else "",
    )
    return HTMLResponse(text, status)


# --- bodies --------------------------------------------------------------------------------------


async def _body(request: Request, limit: int, wait_s: float) -> bytes | Response:
    """The whole body, or the answer to one over `limit` bytes or `wait_s` seconds."""
    closing = {"Connection": "close"}
    too_large = JSONResponse({"error": f"more than {limit:,} bytes"}, 413, closing)
    declared = request.headers.get("content-length", "")
    if re.fullmatch(r"\d{1,18}", declared, re.ASCII) and int(declared) > limit:
        return too_large
    body = bytearray()
    try:
        with anyio.fail_after(wait_s):
            async for part in request.stream():
                body += part
                if len(body) > limit:
                    return too_large
    except TimeoutError:
        return JSONResponse({"error": "the rest did not come"}, 408, closing)
    return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` as if the body had not been read."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _tab(request: Request, body: bytes) -> str | None:
    """The Gradio session (one a page load) that the request is about; None where it is garbled."""
    tab: object = request.query_params.get("session_hash")
    if request.method == "POST":
        try:
            values = json.loads(body)
        except (ValueError, RecursionError):
            return None
        tab = values.get("session_hash") if isinstance(values, dict) else None
    elif (route := _route(request)) and route["tab"]:
        tab = route["tab"]
    return tab if isinstance(tab, str) and re.fullmatch(_HASH, tab) else None


def _field(body: bytes, name: str) -> str:
    """A field of a posted form; empty where there is none, or the body is no form."""
    try:
        return parse_qs(body.decode(), max_num_fields=8).get(name, [""])[0]
    except ValueError:
        return ""


# --- what goes on, and what comes back -----------------------------------------------------------


def _known(scope: Scope, visitor: Visitor) -> Scope:
    told = {"owner": visitor.owner, "user": visitor.user, "address": visitor.address}
    return {**scope, "state": {**scope.get("state", {}), **told}}


def _with_cookie(send: Send, cookie: str | None) -> Send:
    async def sending(message: Message) -> None:
        if cookie is not None and message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("Set-Cookie", cookie)
        await send(message)

    return sending


def _hardened(send: Send, path: str) -> Send:
    """`send` with our headers on every answer, and none that opens it to other sites."""
    lasting = path.startswith(("/assets/", "/static/"))
    page = path == "/" or lasting  # a worker obeys the policy of its own file

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name in [name for name in headers if name.startswith("access-control-")]:
                del headers[name]
            headers.update(_HEADERS)
            headers["Content-Security-Policy"] = _PAGE_POLICY if page else _STILL_POLICY
            if not lasting:
                headers["Cache-Control"] = "no-store"
        await send(message)

    return sending
