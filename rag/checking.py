"""A saved Answer × the library → what no longer holds of it."""

import re
from collections.abc import Iterator

from rag.answer import NOT_SAID, Answer, Citation, not_said, unnamed, with_markers
from rag.attribution import speaker_of
from rag.chunking import sentences
from rag.composing import copies_of
from rag.library import Library
from rag.verification import SUPPORTED, faults, is_sentence_of


def recheck(answer: Answer, library: Library) -> list[str]:
    """What is wrong with the answer, in words; empty when every quote and marker still holds."""
    return [
        *_broken_quotes(answer, library),
        *_broken_markers(answer),
        *_broken_claims(answer),
        *_broken_short_answers(answer),
        *_broken_parts(answer),
        *_broken_copies(answer, library),
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
        elif (citation.title, citation.outlet) != (article.title, article.outlet):
            yield f"[{citation.n}] its article has another title or outlet now"
        elif citation.speaker and citation.speaker not in _speakers(citation, article.text):
            yield f"[{citation.n}] the article does not say that {citation.speaker} speaks there"


def _speakers(citation: Citation, text: str) -> set[str | None]:
    """Whose words the quote may be, by what stands around it and each of its sentences."""
    starts = [citation.start + start for start, _ in sentences(citation.quote)]
    ends = [citation.start + end for _, end in sentences(citation.quote)]
    return {
        *(speaker_of(text, start, citation.end) for start in (citation.start, *starts)),
        *(speaker_of(text, start, end) for start, end in zip(starts, ends, strict=True)),
    }


def _where(citation: Citation, text: str) -> str:
    if citation.quote and citation.quote in text:
        return "its quote stands in the article, but at another place than given"
    return "its quote does not stand in the article"


def _broken_markers(answer: Answer) -> Iterator[str]:
    if answer.abstained:
        unsaid = (NOT_SAID, not_said(answer.standalone_question))
        said = answer.claims or answer.citations or answer.short_answer or answer.short_answers
        if answer.answer not in unsaid or said:
            yield "it abstains and says something all the same"
        return
    if not answer.claims:
        yield "it holds no claim"
    numbers = [c.n for c in answer.citations]
    marked = {n for claim in answer.claims for n in claim.citations}
    for n in sorted(marked - set(numbers)):
        yield f"[{n}] has no citation"
    for n in sorted(set(numbers) - marked):
        yield f"[{n}] is cited nowhere in the answer"
    if answer.answer != " ".join(map(with_markers, answer.claims)):
        yield "the answer is not its claims with their markers"


def _broken_claims(answer: Answer) -> Iterator[str]:
    cited = {c.n: c for c in answer.citations}
    for claim in answer.claims:
        its = [cited[n] for n in claim.citations if n in cited]
        if not its or not claim.text.strip():
            yield f"no quote for: {claim.text}"
        elif not claim.supported or (claim.support is not None and claim.support < SUPPORTED):
            yield f"its quote does not say all of it, as far as was judged: {claim.text}"
        elif not any(is_sentence_of(unnamed(claim.text, c), c.quote) for c in its):
            for fault in faults(claim.text, [c.quote for c in its]):
                yield f"{fault}: {claim.text}"


def _broken_short_answers(answer: Answer) -> Iterator[str]:
    quotes = [c.quote for c in answer.citations]
    shorts = (answer.short_answer, *answer.short_answers)
    for short in dict.fromkeys(s for s in shorts if s is not None):
        words = rf"(?<!\w){re.escape(short)}(?!\w)"
        if not short.strip() or not any(re.search(words, quote) for quote in quotes):
            yield f"no quote holds the short answer: {short}"


def _broken_parts(answer: Answer) -> Iterator[str]:
    quotes = {c.n: c.quote for c in answer.citations}
    for part in answer.parts:
        if any(not 0 <= i < len(answer.claims) for i in part.claims):
            yield f"a part has a claim that is not there: {part.question}"
            continue
        if part.abstained == bool(part.claims) or (part.abstained and part.short_answer):
            yield f"a part abstains and says something, or does neither: {part.question}"
        its = [quotes.get(n, "") for i in part.claims for n in answer.claims[i].citations]
        if part.short_answer is not None and not any(part.short_answer in quote for quote in its):
            yield f"no quote of its part holds the short answer: {part.short_answer}"


def _broken_copies(answer: Answer, library: Library) -> Iterator[str]:
    told = [(c, copy) for c in (*answer.citations, *answer.nearest) for copy in c.copies]
    articles = library.articles_by_id(copy.article_id for _, copy in told)
    for citation, copy in told:
        article = articles.get(copy.article_id)
        if article is None or copy not in copies_of(article):
            yield f"[{citation.n}] a copy of its article has changed or is no longer in the library"
