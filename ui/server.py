"""The browser app's server: Gradio's app, two routes of our own, and the guard before both."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit

import anyio
from anyio.to_thread import run_sync
from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from rag.answering import open_engine
from rag.chats import Chats, one_line
from rag.embedding import BUNDLED, Embedder
from rag.errors import BadInput, ChatUnknown, LibraryBusy, ModelMissing, RagError, printable
from rag.ingesting import Ingested
from rag.library import Library
from rag.llm import BUNDLED as BUNDLED_LLM
from rag.llm import check_model, is_address
from rag.machine import LOOPBACK
from rag.settings import Settings
from ui import views
from ui.accounts import Accounts
from ui.desk import Desk, add_upload, export, in_words
from ui.guard import Guard
from ui.models import SharedModel
from ui.places import InHand, Places

PORT = 7860
_MORE_PORTS = 20  # that are tried where none was named
_EVERYWHERE = ("0.0.0.0", "::")
_ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d+)?/?", re.I | re.A)
# Files that may be on their way in at once, of one visitor, of an address and of all.
_UPLOADS_EACH, _UPLOADS_NEAR, _UPLOADS = 3, 6, 8
_UPLOAD_S = 120.0  # for a file to come in whole


def open_desk(
    settings: Settings,
    allowed: Sequence[str] = (),
    prepare: Callable[[Embedder], object] = Embedder.onnx_file,
) -> Desk:
    """The library, made if there is none yet, and the models that people share.

    `prepare` is given the embedder before its first use, which may take long. Raises RagError.
    """
    folders = tuple(map(_folder, allowed))
    folder, embedding = Path(settings.library), settings.embedding or BUNDLED
    embedder = Embedder(embedding)
    Library.create(folder, embedder.name, embedder.fingerprint, embedder.dimension).close()
    engine = open_engine(folder, writer="quote", embedding=embedding)
    prepare(engine.embedder)
    engine.indexes.current()
    return Desk(
        engine=engine,
        chats=Chats(folder),
        model=SharedModel(_models(settings, folders)),
        settings=settings,
        allowed=folders,
    )


def _folder(path: str) -> Path:
    try:
        real = Path(path).expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        real = None
    if real is None or not real.is_dir():
        raise BadInput(f"--allow-path {path}: no such folder; name one that is there.")
    return real


def _models(settings: Settings, folders: Sequence[Path]) -> dict[str, str]:
    """The chat models to choose from, by name: the one that was set, ours, and those allowed."""
    offered: dict[str, str] = {}
    if settings.model:
        shown = settings.model if is_address(settings.model) else Path(settings.model).name
        offered[one_line(shown, 80)] = check_model(settings.model)
    for name in (BUNDLED_LLM, *(str(f) for d in folders for f in sorted(d.glob("*.gguf")))):
        try:
            check_model(name)
        except ModelMissing:
            continue
        offered.setdefault(one_line(Path(name).name, 80), name)
    return offered


# --- the application ------------------------------------------------------------------------------


async def application(
    desk: Desk, *, accounts: Accounts | None, host: str, origin: str | None = None
) -> ASGIApp:
    """All of it, behind the guard. Gradio wants to be put together inside the running loop."""
    # Its own statistics, which nobody sees here, would be worked out anew after each event.
    os.environ |= {
        "GRADIO_ANALYTICS_ENABLED": "False",
        "GRADIO_ANALYTICS_MAX_EVENTS": "1",
        "GRADIO_ANALYTICS_CACHE_FREQUENCY": "999999999",
    }
    import gradio as gr

    from ui.app import build

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.put("/articles/file")(_upload(desk))
    app.get("/chats/{name}")(_download(desk))
    style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    blocks = build(desk)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        head=f"<style>{style}</style>",  # as `css`, Gradio would rewrite its selectors
        theme=gr.themes.Base(font=["Georgia", "serif"], font_mono=["ui-monospace", "monospace"]),
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        show_error=False,
        max_file_size=1,
    )
    places = Places(blocks)
    hosts = hosts_of(host, origin)
    return Guard(app, accounts=accounts, hosts=hosts, origin=origin, places=places)


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names, in lower case, under which a server is asked; under others it is not (rebinding).

    `addresses`: and whatever address it was reached at, since none can be made to lead elsewhere.
    """

    names: frozenset[str]
    addresses: bool

    def __contains__(self, name: object) -> bool:
        if name in self.names:
            return True
        try:
            return self.addresses and bool(ip_address(str(name)))
        except ValueError:
            return False


def hosts_of(host: str, origin: str | None = None) -> Hosts:
    """What a server at `host` is called, with the name in its public address if it has one."""
    names = {urlsplit(origin).hostname or ""} if origin else set()
    if host in _EVERYWHERE:
        own = socket.gethostname().lower()  # not getfqdn, which asks the network
        names |= {*LOOPBACK, own, f"{own.partition('.')[0]}.local"}
    else:
        names |= LOOPBACK if host in LOOPBACK else {host.lower()}
    return Hosts(frozenset(names), addresses=host in _EVERYWHERE)


def public_origin(address: str) -> str:
    """The origin of pages at a public address, as browsers write it. Raises BadInput."""
    try:
        parts = urlsplit(address)
        name, port = parts.hostname or "", parts.port
    except ValueError:  # of the port, or of what stands in brackets
        name, port = "", None
    if not name or not _ORIGIN.fullmatch(address):
        raise BadInput(
            f"--public-address {printable(address)}: not http:// or https:// with a host and no "
            "path; write it as https://articles.example."
        )
    host = f"[{name}]" if ":" in name else name
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def _upload(desk: Desk) -> Callable[[Request], object]:
    uploads = InHand(each=_UPLOADS_EACH, near=_UPLOADS_NEAR, total=_UPLOADS)
    most = int(desk.settings.max_megabytes * 1e6)

    async def upload(request: Request) -> Response:
        name = request.query_params.get("name", "")
        with uploads.one_more(request.state.owner, request.state.address) as full:
            if full:
                return _refused(name, 503, "too many files at once; try again")
            return await received(request, name)

    async def received(request: Request, name: str) -> Response:
        try:
            with anyio.fail_after(_UPLOAD_S):
                data = await _body(request, most)
            if data is None:
                return _refused(name, 413, f"larger than {desk.settings.max_megabytes:g} MB")
            item = await run_sync(add_upload, desk, name, data)
        except TimeoutError:
            return _refused(name, 408, "did not come in whole in time; try again")
        except ClientDisconnect:
            return _refused(name, 400, "was broken off")
        except LibraryBusy:
            return _refused(name, 503, "another file is being added; try again when that is done")
        except RagError as error:
            return _refused(name, 409, in_words(error))
        return _item(item)

    return upload


async def _body(request: Request, most: int) -> bytes | None:
    """The body, or None as soon as it is longer than `most` bytes."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > most:
        return None
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > most:
            return None
    return bytes(data)


def _refused(name: str, status: int, why: str) -> Response:
    return _item(Ingested(name, "skipped", None, None, why), status)


def _item(item: Ingested, status: int = 200) -> Response:
    line = views.added_line(item) if item.note else ""
    return JSONResponse({"status": item.status, "line": line}, status)


def _download(desk: Desk) -> Callable[..., object]:
    def download(name: str, request: Request) -> Response:
        chat_id, _, suffix = name.rpartition(".")
        try:
            media, text = export(desk, request.state.owner, chat_id, suffix)
            title = desk.chats.chat(request.state.owner, chat_id).title
        except (ChatUnknown, BadInput) as error:
            return JSONResponse({"error": str(error)}, 404)
        except RagError as error:
            return JSONResponse({"error": in_words(error)}, 503)
        file = quote(f"{title[:80]}.{suffix}", safe="")
        disposition = f"attachment; filename=\"chat.{suffix}\"; filename*=UTF-8''{file}"
        return Response(text, media_type=media, headers={"Content-Disposition": disposition})

    return download


# --- running it -----------------------------------------------------------------------------------


def serve(
    desk: Desk,
    *,
    accounts: Accounts | None,
    host: str,
    port: int | None,
    ready: Callable[[str], None],
    origin: str | None = None,
) -> None:
    """Serves until interrupted; `ready` is called with the address once it is. Raises BadInput.

    `origin` is where a proxy shows it to people, as `public_origin` writes it.
    """
    listening = _listen(host, port)
    address = f"http://{_shown(host)}:{listening.getsockname()[1]}"
    try:
        app = application(desk, accounts=accounts, host=host, origin=origin)
        asyncio.run(_serve(desk, app, listening, lambda: ready(address)))
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()


def _shown(host: str) -> str:
    if host in _EVERYWHERE:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int | None) -> socket.socket:
    if not host:  # which would be everywhere
        raise BadInput("--host names no address; give one, for example 127.0.0.1.")
    ports = range(PORT, PORT + _MORE_PORTS) if port is None else (port,)
    why = ""
    for candidate in ports:
        opened = None
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            # Without its number asyncio takes the socket for another kind, and sends 40 ms late.
            opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            if sys.platform != "win32":
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((host, candidate))
        except (OSError, OverflowError) as error:
            if opened is not None:  # there may be no IPv6 at all
                opened.close()
            why = getattr(error, "strerror", None) or str(error).rstrip(".")
            continue
        return opened
    named = ports[0] if len(ports) == 1 else f"{ports[0]} to {ports[-1]}"
    raise BadInput(f"{host}, port {named}: {why}; name another with --port or --host.")


async def _serve(
    desk: Desk,
    app: Awaitable[ASGIApp],
    listening: socket.socket,
    ready: Callable[[], None],
) -> None:
    import uvicorn

    config = uvicorn.Config(
        await app,
        log_level="warning",
        ws="none",
        timeout_graceful_shutdown=2,
        server_header=False,
        proxy_headers=False,  # uvicorn believes those of every program of this machine
    )
    server = uvicorn.Server(config)

    async def tell() -> None:
        while not server.started:
            await asyncio.sleep(0.02)
        ready()
        await run_sync(desk.model.get, desk.model.default)  # so that nobody waits for it later

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tell)
        await server.serve(sockets=[listening])
        tasks.cancel_scope.cancel()
