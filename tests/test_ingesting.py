"""Files → the library, with the real models."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from strategies import article

from rag.chunking import Chunk
from rag.embedding import Embedder
from rag.errors import BadInput, LibraryBusy
from rag.ingesting import (
    Details,
    Ingested,
    embedded,
    found,
    ingest,
    ingest_upload,
    language,
    prune,
)
from rag.library import Library

RIVER = "The river rose in the night. It came over the wall and into the town of Wells.\n"
BRIDGE = "The old bridge was closed on Tuesday. Engineers will look at its stones next week.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two articles and a file that is none."""
    made = tmp_path / "articles"
    made.mkdir()
    (made / "a.txt").write_text(f"title: The river\n\n{RIVER}")
    (made / "b.txt").write_bytes(b"\x00\x01\x02 binary")
    (made / "c.txt").write_text(f"title: The bridge\n\n{BRIDGE}")
    return made


def take(
    path: Path, library: Library, embedder: Embedder, details: Details | None = None
) -> list[Ingested]:
    with library.writing():
        return list(ingest(found([path])[0], library, embedder, details=details))


def statuses(items: list[Ingested]) -> dict[str, str]:
    return {Path(item.source).name: item.status for item in items}


# --- what becomes of a file ----------------------------------------------------------------------


def test_a_bad_file_is_skipped_with_its_reason_and_the_rest_stored(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    done = take(folder, library, embedder)
    assert statuses(done) == {"a.txt": "added", "b.txt": "skipped", "c.txt": "added"}
    assert "is binary, not text" in str(done[1].note)
    assert library.counts() == (2, 2)


def test_a_file_read_again_is_unchanged(folder: Path, library: Library, embedder: Embedder) -> None:
    (first, *_), before = take(folder, library, embedder), library.generation
    again = take(folder, library, embedder)[0]
    assert (again.status, again.article_id) == ("unchanged", first.article_id)
    assert library.generation == before


def test_a_changed_file_is_updated(folder: Path, library: Library, embedder: Embedder) -> None:
    take(folder, library, embedder)
    (folder / "a.txt").write_text(BRIDGE.replace("Tuesday", "Friday"))
    assert statuses(take(folder, library, embedder))["a.txt"] == "updated"
    assert library.counts() == (2, 2)


def test_a_removed_article_is_added_when_its_file_is_read_again(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    first, *_ = take(folder, library, embedder)
    library.remove([str(first.article_id)])
    assert statuses(take(folder / "a.txt", library, embedder)) == {"a.txt": "added"}


def test_each_article_is_stored_before_the_next_is_read(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    """What interrupts a long run loses nothing of what it reported."""
    with library.writing():
        for item in ingest(found([folder])[0], library, embedder):
            assert item.status == "added"
            assert library.article(str(item.article_id)).title == item.title
            break
    assert library.counts() == (1, 1)


def test_an_article_is_embedded_before_the_right_to_write_is_taken(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    """A long one takes minutes, in which others can write."""
    free: list[bool] = []

    def others_write(_: int) -> None:
        with Library.open(library.folder) as other, other.writing(wait_s=0):
            free.append(True)

    (done,) = ingest([folder / "a.txt"], library, embedder, on_chunks=others_write)
    assert (done.status, free) == ("added", [True])


def test_of_two_who_embed_one_text_the_second_adds_its_source(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    made = article(RIVER.strip(), "The river", str(folder / "a.txt"))
    (folder / "same.txt").write_text(f"title: The river\n\n{RIVER}")

    def another_is_faster(_: int) -> None:
        with Library.open(library.folder) as other, other.writing():
            vectors = embedder.encode([made.text])
            other.put(made, "f", [Chunk(made.id, 0, len(made.text), made.text)], vectors)

    (done,) = ingest([folder / "same.txt"], library, embedder, on_chunks=another_is_faster)
    assert (done.status, library.counts()) == ("added", (1, 1))
    assert len(library.article(str(done.article_id)).sources) == 2


def test_who_waits_for_a_writer_in_vain_is_told_and_nothing_is_stored(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    with Library.open(library.folder) as other, other.writing(), pytest.raises(LibraryBusy):
        list(ingest([folder / "a.txt"], library, embedder, wait_s=0))
    assert library.counts() == (0, 0)


def test_a_second_source_of_a_text_is_noted(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    (folder / "d.txt").write_bytes((folder / "a.txt").read_bytes())
    *_, last = take(folder, library, embedder)
    assert (last.status, library.counts()[0]) == ("added", 2)
    assert last.note == "the same text is in already; kept as another source of it"


@pytest.mark.parametrize("first", ["a.txt", "d.txt"])
def test_a_text_of_several_outlets_is_one_article_under_the_first_ones_title(
    first: str, folder: Path, library: Library, embedder: Embedder
) -> None:
    """Whichever is read first, and its vectors are those of that title."""
    for name, outlet, day in (("a.txt", "The Post", 9), ("d.txt", "The Echo", 8)):
        head = f"title: The river in {outlet}\noutlet: {outlet}\npublished: 2014-01-0{day}\n\n"
        (folder / name).write_text(head + RIVER)
    (made,) = {
        i.article_id
        for name in (first, "a.txt", "d.txt")
        for i in take(folder / name, library, embedder)
    }
    found = library.article(str(made))
    assert (found.title, found.outlet) == ("The river in The Echo", "The Echo")
    assert [(p.title, p.outlet) for p in found.reprints] == [("The river in The Post", "The Post")]
    _, stored = library.added_vectors(0)
    expected = embedder.encode([f"The river in The Echo\n{RIVER.strip()}"])
    assert np.allclose(stored, expected, atol=1e-3)


def test_details_fill_in_what_the_file_does_not_say(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    (folder / "a.txt").write_text(f"outlet: The Post\n\n{RIVER}")
    take(folder, library, embedder, Details("Another", date(2014, 1, 8)))
    facts = {(a.outlet, a.published) for a in library.listed()}
    assert facts == {("The Post", date(2014, 1, 8)), ("Another", date(2014, 1, 8))}


def test_new_details_update_an_article_without_a_note(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    take(folder, library, embedder)
    (again,) = take(folder / "a.txt", library, embedder, Details("The Post"))
    assert (again.status, again.note) == ("updated", None)
    assert library.article(str(again.article_id)).outlet == "The Post"


def test_details_hold_until_others_are_given(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    take(folder / "a.txt", library, embedder, Details("The Post", date(2014, 1, 8)))
    (again,) = take(folder / "a.txt", library, embedder)
    assert again.status == "unchanged"
    (folder / "a.txt").write_text(f"{RIVER} It fell again.")
    (changed,) = take(folder / "a.txt", library, embedder, Details("The Echo"))
    found = library.article(str(changed.article_id))
    assert (found.outlet, found.published) == ("The Echo", date(2014, 1, 8))


def test_a_path_with_dots_is_the_same_file(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    take(folder, library, embedder)
    again = take(folder / ".." / folder.name, library, embedder)
    assert {i.status for i in again} == {"unchanged", "skipped"}


def test_a_file_with_nothing_but_page_furniture_is_skipped(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    (folder / "a.txt").write_text("Share on Facebook\n\nSubscribe to our newsletter\n")
    (done,) = take(folder / "a.txt", library, embedder)
    assert (done.status, library.counts()) == ("skipped", (0, 0))


def test_progress_counts_the_chunks(folder: Path, library: Library, embedder: Embedder) -> None:
    done: list[int] = []
    list(ingest([folder / "a.txt", folder / "c.txt"], library, embedder, on_chunks=done.append))
    assert sum(done) == library.counts()[1] == 2


# --- uploads -------------------------------------------------------------------------------------


def upload(name: str, data: str | bytes, library: Library, embedder: Embedder) -> Ingested:
    held = data if isinstance(data, bytes) else data.encode()
    with library.writing():
        return ingest_upload(name, held, library, embedder, max_megabytes=0.01)


def test_an_upload_is_stored_under_a_hash_of_its_bytes_and_its_label(
    library: Library, embedder: Embedder
) -> None:
    done = upload("../ann/a.txt", f"title: The river\n\n{RIVER}", library, embedder)
    assert (done.status, done.title) == ("added", "The river")
    assert re.fullmatch(r"upload:[0-9a-f]{12}/a\.txt", done.source)
    assert library.article(str(done.article_id)).sources == (done.source,)
    assert library.resolve("a.txt") == done.article_id


def test_an_upload_is_not_the_file_of_its_name(
    folder: Path, library: Library, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for name in ("a.txt", str(folder / "a.txt")):
        done = upload(name, BRIDGE, library, embedder)
        assert library.article(str(done.article_id)).text == BRIDGE.strip()
    assert "river" in (folder / "a.txt").read_text()


def test_uploads_of_one_name_do_not_replace_one_another(
    library: Library, embedder: Embedder
) -> None:
    statuses = [upload("notes.txt", text, library, embedder).status for text in (RIVER, BRIDGE)]
    assert (statuses, library.counts()[0]) == (["added", "added"], 2)


def test_the_same_upload_again_is_unchanged(library: Library, embedder: Embedder) -> None:
    first = upload("notes.txt", RIVER, library, embedder)
    again = upload("notes.txt", RIVER, library, embedder)
    assert (again.status, again.article_id) == ("unchanged", first.article_id)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x/a.exe", RIVER, "a.exe: not a format that is read; save it as one of .txt, .md"),
        ("a.txt", RIVER * 200, "a.txt: larger than 0.01 MB; split it"),
        ("a.txt", "", "a.txt: holds no text"),
        ("a.txt", b"\x00\x01\x02 binary", "a.txt: is binary, not text; save it as UTF-8 text"),
        ("a.txt", "Łódź über ".encode() + b"\xff", "a.txt: is UTF-8 with broken bytes"),
        ("a.txt", "published: soon\n\nIt rose.", "a.txt: 'soon' is not a date"),
        ("a.txt", "Share on Facebook\n\nSubscribe to our newsletter", "a.txt: holds nothing but"),
    ],
)
def test_an_upload_that_cannot_be_read_is_skipped_as_a_file_is(
    name: str, data: str | bytes, why: str, library: Library, embedder: Embedder
) -> None:
    done = upload(name, data, library, embedder)
    assert (done.status, done.article_id, library.counts()) == ("skipped", None, (0, 0))
    assert str(done.note).startswith(why)


def test_progress_of_an_upload_counts_the_chunks(library: Library, embedder: Embedder) -> None:
    done: list[int] = []
    ingest_upload("a.txt", RIVER.encode(), library, embedder, on_chunks=done.append)
    assert sum(done) == library.counts()[1] == 1


@pytest.mark.parametrize("path", ["/", ".", "upload:", "upload:*"])
def test_prune_leaves_uploads(
    path: str,
    library: Library,
    embedder: Embedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They have no file that could be gone."""
    monkeypatch.chdir(tmp_path)
    upload("a.txt", RIVER, library, embedder)
    assert prune([Path(path)], library) == []
    assert library.counts()[0] == 1


# --- finding and pruning -------------------------------------------------------------------------


def test_a_file_that_is_named_twice_is_found_once(folder: Path) -> None:
    files, skipped = found([folder, folder / "a.txt", folder])
    assert [f.name for f in files] == ["a.txt", "b.txt", "c.txt"]
    assert skipped == []


def test_what_cannot_be_followed_is_told_with_the_files(folder: Path) -> None:
    (folder / "lost.txt").symlink_to(folder / "gone")
    files, (lost,) = found([folder])
    assert len(files) == 3
    assert (lost.status, lost.note) == ("skipped", "a link that leads nowhere")


def test_a_path_that_is_not_there_is_bad_input(folder: Path) -> None:
    with pytest.raises(BadInput, match="gone"):
        found([folder, folder / "gone"])


def test_prune_removes_what_has_lost_its_file(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    take(folder, library, embedder)
    (folder / "a.txt").unlink()
    (gone,) = prune([folder], library)
    assert (gone.status, gone.title, gone.source) == ("removed", "The river", str(folder / "a.txt"))
    assert [a.title for a in library.listed()] == ["The bridge"]


def test_prune_leaves_what_is_not_below_the_path(
    folder: Path, library: Library, embedder: Embedder, tmp_path: Path
) -> None:
    take(folder, library, embedder)
    (folder / "a.txt").unlink()
    assert prune([folder / "c.txt", tmp_path / "other"], library) == []


def test_prune_of_a_folder_that_is_gone_removes_all_of_it(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    """Also when a file has taken its place."""
    take(folder, library, embedder)
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("a file now")
    assert len(prune([folder], library)) == 2


# --- what is embedded ----------------------------------------------------------------------------


def test_a_chunk_is_embedded_with_its_title_in_front(embedder: Embedder) -> None:
    made = article("He said so.", "The flood")
    chunk = Chunk(made.id, 0, 11, "He said so.")
    assert embedded(made, chunk, embedder.count_tokens) == "The flood\nHe said so."


def test_a_chunk_that_opens_with_the_title_does_not_have_it_twice(embedder: Embedder) -> None:
    made = article("The flood\n\nHe said so.", "The flood")
    chunk = Chunk(made.id, 0, 22, made.text)
    assert embedded(made, chunk, embedder.count_tokens) == made.text


def test_stored_vectors_are_those_of_what_is_embedded(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    take(folder / "a.txt", library, embedder)
    (made,) = library.articles_by_id(a.id for a in library.listed()).values()
    (chunk_id,), stored = library.added_vectors(0)
    text = embedded(made, library.chunks([chunk_id])[chunk_id], embedder.count_tokens)
    assert np.allclose(stored, embedder.encode([text]), atol=1e-3)


# --- languages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RIVER * 3, "en"),
        ("Der Fluss stieg in der Nacht und kam über die Mauer in die Stadt. " * 3, "de"),
        ("В Москве вчера шёл снег, и движение остановилось.", "ru"),
        ("The river rose.", None),
    ],
)
def test_a_language_is_told_where_there_is_enough_to_tell(text: str, expected: str | None) -> None:
    assert language(text) == expected


def test_an_article_in_another_language_is_stored_with_a_warning(
    folder: Path, library: Library, embedder: Embedder
) -> None:
    text = "Der Fluss stieg in der Nacht und kam über die Mauer in die Stadt. "
    (folder / "a.txt").write_text(text * 5)
    (done,) = take(folder / "a.txt", library, embedder)
    assert done.status == "added"
    assert str(done.note).startswith("looks like de, not English")
