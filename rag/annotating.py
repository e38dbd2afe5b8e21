"""Gold that a person writes: on their own articles, or of their feedback in the chat."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from rag.answer import Citation
from rag.articles import Article
from rag.chats import Chats, Rated
from rag.gold import (
    Gold,
    append_line,
    bytes_of,
    plain,
    read_gold,
    to_json,
    why_unaskable,
    with_what_is_kept,
)
from rag.library import Library
from rag.metrics import gold_in_answer
from rag.stemming import content_stems

Say = Callable[[str], object]
Read = Callable[[str], str | None]  # what was typed after a prompt; None when there is no more

NOT_SAID = "-"
_HELP = (
    "Alternatives of an answer are parted by |, and - says that the articles do not say.\n"
    "An empty line leaves out; the end of input (Ctrl-D) ends, and what was written stays."
)


class _Ended(Exception):
    """The person has written enough."""


# --- on articles ---------------------------------------------------------------------------------


def write_new(library: Library, out: Path, say: Say, read: Read) -> int:
    """Asks a person for gold on each article and appends it to `out`: how many questions.

    Articles with the fewest come first. Raises BadInput where `out` is there and is no gold.
    """
    known = _known(out)
    added = 0
    say(_HELP)
    with suppress(_Ended):
        for article in _least_asked(library, known.values()):
            say(f"\n{article.title}\n\n{article.text}\n")
            for gold in _asked_of(article, known, say, read):
                _append(gold, out)
                known[_key(gold.question)] = gold
                added += 1
    return added


def _least_asked(library: Library, known: Iterable[Gold]) -> Iterator[Article]:
    """One at a time: a library may be large."""
    asked = Counter(plain(gold.article).casefold() for gold in known if gold.article)
    for listed in sorted(library.listed(), key=lambda a: asked[plain(a.title).casefold()]):
        yield library.article(listed.id)


def _asked_of(article: Article, known: dict[str, Gold], say: Say, read: Read) -> Iterator[Gold]:
    """Questions on the article until an empty one. Raises _Ended."""
    while question := _typed(read, "question: "):
        if fault := _fault(question, known):
            say(fault)
            continue
        answer = _typed(read, "answer: ")
        if answer == NOT_SAID:
            yield _made(question, (), (), article.title)
        elif (answers := _alternatives(answer)) and (found := _words_of([article], say, read)):
            answers = _standing(answers, found[0], say, read)
            yield _made(question, answers, (found[0],), article.title)


def _fault(question: str, known: dict[str, Gold]) -> str:
    """Why this cannot be another question of the file; empty when it can."""
    if _key(question) in known:
        return "That question is in the file already."
    return why_unaskable(question)


def _words_of(articles: Iterable[Article], say: Say, read: Read) -> tuple[str, str] | None:
    """Words that stand in an article, asked for until they do, and its title. Raises _Ended."""
    texts = [(article.title, plain(article.text)) for article in articles]
    while words := _typed(read, "the words that carry it, copied from the article: "):
        if not content_stems(words):
            say("That is too little to carry anything. Copy the words that say it.")
            continue
        if title := next((title for title, text in texts if words in text), None):
            return words, title
        say("These words do not stand there, letter for letter. Copy them from the article.")
    return None


def _standing(answers: tuple[str, ...], words: str, say: Say, read: Read) -> tuple[str, ...]:
    """The answers, and those that the words have where they have none of these. Raises _Ended."""
    if gold_in_answer(words, answers) == 1 or {"yes", "no"} & {a.casefold() for a in answers}:
        return answers
    say("None of the answers stands in these words: to quote them would not count as right.")
    while typed := _alternatives(_typed(read, "another that does (Enter for none): ")):
        if more := tuple(answer for answer in typed if gold_in_answer(words, [answer]) == 1):
            return tuple(dict.fromkeys(answers + more))
        say("That does not stand in them either.")
    return answers


# --- of feedback ---------------------------------------------------------------------------------


def from_feedback(chats: Chats, library: Library, out: Path, say: Say, read: Read) -> int:
    """Makes gold of rated answers, asking for what is missing, and appends it: how many questions.

    Of what is right the quotes that carry it are evidence, as long as they stand in the library;
    what is wrong is asked for, with words of the library's articles that carry it. Questions that
    `out` has already are passed over. Raises BadInput where `out` is there and is no gold.
    """
    known = _known(out)
    added = 0
    say(_HELP)
    with suppress(_Ended):
        for rated in chats.feedback():
            question = plain(rated.answer.standalone_question)
            asked_of_all = not rated.answer.scope  # gold is: what some lack others may say
            if _key(question) in known or not (asked_of_all or rated.answer.citations):
                continue
            if gold := _of_rated(question, rated, library, say, read):
                _append(gold, out)
                known[_key(question)] = gold
                added += 1
    return added


def _of_rated(question: str, rated: Rated, library: Library, say: Say, read: Read) -> Gold | None:
    """None where the person leaves it out. Raises _Ended."""
    answer = rated.answer
    if rated.verdict == "up" and answer.abstained:
        return _made(question, (), (), None)
    say(f"\n{question}\n{answer.answer}\n")
    if rated.verdict == "up":
        return _of_right(question, answer.citations, library, say, read)
    say(f"It was called wrong: {rated.reason or 'no reason given'}")
    short = _typed(read, "what would be right: ")
    if short == NOT_SAID:
        return _made(question, (), (), None)
    answers = _alternatives(short)
    return _with_words(question, answers, library, say, read) if answers else None


def _with_words(
    question: str, answers: tuple[str, ...], library: Library, say: Say, read: Read
) -> Gold:
    articles = library.articles_by_id(a.id for a in library.listed()).values()
    found = _words_of(articles, say, read)
    if found is None:
        return _made(question, answers, (), None)
    words, title = found
    return _made(question, _standing(answers, words, say, read), (words,), title)


def _of_right(
    question: str, citations: Sequence[Citation], library: Library, say: Say, read: Read
) -> Gold | None:
    for citation in citations:
        say(f"[{citation.n}] {citation.title}: “{citation.quote}”")
    short = _typed(read, "the fewest words that answer: ")
    if short == NOT_SAID:
        return _made(question, (), (), None)
    if not (answers := _alternatives(short)):
        return None
    carrying = [c for c in citations if gold_in_answer(c.quote, answers)] or citations
    quotes = tuple(dict.fromkeys(plain(citation.quote) for citation in carrying))
    titles = {citation.title for citation in carrying}
    article = titles.pop() if len(titles) == 1 else None
    kept = with_what_is_kept([_made(question, answers, quotes, article)], library)
    return kept[0] if kept else _with_words(question, answers, library, say, read)


# --- what both do --------------------------------------------------------------------------------


def _typed(read: Read, prompt: str) -> str:
    """What was typed, as articles have their text. Raises _Ended at the end of input."""
    line = read(prompt)
    if line is None:
        raise _Ended
    return plain(line)


def _alternatives(answer: str) -> tuple[str, ...]:
    listed = (a.strip() for a in answer.split("|"))
    return tuple(dict.fromkeys(a for a in listed if a not in ("", NOT_SAID)))


def _made(
    question: str, answers: tuple[str, ...], evidence: tuple[str, ...], article: str | None
) -> Gold:
    return Gold(
        id=hashlib.sha256(_key(question).encode()).hexdigest()[:12],
        question=question,
        answers=answers,
        evidence=evidence,
        article=article,
        answerable=bool(answers),
        history=(),
        kind=None,
        relevant=(),
    )


def _known(out: Path) -> dict[str, Gold]:
    """What the file has, by question. Raises BadInput."""
    has_some = out.exists() and bytes_of(out).strip()
    return {_key(gold.question): gold for gold in read_gold(out)} if has_some else {}


def _key(question: str) -> str:
    return plain(question).casefold()


def _append(gold: Gold, out: Path) -> None:
    """Raises StorageFull."""
    append_line(json.dumps(to_json(gold), ensure_ascii=False), out)
