"""Evidence → prose: the model says the evidence in its own order of words, and nothing else.

A grammar holds every sentence to end in the number of evidence that was given. The sentences that
come out are drafts: `verification` decides what is shown.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.llm import Message, Model
from rag.reading import Evidence

PATIENCE_S = 8.0  # several times what two idle cores take
_MOST_TOKENS = 100  # an answer has at most two sentences
_LONGEST_QUESTION = 600  # characters; the end of a longer one, where the question mark is
_LONGEST_QUOTE = 700

_INSTRUCTION = "Answer in one sentence with the words of the evidence, then its number."
# A model of 135M parameters does not follow an instruction that it has not seen followed.
_EXAMPLES: tuple[Message, ...] = (
    (
        "user",
        "[1] The bridge, opened by Mayor Ann Cole in 1987, was closed on Friday after cracks were "
        "found.\n\nQuestion: Who opened the bridge?\nAnswer: Mayor Ann Cole [1]",
    ),
    ("assistant", "The bridge was opened by Mayor Ann Cole in 1987. [1]"),
    (
        "user",
        "[1] The school reopened on Monday.\n[2] Ms Hart told the committee that 40 of the 600 "
        "pupils had fallen ill.\n\nQuestion: How many pupils were ill?\nAnswer: 40 [2]",
    ),
    ("assistant", "Ms Hart told the committee that 40 of the 600 pupils had fallen ill. [2]"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the model wrote it, and the number (from 1) of the evidence it names."""

    text: str
    evidence: int


def write(
    question: str,
    evidence: Sequence[Evidence],
    model: Model,
    *,
    promising: Callable[[str], bool] = lambda beginning: True,
    patience_s: float = PATIENCE_S,
) -> Iterator[Draft]:
    """The model's sentences, each as soon as it is whole; an unfinished last one is dropped.

    Nothing more is written once the beginning of a sentence is not `promising`, or when a busy
    machine has taken longer than `patience_s`: quotes are at hand.
    """
    written, started = "", time.monotonic()
    for piece in model.stream(prompt(question, evidence), grammar(len(evidence)), _MOST_TOKENS):
        written += piece
        while found := _SENTENCE.match(written):
            if 1 <= int(found[2]) <= len(evidence):  # an endpoint need not keep to the grammar
                yield Draft(found[1].strip(), int(found[2]))
            written = written[found.end() :]
        if time.monotonic() - started > patience_s or not promising(written.partition("[")[0]):
            return


_SENTENCE = re.compile(r"\s*([^\[\]]+?)\s*\[(\d+)\]")


def prompt(question: str, evidence: Sequence[Evidence]) -> list[Message]:
    """The chat that asks for the answer: instruction, examples, numbered evidence, question.

    Below the question stands what is to be kept: the short answer of each piece that has one.
    """
    numbered = list(enumerate(evidence, start=1))
    quotes = (f"[{n}] {e.quote[:_LONGEST_QUOTE]}" for n, e in numbered)
    shorts = "; ".join(f"{e.short} [{n}]" for n, e in numbered if e.short)
    asked = "\n".join(quotes) + f"\n\nQuestion: {question[-_LONGEST_QUESTION:]}"
    asked += f"\nAnswer: {shorts}" if shorts else ""
    return [("system", _INSTRUCTION), *_EXAMPLES, ("user", asked)]


def grammar(evidence: int) -> str:
    """GBNF for one or two sentences, each ending in the number of one of so many evidences.

    A full stop inside a sentence is let through only before a digit, as in 3.5.
    """
    numbers = " | ".join(f'"[{n}]"' for n in range(1, evidence + 1))
    return (
        'root ::= sentence (" " sentence)?\n'
        'sentence ::= start (inner | "." [0-9]){15,260} [.] " " number\n'
        "start ::= [^\\[\\]\\n<>.!?a-z ]\n"
        "inner ::= [^\\[\\]\\n<>.!?]\n"
        f"number ::= {numbers}\n"
    )
