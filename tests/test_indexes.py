"""The derived indexes, over hand-made vectors of eight numbers: nothing here can embed."""

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import store, unit_vectors

from rag.errors import LibraryBusy, StorageFull
from rag.indexes import DenseIndex, IndexDamagedError, Indexes, LexicalIndex
from rag.library import Library

ANY = np.eye(8, dtype=np.float32)[0]
ALL = 1000


def create(folder: Path) -> Library:
    return Library.create(folder, "a-model", "its-weights", 8)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Three articles, indexed, the indexes saved."""
    with create(tmp_path / "library") as made:
        for text in ("The river rose.", "The river fell.", "The bridges are closed."):
            store(made, text, f"/{text}", title="A report")
        Indexes(made).current(must_save=True)
        yield made


def texts(library: Library, found: list[tuple[int, float]]) -> list[str]:
    chunks = library.chunks([i for i, _ in found])
    return [chunks[i].text for i, _ in found]


def lexical(library: Library, question: str) -> list[str]:
    return texts(library, Indexes(library).lexical(question, ALL, None))


def everything(
    indexes: Indexes, among: set[str] | None = None
) -> tuple[dict[int, float], set[int]]:
    """All that each index finds: ids with cosines, and ids by words that every text has."""
    dense = {i: round(c, 5) for i, c in indexes.dense(ANY, ALL, among)}
    return dense, {i for i, _ in indexes.lexical("river bridges text", ALL, among)}


# --- following the library -----------------------------------------------------------------------

changes = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "remove", "undo", "erase", "look"]), st.integers(0, 5)
    ),
    max_size=12,
)


@settings(max_examples=10)
@given(changes=changes)
def test_indexes_that_follow_are_as_those_built_anew(
    changes: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever was put, removed, brought back or erased, and whenever they were looked at."""
    with create(tmp_path_factory.mktemp("any") / "library") as library:
        followed = Indexes(library)
        for n, (change, which) in enumerate(changes):
            apply(library, followed, change, which, n)
        after = everything(followed)
        Indexes(library).current(rebuild=True, must_save=True)
        assert after == everything(Indexes(library))
        assert set(after[0]) == after[1] == set(library.chunk_ids({a.id for a in library.listed()}))


def apply(library: Library, indexes: Indexes, change: str, which: int, n: int) -> None:
    present = [a.id for a in library.listed()]
    if change == "put":
        store(library, f"The river text {n}.", f"/{which}")
    elif change == "look":
        everything(indexes)
    elif change == "undo" and library_has_removed(library):
        library.undo()
    elif change in ("remove", "erase"):
        library.remove(present[which : which + 1])
        if change == "erase":
            age(library)
            library.remove([])


def library_has_removed(library: Library) -> bool:
    with sqlite3.connect(library.folder / "library.db") as db:
        rows = db.execute(
            "SELECT COUNT(*) FROM articles WHERE removed IS NOT NULL "
            "AND id IN (SELECT article FROM sources)"
        ).fetchone()
    db.close()
    return bool(rows[0])


def age(library: Library) -> None:
    """As if what was removed had been so long ago."""
    with sqlite3.connect(library.folder / "library.db") as db:
        db.execute("UPDATE articles SET removed = '2001' WHERE removed IS NOT NULL")
    db.close()


def test_what_another_connection_put_is_found(library: Library) -> None:
    indexes = Indexes(library)
    before = len(everything(indexes)[0])
    with Library.open(library.folder) as other:
        store(other, "A new text.", "/new")
    dense, words = everything(indexes)
    assert len(dense) == before + 1
    assert texts(library, indexes.lexical("new", ALL, None)) == ["A new text."]
    assert set(dense) == words


def test_while_another_writes_the_stored_words_lag_and_vectors_do_not(library: Library) -> None:
    """It will bring them up to date itself; when it is done, both are."""
    indexes = Indexes(library)
    everything(indexes)
    with Library.open(library.folder) as other, other.writing():
        store(other, "A new text.", "/new")
        assert [len(found) for found in everything(indexes)] == [4, 3]
    assert [len(found) for found in everything(indexes)] == [4, 4]


def test_indexes_that_must_be_saved_are_not_while_another_writes(library: Library) -> None:
    with Library.open(library.folder) as other, other.writing():
        store(other, "A new text.", "/new")
        with pytest.raises(LibraryBusy):
            Indexes(library).current(must_save=True)


def test_indexes_that_cannot_be_saved_serve_from_memory(library: Library) -> None:
    store(library, "A new text.", "/new")
    (library.folder / "dense.new").mkdir()  # in the way of the file that would be written
    assert len(everything(Indexes(library))[0]) == 4
    with pytest.raises(StorageFull, match="stored before is safe"):
        Indexes(library).current(must_save=True)


def test_saved_indexes_are_loaded_and_not_built_again(library: Library) -> None:
    before = {f: f.stat().st_mtime_ns for f in library.folder.rglob("*") if f.is_file()}
    everything(Indexes(library))
    after = {f: f.stat().st_mtime_ns for f in before if f.exists()}
    kept = {f for f in before if f.name in ("dense.faiss", "stamp.json", "meta.json")}
    assert len(kept) == 3
    assert all(before[f] == after[f] for f in kept)


def test_erased_articles_are_gone_from_indexes_that_were_away(library: Library) -> None:
    """The ids of what was erased cannot be told any more, so all is built again."""
    indexes = Indexes(library)
    everything(indexes)
    (gone,) = (a.id for a in library.listed() if "bridges" in library.article(a.id).text)
    erased = library.chunk_ids({gone})
    library.remove([gone])
    age(library)
    library.remove([])
    dense, words = everything(indexes)
    assert len(dense) == len(words) == 2
    assert not {*dense, *words} & set(erased)


# --- many threads --------------------------------------------------------------------------------


def test_threads_may_search_while_another_adds_removes_and_undoes(library: Library) -> None:
    """No search fails or shows half an article, and in the end the indexes hold what is there."""
    indexes, done = Indexes(library), threading.Event()

    def search(_: int) -> list[list[int]]:
        results = []
        while not done.is_set():
            results.append([i for i, _ in indexes.dense(ANY, ALL, None)])
            results.append([i for i, _ in indexes.lexical("river bridges text", ALL, None)])
        return results

    with ThreadPoolExecutor(9) as pool:
        searches = [pool.submit(search, n) for n in range(8)]
        try:
            pool.submit(change_for_a_while, library.folder).result()
        finally:
            done.set()
        results = [found for search in searches for found in search.result()]
    articles = chunks_and_articles(library)
    assert len(set(map(tuple, results))) > 5
    assert all(whole(found, articles) for found in results)
    dense, words = everything(indexes)
    assert set(dense) == words == set(library.chunk_ids({a.id for a in library.listed()}))


def change_for_a_while(folder: Path) -> None:
    with Library.open(folder) as writer:
        for n in range(40):
            parts = [f"A river {n}.", "A text."]
            with writer.writing(wait_s=10):
                added, _ = store(writer, " ".join(parts), f"/{n}", parts=parts)
            if n % 3:
                writer.remove([added])
            if n % 3 == 2:
                writer.undo()


def chunks_and_articles(library: Library) -> dict[int, str]:
    """Of removed articles too."""
    with sqlite3.connect(library.folder / "library.db") as db:
        rows = db.execute("SELECT id, article FROM chunks ORDER BY id").fetchall()
    db.close()
    return dict(rows)


def whole(found: list[int], articles: dict[int, str]) -> bool:
    """Each chunk once, and with it the others of its article."""
    told = {articles[i] for i in found}
    return sorted(found) == [i for i, article in articles.items() if article in told]


def test_a_copy_of_an_index_changes_for_itself() -> None:
    index = DenseIndex(8)
    index.update([], [5], unit_vectors(1, 1, 8))
    copy = index.copy()
    copy.update([5], [6, 7], unit_vectors(2, 2, 8))
    assert [i for i, _ in index.search(ANY, 9)] == [5]
    assert {i for i, _ in copy.search(ANY, 9)} == {6, 7}


def test_an_index_does_not_read_its_files_again_unasked(library: Library) -> None:
    """Tantivy would, half a second after a commit: it ended the process when one was cut short."""
    folder = library.folder / "lexical"
    reader, writer = LexicalIndex(folder), LexicalIndex(folder)
    writer.update(writer.stamp, [], [(99, "another", "A glacier", "A text.")])
    time.sleep(0.8)
    assert reader.search("glacier", 9) == []
    assert [i for i, _ in LexicalIndex(folder).search("glacier", 9)] == [99]


# --- damage --------------------------------------------------------------------------------------


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def alter(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 3] ^= 0xFF
    file.write_bytes(data)


def empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, alter, empty, Path.unlink])
@pytest.mark.parametrize("file", ["dense.faiss", "lexical/meta.json", "lexical/stamp.json", "*"])
def test_a_damaged_index_is_built_again(
    library: Library, file: str, damage: Callable[[Path], None]
) -> None:
    before = everything(Indexes(library))
    for found in library.folder.glob("lexical/[!.]*" if file == "*" else file):
        damage(found)
    assert everything(Indexes(library)) == before
    assert DenseIndex.load(library.folder / "dense.faiss", 8).stamp.library == library.identity


def test_another_librarys_indexes_are_not_taken(library: Library, tmp_path: Path) -> None:
    """As when a database was copied without what lies beside it."""
    with create(tmp_path / "other") as other:
        for n in range(3):
            store(other, f"Another text {n}.", f"/{n}")
        Indexes(other).current(must_save=True)
        shutil.rmtree(library.folder / "lexical")
        shutil.copytree(other.folder / "lexical", library.folder / "lexical")
        shutil.copy(other.folder / "dense.faiss", library.folder)
    assert lexical(library, "another") == []
    assert len(lexical(library, "river")) == 2


def test_an_index_of_another_dimension_is_damaged(library: Library) -> None:
    with pytest.raises(IndexDamagedError):
        DenseIndex.load(library.folder / "dense.faiss", 9)


def test_the_dense_index_is_a_file_that_faiss_reads(library: Library) -> None:
    assert faiss.read_index(str(library.folder / "dense.faiss")).ntotal == 3


# --- vectors -------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 300), top=st.integers(1, 40))
def test_the_nearest_are_those_of_comparing_with_all(seed: int, count: int, top: int) -> None:
    question, *_ = unit_vectors(seed, count + 1, 16)
    # What a library stores is float16 already; FAISS rounds other numbers in its own way.
    stored = unit_vectors(seed, count + 1, 16)[1:].astype(np.float16).astype(np.float32)
    index = DenseIndex(16)
    index.update([], range(100, 100 + count), stored)
    cosines = stored @ question
    expected = np.argsort(-cosines)[:top]
    found = index.search(question, top)
    assert [c for _, c in found] == pytest.approx(cosines[expected].tolist(), abs=1e-6)
    assert [i for i, _ in found] == (100 + expected).tolist()


def test_an_id_put_twice_is_as_once() -> None:
    index = DenseIndex(8)
    for seed in (1, 2):
        index.update([], [5, 6], unit_vectors(seed, 2, 8))
    index.update([6, 7], [], np.zeros((0, 8), np.float32))
    assert [i for i, _ in index.search(ANY, 9)] == [5]


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    with create(tmp_path / "library") as library:
        assert everything(Indexes(library)) == ({}, set())


def test_filters_restrict_both_indexes(library: Library) -> None:
    indexes = Indexes(library)
    (one,) = (a.id for a in library.listed() if "rose" in library.article(a.id).text)
    ids = set(library.chunk_ids({one}))
    dense, words = everything(indexes, {one})
    assert set(dense) == words == ids
    assert everything(indexes, {one, "unknown"}) == (dense, words)
    assert everything(indexes, set()) == ({}, set())


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["Which bridge closes?", "BRIDGES", "brídge", "the bridge's"])
def test_words_are_found_in_other_forms(library: Library, question: str) -> None:
    assert lexical(library, question) == ["The bridges are closed."]


def test_the_title_is_searched_too_and_counts_less(library: Library) -> None:
    store(library, "It was a loss.", "/titled", title="The bridge")
    assert lexical(library, "bridge") == ["The bridges are closed.", "It was a loss."]


def test_more_of_the_words_come_first(library: Library) -> None:
    found = Indexes(library).lexical("Why did the river fall or fell?", ALL, None)
    assert texts(library, found)[0] == "The river fell."
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)


@pytest.mark.parametrize(
    "question",
    [
        'river AND "rose',
        "text:bridge",
        "-river +rose",
        "river~2 ri*er ^4",
        "(river OR [rose TO fell]",
        "river\\ /ri.er/",
        "title:river; DROP TABLE articles",
        "*:*",
    ],
)
def test_nothing_in_a_question_is_syntax(library: Library, question: str) -> None:
    """It finds what its words find, and no sign among them has a meaning."""
    words = " ".join("".join(c if c.isalnum() else " " for c in question).split())
    assert sorted(lexical(library, question)) == sorted(lexical(library, words))


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexes]:
    with create(tmp_path_factory.mktemp("river") / "library") as made:
        store(made, "The river rose.")
        yield Indexes(made)


@settings(max_examples=40)
@given(question=st.text(max_size=60))
def test_any_question_can_be_searched(question: str, river: Indexes) -> None:
    """And its other words do not keep one from being found."""
    assert len(river.lexical(f"river {question}", 5, None)) == 1


@pytest.mark.parametrize("question", ["", " ?! …", "🙂"])
def test_a_question_without_words_finds_nothing(library: Library, question: str) -> None:
    assert lexical(library, question) == []


def test_a_question_of_stop_words_alone_is_searched_by_them(library: Library) -> None:
    assert lexical(library, "are the") != []


def test_a_question_as_long_as_a_text_is_searched(library: Library) -> None:
    assert len(lexical(library, "river " + "flood dam " * 50_000)) == 2


def test_an_index_found_damaged_by_a_search_is_built_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in fails the first search, as a file that was altered after opening would."""
    store(library, "It rose in Harwick.")
    indexes, search, failures = Indexes(library), LexicalIndex.search, [IndexDamagedError("x")]

    def search_failing_once(*given: object) -> list[tuple[int, float]]:
        if failures:
            raise failures.pop()
        return search(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(LexicalIndex, "search", search_failing_once)
    assert len(indexes.lexical("Harwick", 5, None)) == 1
