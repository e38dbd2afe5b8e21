"""Texts → vectors, with the real model."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import SENTENCES, texts

from rag.embedding import AGREEMENT, Embedder, default_cache, model_folder, open_session
from rag.errors import ModelMissing

QUESTION = "How much did the repair of the bridge cost?"
ANSWER = "Two million pounds were spent to mend the bridge."
OTHER = "The team won the cup in the last minute."


@settings(max_examples=15)
@given(text=texts)
def test_vectors_have_unit_length(text: str, embedder: Embedder) -> None:
    assert np.linalg.norm(embedder.encode([text, ""]), axis=1) == pytest.approx(1, abs=1e-5)


def test_vectors_come_in_the_order_of_the_texts(embedder: Embedder) -> None:
    """Though texts of like length are encoded together."""
    mixed = [f"{text} {n}" for n in range(3) for text in SENTENCES]
    alone = np.concatenate([embedder.encode([text]) for text in mixed])
    assert (embedder.encode(mixed) * alone).sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.encode([]).shape == (0, embedder.dimension)


def test_remembered_vectors_are_those_of_their_texts(embedder: Embedder) -> None:
    """In the order of the texts, the same text twice, and again when they come again."""
    asked = [ANSWER, OTHER, ANSWER, QUESTION]
    for some in (asked, asked[::-1], [OTHER, *SENTENCES]):
        found, alone = embedder.remembered(some), embedder.encode(some)
        assert (found * alone).sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert embedder.remembered([]).shape == (0, embedder.dimension)


def test_only_so_many_texts_are_remembered(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.embedding._REMEMBERED", 2)
    embedder.remembered([QUESTION, ANSWER, OTHER])
    assert list(embedder._memory) == [ANSWER, OTHER]


def test_progress_counts_every_text_once(embedder: Embedder) -> None:
    done: list[int] = []
    embedder.encode(list(SENTENCES) * 3, done.append)
    assert sum(done) == 3 * len(SENTENCES)


def test_what_answers_a_question_is_nearer_than_what_does_not(embedder: Embedder) -> None:
    question, answer, other = embedder.encode([QUESTION, ANSWER, OTHER])
    assert question @ answer > question @ other + 0.3


def test_what_is_beyond_the_window_does_not_count(embedder: Embedder) -> None:
    full = "bridge " * embedder.window
    assert embedder.count_tokens(full) == embedder.window
    within, beyond = embedder.encode([full, full + "and a flood"])
    assert within @ beyond == pytest.approx(1, abs=1e-5)


def test_tokens_are_counted_beyond_the_window(embedder: Embedder) -> None:
    assert embedder.count_tokens("bridge " * 5000) == 5000


def test_a_new_embedder_finds_the_export_made_before(embedder: Embedder, cache: Path) -> None:
    again = Embedder(cache=cache)
    assert again.prepared
    assert np.array_equal(again.encode([QUESTION]), embedder.encode([QUESTION]))


@pytest.mark.slow  # imports torch
def test_the_export_agrees_with_the_original(embedder: Embedder) -> None:
    """From 512 texts on the original encodes them, and the vectors are the same."""
    many = [f"{text} {n}" for n in range(1, 33) for text in SENTENCES]
    few = np.concatenate([embedder.encode(many[at : at + 64]) for at in range(0, 512, 64)])
    original = Embedder(cache=Path("/nowhere"))
    assert (few * original.encode(many)).sum(axis=1).min() >= AGREEMENT


# --- fingerprints --------------------------------------------------------------------------------


def copy_of_model(folder: Path, weights: bytes) -> Embedder:
    """The real model's tokenizer and configuration, with weights of our own."""
    folder.mkdir()
    for name in ("config.json", "sentence_bert_config.json", "tokenizer.json"):
        shutil.copy(model_folder("all-MiniLM-L6-v2") / name, folder)
    (folder / "model.safetensors").write_bytes(weights)
    return Embedder(str(folder))


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    weights = np.random.default_rng(0).bytes(1_000_000)
    one = copy_of_model(tmp_path / "one", weights)
    same = copy_of_model(tmp_path / "same", weights)
    tuned = copy_of_model(tmp_path / "tuned", np.random.default_rng(1).bytes(1_000_000))
    longer = copy_of_model(tmp_path / "longer", weights + b"\0")
    assert one.fingerprint == same.fingerprint
    assert len({one.fingerprint, tuned.fingerprint, longer.fingerprint}) == 3


def test_a_model_without_weights_is_missing(tmp_path: Path) -> None:
    made = copy_of_model(tmp_path / "model", b"")
    (tmp_path / "model/model.safetensors").unlink()
    with pytest.raises(ModelMissing, match="no weights in"):
        _ = made.fingerprint


# --- what can be wrong ---------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_named_with_the_remedy() -> None:
    with pytest.raises(ModelMissing, match=r"/nowhere: no such folder; .*all-MiniLM-L6-v2"):
        Embedder("/nowhere")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="is not a sentence-transformers model"):
        Embedder(str(tmp_path))


@pytest.mark.parametrize("name", ["config.json", "sentence_bert_config.json", "tokenizer.json"])
def test_a_damaged_model_is_refused(tmp_path: Path, name: str) -> None:
    copy_of_model(tmp_path / "model", b"weights")
    (tmp_path / "model" / name).write_text("{")
    with pytest.raises(ModelMissing, match="is not a sentence-transformers model"):
        Embedder(str(tmp_path / "model"))


def test_a_damaged_export_is_named_with_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"cut short")
    with pytest.raises(ModelMissing, match=r"model\.onnx: cannot be read; delete it"):
        open_session(file)


def test_the_cache_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_CACHE", str(tmp_path))
    assert default_cache() == tmp_path
