"""Words as the lexical index has them, for everything that compares words."""

from functools import cache, lru_cache
from typing import Any

_ASKING_WORDS = """
    who whom whose what which when where why how did do does done is are was were be been being
    has have had can could will would shall should may might must i you he she we me him her us
    them my your his our its about many much any some there from than s t
""".split()


@cache
def analyzer(*, stop_words: bool = False) -> Any:
    """Lower case, no accents, English stems; on request without stop and asking words."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.remove_long(64), Filter.lowercase(), Filter.ascii_fold()):
        builder = builder.filter(step)
    if stop_words:
        builder = builder.filter(Filter.stopword("english")).filter(
            Filter.custom_stopword(_ASKING_WORDS)
        )
    return builder.filter(Filter.stemmer("english")).build()


@lru_cache(maxsize=4_096)  # the sentences of articles that are asked about come again and again
def stems(text: str) -> tuple[str, ...]:
    """The text's words: lower case, no accents, English stems."""
    return tuple(analyzer().analyze(_whole(text)))


@lru_cache(maxsize=4_096)
def content_stems(text: str) -> tuple[str, ...]:
    """`stems` without stop words and the words that questions are asked with."""
    return tuple(analyzer(stop_words=True).analyze(_whole(text)))


def _whole(text: str) -> str:
    """Without half characters, which JSON may hold."""
    return text.encode("utf-8", "replace").decode()
