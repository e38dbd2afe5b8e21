"""What an abbreviation stands for is found where an article spells it out."""

import pytest

from rag.abbreviations import asked_for, full_form, spells, told_by_name


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("What does HPA stand for?", "HPA"),
        ("what does the H.P.A. mean", "H.P.A"),
        ("What is MoD short for?", "MoD"),
        ("What is the full name of the HPA?", "HPA"),
        ("What does he mean?", None),
        ("What does the law stand for?", None),
        ("What is the full name of Rowley?", None),
        ("What does HPA stand for in this case?", None),
    ],
)
def test_it_is_asked_for_in_so_many_words(question: str, short: str | None) -> None:
    assert asked_for(question) == short


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("what's the HPA?", "HPA"),
        ("What is BBC", "BBC"),
        ("What is it?", None),
        ("what is A?", None),
    ],
)
def test_what_an_abbreviation_is_may_be_what_it_stands_for(
    question: str, short: str | None
) -> None:
    assert told_by_name(question) == short


@pytest.mark.parametrize(
    ("short", "text", "form"),
    [
        ("HPA", "He left the Harwick Port Authority (HPA) in May.", "Harwick Port Authority"),
        ("HPA", "The HPA (Harwick Port Authority) was founded.", "Harwick Port Authority"),
        ("HPA", "the Harwick Port Authority (“HPA”) said", "Harwick Port Authority"),
        ("MoD", "the Ministry of Defence (MoD) said", "Ministry of Defence"),
        ("U.N", "the United Nations (U.N.) said", "United Nations"),
        ("DNA", "its deoxyribonucleic acid (DNA) was", "deoxyribonucleic acid"),
        ("APHA", "the Animal and Plant Health Agency (APHA)", "Animal and Plant Health Agency"),
        ("HPA", "The port (HPA) was closed, and the authority left.", None),
        ("HPA", "HPA was closed (again), and so was the market.", None),
        ("HPA", "Harwick has a port, an authority and a mayor.", None),
    ],
)
def test_it_is_spelled_out_before_it_or_behind_it(short: str, text: str, form: str | None) -> None:
    span = full_form(short, text)
    assert (span and text[slice(*span)]) == form


@pytest.mark.parametrize(
    ("words", "spelled"),
    [("Harwick Port Authority", True), ("the old port", False), ("such parts", False)],
)
def test_words_spell_it_by_their_letters(words: str, spelled: bool) -> None:
    assert spells("HPA", words) == spelled
