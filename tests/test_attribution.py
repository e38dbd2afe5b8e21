"""Whom a sentence speaks of, and who speaks in it."""

import pytest

from rag.attribution import (
    asks_who_claims,
    asks_who_said,
    is_somebodys,
    leans_from,
    said_in,
    says_who,
    speaker_of,
)


def quoted(text: str, sentence: str) -> str:
    """The quote that is taken for `sentence`, which stands in `text`."""
    start = text.index(sentence)
    return text[leans_from(text, (start, start + len(sentence))) : start + len(sentence)]


def test_a_sentence_that_opens_with_a_pronoun_takes_the_one_before_along() -> None:
    text = "It rained. Ann Cole opened the bridge. She praised the builders."
    assert quoted(text, "She praised the builders.") == text.removeprefix("It rained. ")


def test_speech_without_a_speaker_takes_the_sentence_that_names_one_along() -> None:
    text = "Ann Cole spoke first. She said: “We are late.\n\n“That will not do.” All left."
    assert quoted(text, "“That will not do.”").startswith("Ann Cole spoke first.")


def test_speech_of_a_pronoun_takes_the_sentence_that_names_it_along() -> None:
    text = "It rained. Tom Reed owns a shop. “I will lose half my customers,” he said."
    assert quoted(text, "“I will lose half my customers,” he said.").startswith("Tom Reed owns")


def test_speech_of_a_pronoun_goes_back_to_where_a_name_stands() -> None:
    text = "Tom Reed runs the port. Nine boats were hurt there. “It was a warning,” he said."
    assert quoted(text, "“It was a warning,” he said.") == text
    nameless = text.replace("Tom Reed", "A man")
    assert quoted(nameless, "“It was a warning,” he said.").startswith("Nine boats")


def test_the_speaker_of_long_speech_is_named_beside_it() -> None:
    long = "“We are " + "very, " * 90 + "very late."
    text = f"Ann Cole said: {long}\n\n“That will not do.”"
    start = text.index("“That")
    assert leans_from(text, (start, len(text))) == start
    assert speaker_of(text, start, len(text)) == "Ann Cole"


def test_a_sentence_inside_a_quotation_is_somebodys() -> None:
    text = "Ann Cole said: “We are late. Nobody called. That will not do.”"
    start = text.index("Nobody")
    assert speaker_of(text, start, start + len("Nobody called.")) == "Ann Cole"


def test_he_who_spoke_is_the_subject_before_if_the_title_fits() -> None:
    text = "{} Reed met Ann Cole. He added: “We are late.\n\n“That will not do.”"
    for title, speaker in (("Mr", "Mr Reed"), ("Mrs", None)):
        whole = text.format(title)
        assert speaker_of(whole, whole.index("“That"), len(whole)) == speaker


@pytest.mark.parametrize(
    "before", ["It rained.", "Ann Cole said it would rain. It did.", "She said: “So.”"]
)
def test_a_speaker_who_is_not_certain_is_not_named(before: str) -> None:
    text = f"{before}\n\n“That will not do.”"
    assert speaker_of(text, text.index("“That"), len(text)) is None


def test_a_sentence_that_names_its_subject_stands_alone() -> None:
    text = "Ann Cole opened the bridge. Tom Reed paid for it."
    assert quoted(text, "Tom Reed paid for it.") == "Tom Reed paid for it."


def test_a_quote_does_not_grow_past_sixty_words() -> None:
    text = "Ann " + "really " * 100 + "talked. She left."
    assert quoted(text, "She left.") == "She left."


def test_speech_tells_who_speaks_or_it_does_not() -> None:
    for text, told in (
        ("It rained.\n\n“That will not do.”", False),
        ("Ann Cole said: “We are late.\n\n“That will not do.”", True),
        ("“That will not do,” said Ann Cole.", True),
    ):
        start = text.index("“That")
        assert says_who(text, start, (start, len(text))) == told


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who said “It was a dark day”?", "It was a dark day"),
        ('who called it "a very dark day"', "a very dark day"),
        ("Who wrote “Funeral”?", None),
        ("What does “a very dark day” mean?", None),
        ("Who said it?", None),
    ],
)
def test_exact_words_are_asked_for_in_quotation_marks(question: str, words: str | None) -> None:
    assert asks_who_said(question) == words


def test_whoever_says_exact_words_is_found_by_them() -> None:
    text = "It rained. “It was a dark day,” said Tom Reed. “But it will pass. We shall see.”"
    for words, told in (
        ("it was a DARK day", "Tom Reed"),
        ("We shall see", "We shall see"),
        ("We shall not see", None),
    ):
        span = said_in(words, text)
        assert (span and text[slice(*span)]) == told


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        ("Who said that the day was dark?", "the day was dark"),
        ("who thinks the pier is unsafe", "the pier is unsafe"),
        ("Who said it?", None),
        ("Who said “It was a dark day”?", None),
        ("What did he say about the pier?", None),
    ],
)
def test_a_claim_is_asked_for_by_who_makes_it(question: str, claim: str | None) -> None:
    assert asks_who_claims(question) == claim


def test_speech_is_somebodys_where_one_is_named_before_it() -> None:
    text = "Ann Cole said: “We are late.\n\n“That will not do.” Rain fell."
    for words, somebodys in (("“That will not do.”", True), ("Rain fell.", False)):
        at = text.index(words)
        assert is_somebodys(text, (at, at + len(words))) == somebodys


def test_who_describes_it_in_these_words_is_who_said_them() -> None:
    text = "It failed, as Madison describes the league as “an imbecility in the government” then."
    span = said_in("an imbecility in the government", text)
    assert span is not None
    assert text[slice(*span)] == "Madison"
