"""Files and bytes → articles."""

import hashlib
import os
import struct
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import article, texts

from rag.articles import (
    OTHER_KIND,
    OUTSIDE,
    Article,
    Skipped,
    decode,
    find_files,
    parse_date,
    read_article,
    read_bytes,
    upload_label,
    with_details,
    with_headline,
)
from rag.errors import BadInput, SourceUnreadable

PAGE = """
<html><head><title>Bridge closed after flood | The Post</title>
<meta property="og:site_name" content="The Post"><meta name="author" content="Ann Smith">
<meta property="article:published_time" content="2014-01-08T10:00:00Z"></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article>
<h1>Bridge closed after flood</h1>
<p>The old bridge over the river was closed on Tuesday after a flood had damaged two of its three
pillars, the council said in a statement.</p>
<p>Engineers will look at the stones next week. They said the repair could cost £2m.</p>
</article><footer>Subscribe to our newsletter.</footer></body></html>
"""


def read(text: str, name: str = "a.txt") -> Article:
    return read_article(Path("/folder") / name, text.encode())


# --- front lines -------------------------------------------------------------------------------


def test_front_lines_are_not_part_of_the_text() -> None:
    made = read("Title: A flood\noutlet: The Post\nauthor: Ann\npublished: 8 Jan 2014\n\nIt rose.")
    assert (made.title, made.outlet, made.author) == ("A flood", "The Post", "Ann")
    assert (made.published, made.text.strip()) == (date(2014, 1, 8), "It rose.")


def test_front_lines_may_be_fenced_and_have_others_among_them() -> None:
    made = read('---\ntitle: "A flood"\ntags: [river]\n---\nIt rose.\n\n---\n\nIt fell.')
    assert (made.title, made.text) == ("A flood", "It rose.\n\n---\n\nIt fell.")


def test_fenced_lines_may_have_the_names_that_other_tools_give_them() -> None:
    made = read("---\ndate: 2019-10-18T09:00:00Z\nsource: Courier\nauthors: Bell\n---\nIt rose.")
    assert (made.published, made.outlet, made.author) == (date(2019, 10, 18), "Courier", "Bell")
    assert made.text == "It rose."


def test_of_two_names_for_one_thing_ours_counts() -> None:
    made = read("---\ndate: 2019-10-18\npublished: 2020-01-02\n---\nIt rose.")
    assert made.published == date(2020, 1, 2)


def test_a_date_of_another_tool_that_cannot_be_read_is_left_out() -> None:
    made = read("---\ntitle: A flood\ndate: soon\n---\nIt rose.")
    assert (made.title, made.published) == ("A flood", None)


def test_lines_without_a_fence_have_our_names_alone() -> None:
    assert read("date: tomorrow\nIt rose.").text == "date: tomorrow\nIt rose."


@pytest.mark.parametrize(
    ("line", "outlet", "published"),
    [
        ("The Harbour Gazette, 14 March 2023", "The Harbour Gazette", date(2023, 3, 14)),
        ("Millbrook Sentinel | Oct. 12, 2022", "Millbrook Sentinel", date(2022, 10, 12)),
        ("BBC News – Tuesday, 8 May 2019", "BBC News", date(2019, 5, 8)),
        ("Leeds, 8 May 2019", None, date(2019, 5, 8)),
        ("The Times - 8th May 2019", "The Times", date(2019, 5, 8)),
        ("The river, which rose on 8 May 2019, fell again", None, None),
        ("The Post, no date", None, None),
        ("The Hague Tribunal, 8 May 2019", None, None),
        ("Press Release, 8 May 2019", None, None),
        ("Battle of Waterloo, 18 June 1815", None, None),
        ("The Post, 8 May 2999", None, None),
    ],
)
def test_a_line_under_the_headline_tells_paper_and_day(
    line: str, outlet: str | None, published: date | None
) -> None:
    text = f"Bridge closed after flood\n{line}\n\nThe old bridge was closed on Tuesday."
    made = with_headline(read(text))
    assert (made.outlet, made.published, made.text) == (outlet, published, text)


def test_front_lines_count_for_more_than_the_line_under_the_headline() -> None:
    made = with_headline(read("outlet: The Post\n\nA flood\nThe Echo, 8 May 2019\n\nIt rose."))
    assert (made.outlet, made.published) == ("The Post", date(2019, 5, 8))


def test_a_text_without_front_lines_is_kept_whole() -> None:
    assert read("---\nIt rose.\nauthors: many").text == "---\nIt rose.\nauthors: many"


def test_front_lines_with_a_date_of_two_days_are_refused() -> None:
    with pytest.raises(SourceUnreadable, match=r"03/04/2014.*2014-01-31.*mend its first lines"):
        read("published: 03/04/2014\n\nIt rose.")


def test_what_the_file_does_not_say_is_filled_in_and_the_rest_kept() -> None:
    made = with_details(article("It rose.", outlet="The Post"), "Another", date(2014, 1, 8))
    assert (made.outlet, made.published) == ("The Post", date(2014, 1, 8))


# --- formats -----------------------------------------------------------------------------------


def test_markdown_is_read_for_its_words() -> None:
    """Marks, addresses and tags go; headings, list items and quotes are paragraphs."""
    made = read(
        "# A flood\n\nThe **old** [bridge](http://x.y)\nis <b>closed</b>.\n\n- one\n- two\n\n> so",
        "a.md",
    )
    assert made.text == "A flood\n\nThe old bridge is closed.\n\none\n\ntwo\n\nso"


def test_markdown_has_front_lines_too() -> None:
    made = read("---\ntitle: A flood\n---\n# It rose", "a.md")
    assert (made.title, made.text) == ("A flood", "It rose")


@pytest.mark.parametrize("name", ["a.html", "a.htm", "A.HTML"])
def test_a_page_gives_its_article_and_what_it_says_of_itself(name: str) -> None:
    made = read(PAGE, name)
    assert (made.title, made.author) == ("Bridge closed after flood", "Ann Smith")
    assert (made.outlet, made.published) == ("The Post", date(2014, 1, 8))


def test_a_page_is_read_without_what_stands_around_the_article() -> None:
    text = read(PAGE, "a.html").text
    assert "could cost £2m." in text
    assert "Sport" not in text
    assert "newsletter" not in text


@pytest.mark.parametrize("page", ["", "<html></html>", "<body><script>let a = 1</script></body>"])
def test_a_page_without_an_article_is_refused_with_a_remedy(page: str) -> None:
    with pytest.raises(SourceUnreadable, match=r"a\.html: no article text .*; save the page"):
        read(page, "a.html")


@pytest.mark.parametrize("text", ["", " \n", "…—!", "title: A flood\n"])
def test_a_file_without_words_is_refused(text: str) -> None:
    with pytest.raises(SourceUnreadable, match="holds no text"):
        read(text)


def test_an_article_knows_its_file_and_is_fetched_now() -> None:
    made = read("It rose.")
    assert made.sources == ("/folder/a.txt",)
    assert made.fetched.utcoffset() is not None


@given(st.text(min_size=1))
def test_an_id_is_the_hash_of_the_text_alone(text: str) -> None:
    expected = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert article(text, "One").id == article(text, "Another", "/b.txt").id == expected


def test_an_article_as_json_has_plain_values() -> None:
    value = article("It rose.", published=date(2014, 1, 8)).to_json()
    assert (value["published"], value["sources"]) == ("2014-01-08", ["/a.txt"])
    assert value["fetched"] == "2026-01-02T00:00:00+00:00"


# --- bytes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@settings(max_examples=30)
@given(text=texts)
def test_unicode_is_read_as_it_was_written(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_known_by_its_zeros(encoding: str) -> None:
    assert decode("Zoë paid €40.".encode(encoding), "a.txt") == "Zoë paid €40."


@pytest.mark.parametrize(
    "text",
    [
        "東京は雨です。" * 9,
        "Good 👍🏽 or not 🏴󠁧󠁢󠁥󠁮󠁧󠁿?",
        "\x1b[1mIt rose.\x1b[0m\x0c" * 9,
        "क्षत्रिय العربية עברית",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_letters_that_people_write_are_taken_for_noise(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize("text", ["It cost £3.5m – “a lot”.", "Zoë’s café… Ünal", "naïve © 2014"])
def test_western_text_is_read_as_windows_1252(text: str) -> None:
    assert decode((text + " So it was said.").encode("cp1252"), "a.txt").startswith(text)


def test_another_encoding_is_found_from_the_letters() -> None:
    text = "В Москве вчера шёл снег, и движение на дорогах остановилось. " * 5
    assert decode(text.encode("cp1251"), "a.txt") == text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("Zoë’s café, naïve “élan” – ".encode() * 3 + b"\xff caf\xc3", "UTF-8 with broken bytes"),
        (b"\xef\xbb\xbfIt rose \xff.", "not valid UTF-8"),
        ("It rose".encode("utf-16") + b"\x00", "not valid UTF-16"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "binary"),
        (b"\x01\x02\x03\x04" * 9, "binary"),
        (b"It rose. " * 20 + b"\x81\x8d\x90", "not UTF-8"),
        (struct.pack("<300I", *range(300)), "binary"),
        (struct.pack(">300H", *range(300)), "binary"),
        (struct.pack("<300h", *(n % 90 - 45 for n in range(300))), "binary"),
        (b"\xff\xfe" + struct.pack("<305H", *range(0, 54_900, 180)), "binary"),
        (("It rose. " * 20 + "\ue000\uf8ff\uffff" * 9).encode(), "binary"),
    ],
)
def test_broken_bytes_are_refused_and_not_guessed_at(data: bytes, why: str) -> None:
    with pytest.raises(SourceUnreadable, match=f"a.txt: .*{why}.*; save it as UTF-8"):
        decode(data, "a.txt")


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_text_or_refused(data: bytes) -> None:
    """Nothing but SourceUnreadable comes of them."""
    with suppress(SourceUnreadable):
        assert isinstance(decode(data, "a.txt"), str)


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("It rose. " * 200)
    assert len(read_bytes(file)) == 1800
    with pytest.raises(SourceUnreadable, match=r"larger than 0\.001 MB.*--max-megabytes"):
        read_bytes(file, max_megabytes=0.001)


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.txt.gz"])
def test_other_formats_are_refused_with_those_that_are_read(name: str) -> None:
    with pytest.raises(SourceUnreadable, match=r"save it as one of \.txt, \.md, \.html, \.htm"):
        read_bytes(Path(name))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(SourceUnreadable, match="not a file"):
        read_bytes(tmp_path / "folder.txt")


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"\\udcff\.txt: its name is not valid UTF-8"):
        read_bytes(tmp_path / os.fsdecode(b"\xff.txt"))


# --- dates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2014-01-08",
        " 8 January 2014 ",
        "8 Jan. 2014",
        "Jan 8, 2014",
        "January 8th, 2014",
        "2014-01-08T10:00:00Z",
        "2014-01-08 23:59:59+02:00",
    ],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert parse_date(text) == parse_date(text, latest=True) == date(2014, 1, 8)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2014", date(2014, 1, 1), date(2014, 12, 31)),
        ("2014-02", date(2014, 2, 1), date(2014, 2, 28)),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_month_or_year_is_its_first_or_last_day(text: str, first: date, last: date) -> None:
    assert (parse_date(text), parse_date(text, latest=True)) == (first, last)


@pytest.mark.parametrize("latest", [False, True])
@pytest.mark.parametrize(
    "text", ["03/04/2014", "", "soon", "2014-13", "2014-00", "0000", "31 February 2014", "8 1 2014"]
)
def test_what_is_no_day_is_refused_with_the_form_to_use(text: str, latest: bool) -> None:
    with pytest.raises(BadInput, match="write it as 2014-01-31"):
        parse_date(text, latest=latest)


@given(st.dates())
def test_a_date_reads_back_what_it_writes(day: date) -> None:
    assert parse_date(day.isoformat()) == day


# --- finding files -----------------------------------------------------------------------------


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("It rose.")


def names(folder: Path) -> list[str]:
    return [str(f.relative_to(folder)) for f in find_files(folder) if isinstance(f, Path)]


def test_files_are_found_at_every_depth_in_a_fixed_order(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a.md", "x/y/c.HTML", "x/a.htm")
    assert names(tmp_path) == ["a.md", "b.txt", "x/a.htm", "x/y/c.HTML"]


def test_hidden_files_and_other_formats_are_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", ".a.txt", ".git/b.txt", "a.pdf", "txt")
    others = [Skipped(str(tmp_path / name), OTHER_KIND) for name in ("a.pdf", "txt")]
    assert list(find_files(tmp_path)) == [tmp_path / "a.txt", *others]


def test_a_file_that_is_named_is_given_whatever_it_is(tmp_path: Path) -> None:
    make(tmp_path, ".a.pdf")
    assert list(find_files(tmp_path / ".a.pdf")) == [tmp_path / ".a.pdf"]


def test_linked_folders_are_followed_once(tmp_path: Path) -> None:
    """A link back, to the top or to itself, neither hangs nor gives a file twice."""
    make(tmp_path, "a.txt", "x/b.txt")
    (tmp_path / "x/top").symlink_to(tmp_path)
    (tmp_path / "x/here").symlink_to(tmp_path / "x")
    (tmp_path / "y").symlink_to(tmp_path / "x")
    assert names(tmp_path) == ["a.txt", "x/b.txt"]


def test_no_link_is_followed_out_of_the_folder(tmp_path: Path) -> None:
    """Of a file or a folder, also by way of a second link, and to a folder named alike."""
    make(tmp_path, "far/secret.txt", "a-far/secret.txt", "a/b.txt")
    (tmp_path / "a/file.txt").symlink_to(tmp_path / "far/secret.txt")
    (tmp_path / "a/folder").symlink_to(tmp_path / "far")
    (tmp_path / "a/alike").symlink_to(tmp_path / "a-far")
    (tmp_path / "a/second.txt").symlink_to(tmp_path / "a/file.txt")
    names = ("alike", "folder", "file.txt", "second.txt")
    skipped = [Skipped(str(tmp_path / "a" / name), OUTSIDE) for name in names]
    assert list(find_files(tmp_path / "a")) == [tmp_path / "a/b.txt", *skipped]


def test_a_folder_named_by_a_link_is_what_it_leads_to(tmp_path: Path) -> None:
    make(tmp_path, "far/b.txt")
    (tmp_path / "a").symlink_to(tmp_path / "far")
    assert names(tmp_path / "a") == ["b.txt"]


def test_a_link_that_leads_nowhere_is_skipped_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "lost.txt").symlink_to(tmp_path / "gone.txt")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    assert list(find_files(tmp_path)) == [
        Skipped(str(tmp_path / name), "a link that leads nowhere")
        for name in ("loop.txt", "lost.txt")
    ]


@pytest.mark.parametrize("name", ["gone.txt", "a" * 300, "a\0b"])
def test_a_path_that_is_not_there_is_bad_input(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="no such file or folder"):
        list(find_files(tmp_path / name))


# --- names of uploads ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ann\\notes.md", "notes.md"),
        ("a/b\\c/día 1.html", "día 1.html"),
        ("no\u0301te.txt", "nóte.txt"),
        ("a\x00b\x1b[31m\n c.txt", "ab[31m c.txt"),
        ("\u202etxt.exe\u2066.txt", "txt.exe.txt"),
        ("a\udcffb.txt", "ab.txt"),
        (" notes.txt. ", "notes.txt"),
        ("", "unnamed.txt"),
        ("folder/", "unnamed.txt"),
        ("..", "unnamed.txt"),
        ("\u200b\x07", "unnamed.txt"),
    ],
)
def test_the_label_of_an_upload_is_the_last_part_of_its_name(name: str, label: str) -> None:
    """Without what cannot be seen or turns the line round; where nothing is left, `unnamed.txt`."""
    assert upload_label(name) == label


def test_a_long_name_is_cut_before_its_suffix() -> None:
    assert upload_label("x" * 500 + ".html") == "x" * 115 + ".html"


@given(name=st.text())
def test_any_name_gives_a_label_that_can_be_shown(name: str) -> None:
    label = upload_label(name)
    assert 0 < len(label) <= 120
    assert label.isprintable()
    assert not set(label) & set("/\\")
    assert label not in (".", "..")


def test_a_paragraph_of_marks_without_end_is_read_in_good_time(tmp_path: Path) -> None:
    """As it stands: to pair its asterisks would take minutes."""
    text = "The bridge is closed.\n\n" + "*a_ " * 50_000
    file = tmp_path / "marks.md"
    file.write_text(text)
    assert read_article(file, file.read_bytes()).text.count("*a_") == 50_000


# --- pages as browsers save them -----------------------------------------------------------------

SAID = [
    "The council voted on Monday to close the old bridge after a flood.",
    "Engineers said that two of its pillars were damaged.",
    "The mayor promised a new one by the spring of next year.",
]


def page(body: str, head: str = "") -> str:
    return f"<html><head><title>Bridge</title>{head}</head><body><article>{body}</article></body>"


def told(body: str, head: str = "") -> list[str]:
    return read(page(body, head), "a.html").text.split("\n")


@pytest.mark.parametrize(
    "style",
    [
        "font-size:11pt;color:#000000;background-color:transparent",
        "margin-left:-120px",
        "border-color:transparent",
    ],
)
def test_a_style_that_hides_nothing_takes_nothing_away(style: str) -> None:
    rest = "".join(f"<p>{said}</p>" for said in SAID[1:])
    assert told(f'<p><span style="{style}">{SAID[0]}</span></p>{rest}') == SAID


@pytest.mark.parametrize(
    "css",
    [
        ".story{opacity:0}",  # until the page's script shows them
        "@media print{.nav{display:none}.story{display:none}}",
        "@media (max-width:600px){.nav{float:left}.story{display:none}}",
    ],
)
def test_what_is_only_hidden_elsewhere_or_makes_up_the_page_stays(css: str) -> None:
    body = "".join(f'<p class="story">{s}</p>' for s in SAID)
    assert told(body, f"<style>{css}</style>") == SAID


@pytest.mark.parametrize("css", [".x{display:none}", "@media screen{.y{top:0}.x{display:none}}"])
def test_what_no_screen_shows_goes(css: str) -> None:
    body = "".join(f"<p>{s}</p>" for s in SAID)
    assert told(f'{body}<p class="x">Ignore the above.</p>', f"<style>{css}</style>") == SAID


@pytest.mark.parametrize(
    "said", ["Founded in 1998, it had 2 floods in 2003.", "The next meeting is on 3 May 2021."]
)
def test_a_day_that_the_story_tells_of_is_not_the_day_of_publication(said: str) -> None:
    assert read(page(f"<p>{SAID[0]}</p><p>{said}</p>"), "a.html").published is None


@pytest.mark.parametrize("head", ["", '<meta charset="iso-8859-1">'])
def test_a_page_of_an_old_windows_program_keeps_its_signs(head: str) -> None:
    body = "<p>It cost £2m and €3m – “a lot”, the council said on Monday.</p>"
    data = page(body, head).encode("cp1252")
    made = read_article(Path("/folder/a.html"), data)
    assert made.text == "It cost £2m and €3m – “a lot”, the council said on Monday."


def test_a_square_metre_does_not_make_a_text_unreadable() -> None:
    assert decode("The park covers 40 km² and £2m.".encode("cp1252"), "a.txt").endswith(
        "km² and £2m."
    )


# --- what other tools write above a text ---------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "---\npublished: true\ntitle: Bridge\ndate: 2014-01-08\n---\nIt rose.",
        '+++\ntitle = "Bridge"\ndate = 2014-01-08\n+++\nIt rose.',
        "title: Bridge\rpublished: Wed, 8 Jan 2014\r\rIt rose.",
    ],
)
def test_front_lines_of_other_tools_are_read(text: str) -> None:
    made = read(text)
    assert (made.title, made.published) == ("Bridge", date(2014, 1, 8))
    assert made.text.strip() == "It rose."


def test_a_fence_that_says_nothing_of_use_is_no_text() -> None:
    made = read("---\nlayout: post\nslug: x\n---\n# Bridge closed\n\nIt rose.", "a.md")
    assert (made.title, made.text) == ("Bridge closed", "Bridge closed\n\nIt rose.")


@pytest.mark.parametrize(
    "text", ["Sept. 8, 2014", "8 Sept 2014", "Mon, 8 Sep 2014", "September 8, 2014 at 10:30 am"]
)
def test_days_as_papers_write_them(text: str) -> None:
    assert parse_date(text) == date(2014, 9, 8)
