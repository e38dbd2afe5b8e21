"""Train the reader: `.venv/bin/python scripts/train_reader.py ../shared/data --out build/reader`.

MiniLM's encoder, started from the embedding model, learns to point at the words of a passage that
answer a question, at its first token where none do (Devlin et al. 2019, BERT's recipe for SQuAD
2.0), and to say by one more number whether any do; and by another, whether a quote says all
that a sentence in the question's place says. The learning rate stays where it is until the last
`--decay` steps (Hu et al. 2024, MiniCPM's warm-up, stable, decay), so that a run which was
interrupted, or is to be longer, goes on from its checkpoint.
"""

import argparse
import functools
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# Without these glibc gives each step's memory back, and the next waits for it. Set before torch is.
if os.environ.get("MALLOC_TRIM_THRESHOLD_") is None:
    os.environ |= {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "4294967296"}
    os.execv(sys.executable, [sys.executable, "-P", *sys.argv])

import numpy as np
import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent))

from reading_data import (
    ELSEWHERE,
    LAST,
    READING,
    Example,
    elsewhere,
    examples,
    reading,
    unanswerable,
)
from support_data import MEASURED, Pair, judged, pairs

from rag.chunking import Span, sentences
from rag.embedding import BUNDLED, model_folder
from rag.metrics import token_f1
from rag.reader import LONGEST, pair, places, spans
from rag.verification import windows

BATCH_TOKENS = 6_144
CROPS = (250, 350, 500, 700, 1000)  # characters of passage: of short ones a learner sees more
LETTERS = 1_100
MOST_SENTENCE = 600  # characters


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of question and passage, and the token numbers of what is right to point at.

    That is the first token where nothing answers, and nothing (any) where no stretch of it does.
    Of a sentence beside a quote, `supported` tells what is right, and the rest nothing.
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]
    allowed: tuple[bool, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    answerable: bool
    supported: bool | None = None


class Reader(nn.Module):
    """Encoder and heads.

    Start and end logits (batch, length), answerable and supported (batch).
    """

    def __init__(self) -> None:
        super().__init__()
        from transformers import AutoModel

        self.encoder = AutoModel.from_pretrained(
            model_folder(BUNDLED),
            attn_implementation="eager",  # on a CPU faster than torch's own
            attention_probs_dropout_prob=0.0,  # each example is seen once or twice
            hidden_dropout_prob=0.0,
            add_pooling_layer=False,
        )
        self.span = nn.Linear(self.encoder.config.hidden_size, 2)
        self.answers = nn.Linear(self.encoder.config.hidden_size, 1)
        self.support = nn.Linear(self.encoder.config.hidden_size, 1)

    def forward(
        self, ids: Tensor, types: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        hidden = self.encoder(
            input_ids=ids, token_type_ids=types, attention_mask=mask
        ).last_hidden_state
        start, end = self.span(hidden).unbind(-1)
        answers, support = (head(hidden[:, 0]).squeeze(-1) for head in (self.answers, self.support))
        return start, end, answers, support


# --- examples → batches ---------------------------------------------------------------------------


def kind_of(example: Example) -> str:
    """Whether it answers, only looks so, or is another passage than the one asked about."""
    if example.answerable:
        return "answered"
    return "elsewhere" if example.source.endswith(", elsewhere") else "lookalikes"


def cropped(example: Example, most: int) -> Example:
    """As many whole sentences of the passage as `most` characters hold, with the answer's."""
    whole = sentences(example.passage)
    if len(example.passage) <= most or len(whole) < 2:
        return example
    answer = example.spans[0] if example.spans else None
    seed = sum(map(ord, example.question))
    first = last = (
        next((i for i, s in enumerate(whole) if s[1] > answer[0]), len(whole) - 1)
        if answer
        else seed % len(whole)
    )
    while answer and last + 1 < len(whole) and whole[last][1] < answer[1]:
        last += 1
    draw = random.Random(seed)
    while first > 0 or last + 1 < len(whole):
        to = (
            (first - 1, last)
            if (draw.random() < 0.5 and first) or last + 1 == len(whole)
            else (first, last + 1)
        )
        if whole[to[1]][1] - whole[to[0]][0] > most:
            break
        first, last = to
    start, end = whole[first][0], whole[last][1]
    kept = tuple((a - start, b - start) for a, b in example.spans if start <= a and b <= end)
    if example.spans and not kept:
        return example
    return replace(example, passage=example.passage[start:end], spans=kept)


def encoded(example: Example, tokenizer: Any) -> Encoded | None:
    """None where the answer is cut off."""
    text, shift = pair(example.title, example.passage)
    made = tokenizer.encode(example.question, text)
    inside = places(made.sequence_ids, made.offsets, shift)
    allowed = [False] * len(made.ids)
    for i in (0, *inside):
        allowed[i] = True
    at = [(i, made.offsets[i][0] - shift, made.offsets[i][1] - shift) for i in inside]
    ends = [found for span in example.spans if (found := _tokens(span, at))]
    if example.spans and not ends:
        return None
    anywhere = [(i, i) for i, right in enumerate(allowed) if right]
    right = ends or (anywhere if example.answerable else [(0, 0)])
    starts, stops = zip(*right, strict=True)
    kinds = (tuple(made.ids), tuple(made.type_ids), tuple(allowed))
    return Encoded(*kinds, starts, stops, example.answerable)


def prepared(drawn: tuple[Example | Pair, int]) -> Encoded | None:
    given, most = drawn
    if isinstance(given, Pair):
        return encoded_pair(replace(given, quote=nearest(given, most)))
    return encoded(cropped(given, most), tokenizer_of())


def nearest(given: Pair, most: int) -> str:
    """Of a long quote the stretch that is read when it is checked."""
    return windows(given.sentence, given.quote, most, count=1)[0]


def encoded_pair(given: Pair) -> Encoded:
    text, _ = pair(given.title, given.quote)
    made = tokenizer_of().encode(given.sentence[-MOST_SENTENCE:], text)
    first = (True, *(len(made.ids) - 1) * (False,))
    kinds = (tuple(made.ids), tuple(made.type_ids), first)
    return Encoded(*kinds, (0,), (0,), False, given.supported)


def _tokens(span: Span, at: Sequence[tuple[int, int, int]]) -> tuple[int, int] | None:
    """The first and last of the tokens (number, start, end) that hold the span, if all of it is."""
    held = [i for i, a, b in at if a < span[1] and span[0] < b]
    return (held[0], held[-1]) if held and at[-1][2] >= span[1] else None


def batches(found: Sequence[Encoded], draw: random.Random) -> list[list[Encoded]]:
    """Batches of about as many tokens, in no order; in each, passages of about one length."""
    by_length = sorted(found, key=lambda e: len(e.ids) + draw.random() * 8)
    made: list[list[Encoded]] = [[]]
    for one in by_length:
        if (len(made[-1]) + 1) * len(one.ids) > BATCH_TOKENS:
            made.append([])
        made[-1].append(one)
    draw.shuffle(made)
    return made


def padded(batch: Sequence[Encoded]) -> dict[str, Tensor]:
    longest = max(len(e.ids) for e in batch)
    shape = (len(batch), longest)
    out = {name: np.zeros(shape, np.int64) for name in ("ids", "types", "mask")}
    out |= {name: np.zeros(shape, bool) for name in ("allowed", "starts", "ends")}
    for row, e in enumerate(batch):
        n = len(e.ids)
        out["ids"][row, :n], out["types"][row, :n], out["mask"][row, :n] = e.ids, e.types, 1
        out["allowed"][row, :n] = e.allowed
        out["starts"][row, list(e.starts)] = True
        out["ends"][row, list(e.ends)] = True
    out["answerable"] = np.array([e.answerable for e in batch], np.float32)
    out["supported"] = np.array([bool(e.supported) for e in batch], np.float32)
    out["judged"] = np.array([e.supported is not None for e in batch])
    return {name: torch.from_numpy(values) for name, values in out.items()}


# --- learning -------------------------------------------------------------------------------------


def loss_of(model: Reader, batch: dict[str, Tensor]) -> Tensor:
    with half_precision():
        start, end, answers, support = model(batch["ids"], batch["types"], batch["mask"])
    pointing = _nll(start.float(), batch["allowed"], batch["starts"])
    pointing = pointing + _nll(end.float(), batch["allowed"], batch["ends"])
    judged = batch["judged"]
    told = nn.functional.binary_cross_entropy_with_logits(
        torch.where(judged, support, answers).float(),
        torch.where(judged, batch["supported"], batch["answerable"]),
        reduction="none",
    )
    return torch.where(judged, told, pointing / 2 + told).mean()


def half_precision() -> torch.autocast:
    """bfloat16 where the processor computes in it; where it does not, it is 100 times slower."""
    able = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast("cpu", torch.bfloat16, enabled=able)


def _nll(logits: Tensor, allowed: Tensor, right: Tensor) -> Tensor:
    """Of any right place (Clark and Gardner 2018: the marginal likelihood), shape (batch,)."""
    logits = logits.masked_fill(~allowed, -1e4)
    return logits.logsumexp(-1) - logits.masked_fill(~right, -1e4).logsumexp(-1)


def rate(step: int, first: int, peak: float, steps: int, decay: int) -> float:
    warm = min(1.0, (step - first + 1) / 150)
    return peak * warm * min(1.0, max(0.0, (steps - step) / decay))


def train(model: Reader, found: Sequence[Encoded], given: argparse.Namespace) -> None:
    out: Path = given.out
    rows = dev_rows(given.folder)
    model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=given.rate, weight_decay=0.01, fused=True)
    if given.start and not (out / given.start).exists():
        sys.exit(f"{out / given.start}: no such checkpoint; name one that is there.")
    step = restored(out / (given.start or "checkpoint.pt"), model, optimizer)
    began, first, sums = time.monotonic(), step, []
    for batch in skipped(found, given.seed, step):
        if step >= given.steps:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate(step, first, given.rate, given.steps, given.decay)
        model.train()
        loss = loss_of(model, padded(batch))
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        sums.append(float(loss.detach()))
        step += 1
        if step % 50 == 0:
            pace = (time.monotonic() - began) / (step - first)
            print(f"{step} loss {np.mean(sums[-50:]):.3f} {pace:.2f} s/step", flush=True)
        if step % 100 == 0:
            save(out / "checkpoint.pt", model, optimizer, step)
        if step % 400 == 0:
            print(step, scores(model, rows), support_scores(model, given.folder), flush=True)
    save(out / "final.pt", model, optimizer, step)
    print(step, scores(model, rows), support_scores(model, given.folder), flush=True)


def skipped(found: Sequence[Encoded], seed: int, steps: int) -> Iterator[list[Encoded]]:
    """Batches without end, a new order each time through; the first `steps` are left out."""
    done, turn = 0, 0
    while True:
        for batch in batches(found, random.Random(seed + turn)):
            done += 1
            if done > steps:
                yield batch
        turn += 1


def save(file: Path, model: Reader, optimizer: Any, step: int) -> None:
    part = file.with_suffix(".part")
    torch.save(
        {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, part
    )
    part.replace(file)


def restored(file: Path, model: Reader, optimizer: Any) -> int:
    if not file.exists():
        return 0
    kept = torch.load(file, map_location="cpu", weights_only=True)
    new = model.load_state_dict(kept["model"], strict=False)
    if "optimizer" not in kept:  # the mean of two readers
        return 0
    if not new.missing_keys:  # of what has a new head the momenta do not fit
        optimizer.load_state_dict(kept["optimizer"])
    return int(kept["step"])


# --- a glance at how it goes ----------------------------------------------------------------------

DEV = {
    "squad_train_part": 120,
    "squadshifts_new_wiki": 120,
    "nq_oracle": 60,
    "timeqa_human": 60,
    "covid_qa": 60,
}


def dev_rows(folder: Path) -> list[Example]:
    """Some of what is kept to measure with: answerable, in other passages, people's look-alikes."""
    every = {name: [*answerable(folder, name)] for name in DEV}
    found = [e for name, most in DEV.items() for e in random.Random(0).sample(every[name], most)]
    others = elsewhere([e for own in every.values() for e in own], ELSEWHERE, random.Random(0))
    lookalikes = list(unanswerable(folder, "squad2_questions", "dev"))
    for most, unanswered in ((200, others), (200, lookalikes)):
        found += random.Random(0).sample(unanswered, most)
    return [cropped(e, LETTERS) for e in found]


def answerable(folder: Path, name: str) -> Iterator[Example]:
    return (e for e in reading(folder, name, "dev") if e.spans)


@torch.no_grad()
def scores(model: Reader, rows: Sequence[Example]) -> str:
    """F1 of the answer given its passage, by set; and how well it is told from each other kind."""
    tokenizer = tokenizer_of()
    model.eval()
    f1: dict[str, list[float]] = {}
    margins: dict[str, list[float]] = {}
    told: dict[str, list[float]] = {}
    for e in rows:
        text, shift = pair(e.title, e.passage)
        made = tokenizer.encode(e.question, text)
        ids, types = torch.tensor([made.ids]), torch.tensor([made.type_ids])
        with half_precision():
            start, end, answers, *_ = model(ids, types, torch.ones_like(ids))
        inside = places(made.sequence_ids, made.offsets, shift)
        logits = (start[0].float().numpy(), end[0].float().numpy())
        (best,) = spans(inside, made.offsets, shift, *logits, most=1)
        kind = "answered" if e.spans else e.source.rpartition(", ")[2]
        margins.setdefault(kind, []).append(best.margin)
        told.setdefault(kind, []).append(float(answers[0]))
        if e.spans:
            golds = [e.passage[a:b] for a, b in e.spans]
            right = token_f1(e.passage[best.start : best.end], golds) or 0.0
            f1.setdefault(e.source, []).append(right)
    by_set = " ".join(f"{name} {np.mean(values):.3f}" for name, values in f1.items())
    mean = np.mean([x for values in f1.values() for x in values])
    parted = " ".join(
        f"AUC {kind}: span {_auc(margins['answered'], margins[kind]):.3f} "
        f"answers {_auc(told['answered'], told[kind]):.3f}"
        for kind in margins
        if kind != "answered"
    )
    return f"F1 {mean:.3f} ({by_set}) {parted}"


@torch.no_grad()
def support_scores(model: Reader, folder: Path) -> str:
    """Of 150 pairs of each set that is kept: area under ROC, and balanced accuracy at 0.5."""
    found = []
    for name in MEASURED:
        rows = random.Random(0).sample(list(judged(folder, name)), 150)
        logits: dict[bool, list[float]] = {True: [], False: []}
        for row in rows:
            made = encoded_pair(replace(row, quote=nearest(row, 1000)))
            ids, types = torch.tensor([made.ids]), torch.tensor([made.types])
            with half_precision():
                logits[row.supported].append(float(model(ids, types, torch.ones_like(ids))[3]))
        right = [np.mean(np.array(logits[kind]) * (1 if kind else -1) > 0) for kind in logits]
        found.append(f"{name} AUC {_auc(logits[True], logits[False]):.3f} {np.mean(right):.3f}")
    return f"support: {', '.join(found)}"


def _auc(high: Sequence[float], low: Sequence[float]) -> float:
    return float(np.mean(np.array(high)[:, None] > np.array(low)[None, :]))


@functools.cache
def tokenizer_of() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_folder(BUNDLED) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST, strategy="only_second")
    return tokenizer


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the shared data")
    parser.add_argument("--out", type=Path, default=Path("build/reader"))
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--decay", type=int, default=800)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--last", action="store_true", help="only the sets for the last steps")
    parser.add_argument("--pairs", type=int, help="at most so many of sentence and quote")
    parser.add_argument("--start", help="the checkpoint to go on from, in --out")
    parser.add_argument("--without", choices=("elsewhere", "lookalikes"), help="what to leave out")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(os.cpu_count() or 1)
    torch.manual_seed(given.seed)
    draw = random.Random(given.seed)
    sets = LAST if given.last else READING
    every = examples(given.folder, given.seed, sets)
    learned: list[Example | Pair] = [e for e in every if kind_of(e) != given.without]
    learned += pairs(given.folder, given.seed)[: given.pairs]
    drawn = [(e, draw.choice(CROPS)) for e in learned]
    with multiprocessing.Pool() as pool:
        found = [made for made in pool.imap(prepared, drawn, chunksize=500) if made]
    tokens = sum(len(e.ids) for e in found)
    print(
        f"{len(found)} examples, {tokens:,} tokens, {tokens // BATCH_TOKENS} steps a turn",
        flush=True,
    )
    train(Reader(), found, given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
