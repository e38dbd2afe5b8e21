"""A chat model behind an OpenAI-compatible address: llama-cpp-python's own server on loopback."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from rag.answering import ask, open_engine
from rag.checking import recheck
from rag.composing import UNREACHED
from rag.errors import ModelMissing
from rag.llm import Endpoint, check_model, open_model

GRAMMAR = 'root ::= "yes" | "no"'
ASKED = [("user", "Is it raining? Say yes or no.")]
QUESTION = "who criticised Rowley?"


class MockServer(BaseHTTPRequestHandler):
    """What no real server here would do: refuse grammars, break off, talk nonsense."""

    does: ClassVar[str] = ""
    keys: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        rows = [{"id": name} for name in ("one", "two")]
        self._send(200, json.dumps({"data": rows}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.keys.append(self.headers["authorization"])
        piece = 'data: {"choices": [{"delta": {"content": "yes"}}]}\n\n'
        if self.does == "takes no grammar" and "grammar" in body:
            self._send(400, b"{}")
        elif self.does == "is full":
            self._send(503, b"{}")
        elif self.does == "talks nonsense":
            self._send(200, b"data: <html>\n\n")
        elif self.does == "breaks off":
            self._send(200, piece.encode(), length=9_999)
        elif self.does == "never ends":
            self._send(200, piece.encode() * 10_000)
        else:
            self._send(200, f"{piece}data: [DONE]\n\n".encode())

    def _send(self, status: int, data: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("content-length", str(length or len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@contextmanager
def mock(does: str) -> Iterator[str]:
    made = type("Mock", (MockServer,), {"does": does})
    with ThreadingHTTPServer(("127.0.0.1", 0), made) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}/v1#one"
        httpd.shutdown()


def told(address: str) -> str:
    return "".join(Endpoint(address).stream(ASKED, GRAMMAR, 10))


# --- a real server --------------------------------------------------------------------------------


def test_a_model_at_an_address_keeps_to_the_grammar(server: str) -> None:
    model = Endpoint(f"{server}#small")
    assert "".join(model.stream(ASKED, GRAMMAR, 10)) in ("yes", "no")
    assert model.tokens_used[1] > 0


def test_where_one_model_is_served_it_need_not_be_named(server: str) -> None:
    assert open_model(server).name == "small"


def test_what_it_writes_is_checked_like_any_wording(server: str, seeds_folder: Path) -> None:
    engine = open_engine(seeds_folder, writer="llm", model=f"{server}#small")
    with engine.library:
        answer = ask(QUESTION, engine)
        assert answer.models["llm"] == "small"
        assert recheck(answer, engine.library) == []
        assert all(claim.supported and claim.citations for claim in answer.claims)


# --- what goes wrong ------------------------------------------------------------------------------


def test_a_server_that_takes_no_grammar_is_asked_without() -> None:
    with mock("takes no grammar") as address:
        assert told(address) == "yes"


def test_a_text_that_never_ends_is_cut() -> None:
    with mock("never ends") as address:
        assert len(told(address)) < 200


@pytest.mark.parametrize("does", ["is full", "talks nonsense", "breaks off"])
def test_what_a_server_does_wrong_is_told_in_one_line(does: str) -> None:
    with mock(does) as address, pytest.raises(ModelMissing) as error:
        told(address)
    assert address.partition("#")[0] in str(error.value)
    assert "\n" not in str(error.value)


def test_of_several_models_one_has_to_be_named() -> None:
    with mock("") as address, pytest.raises(ModelMissing, match="it serves one, two"):
        Endpoint(address.partition("#")[0])


def test_where_nobody_listens_the_address_is_named() -> None:
    with pytest.raises(ModelMissing, match=r"http://127\.0\.0\.1:9/v1: cannot be reached"):
        told("http://127.0.0.1:9/v1#one")


@pytest.mark.parametrize("address", ["http://", "https:///v1", "http://[::1"])
def test_what_is_no_address_is_refused_before_anything_is_asked(address: str) -> None:
    with pytest.raises(ModelMissing, match="is no address"):
        check_model(address)


@pytest.mark.parametrize("does", ["is full", "talks nonsense", "breaks off"])
def test_a_model_that_fails_leaves_the_quotes(does: str, seeds_folder: Path) -> None:
    with mock(does) as address:
        engine = open_engine(seeds_folder, writer="llm", model=address)
        with engine.library:
            answer = ask(QUESTION, engine)
    assert answer.method == "quoted"
    assert not answer.abstained
    assert any(not check.passed and check.what == UNREACHED for check in answer.checked)
    assert "cannot be reached" in (answer.notice or "")
    assert "127.0.0.1" not in json.dumps(answer.checked, default=str)


def test_the_key_goes_along_and_stands_in_no_answer(
    monkeypatch: pytest.MonkeyPatch, seeds_folder: Path
) -> None:
    monkeypatch.setenv("RAG_MODEL_KEY", "s3cret")
    with mock("is full") as address:
        engine = open_engine(seeds_folder, writer="llm", model=address)
        with engine.library:
            answer = ask(QUESTION, engine)
    assert MockServer.keys[-1] == "Bearer s3cret"
    assert "s3cret" not in json.dumps(answer.to_json())
