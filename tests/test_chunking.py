"""An article → chunks, counted with the real tokenizer."""

import pytest
from hypothesis import given, settings
from strategies import article, articles

from rag.articles import Article
from rag.chunking import TITLE_TOKENS, Chunk, chunk, heading, paragraphs, sentences
from rag.embedding import Embedder
from rag.ingesting import embedded

modest = settings(max_examples=40)


def cut(made: Article, embedder: Embedder) -> list[Chunk]:
    return chunk(made, embedder.count_tokens, embedder.window)


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


# --- chunks ------------------------------------------------------------------------------------


@modest
@given(made=articles())
def test_every_chunk_stands_in_its_article(made: Article, embedder: Embedder) -> None:
    for c in cut(made, embedder):
        assert made.text[c.start : c.end] == c.text


@modest
@given(made=articles())
def test_chunks_leave_out_nothing_but_white_space(made: Article, embedder: Embedder) -> None:
    """In order, without overlap: what lies between two is space."""
    at = 0
    for c in cut(made, embedder):
        assert not made.text[at : c.start].strip()
        assert c.start >= at
        at = c.end
    assert not made.text[at:].strip()


@modest
@given(made=articles())
def test_no_chunk_is_over_the_window_with_its_title(made: Article, embedder: Embedder) -> None:
    for c in cut(made, embedder):
        assert embedder.count_tokens(embedded(made, c, embedder.count_tokens)) <= embedder.window


@modest
@given(made=articles())
def test_a_chunk_ends_where_a_sentence_ends(made: Article, embedder: Embedder) -> None:
    """Unless that sentence alone is over half a window, and may have had to be cut."""
    ends = {b for _, b in sentences(made.text)}
    for c in cut(made, embedder):
        if c.end not in ends:
            ((a, b),) = [(a, b) for a, b in sentences(made.text) if a < c.end < b]
            long = embedder.count_tokens(made.text[a:b]) > embedder.window // 2
            assert long or b - a > 1000


def test_a_short_article_is_one_chunk(embedder: Embedder) -> None:
    made = article("The bridge is closed.\n\nIt will open in May.")
    assert [c.text for c in cut(made, embedder)] == [made.text]


def test_an_article_without_text_has_no_chunks(embedder: Embedder) -> None:
    assert cut(article(" \n\n "), embedder) == []


def test_a_chunk_begins_with_a_paragraph_where_paragraphs_fit(embedder: Embedder) -> None:
    text = "\n\n".join(f"On day {n} " + "the river rose again. " * 20 for n in range(9))
    starts = {a for a, _ in paragraphs(text)}
    assert {c.start for c in cut(article(text), embedder)} <= starts


@pytest.mark.parametrize("count", [43, 60, 113, 200])
def test_chunks_of_like_sentences_are_alike_in_size(count: int, embedder: Embedder) -> None:
    """The last is no scrap: one of a few words would find nothing."""
    text = " ".join(f"On day {n} the water of the river rose and fell." for n in range(count))
    sizes = [embedder.count_tokens(c.text) for c in cut(article(text), embedder)]
    assert min(sizes) > max(sizes) / 2


def test_speech_of_several_paragraphs_stays_together_where_it_fits(embedder: Embedder) -> None:
    """A quotation that goes on opens each paragraph and closes only the last."""
    told = "She told how the flood came to the town. " * 14
    speech = "“" + "We were asleep in the house. " * 8 + "\n\n“" + "Then it came. " * 15 + "”"
    made = article(f"{told}\n\n{speech}\n\n{told}")
    assert [c for c in cut(made, embedder) if speech in c.text]


def test_speech_too_long_for_a_chunk_is_cut_between_its_paragraphs(embedder: Embedder) -> None:
    speech = "\n\n".join("“" + "We were asleep in the house. " * 25 for _ in range(4)) + "”"
    assert all(c.text.startswith("“We") for c in cut(article(speech), embedder))


def test_a_long_quotation_keeps_its_quote_marks(embedder: Embedder) -> None:
    """Sentences are looked for inside it, and its marks stay with the first and the last."""
    quotation = "“" + "We were asleep in the house when the water came in. " * 12 + "It rose.”"
    found = split(f"{quotation} “So it was.”")
    assert found[0].startswith("“We")
    assert found[-2:] == ["It rose.”", "“So it was.”"]


def test_a_title_of_10_000_letters_leaves_room_for_the_text(embedder: Embedder) -> None:
    made = article("The river rose again. " * 200, title="flood " * 1666)
    assert embedder.count_tokens(heading(made.title, embedder.count_tokens)) == TITLE_TOKENS
    assert max(embedder.count_tokens(c.text) for c in cut(made, embedder)) > embedder.window / 2


def test_a_title_in_another_script_is_no_longer_in_tokens(embedder: Embedder) -> None:
    """There a word, or a single letter, may be many tokens."""
    title = "ສະບາຍດີ ຊາວໂລກ " * 20
    assert embedder.count_tokens(heading(title, embedder.count_tokens)) <= TITLE_TOKENS


def test_a_sentence_too_long_is_cut_at_spaces(embedder: Embedder) -> None:
    made = article("flood " * 1000)
    assert len(cut(made, embedder)) > 3
    assert {word for c in cut(made, embedder) for word in c.text.split()} == {"flood"}


def test_a_text_without_spaces_is_cut_all_the_same(embedder: Embedder) -> None:
    """The tokenizer takes it for one unknown word, and no model reads a megabyte as one."""
    found = cut(article("x" * 20_000), embedder)
    assert "".join(c.text for c in found) == "x" * 20_000
    assert max(len(c.text) for c in found) <= 10 * embedder.window + 10


@pytest.mark.slow
def test_a_megabyte_of_all_kinds_is_cut_in_time(embedder: Embedder) -> None:
    """Of short paragraphs, of one that opens a quote, of words without end, of no spaces at all."""
    text = "\n\n".join(
        (
            "The man went to town.\n\n" * 12_000,
            "“" + "The man went to town. " * 12_000,
            "word " * 50_000,
            "x" * 250_000,
        )
    )
    found = cut(article(text), embedder)
    assert (found[0].start, found[-1].end) == (0, len(text))


# --- sentences ---------------------------------------------------------------------------------


@modest
@given(made=articles())
def test_sentences_leave_out_nothing_but_white_space(made: Article) -> None:
    at = 0
    for a, b in sentences(made.text):
        assert at <= a < b
        assert not made.text[at:a].strip()
        at = b
    assert not made.text[at:].strip()


@pytest.mark.parametrize(
    "sentence",
    [
        "Mr Williams left early.",
        "Dr. Smith met Mrs. Jones and Prof. Lee.",
        "He came on Dec. 1 and left.",
        "The U.S. Senate met again.",
        "J. R. Hartley wrote it.",
        "It opened at 5 p.m. on Jan. 5.",
        "It rose by 3.5 per cent to $1.2bn.",
        "No. 10 said so.",
        "“I am here. I am glad,” he said.",
        "𝒳 👍🏽 came too.",
        "The suit complained Ms. Bowser’s plan was unfair.",
        "He died at 5 p.m. Sunday near Leeds, and she at 6 a.m. ET.",
    ],
)
def test_a_stop_within_a_sentence_does_not_end_it(sentence: str) -> None:
    assert split(f"{sentence} She stayed.") == [sentence, "She stayed."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“I am here.” He left.", ["“I am here.”", "He left."]),
        ('"Why?" she asked. He left!', ['"Why?" she asked.', "He left!"]),
        ("He lives in the U.S. He likes it.", ["He lives in the U.S.", "He likes it."]),
        ("They slept at 9 p.m. He rose early.", ["They slept at 9 p.m.", "He rose early."]),
        ("Then…? What!? Good.", ["Then…?", "What!?", "Good."]),
    ],
)
def test_a_sentence_ends_with_its_marks(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_blank_line_ends_a_sentence_and_a_line_break_does_not() -> None:
    assert split("A headline\n\nThe bridge\nis closed.") == ["A headline", "The bridge\nis closed."]
