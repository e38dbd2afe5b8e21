"""What the reader is given, and which words its logits point at."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelMissing
from rag.reader import FOLDER, LONGEST, Marked, Reader, ending, pair, places, spans, whole_words

# "when? | it: built in 1990", and a special token at either end of each part
OFFSETS = [(0, 0), (0, 4), (0, 0), (0, 2), (2, 3), (4, 9), (10, 12), (13, 17), (0, 0)]
SEQUENCES = [None, 0, None, 1, 1, 1, 1, 1, None]
SHIFT = 4  # where the passage starts behind its title
INSIDE = [5, 6, 7]


def logits(**high: float) -> np.ndarray:
    made = np.zeros(len(OFFSETS), np.float32)
    for token, value in high.items():
        made[int(token[1:])] = value
    return made


def test_a_passage_has_its_title_before_it_as_far_as_that_is_short() -> None:
    assert pair("It", "built in 1990") == ("It: built in 1990", SHIFT)
    assert pair("", "built in 1990") == ("built in 1990", 0)
    assert pair("x" * 999, "")[1] < LONGEST


def test_neither_the_question_nor_the_title_can_answer() -> None:
    assert places(SEQUENCES, OFFSETS, SHIFT) == INSIDE


def test_the_best_span_is_told_in_the_passages_own_characters() -> None:
    start, end = logits(t7=3.0, t0=1.0, t1=9.0), logits(t7=2.0, t0=0.5, t1=9.0)
    assert spans(INSIDE, OFFSETS, SHIFT, start, end, most=1) == (Marked(9, 13, 3.5),)


def test_no_span_ends_before_it_starts() -> None:
    (best,) = spans(INSIDE, OFFSETS, SHIFT, logits(t7=3.0), logits(t5=5.0), most=1)
    assert best.start < best.end


def test_no_span_lies_within_another() -> None:
    found = spans(INSIDE, OFFSETS, SHIFT, logits(t5=5.0, t6=4.0), logits(t6=5.0, t7=1.0), most=3)
    assert [(one.start, one.end) for one in found] == [(0, 8), (9, 13)]


@pytest.mark.parametrize("tokens", [5, 400])
def test_a_span_is_no_longer_than_an_answer(tokens: int) -> None:
    inside = list(range(1, tokens))
    offsets = [(2 * i, 2 * i + 1) for i in range(tokens)]
    start, end = np.zeros(tokens), np.zeros(tokens)
    start[1] = end[-1] = 9.0
    (best,) = spans(inside, offsets, 0, start, end, most=1)
    assert best.end - best.start < 60


def test_a_passage_of_which_nothing_is_left_answers_nothing() -> None:
    assert spans([], OFFSETS, SHIFT, logits(), logits(), most=3) == ()


@pytest.mark.parametrize(
    "question", ["경찰청장을 비판한 사람은 " * 20, "谁批评了罗利" * 60, "who " * 400, ""]
)
def test_a_question_of_any_length_and_script_leaves_room_for_the_passage(
    question: str, reader: Reader
) -> None:
    (look,) = reader.read(question, [("Rowley", "Ann Cole criticised Rowley.")])
    assert look.spans
    assert question.endswith(ending(question))


@pytest.mark.parametrize("passage", ["", " ", "\n\n", "\u200b"])
def test_a_passage_without_words_has_no_span(passage: str, reader: Reader) -> None:
    assert reader.read("who?", [("", passage)])[0].spans == ()


def test_a_sentence_that_it_is_told_to_look_into_gets_a_span(reader: Reader) -> None:
    text = "The hearing is on 3 May. It was shot last year. The jury was sent out on 4 May at noon."
    into = (text.index("It was"), text.index(" The jury"))
    question = "When was the film shown to the jury?"
    (plain,) = reader.read(question, [("", text)])
    (told,) = reader.read(question, [("", text)], [into])
    assert told.spans[: len(plain.spans)] == plain.spans
    assert any(into[0] <= m.start < m.end <= into[1] for m in told.spans)


def test_passages_are_read_in_their_order(reader: Reader) -> None:
    passages = [("", "Ann Cole opened the bridge."), ("", "It rained for a week.")]
    question = "Who opened the bridge?"
    there, back = reader.read(question, passages), reader.read(question, passages[::-1])
    assert there == back[::-1]
    assert there[0].answers > there[1].answers


@pytest.mark.parametrize(
    ("words", "whole"), [("n Col", "Ann Cole"), ("Cole,", "Cole"), (" Ann ", "Ann"), ("Ann", "Ann")]
)
def test_a_span_has_whole_words_and_no_comma_at_its_end(words: str, whole: str) -> None:
    text = "Here Ann Cole, who spoke."
    start = text.index(words)
    a, b = whole_words(text, start, start + len(words))
    assert text[a:b] == whole


@pytest.mark.parametrize(
    ("text", "marked", "whole"),
    [
        ("There Mr Tom Reed spoke.", "Mr", "Mr Tom Reed"),
        ("It was Sir who spoke.", "Sir", "Sir"),
        ("She was “tired of it” then.", "of it”", "“tired of it”"),
        ("She was “tired” of it.", "of it", "of it"),
    ],
)
def test_a_span_has_the_name_after_a_title_and_the_beginning_of_a_quotation(
    text: str, marked: str, whole: str
) -> None:
    start = text.index(marked)
    a, b = whole_words(text, start, start + len(marked))
    assert text[a:b] == whole


@pytest.mark.parametrize("file", ["reader.json", "reader.onnx"])
def test_a_reader_that_is_damaged_or_gone_is_named_with_the_remedy(
    file: str, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "models"))
    (folder / file).write_text("{")
    with pytest.raises(ModelMissing, match=f"{file}.*install the project again"):
        Reader(folder).read("who?", [("", "Ann.")])
    (folder / file).unlink()
    with pytest.raises(ModelMissing, match=f"{file}.*install the project again"):
        Reader(folder)


def test_the_weights_say_nothing_of_the_machine_they_were_made_on() -> None:
    held = (FOLDER / "reader.onnx").read_bytes()
    assert not [told for told in (b"site-packages", b"export_reader.py") if told in held]
