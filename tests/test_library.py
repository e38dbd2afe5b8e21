"""The store, with hand-made vectors of eight numbers."""

import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import article, store, texts

from rag.chunking import Chunk
from rag.database import SCHEMA
from rag.errors import (
    ArticleUnknown,
    BadInput,
    LibraryBusy,
    LibraryMissing,
    LibraryUnusable,
    StorageFull,
)
from rag.library import Filters, Library, Page


def create(folder: Path) -> Library:
    return Library.create(folder, "a-model", "its-weights", 8)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with create(tmp_path / "library") as made:
        yield made


def two_days_later(library: Library) -> None:
    """As if what was removed had been so two days earlier."""
    before = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    alter(library, f"UPDATE articles SET removed = '{before}' WHERE removed IS NOT NULL")


def alter(library: Library, statement: str) -> None:
    with sqlite3.connect(library.folder / "library.db") as db:
        db.execute(statement)
    db.close()


# --- putting -------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(text=texts)
def test_an_article_comes_back_as_it_was_put(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = article(text, "A title", outlet="The Post", author="Ann", published=date(2014, 1, 8))
    with create(tmp_path_factory.mktemp("any") / "library") as library:
        library.put(made, "f", [Chunk(made.id, 0, len(text), text)], np.ones((1, 8), np.float32))
        assert library.article(made.id) == made


def test_chunks_and_vectors_come_back_as_they_were_put(library: Library) -> None:
    made = article("It rose. It fell.")
    chunks = [Chunk(made.id, 0, 8, "It rose."), Chunk(made.id, 9, 17, "It fell.")]
    vectors = np.eye(8, dtype=np.float32)[:2]
    library.put(made, "f", chunks, vectors)
    ids, stored = library.added_vectors(0)
    assert list(library.chunks(ids).values()) == chunks
    assert np.array_equal(stored, vectors)


def test_a_new_source_is_added_and_a_known_one_updated(library: Library) -> None:
    assert store(library, "It rose.", "/a.txt")[1] == "added"
    assert store(library, "It fell.", "/b.txt")[1] == "added"
    assert store(library, "It rose again.", "/a.txt")[1] == "updated"


def test_a_changed_file_takes_its_former_text_out(library: Library) -> None:
    before, _ = store(library, "It rose.", "/a.txt")
    after, _ = store(library, "It fell.", "/a.txt")
    assert list(library.articles_by_id([before, after])) == [after]
    with pytest.raises(ArticleUnknown):
        library.undo()


def test_the_same_text_from_two_sources_is_one_article(library: Library) -> None:
    one, _ = store(library, "It rose.", "/a.txt")
    two, _ = store(library, "It rose.", "/b.txt")
    assert one == two
    assert library.counts() == (1, 1)
    assert library.article(one).sources == ("/a.txt", "/b.txt")


def test_a_shared_text_stays_while_one_source_holds_it(library: Library) -> None:
    shared, _ = store(library, "It rose.", "/a.txt")
    store(library, "It rose.", "/b.txt")
    store(library, "It fell.", "/a.txt")
    assert library.article(shared).sources == ("/b.txt",)
    store(library, "It fell.", "/b.txt")
    assert not library.articles_by_id([shared])


def test_a_shared_text_keeps_its_first_title(library: Library) -> None:
    """A title is embedded with the text: another file's must not make the vectors untrue."""
    shared, _ = store(library, "It rose.", "/a.txt", title="One")
    store(library, "It rose.", "/b.txt", title="Two")
    assert library.article(shared).title == "One"


def test_a_new_title_in_the_only_source_is_taken(library: Library) -> None:
    made, _ = store(library, "It rose.", title="One")
    store(library, "It rose.", title="Two")
    assert library.article(made).title == "Two"
    assert library.counts() == (1, 1)


def test_what_its_only_source_says_now_is_what_is_known(library: Library) -> None:
    made, _ = store(library, "It rose.", outlet="The Post")
    store(library, "It rose.", published=date(2014, 1, 8))
    found = library.article(made)
    assert (found.outlet, found.published) == (None, date(2014, 1, 8))


GAZETTE = ("/c.txt", "The Tarn Gazette", date(2019, 11, 20))
COURIER = ("/b.txt", "The Courier", date(2019, 11, 21))
LEAF = ("/a.txt", "The Leaf", None)
WIRE = (GAZETTE, COURIER, LEAF)
Told = tuple[str, str | None, date | None]


def print_in(library: Library, *printed: Told) -> str:
    """One text as several files have it, each under a title of its own: the article's id."""
    for source, outlet, day in printed:
        title = f"As {outlet} has it"
        made, _ = store(library, "It rose.", source, title=title, outlet=outlet, published=day)
    return made


def told(library: Library, article_id: str) -> list[tuple[str | None, date | None]]:
    """Outlet and date of the article and of its reprints; each has its own title."""
    found = library.article(article_id)
    assert all(a.title == f"As {a.outlet} has it" for a in (found, *found.reprints))
    return [(a.outlet, a.published) for a in (found, *found.reprints)]


@pytest.mark.parametrize("order", list(permutations(WIRE)))
def test_a_text_is_the_first_outlets_and_the_others_reprints(
    library: Library, order: Sequence[Told]
) -> None:
    """The first by date, whichever is read first; one without a date is no original."""
    made = print_in(library, *order)
    assert told(library, made) == [(outlet, day) for _, outlet, day in WIRE]
    (listed,) = library.listed()
    assert (listed.outlet, listed.published) == GAZETTE[1:]
    assert listed.sources == ("/a.txt", "/b.txt", "/c.txt")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ([("/b", "B", None), ("/a", "A", None)], ["B", "A"]),
        ([("/b", "B", date(2019, 1, 1)), ("/a", "A", date(2019, 1, 1))], ["B", "A"]),
        ([("/b", None, None), ("/a", "A", None)], ["A"]),
        ([("/b", None, date(2019, 1, 1)), ("/a", "A", None)], [None, "A"]),
        ([("/b", "The Post", None), ("/a", "the post", date(2019, 1, 1))], ["the post"]),
        ([("/b", "B", None), ("/a", "A", None), ("/b", "B", None)], ["B", "A"]),
        ([("/b", "B", None), ("/a", "A", None), ("/b", "C", None)], ["C", "A"]),
    ],
)
def test_of_several_sources_the_first_is_the_original_and_an_outlet_is_told_once(
    library: Library, printed: Sequence[Told], expected: list[str | None]
) -> None:
    """A source read again keeps its place."""
    assert [outlet for outlet, _ in told(library, print_in(library, *printed))] == expected


def test_a_new_original_under_another_title_needs_new_vectors(library: Library) -> None:
    """A title is embedded with the text; one that comes later changes neither."""
    print_in(library, COURIER)
    later = article("It rose.", "Another title", "/d.txt", published=date(2020, 1, 1))
    assert library.stored(later)
    assert not library.stored(replace(later, published=date(2018, 1, 1)))
    assert library.stored(replace(later, title="As The Courier has it", published=None))


def test_a_source_that_is_rewritten_takes_its_outlet_along(library: Library) -> None:
    made = print_in(library, *WIRE)
    store(library, "It fell.", GAZETTE[0], title="It fell", outlet="The Crag")
    assert told(library, made) == [COURIER[1:], LEAF[1:]]
    assert library.outlets() == ["The Courier", "The Crag", "The Leaf"]


def test_an_undo_never_brings_back_an_older_removal(library: Library) -> None:
    older = store(library, "It rose.", source="/a.txt")[0]
    newer = store(library, "It fell.", source="/b.txt")[0]
    library.remove([older])
    library.remove([newer])
    store(library, "It fell again.", source="/b.txt")
    with pytest.raises(ArticleUnknown, match="replaced since"):
        library.undo()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE meta SET value = 'x' WHERE key = 'generation'",
        "UPDATE chunks SET vector = x'0000'",
        "UPDATE articles SET published = 'soon'",
        "UPDATE articles SET title = CAST(x'ff' AS TEXT)",
    ],
)
def test_values_that_make_no_sense_are_damage(library: Library, damage: str) -> None:
    """Whoever reads them is told so in one line."""
    store(library, "It rose.")
    with sqlite3.connect(library.folder / "library.db") as db:
        db.execute(damage)
    with pytest.raises(LibraryUnusable, match="damaged"):
        (library.generation, library.added_vectors(-1), library.listed())


def test_a_source_is_known_by_its_fingerprint_while_its_article_is_in(library: Library) -> None:
    made, _ = store(library, "It rose.", "/a.txt")
    assert library.source("/a.txt") == (made, "fingerprint")
    assert library.source("/b.txt") is None
    library.remove([made])
    assert library.source("/a.txt") is None


def test_what_cannot_be_put_whole_is_not_put_at_all(library: Library) -> None:
    """Here a vector is lacking."""
    made = article("It rose.")
    before = library.generation
    with pytest.raises(ValueError, match="zip"):
        library.put(made, "f", [Chunk(made.id, 0, 8, "It rose.")], np.zeros((0, 8), np.float32))
    assert (library.counts(), library.generation) == ((0, 0), before)


# --- removing ------------------------------------------------------------------------------------


def test_a_removed_article_is_in_no_reading(library: Library) -> None:
    made, _ = store(library, "It rose.")
    chunks = library.chunk_ids({made})
    library.remove([made])
    assert (library.counts(), library.listed(), library.chunks(chunks)) == ((0, 0), [], {})
    with pytest.raises(ArticleUnknown, match=made):
        library.article(made)


def test_undo_brings_the_last_removal_back(library: Library) -> None:
    one, two, three = (store(library, t, f"/{t}")[0] for t in ("One.", "Two.", "Three."))
    library.remove([one])
    library.remove([two, three])
    assert set(library.undo()) == {two, three}
    assert {a.id for a in library.listed()} == {two, three}


def test_what_can_be_brought_back_is_listed_the_last_first(library: Library) -> None:
    made = [
        store(library, text, source)[0] for text, source in (("It rose.", "a"), ("It fell.", "b"))
    ]
    assert library.removed() == []
    for one in made:
        library.remove([one])
    assert [article for article, _ in library.removed()] == made[::-1]
    library.undo([made[1]])
    assert [article for article, _ in library.removed()] == made[:1]


def test_undo_brings_back_what_is_named(library: Library) -> None:
    one, two = (store(library, t, f"/{t}")[0] for t in ("One.", "Two."))
    library.remove([one])
    library.remove([two])
    assert library.undo([one[:6]]) == [one]


def test_undo_of_what_was_not_removed_is_an_error(library: Library) -> None:
    one, two = (store(library, t, f"/{t}")[0] for t in ("One.", "Two."))
    library.remove([one])
    with pytest.raises(ArticleUnknown, match=f"{two}: was not removed within the last day"):
        library.undo([one, two])
    assert library.counts() == (1, 1)


def test_after_a_day_a_removal_cannot_be_undone(library: Library) -> None:
    library.remove([store(library, "It rose.")[0]])
    two_days_later(library)
    with pytest.raises(ArticleUnknown, match="nothing was removed within the last day"):
        library.undo()


def test_after_a_day_the_next_removal_erases_what_was_removed(library: Library) -> None:
    old, new = (store(library, t, f"/{t}")[0] for t in ("Old.", "New."))
    library.remove([old])
    two_days_later(library)
    library.remove([new])
    assert b"Old." not in dump(library)
    assert b"New." in dump(library)


def dump(library: Library) -> bytes:
    with sqlite3.connect(library.folder / "library.db") as db:
        lines = "\n".join(db.iterdump())
    db.close()
    return lines.encode()


def test_a_file_read_again_brings_its_removed_article_back(library: Library) -> None:
    made, _ = store(library, "It rose.")
    library.remove([made])
    assert store(library, "It rose.") == (made, "added")
    assert library.counts() == (1, 1)


# --- pruning -------------------------------------------------------------------------------------


def test_prune_removes_articles_without_a_source_and_says_which(library: Library) -> None:
    one, two = (store(library, t, f"/{t}")[0] for t in ("One.", "Two."))
    assert [a.id for a in library.prune(["/One.", "/unknown"])] == [one]
    assert [a.id for a in library.listed()] == [two]


def test_prune_leaves_an_article_that_has_another_source(library: Library) -> None:
    shared, _ = store(library, "It rose.", "/a.txt")
    store(library, "It rose.", "/b.txt")
    assert library.prune(["/a.txt"]) == []
    assert library.article(shared).sources == ("/b.txt",)


def test_a_source_that_is_pruned_takes_its_outlet_along(library: Library) -> None:
    made = print_in(library, *WIRE)
    assert library.prune([GAZETTE[0]]) == []
    assert told(library, made) == [COURIER[1:], LEAF[1:]]
    assert library.outlets() == ["The Courier", "The Leaf"]
    before = library.generation
    library.prune(["/unknown"])
    assert library.generation == before


def test_an_article_comes_back_with_all_its_outlets(library: Library) -> None:
    made = print_in(library, *WIRE)
    library.prune([source for source, _, _ in WIRE])
    assert library.outlets() == []
    library.undo()
    assert told(library, made) == [(outlet, day) for _, outlet, day in WIRE]


def test_what_was_pruned_can_be_brought_back(library: Library) -> None:
    made, _ = store(library, "It rose.")
    library.prune(["/a.txt"])
    assert library.undo() == [made]
    assert library.article(made).sources == ("/a.txt",)


def test_sources_below_a_folder_are_not_those_beside_it(library: Library) -> None:
    for n, source in enumerate(["/x/a.txt", "/x/y/b.txt", "/xy.txt", "/z/x/c.txt", "/X/d.txt"]):
        store(library, f"Text {n}.", source)
    assert set(library.sources_below("/x")) == {"/x/a.txt", "/x/y/b.txt"}
    assert library.sources_below("/xy.txt") == ["/xy.txt"]
    assert len(library.sources_below("/")) == 5


# --- finding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {"old", "new", "undated"}),
        (Filters(since=date(2014, 1, 8)), {"new"}),
        (Filters(since=date(2014, 1, 9)), set()),
        (Filters(until=date(2013, 5, 1)), {"old"}),
        (Filters(since=date(2013, 1, 1), until=date(2014, 12, 31)), {"old", "new"}),
        (Filters(outlets=("the POST",)), {"old", "undated"}),
        (Filters(outlets=("The Post", "Élan")), {"old", "new", "undated"}),
        (Filters(outlets=("The",)), set()),
        (Filters(since=date(2013, 1, 1), outlets=("The Post",)), {"old"}),
    ],
)
def test_filters_let_through_what_they_say(
    library: Library, filters: Filters, expected: set[str]
) -> None:
    """Days are inclusive, outlets in any case, and without a date is outside every time."""
    store(library, "One.", "/1", title="old", published=date(2013, 5, 1), outlet="The Post")
    store(library, "Two.", "/2", title="new", published=date(2014, 1, 8), outlet="élan")
    store(library, "Three.", "/3", title="undated", outlet="The Post")
    assert {a.title for a in library.listed(filters)} == expected


@pytest.mark.parametrize("outlet", [outlet for _, outlet, _ in WIRE])
def test_an_article_is_found_by_each_of_its_outlets(library: Library, outlet: str) -> None:
    made = print_in(library, *WIRE)
    store(library, "It fell.", "/d.txt", outlet="The Crag")
    assert library.article_ids(Filters(outlets=(outlet.upper(),))) == {made}
    assert [a.id for a in library.page(containing=outlet).articles] == [made]
    assert outlet in library.outlets()


def test_a_filter_by_article_takes_ids(library: Library) -> None:
    one, _ = (store(library, t, f"/{t}")[0] for t in ("One.", "Two."))
    assert library.article_ids(Filters(articles=(one, "unknown"))) == {one}


def test_articles_are_listed_newest_first_and_undated_last(library: Library) -> None:
    for title, day in (("b", None), ("c", date(2013, 5, 1)), ("d", date(2014, 1, 8)), ("a", None)):
        store(library, f"Text {title}.", f"/{title}", title=title, published=day)
    assert [a.title for a in library.listed()] == ["d", "c", "a", "b"]


def test_an_article_is_listed_with_its_chunks_counted(library: Library) -> None:
    store(library, "It rose. It fell.", parts=["It rose.", "It fell."])
    assert [(a.chunks, a.sources) for a in library.listed()] == [(2, ("/a.txt",))]


@pytest.fixture
def shelf(library: Library) -> Library:
    """Four articles, of which one has been removed."""
    store(library, "1.", "/post/one.txt", title="100% sure", published=date(2013, 5, 1))
    store(library, "2.", "/post/two.txt", title="Ärger in Łódź", outlet="élan")
    store(library, "3.", "/x_y/three_3.txt", title="A bridge", outlet="Élan")
    store(library, "4.", "/x_y/four.txt", title="A ford", published=date(2014, 1, 8), outlet="Post")
    library.remove([store(library, "5.", "/gone.txt", title="Gone", outlet="The Sun")[0]])
    return library


def titles(page: Page) -> list[str]:
    return [a.title for a in page.articles]


def test_pages_one_after_the_other_are_the_whole_list(shelf: Library) -> None:
    pages = [shelf.page(limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [page.total for page in pages] == [4, 4, 4]
    assert [a for page in pages for a in page.articles] == shelf.listed()


@pytest.mark.parametrize(
    ("containing", "expected"),
    [
        ("", ["A ford", "100% sure", "A bridge", "Ärger in Łódź"]),
        ("A BR", ["A bridge"]),
        ("ÄRGER IN ŁÓ", ["Ärger in Łódź"]),
        ("A\u0308rger", ["Ärger in Łódź"]),
        ("ÉLAN", ["A bridge", "Ärger in Łódź"]),
        ("post", ["A ford"]),
        ("TWO.txt", ["Ärger in Łódź"]),
        ("łódź élan", ["Ärger in Łódź"]),
        ("łódź post", []),
        ("ford 4.", ["A ford"]),
        ("%", ["100% sure"]),
        ("_", ["A bridge"]),
        ("x_y", []),
        ("/", []),
        ("'; DROP TABLE articles; --", []),
        ("gone", []),
    ],
)
def test_a_page_holds_what_contains_all_the_words(
    shelf: Library, containing: str, expected: list[str]
) -> None:
    """In title, outlet, file name or text; no letter has a meaning of its own."""
    page = shelf.page(containing=containing)
    assert (titles(page), page.total) == (expected, len(expected))


def test_what_is_not_text_is_bad_input_wherever_it_is_asked_for(shelf: Library) -> None:
    for look_up in (shelf.article, shelf.source, lambda half: shelf.page(containing=half)):
        with pytest.raises(BadInput, match="is not text"):
            look_up("\ud800")


def test_a_page_is_of_what_the_filters_let_through(shelf: Library) -> None:
    page = shelf.page(Filters(outlets=("ÉLAN",)), containing="bridge")
    assert (titles(page), page.total) == (["A bridge"], 1)
    page = shelf.page(Filters(since=date(2013, 5, 1)), limit=1)
    assert (titles(page), page.total) == (["A ford"], 2)


def test_a_page_is_found_by_an_index_and_not_by_sorting_all(library: Library) -> None:
    """Texts lie between an article's other columns: to read them all would take too long."""
    wanted = "removed IS NULL ORDER BY published IS NULL, published DESC, title, id LIMIT 50"
    with sqlite3.connect(library.folder / "library.db") as db:
        plan = db.execute(f"EXPLAIN QUERY PLAN SELECT id FROM articles WHERE {wanted}").fetchall()
    db.close()
    assert [step[-1] for step in plan] == ["SCAN articles USING INDEX articles_listed"]


def test_outlets_are_those_of_present_articles_each_once(shelf: Library) -> None:
    assert shelf.outlets() == ["Post", "Élan"]


def test_articles_are_found_by_their_titles_if_they_are_present(library: Library) -> None:
    made = [
        store(library, text, f"/x/{text}.txt", title=text[:4])[0] for text in ("Rose up", "Fell")
    ]
    gone, _ = store(library, "Gone away", "/x/gone.txt", title="Gone")
    library.remove([gone])
    assert library.ids_titled(["Fell", "Gone", "Nowhere", "Rose"]) == [made[1], made[0]]


@pytest.mark.parametrize("name", ["/x/a.txt", "a.txt", "THE flood", "id", "id[:6]"])
def test_an_article_is_found_by_id_source_file_name_or_title(library: Library, name: str) -> None:
    made, _ = store(library, "It rose.", "/x/a.txt", title="The Flood")
    store(library, "It fell.", "/x/b.txt", title="The Drought")
    assert library.resolve({"id": made, "id[:6]": made[:6]}.get(name, name)) == made


def test_a_source_may_be_named_from_the_present_folder(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = store(library, "It rose.", str(tmp_path / "a.txt"))
    monkeypatch.chdir(tmp_path)
    assert library.resolve("./a.txt") == made


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("unknown", "no such article; `rag articles`"),
        ("", "no such article"),
        ("a.txt", "means 2 articles"),
        ("a title", "means 2 articles"),
    ],
)
def test_a_name_of_none_or_several_is_an_error(library: Library, name: str, why: str) -> None:
    store(library, "It rose.", "/x/a.txt")
    store(library, "It fell.", "/y/a.txt")
    with pytest.raises(ArticleUnknown, match=why):
        library.resolve(name)


# --- generations ---------------------------------------------------------------------------------


def test_every_change_raises_the_generation(library: Library) -> None:
    seen = [library.generation]
    made, _ = store(library, "It rose.")
    seen.append(library.generation)
    for change in (library.remove, library.undo, library.remove):
        change([made])
        seen.append(library.generation)
    assert seen == sorted(set(seen))


def test_reading_does_not_raise_the_generation(library: Library) -> None:
    made, _ = store(library, "It rose.")
    before = library.generation
    library.article(library.resolve(made))
    library.listed(Filters(outlets=("The Post",)))
    assert library.generation == before


def test_what_changed_since_a_generation_is_told(library: Library) -> None:
    one, two, three = (store(library, t, f"/{t}")[0] for t in ("One.", "Two.", "Three."))
    since = library.generation
    library.remove([two])
    new, _ = store(library, "New.", "/new")
    assert set(library.changed_articles(since)) == {two, new}
    assert library.removed_chunks(since) == library.chunk_ids({two})
    assert [text for *_, text in library.added_chunks(since)] == ["New."]
    assert {one, three}.isdisjoint(library.changed_articles(since))


def test_after_an_erasure_changes_cannot_be_told(library: Library) -> None:
    library.remove([store(library, "Old.")[0]])
    before = library.generation
    assert library.can_tell_changes_since(before)
    two_days_later(library)
    library.remove([])
    assert not library.can_tell_changes_since(before)
    assert library.can_tell_changes_since(library.generation)


def test_changes_since_a_future_generation_cannot_be_told(library: Library) -> None:
    """An older copy was put in the library's place."""
    assert not library.can_tell_changes_since(library.generation + 1)


# --- several at once -----------------------------------------------------------------------------


def test_a_second_writer_is_told_that_the_library_is_busy(library: Library) -> None:
    with (
        Library.open(library.folder) as second,
        library.writing(),
        pytest.raises(LibraryBusy, match="another process"),
        second.writing(wait_s=0),
    ):
        pass
    with second.writing(wait_s=0):
        pass


def test_another_process_is_a_second_writer_too(library: Library) -> None:
    script = f"""
import sys
from pathlib import Path
from rag.library import Library
with Library.open(Path({str(library.folder)!r})).writing():
    print("in", flush=True)
    sys.stdin.read()
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(LibraryBusy), library.writing(wait_s=0):
            pass


def test_a_writer_may_write_within_its_writing(library: Library) -> None:
    with library.writing(), library.writing(wait_s=0):
        store(library, "It rose.")
    assert library.counts() == (1, 1)


def test_readers_see_whole_articles_while_one_is_writing(library: Library) -> None:
    def write() -> None:
        with Library.open(library.folder) as writer, writer.writing():
            for n in range(60):
                store(writer, f"One {n}. Two. Three.", f"/{n % 5}", parts=["Two.", "Three."])

    writing = threading.Thread(target=write)
    writing.start()
    seen = []
    while writing.is_alive():
        seen.append(library.counts())
    writing.join()
    assert library.counts() == (5, 10)
    assert all(chunks == 2 * articles and articles <= 5 for articles, chunks in seen)


def test_another_thread_of_the_same_library_is_a_second_writer_too(library: Library) -> None:
    def write() -> None:
        with library.writing(wait_s=0):
            pass

    with library.writing(), ThreadPoolExecutor(1) as pool, pytest.raises(LibraryBusy):
        pool.submit(write).result()


def test_a_snapshot_shows_nothing_of_what_is_committed_meanwhile(library: Library) -> None:
    store(library, "It rose.", "/a.txt")
    with library.snapshot() as before:
        store(library, "It fell.", "/b.txt")
        assert (before.generation, before.counts()) == (1, (1, 1))
    assert library.generation == 2


def test_what_is_committed_is_seen_however_many_threads_are_reading(library: Library) -> None:
    """Where statements overlap, SQLite shows each of them what it showed the first."""
    for n in range(50):
        store(library, f"It rose {n}.", f"/{n}")
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            library.listed()

    with Library.open(library.folder) as writer, ThreadPoolExecutor(8) as pool:
        reading = [pool.submit(read) for _ in range(8)]
        seen = []
        for n in range(20):
            store(writer, f"It fell {n}.", "/changing")
            seen.append(library.generation)
        done.set()
        for thread in reading:
            thread.result()
    assert seen == list(range(51, 71))


def test_threads_that_write_through_one_library_do_so_one_after_the_other(library: Library) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store(library, f"It rose {n}.", f"/{n}"), range(40)))
    assert (library.counts(), library.generation) == ((40, 40), 40)


# --- opening -------------------------------------------------------------------------------------


def test_creating_a_library_that_is_there_opens_it(library: Library) -> None:
    store(library, "It rose.")
    with create(library.folder) as again:
        assert (again.counts(), again.identity) == ((1, 1), library.identity)


def test_every_library_has_an_identity_of_its_own(library: Library, tmp_path: Path) -> None:
    with create(tmp_path / "other") as other:
        assert other.identity != library.identity


def test_a_page_is_found_by_its_whole_address(library: Library) -> None:
    store(library, "It rose.", "https://news.example/2014/flood")
    assert library.page(containing="news.example/2014").total == 1


def test_a_library_that_is_replaced_while_it_is_open_is_noticed(
    library: Library, tmp_path: Path
) -> None:
    """SQLite would go on to read what is no longer there, and to write what nobody will see."""
    with create(tmp_path / "other") as other:
        store(other, "It rose.")
    for use in (lambda: library.generation, library.counts, lambda: store(library, "It fell.")):
        use()
    (tmp_path / "other" / "library.db").replace(library.folder / "library.db")
    for use in (lambda: library.generation, library.counts, lambda: store(library, "It sank.")):
        with pytest.raises(LibraryUnusable, match=r"was moved or replaced .*; start the program"):
            use()


def test_a_library_that_is_deleted_while_it_is_open_is_noticed(library: Library) -> None:
    shutil.rmtree(library.folder)
    with pytest.raises(LibraryUnusable, match="was moved or replaced"):
        library.counts()


def test_where_there_is_no_library_the_command_to_make_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="ingest PATH"):
        Library.open(tmp_path)


def test_a_library_whose_making_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "library.db").touch()
    with pytest.raises(LibraryMissing):
        Library.open(tmp_path)
    with create(tmp_path) as made:
        assert made.counts() == (0, 0)


def test_a_folder_with_other_files_is_not_made_a_library(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(LibraryUnusable, match=r"other files \(1\); name an empty or a new folder"):
        create(tmp_path)


def test_a_file_is_not_made_a_library(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(LibraryUnusable, match="is a file; name a folder"):
        create(tmp_path / "a.txt")


def test_a_folder_that_cannot_be_made_is_storage_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(StorageFull, match="stored before is safe"):
        create(tmp_path / "a.txt" / "library")


def test_another_programs_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "library.db") as db:
        db.execute("CREATE TABLE theirs (value)")
    db.close()
    before = (tmp_path / "library.db").read_bytes()
    with pytest.raises(LibraryUnusable, match="not a library's; name another folder"):
        Library.open(tmp_path)
    assert (tmp_path / "library.db").read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(b"It rose. " * 1000)
    with pytest.raises(LibraryUnusable, match=r"damaged library\.db"):
        Library.open(tmp_path)


def test_a_library_of_a_later_format_is_refused(library: Library) -> None:
    alter(library, "PRAGMA user_version = 99")
    with pytest.raises(LibraryUnusable, match="has format 99, and this program reads"):
        Library.open(library.folder)


@pytest.fixture
def former(library: Library) -> Library:
    """A library of format 1, in which an article had one outlet: three sources of one text."""
    print_in(library, *WIRE)
    store(library, "It fell.", "/d.txt", outlet="The Crag")
    for column in ("title", "outlet", "author", "published"):
        alter(library, f"ALTER TABLE sources DROP COLUMN {column}")
    alter(library, "PRAGMA user_version = 1")
    return library


def test_a_library_of_the_former_format_learns_of_its_outlets(former: Library) -> None:
    """It is read as it was; what its files say is read anew where one text has several."""
    with Library.open(former.folder) as library:
        assert library.outlets() == ["The Crag", "The Tarn Gazette"]
        shared, single = library.source(GAZETTE[0]), library.source("/d.txt")
        assert (shared and shared[1], single and single[1]) == ("", "fingerprint")
        made = print_in(library, *WIRE)
        assert told(library, made) == [(outlet, day) for _, outlet, day in WIRE]
    with Library.open(former.folder) as library:
        assert len(library.outlets()) == 4


def test_a_library_of_the_former_format_is_read_where_it_cannot_be_written(
    former: Library,
) -> None:
    """And brought up to date as soon as it can."""
    resource = pytest.importorskip("resource", reason="limits on a file's size are POSIX's")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        library = Library.open(former.folder)
        assert library.outlets() == ["The Crag", "The Tarn Gazette"]
        (found,) = library.articles_by_id(library.article_ids(Filters(outlets=("the crag",))))
        with pytest.raises(StorageFull):
            library.remove([found])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    print_in(library, *WIRE)
    assert len(library.outlets()) == 4
    library.close()


def test_damage_is_named_with_the_remedy(library: Library, tmp_path: Path) -> None:
    for n in range(50):
        store(library, f"{n} " + "It rose. " * 200, f"/{n}")
    library.close()
    (tmp_path / "copy").mkdir()
    shutil.copy(library.folder / "library.db", tmp_path / "copy")
    with (tmp_path / "copy/library.db").open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 100_000)
    with pytest.raises(LibraryUnusable, match=r"damaged.*ingest the articles again"):
        Library.open(tmp_path / "copy").listed()


def test_a_sound_library_has_integrity(library: Library) -> None:
    store(library, "It rose. It fell.", parts=["It rose.", "It fell."])
    assert library.integrity() == "ok"


@pytest.mark.parametrize("start", [1, 100])
def test_chunks_that_are_not_what_their_article_says_are_found(
    library: Library, start: int
) -> None:
    store(library, "It rose. It fell.", parts=["It rose.", "It fell."])
    alter(library, f'UPDATE chunks SET start = {start}, "end" = {start + 8} WHERE start = 0')
    assert library.integrity() == "1 chunks are not what their article says"


def test_a_text_that_was_altered_is_damage(library: Library) -> None:
    """An article's id is the hash of its text."""
    made, _ = store(library, "It rose.")
    alter(library, "UPDATE articles SET text = 'It fell.'")
    with pytest.raises(LibraryUnusable, match=f"the text of {made} has changed"):
        library.article(made)


def test_vectors_of_the_same_model_are_taken(library: Library) -> None:
    library.check_embedding("a-model", "its-weights")
    library.check_embedding("a-model")


def test_vectors_of_another_model_are_refused_with_its_name(library: Library) -> None:
    with pytest.raises(LibraryUnusable, match="not with another; use --embedding a-model"):
        library.check_embedding("another", "its-weights")


def test_vectors_of_other_weights_by_the_same_name_are_refused(library: Library) -> None:
    with pytest.raises(LibraryUnusable, match="another version of the embedding model a-model"):
        library.check_embedding("a-model", "other-weights")


# --- the schema ----------------------------------------------------------------------------------


def test_every_column_that_does_not_speak_for_itself_is_explained() -> None:
    """Ids, dates, texts' units: what a reader of the database would have to guess."""
    plain = {"title", "outlet", "author", "article"}
    for line in re.findall(r"^    .*$", SCHEMA, re.M):
        name = line.split()[0].strip('"')
        assert "--" in line or name in plain | {"id", "text", "end"}, line


def test_the_tables_are_those_of_the_schema(library: Library) -> None:
    with sqlite3.connect(library.folder / "library.db") as db:
        rows = db.execute("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        made = {sql for (sql,) in rows}
    db.close()
    assert made == {statement.strip() for statement in SCHEMA.split(";\n") if statement.strip()}
