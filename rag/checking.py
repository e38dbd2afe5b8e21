"""A saved Answer × the library → what no longer holds of it."""

import re
from collections.abc import Iterator

from rag.answering import Answer, Citation, with_markers
from rag.library import Library
from rag.verification import faults, is_slice


def recheck(answer: Answer, library: Library) -> list[str]:
    """What is wrong with the answer, in words; empty when every quote and marker still holds."""
    return [
        *_broken_quotes(answer, library),
        *_broken_markers(answer),
        *_broken_claims(answer),
    ]


def _broken_quotes(answer: Answer, library: Library) -> Iterator[str]:
    cited = (*answer.citations, *answer.nearest)
    articles = library.articles_by_id(c.article_id for c in cited)
    for citation in cited:
        article = articles.get(citation.article_id)
        if article is None:
            yield f"[{citation.n}] its article has changed or is no longer in the library"
        elif article.text[citation.start : citation.end] != citation.quote:
            yield f"[{citation.n}] {_where(citation, article.text)}"


def _where(citation: Citation, text: str) -> str:
    if citation.quote and citation.quote in text:
        return "its quote stands in the article, but at another place than given"
    return "its quote does not stand in the article"


def _broken_markers(answer: Answer) -> Iterator[str]:
    if answer.abstained:
        return
    numbers = [c.n for c in answer.citations]
    marked = {int(n) for n in re.findall(r"\[(\d+)\]", answer.answer)}
    for n in sorted(marked - set(numbers)):
        yield f"[{n}] has no citation"
    for n in sorted(set(numbers) - marked):
        yield f"[{n}] is cited nowhere in the answer"
    if answer.answer != " ".join(map(with_markers, answer.claims)):
        yield "the answer is not its claims with their markers"


def _broken_claims(answer: Answer) -> Iterator[str]:
    quotes = {c.n: c.quote for c in answer.citations}
    for claim in answer.claims:
        cited = [quotes[n] for n in claim.citations if n in quotes]
        if not cited:
            yield f"no quote for: {claim.text}"
        elif not any(is_slice(claim.text, quote) for quote in cited):
            for fault in faults(claim.text, cited, answer.question):
                yield f"{fault}: {claim.text}"
