"""What is taken of articles that are summed up; the vectors are a stand-in's."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from strategies import article

from rag.chunking import Chunk
from rag.embedding import Embedder, Vectors
from rag.questions import Overview
from rag.retrieval import Hit
from rag.stemming import content_stems
from rag.summarising import sum_up


class WordCounts:
    """Stands in for an embedder: texts are near one another by the words that they share."""

    def remembered(self, texts: Sequence[str]) -> Vectors:
        counts = np.full((len(texts), 512), 1e-3, np.float32)
        for row, text in zip(counts, texts, strict=True):
            for stem in content_stems(text):
                row[sum(stem.encode()) % 512] += 1
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def summed_up(asked: Overview, *texts: str) -> list[str]:
    """The quotes of a summary of articles with these texts."""
    made = [article(text, title=f"Number {n}", source=f"/{n}.txt") for n, text in enumerate(texts)]
    hits = [
        Hit(n, Chunk(one.id, 0, len(one.text), one.text), one, 0.5, 1.0, 0.03)
        for n, one in enumerate(made)
    ]
    found = sum_up(asked, hits, cast(Embedder, WordCounts()))
    return [e.article.text[e.start : e.end] for e in found]


POOL = (
    "Ann Reed opened the pool on the first of May. The water is heated by the sun alone. "
    "Children of the town swim there without paying. The council paid two million for it. "
    "Its roof was damaged in the storms of March. Critics called the building far too dear. "
    "A second pool is planned for the harbour."
)
MARKET = (
    "Ann Reed sold the market to a builder from Leeds. Forty traders had asked her to keep it. "
    "The hall was built before the railway came. Stalls will stay open until the autumn."
)


@pytest.mark.parametrize("asked", [Overview("", of_one=True), Overview("the pool", of_one=True)])
def test_a_summary_has_three_to_five_sentences(asked: Overview) -> None:
    assert 3 <= len(summed_up(asked, POOL)) <= 5


def test_every_article_has_its_sentence_before_one_has_two() -> None:
    """However much nearer those of one article are to what is asked."""
    beasts = ("bees", "goats", "ducks", "sheep", "hens")
    near = " ".join(f"Ann Reed was there with all the {beast}." for beast in beasts)
    told = [
        "Ann Reed once lived beside the narrow stone harbour wall north of old Cardiff market.",
        "Forty miners went on strike for higher wages in spring, and Ann Reed led them all.",
        "Doctors, nurses and porters of the new hospital wrote long letters to Ann Reed.",
    ]
    far = [f"It rained in Cardiff on that day. The town was quiet at noon. {one}" for one in told]
    chosen = summed_up(Overview("Ann Reed", of_one=False), near, *far)
    assert len(chosen) == 5
    assert set(told) <= set(chosen)


def test_an_article_is_heard_however_long_the_one_before_it_is() -> None:
    long = " ".join(f"House number {n} of the long street was sold today." for n in range(200))
    assert any(q in MARKET for q in summed_up(Overview("", of_one=False), long, MARKET))


def test_sentences_that_lean_on_a_name_make_up_for_few_that_have_it() -> None:
    text = (
        "Ann Reed bought the old mill in 1990. She turned it into a school for bakers. "
        "Flour is dear these days, all over the country. Ann Reed then moved to the coast. "
        "She has not been back to the mill since. Bakers still learn there every summer."
    )
    told = summed_up(Overview("Ann Reed", of_one=False), text)
    assert told == [
        "Ann Reed bought the old mill in 1990. She turned it into a school for bakers.",
        "Ann Reed then moved to the coast. She has not been back to the mill since.",
    ]


def test_nothing_is_made_up_of_what_is_not_spoken_of() -> None:
    assert summed_up(Overview("Tom Bell", of_one=False), POOL, MARKET) == []
