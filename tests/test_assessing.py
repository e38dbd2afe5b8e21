"""`rag eval` as a person runs it: gold of three kinds in; a table, a report, an exit code out."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import ROOT, SEEDS, Run

from rag.assessing import earlier
from rag.errors import BadInput
from rag.gold import plain, read_gold
from rag.library import Library
from rag.runs import Run as Measured

SEEDS_GOLD = ROOT / "tests" / "gold" / "seeds.jsonl"
QUICK = ("--writer", "quote", "--cold", "0")
ROWS = [
    {
        "id": "a",
        "question": "who criticised Rowley?",
        "answers": ["Mr Williams"],
        "evidence": ["Mr Williams also criticised Met Commissioner Sir Mark Rowley"],
        "answerable": True,
    },
    {"id": "b", "question": "What is the capital of Peru?", "answers": [], "answerable": False},
]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    file = tmp_path / "gold.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return file


def scores(report: Path) -> list[tuple[str, dict[str, float]]]:
    """The runs' figures but for times and memory."""
    runs = json.loads(report.read_text())["runs"]
    return [
        (r["name"], {f["name"]: f["interval"] for f in r["summary"] if not f["unit"]}) for r in runs
    ]


# --- the seeds' own gold --------------------------------------------------------------------------


def test_what_the_seeds_gold_says_stands_in_the_seeds() -> None:
    texts = [plain(file.read_text()) for file in SEEDS.glob("*.txt")]
    for one in read_gold(SEEDS_GOLD):
        for words in one.evidence:
            assert any(words in text for text in texts), words
        standing = [a for a in one.answers if any(plain(a) in text for text in texts)]
        assert bool(standing) == one.answerable, one.question


def test_the_seeds_gold_has_its_kinds_and_a_third_that_is_not_said() -> None:
    made = read_gold(SEEDS_GOLD)
    kinds = {one.kind for one in made}
    assert {"who", "what", "when", "where", "why", "how many", "yes-no"} <= kinds
    assert {"paraphrase", "attribution", "both"} <= kinds
    assert len(made) >= 40
    assert 0.3 <= sum(not one.answerable for one in made) / len(made) <= 0.4


# --- the command ----------------------------------------------------------------------------------


def test_it_prints_figures_and_writes_a_report(seeds_folder: Path, gold: Path, run: Run) -> None:
    done = run("--library", seeds_folder, "eval", gold, "--out", gold.parent / "out", *QUICK)
    assert done.returncode == 0, done.stderr
    assert "gold_in_answer" in done.stdout
    assert "<script" in (gold.parent / "out" / "report.html").read_text()
    assert (
        len(json.loads((gold.parent / "out" / "report.json").read_text())["runs"][0]["rows"]) == 2
    )


@pytest.mark.slow
def test_the_same_gold_gives_the_same_scores(seeds_folder: Path, gold: Path, run: Run) -> None:
    outs = [gold.parent / name for name in ("one", "two")]
    for out in outs:
        run("--library", seeds_folder, "eval", gold, "--out", out, *QUICK)
    first, second = (scores(out / "report.json") for out in outs)
    assert first == second


@pytest.mark.slow
def test_a_sweep_is_one_table_and_is_compared_with_its_first(
    seeds_folder: Path, gold: Path, run: Run
) -> None:
    sweep = ("--sweep", "mode=lexical,dense")
    done = run("--library", seeds_folder, "eval", gold, *sweep, "--out", gold.parent, *QUICK)
    _, first, second, _, told = done.stdout.splitlines()
    assert [first.split()[0], second.split()[0]] == ["lexical", "dense"]
    assert told.startswith("more than chance: 0 of ")


def test_two_runs_are_compared(seeds_folder: Path, gold: Path, run: Run) -> None:
    base = ("--library", seeds_folder, "eval", gold, *QUICK)
    run(*base, "--out", gold.parent / "one")
    done = run(
        *base, "--out", gold.parent / "two", "--compare", gold.parent / "one" / "report.json"
    )
    assert "more than chance: 0 of " in done.stdout
    assert "before" in (gold.parent / "two" / "report.html").read_text()


def measured(name: str, **settings: str) -> Measured:
    return Measured(name, dict(settings), datetime(2026, 1, 2, tzinfo=UTC), "two cores", (), ())


def test_a_run_is_held_against_the_earlier_one_with_most_of_its_settings() -> None:
    before = [measured(mode, mode=mode, model="a") for mode in ("lexical", "dense", "hybrid")]
    assert earlier("run", {"mode": "hybrid", "model": "a"}, before).name == "hybrid"
    assert earlier("dense", {"mode": "dense", "model": "b"}, before).name == "dense"
    assert earlier("lexical", {"mode": "other", "model": "a"}, before).name == "lexical"
    assert earlier("run", {"mode": "dense", "model": "b"}, before[:1]).name == "lexical"


def test_a_run_that_could_be_held_against_several_is_refused_with_their_names() -> None:
    before = [measured(mode, mode=mode) for mode in ("lexical", "dense")]
    with pytest.raises(BadInput, match="run could be held against any of lexical, dense"):
        earlier("run", {"mode": "hybrid"}, before)


def test_a_report_on_other_questions_is_refused_before_anything_is_asked(
    seeds_folder: Path, gold: Path, run: Run
) -> None:
    base = ("--library", seeds_folder, "eval", gold, *QUICK)
    one, two = gold.parent / "one", gold.parent / "two"
    run(*base, "--out", one)
    gold.write_text(json.dumps({**ROWS[0], "answers": ["Mark Williams"]}) + "\n")
    done = run(*base, "--out", two, "--compare", one / "report.json")
    assert (done.returncode, two.exists()) == (2, False)
    assert done.stderr.splitlines()[-1].startswith("rag: --compare: no question of ")


@pytest.mark.parametrize(("bound", "code"), [("0.5", 0), ("1.5", 1)])
def test_a_gate_decides_the_exit_code(
    bound: str, code: int, seeds_folder: Path, gold: Path, run: Run
) -> None:
    gate = ("--fail-under", f"gold_in_answer={bound}")
    done = run("--library", seeds_folder, "eval", gold, *gate, "--out", gold.parent / "out", *QUICK)
    assert done.returncode == code
    assert ("gold_in_answer is 1.000, under 1.5" in done.stderr) == bool(code)


def test_bad_gold_is_told_line_by_line_before_anything_runs(
    seeds_folder: Path, tmp_path: Path, run: Run
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"id": 1}\nnonsense\n' + json.dumps(ROWS[0]) + "\n" + json.dumps(ROWS[0]))
    done = run("--library", seeds_folder, "eval", file, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert all(f"line {n}" in done.stderr for n in (1, 2, 4))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--fail-under", "beauty=1"), "--fail-under beauty: no figure"),
        (("--fail-under", "short_f1=high"), "--fail-under short_f1=high: give a number"),
        (("--sweep", "mode=sideways"), "--sweep mode=sideways: give one of"),
        (("--sweep", "writer=quote,llm", "--model", "none.gguf"), "model none.gguf"),
        (("--compare", "none.json"), "none.json: No such file"),
    ],
)
def test_flags_that_make_no_sense_are_refused_before_anything_runs(
    flags: tuple[str, ...], told: str, seeds_folder: Path, gold: Path, run: Run
) -> None:
    out = gold.parent / "out"
    done = run("--library", seeds_folder, "eval", gold, "--out", out, "--cold", "0", *flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"rag: {told}")
    assert len(done.stderr.splitlines()) == 1
    assert not out.exists()


def test_a_gold_file_that_a_person_writes_has_to_be_named(seeds_folder: Path, run: Run) -> None:
    """RAG_GOLD is for what is measured: nobody adds to the seeds' own gold unawares."""
    done = run("--library", seeds_folder, "eval", "--new", RAG_GOLD=str(SEEDS_GOLD), stdin="")
    assert done.returncode == 2
    assert "no gold is named" in done.stderr


@pytest.mark.slow
def test_gold_that_is_not_named_is_asked_of_the_articles_that_come_with_it(
    tmp_path: Path, gold: Path, run: Run
) -> None:
    """There is no library here; and gold that is named is another's."""
    given = {"RAG_GOLD": str(gold), "RAG_GOLD_ARTICLES": str(SEEDS)}
    out = ("--out", tmp_path / "out", *QUICK)
    done = run("eval", *out, **given)
    assert done.returncode == 0, done.stderr
    assert [len(texts) for texts in sources(tmp_path / "out")] == [2]
    assert "no library" in run("eval", gold, *out, **given).stderr


def test_evidence_that_stands_nowhere_is_told_with_its_line(
    seeds_folder: Path, gold: Path, run: Run
) -> None:
    bad = {**ROWS[0], "evidence": ["Rowley resigned"]}
    gold.write_text(f"{json.dumps(ROWS[1])}\n\n{json.dumps(bad)}\n")
    done = run("--library", seeds_folder, "eval", gold, *QUICK)
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == ["line 3: 'Rowley resigned' stands in no article"]


@pytest.mark.parametrize("arguments", [(), ("nowhere.jsonl",)])
def test_without_gold_it_says_what_to_name(
    arguments: tuple[str, ...], seeds_folder: Path, run: Run
) -> None:
    done = run("--library", seeds_folder, "eval", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


CRACKS = "The Harwick bridge was closed on Friday. Engineers had found cracks in two piers."
FOUND = "What had engineers found in two piers of the bridge?"
NOTICE = "Share this article on Facebook\n\nCopyright © 1990. All rights reserved."


def squad(context: str, *asked: tuple[str, str]) -> str:
    """A SQuAD file of one article with these questions and answers."""
    questions = [
        {
            "id": question,
            "question": question,
            "answers": [{"text": answer, "answer_start": context.index(answer)}],
        }
        for question, answer in asked
    ]
    paragraph = {"context": context, "qas": questions}
    return json.dumps({"data": [{"title": "Bridge", "paragraphs": [paragraph]}]})


def test_a_squad_file_brings_its_articles(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "squad.json"
    file.write_text(squad(CRACKS, (FOUND, "cracks")))
    done = run("eval", file, "--out", tmp_path / "out", *QUICK)
    assert done.returncode == 0, done.stderr
    ((_, figures),) = scores(tmp_path / "out" / "report.json")
    assert figures["gold_in_answer"]["mean"] == 1


def test_brought_questions_whose_evidence_was_cleaned_away_are_left_out_aloud(
    tmp_path: Path, run: Run
) -> None:
    file = tmp_path / "squad.json"
    file.write_text(squad(f"{CRACKS}\n\n{NOTICE}", (FOUND, "cracks"), ("Since when?", "1990")))
    done = run("eval", file, "--out", tmp_path / "out", *QUICK)
    assert done.returncode == 0, done.stderr
    assert "left out: 1 of 2 questions" in done.stderr
    (made,) = json.loads((tmp_path / "out" / "report.json").read_text())["runs"]
    assert [row["id"] for row in made["rows"]] == [FOUND]


def sources(out: Path) -> list[list[str]]:
    """The texts in each library that lies in `out`."""
    found = []
    for folder in sorted(out.glob("*/library")):
        with Library.open(folder) as library:
            found.append([library.article(a.id).text for a in library.listed()])
    return found


@pytest.mark.slow
def test_each_gold_is_asked_of_its_own_articles_alone(tmp_path: Path, run: Run) -> None:
    """Also of two in one folder, with one --out; and of one whose articles are others now."""
    flood = "The Harwick bridge was opened again. Painters had found rust on two piers."
    sand = "The Harwick bridge was sold. Buyers had found sand in two piers of the bridge."
    for name, text, word in (
        ("a.json", CRACKS, "cracks"),
        ("b.json", flood, "rust"),
        ("a.json", sand, "sand"),
    ):
        (tmp_path / name).write_text(squad(text, (FOUND, word)))
        done = run("eval", tmp_path / name, "--out", tmp_path / "out", *QUICK)
        assert done.returncode == 0, done.stderr
    assert sorted(sources(tmp_path / "out")) == [[flood], [sand]]


@pytest.mark.slow
def test_articles_beside_the_gold_are_those_that_it_is_asked_of(
    gold: Path, tmp_path: Path, run: Run
) -> None:
    shutil.copytree(SEEDS, tmp_path / "articles")
    done = run("eval", gold, "--out", tmp_path / "out", *QUICK)
    assert done.returncode == 0, done.stderr
    for file in (tmp_path / "articles").iterdir():
        file.unlink()
    (tmp_path / "articles" / "other.txt").write_text(CRACKS)
    gold.write_text(json.dumps(ROWS[1]) + "\n")
    run("eval", gold, "--out", tmp_path / "out", *QUICK)
    assert sources(tmp_path / "out") == [[CRACKS]]


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_was(seeds_folder: Path, gold: Path, run: Run) -> None:
    base = ("--library", seeds_folder, "eval", gold, "--out", gold.parent / "out", *QUICK)
    run(*base)
    kept = gold.parent / "out" / "rows.jsonl"
    first, _ = kept.read_text().splitlines()
    kept.write_text(first + "\n")
    run(*base, "--resume")
    assert kept.read_text().splitlines()[0] == first
    run(*base)
    assert kept.read_text().splitlines()[0] != first  # its times are others
    assert len(kept.read_text().splitlines()) == 2


def test_a_beir_folder_brings_its_articles(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    texts = {"d1": "Engineers found cracks in the bridge.", "d2": "The market was sold in May."}
    texts["d3"] = texts["d1"]  # of two that say the same one article is kept, with one's title
    corpus = [{"_id": d, "title": f"Title {d}", "text": text} for d, text in texts.items()]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in corpus))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "bridge cracks"}))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td3\t1\n")
    done = run("eval", folder, "--out", tmp_path / "out", *QUICK)
    assert done.returncode == 0, done.stderr
    ((_, figures),) = scores(tmp_path / "out" / "report.json")
    assert figures["success@1"]["mean"] == 1
    assert figures["gold_in_answer"] is None
    again = (folder / "corpus.jsonl").read_text().replace("Title d", "Name ")
    (folder / "corpus.jsonl").write_text(again)
    run("eval", folder, "--out", tmp_path / "out", *QUICK)
    (made,) = json.loads((tmp_path / "out" / "report.json").read_text())["runs"]
    assert [cited["title"][:4] for cited in made["rows"][0]["citations"]] == ["Name"]


@pytest.mark.slow
def test_one_off_questions_are_timed_in_milliseconds(
    seeds_folder: Path, gold: Path, run: Run
) -> None:
    quick = ("--writer", "quote", "--cold", "1", "--out", gold.parent / "out")
    run("--library", seeds_folder, "eval", gold, *quick)
    (made,) = json.loads((gold.parent / "out" / "report.json").read_text())["runs"]
    (whole,) = [f for f in made["summary"] if f["name"] == "cold process p50"]
    assert whole["unit"] == "ms"
    assert whole["interval"]["mean"] > 10  # no process is there and gone sooner
