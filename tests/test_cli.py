"""The command line as docs/contract.md has it: what scripts and other programs rely on."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import SEEDS, Run

from rag import cli_chat
from rag.answer import Answer, not_said
from rag.cli import main, parser
from rag.embedding import Embedder
from rag.exporting import to_json
from rag.library import Library

Done = subprocess.CompletedProcess[str]
Rag = Callable[..., Done]

WHO = "Who heads the Police Firearms Officers Association?"
MOON = "What is the surface of the moon made of?"
BRIDGE = """title: Council closes the old bridge
outlet: The Riverton Post
author: Jane Poole
published: 2014-03-05

The council of Riverton voted on Tuesday to close the old bridge. Mayor Ann Cole said that the
repair would cost £2m. Owners of cafés on the north bank objected to the plan.
"""
SCHOOL = """---
title: "School in Riverton to reopen"
outlet: Valley News
published: 8 May 2016
---
# School in Riverton to reopen

The school in **Riverton** will reopen on [Monday](https://example.org). Ms Hart, the head
teacher, said that 40 of the 600 pupils had fallen ill.
"""
PAGE = f"""<html><head><title>Library gets a new roof</title>
<meta property="og:site_name" content="The Daily Leaf"><meta name="author" content="Tom Reed">
<meta property="article:published_time" content="2015-06-01T09:00:00Z">
</head><body><nav>Home News Sport</nav><article><h1>Library gets a new roof</h1>
<p>{"The town library was given a new roof, its director Olive Marsh said on Friday. " * 3}</p>
<p>The roof took builders nine weeks and replaced the one that a storm had torn off in May.</p>
</article></body></html>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where this test's library goes; there is none yet."""
    return tmp_path / "made"


@pytest.fixture
def rag(folder: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> Rag:
    """The command, called in this process, on `folder` unless it names another library."""

    def command(*arguments: str | Path) -> Done:
        given = list(map(str, arguments))
        if "--library" not in given:
            given = ["--library", str(folder), *given]
        code = main(given)
        printed = capsys.readouterr()
        return subprocess.CompletedProcess(given, code, printed.out, printed.err)

    return command


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of three articles, one of each format, each dated and with an outlet."""
    made = tmp_path / "files"
    made.mkdir()
    (made / "bridge.txt").write_text(BRIDGE)
    (made / "school.md").write_text(SCHOOL)
    (made / "page.html").write_text(PAGE)
    return made


@pytest.fixture
def ingested(files: Path, rag: Rag, embedder: Embedder) -> Rag:
    """The command on a library of those three."""
    assert rag("ingest", files).returncode == 0
    return rag


@pytest.fixture
def on_seeds(rag: Rag, seeds_folder: Path) -> Rag:
    """The command on the library of the two seeds, to read only."""
    return lambda *arguments: rag("--library", seeds_folder, *arguments)


def objects(done: Done) -> list[dict[str, Any]]:
    """The JSON lines that were printed, and nothing else was."""
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def quoted(rag: Rag, question: str, *flags: str) -> dict[str, Any]:
    (answer,) = objects(rag("ask", "--json", "--writer", "quote", question, *flags))
    return answer


# --- ask ------------------------------------------------------------------------------------------

NUMBER = (int, float)
ANSWER = {
    "version": int,
    "question": str,
    "standalone_question": str,
    "answer": str,
    "short_answer": (str, type(None)),
    "short_answers": list,
    "abstained": bool,
    "confidence": (float, type(None)),
    "method": str,
    "claims": list,
    "parts": list,
    "conflicts": list,
    "citations": list,
    "nearest": list,
    "timings": dict,
    "models": dict,
}
CLAIM = {
    "text": str,
    "citations": list,
    "method": str,
    "supported": bool,
    "support": (float, type(None)),
}
CITATION = {
    "n": int,
    "article_id": str,
    "chunk_id": int,
    "title": str,
    "outlet": (str, type(None)),
    "published": (str, type(None)),
    "sources": list,
    "quote": str,
    "start": int,
    "end": int,
    "score": (float, type(None)),
}
TIMINGS = dict.fromkeys(
    "load_s retrieve_s read_s first_token_s write_s verify_s total_s".split(), NUMBER
)
MODELS = dict.fromkeys(("embedding", "reader", "llm"), (str, type(None)))


def assert_shape(value: dict[str, Any], shape: dict[str, Any]) -> None:
    """Every field that is promised is there and of its type; more may be."""
    assert shape.keys() <= value.keys()
    for name, kind in shape.items():
        assert isinstance(value[name], kind), name


@pytest.mark.parametrize("question", [WHO, MOON])
def test_an_answer_has_the_fields_of_the_contract(question: str, on_seeds: Rag) -> None:
    answer = quoted(on_seeds, question)
    assert_shape(answer, ANSWER)
    assert_shape(answer["timings"], TIMINGS)
    assert_shape(answer["models"], MODELS)
    for claim in answer["claims"]:
        assert_shape(claim, CLAIM)
    for citation in answer["citations"] + answer["nearest"]:
        assert_shape(citation, CITATION)
    assert (answer["version"], answer["question"]) == (1, question)
    assert "id" not in answer


def test_every_marker_has_its_citation_and_every_citation_its_marker(on_seeds: Rag) -> None:
    answer = quoted(on_seeds, WHO)
    assert (answer["abstained"], answer["method"], answer["nearest"]) == (False, "quoted", [])
    numbers = [citation["n"] for citation in answer["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(f"[{n}]" in answer["answer"] for n in numbers)
    assert {n for claim in answer["claims"] for n in claim["citations"]} == set(numbers)
    told = [f"{c['text']} {' '.join(f'[{n}]' for n in c['citations'])}" for c in answer["claims"]]
    assert answer["answer"] == " ".join(told)


@pytest.mark.parametrize("question", [WHO, MOON])
def test_a_quote_is_what_the_article_says_there(question: str, on_seeds: Rag) -> None:
    """`rag show --json` prints the text that `start` and `end` count in."""
    answer = quoted(on_seeds, question)
    for citation in answer["citations"] + answer["nearest"]:
        (article,) = objects(on_seeds("show", "--json", citation["article_id"]))
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
        assert article["title"] == citation["title"]


def test_an_abstention_is_an_answer(on_seeds: Rag) -> None:
    """Exit code 0, nothing cited, and what came closest."""
    answer = quoted(on_seeds, MOON)
    assert (answer["abstained"], answer["method"]) == (True, "abstained")
    assert (answer["claims"], answer["citations"]) == ([], [])
    assert answer["nearest"]
    done = on_seeds("ask", "--writer", "quote", MOON)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{not_said(MOON)}\n\nThe nearest passages:\n")


def test_a_pipe_gets_the_answer_and_nothing_else(seeds_folder: Path, run: Run) -> None:
    """The words that answer, one sentence a line, each with its marker, then the sources."""
    done = run("--library", seeds_folder, "ask", "--writer", "quote", WHO, NO_COLOR="")
    assert (done.returncode, done.stderr) == (0, "")
    sentences, sources, sure = done.stdout.split("\n\n")
    assert {line[-3:-2] + line[-1:] for line in sentences.splitlines()} == {"[]"}
    listed = sources.splitlines()
    told = r"confidence [01]\.\d\d; 0\.\d\d is needed \(strictness normal\)\n"
    assert re.fullmatch(told, sure)
    assert [line[:4] for line in listed[::2]] == [f"[{n}] " for n in range(1, len(listed) // 2 + 1)]
    assert {line[:5] for line in listed[1::2]} == {"    “"}
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("use", [("articles",), ("doctor",), ("search", WHO), ("--help",)])
def test_no_command_colours_a_pipe(use: tuple[str, ...], seeds_folder: Path, run: Run) -> None:
    done = run("--library", seeds_folder, *use, NO_COLOR="", TERM="xterm-256color")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout


def test_no_colour_is_respected_on_a_terminal(seeds_folder: Path) -> None:
    """NO_COLOR=1 leaves bold and links, and takes all colours away."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "rag", "--library", str(seeds_folder), "articles"]
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "xterm-256color"}
    subprocess.run(command, stdout=theirs, env=environment, check=True)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "Mark Duggan" in shown
    assert "\x1b[3" not in shown


def test_a_reader_that_leaves_early_is_no_error(seeds_folder: Path) -> None:
    """As `head` does."""
    command = [sys.executable, "-m", "rag", "--library", str(seeds_folder), "show", "--json"]
    source = str(next(SEEDS.glob("*.txt")))
    reading = subprocess.Popen([*command, source], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert reading.stdout
    assert reading.stderr
    reading.stdout.close()
    assert (reading.wait(60), reading.stderr.read()) == (0, b"")
    reading.stderr.close()


def test_sentences_are_printed_one_by_one_and_the_sources_last(
    on_seeds: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is written out by itself, so that a reader has it before the next is there."""
    from rich.console import Console

    written: list[str] = []
    say = Console.print
    monkeypatch.setattr(
        Console, "print", lambda self, *a, **k: (written.append(str(a[0])), say(self, *a, **k))
    )
    on_seeds("ask", "--writer", "quote", WHO)
    between = written.index("")
    assert all(re.search(r"\[\d\]$", line) for line in written[:between])
    sources = [line for line in written[between + 1 :] if line.startswith("[")]
    assert [line[:3] for line in sources] == [f"[{n}]" for n in range(1, len(sources) + 1)] != []


def test_the_model_words_an_answer_that_verifies(
    on_seeds: Rag, tmp_path: Path, seeds_folder: Path, run: Run
) -> None:
    done = run("--library", seeds_folder, "ask", "--json", "--writer", "llm", WHO)
    answer = objects(done)[0]
    assert answer["models"]["llm"] == "SmolLM2-135M-Instruct"
    assert "Mark Williams" in answer["answer"]
    saved = tmp_path / "answer.json"
    saved.write_text(done.stdout)
    assert on_seeds("verify", saved).returncode == 0


def test_nothing_printed_while_the_model_loads_is_lost() -> None:
    """llama.cpp's binding would send all of this process's output nowhere meanwhile."""
    script = """if True:
        import os, sys
        from concurrent.futures import ThreadPoolExecutor
        from rag.llm import ChatModel
        pool = ThreadPoolExecutor(1)
        loading, lines = pool.submit(ChatModel), 0
        while not loading.done():
            lines += 1
            os.write(1, b"a line\\n")
        loading.result()
        print(lines, file=sys.stderr)"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, f"{len(done.stdout.splitlines())}\n")


# --- batches --------------------------------------------------------------------------------------


def test_a_batch_is_answered_in_order_with_its_ids(on_seeds: Rag, tmp_path: Path) -> None:
    rows = [{"id": "b", "question": WHO}, {"id": 7, "question": MOON}, {"question": WHO}]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    answers = objects(on_seeds("ask", "--writer", "quote", "--batch", str(file)))
    assert [a["id"] for a in answers] == ["b", 7, None]
    assert [a["abstained"] for a in answers] == [False, True, False]
    for answer in answers:
        assert_shape(answer, ANSWER)


def test_a_batch_from_stdin_is_answered_line_by_line(seeds_folder: Path) -> None:
    """An answer is out before the next question is in."""
    command = [sys.executable, "-m", "rag", "--library", str(seeds_folder), "ask"]
    with subprocess.Popen(
        [*command, "--writer", "quote", "--batch", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as asking:
        assert asking.stdin
        assert asking.stdout
        for n in (1, 2):
            asking.stdin.write(json.dumps({"id": n, "question": WHO}) + "\n")
            assert json.loads(asking.stdout.readline())["id"] == n
    assert asking.returncode == 0


def test_a_batch_is_told_of_the_talk_before_as_a_chat_is(on_seeds: Rag, tmp_path: Path) -> None:
    """By whole Answers, or by what is known of them."""
    first = quoted(on_seeds, WHO)
    known = {
        "question": WHO,
        "answer": " ".join(claim["text"] for claim in first["claims"]),
        "short_answer": first["short_answer"],
        "titles": [citation["title"] for citation in first["citations"]],
    }
    rows = [{"question": "What did he say?", "history": [turn]} for turn in (first, known)]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    whole, told = objects(on_seeds("ask", "--writer", "quote", "--batch", str(file)))
    assert whole["standalone_question"] == told["standalone_question"] != "What did he say?"
    assert whole["answer"] == told["answer"]


def test_a_history_that_is_none_is_told_with_its_line(on_seeds: Rag, tmp_path: Path) -> None:
    row = {"id": 3, "question": WHO, "history": [{"question": WHO, "titles": WHO}]}
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps(row))
    done = on_seeds("ask", "--writer", "quote", "--batch", str(file))
    told = 'line 1: history is not a list of {"question": …, "answer": …}; mend it.'
    assert json.loads(done.stdout) == {"id": 3, "line": 1, "error": told}
    assert done.returncode == 2


def test_chat_answers_what_is_piped_in_till_an_empty_line(seeds_folder: Path, run: Run) -> None:
    done = run("--library", seeds_folder, "chat", "--writer", "quote", stdin=f"{WHO}\n{MOON}\n\n?")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.index("Mark Williams") < done.stdout.index(not_said(MOON))
    assert run("--library", seeds_folder, "chat", "--writer", "quote", stdin="").stdout == ""


def test_a_chat_has_commands_of_its_own(seeds_folder: Path, run: Run, tmp_path: Path) -> None:
    """What they say goes to stderr, what is asked for to stdout; the saved chat verifies."""
    file = tmp_path / "talk.json"
    lines = [
        WHO,
        "/why",
        "/sources",
        "/new",
        "/since 2020",
        WHO,
        "/since",
        f"/save {file}",
        "/help",
    ]
    done = run("--library", seeds_folder, "chat", "--writer", "quote", stdin="\n".join(lines))
    assert done.returncode == 0
    assert "passed  confidence in the best sentence" in done.stdout
    assert re.search(r"^1\. .* · cosine", done.stdout, re.M)
    for told in ("stands alone", "0 articles", "2 articles", "2 answers saved", "/save FILE"):
        assert told in done.stderr
    assert run("--library", seeds_folder, "verify", file).returncode == 0


def test_a_chat_resolves_a_follow_up_from_what_was_said(
    seeds_folder: Path, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "talk.json"
    lines = ["Who criticised Rowley?", "And when was that?", f"/save {file}"]
    run("--library", seeds_folder, "chat", "--writer", "quote", stdin="\n".join(lines))
    first, second = json.loads(file.read_text())["answers"]
    assert second["question"] == "And when was that?"
    assert "Rowley" in second["standalone_question"]
    assert first["standalone_question"] == first["question"]


def test_a_chat_is_narrowed_to_days_and_widened_again(
    ingested: Rag, folder: Path, run: Run
) -> None:
    lines = ["/until 2015", "/since 2015", "/until", "/since"]
    done = run("--library", folder, "chat", "--writer", "quote", stdin="\n".join(lines))
    assert done.stderr.splitlines() == [
        "until 2015-12-31: 2 articles.",
        "since 2015-01-01 until 2015-12-31: 1 articles.",
        "since 2015-01-01: 2 articles.",
        "of any date: 3 articles.",
    ]


@pytest.mark.parametrize("name", ["talk.md", "talk.html"])
def test_a_chat_is_saved_to_be_read_and_never_over_another_file(
    name: str, seeds_folder: Path, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / name
    lines = [WHO, f"/save {file}", MOON, f"/save {file}"]
    done = run("--library", seeds_folder, "chat", "--writer", "quote", stdin="\n".join(lines))
    unwrapped = "".join(done.stderr.split())
    assert f"{name}:itisthere already;nameanotherfile.".replace(" ", "") in unwrapped
    saved = file.read_text(encoding="utf-8")
    assert WHO in saved
    assert "Mark Williams" in saved
    assert MOON not in saved


@pytest.mark.parametrize("without", ["", "sys.modules['readline'] = None"])
def test_in_a_terminal_an_empty_line_is_passed_over_till_the_chat_is_quit(
    without: str, seeds_folder: Path, tmp_path: Path
) -> None:
    """Also where Python has no readline; where it has, what was typed is kept."""
    import pty

    folder = shutil.copytree(seeds_folder, tmp_path / "library")
    arguments = ["--library", str(folder), "chat", "--writer", "quote"]
    script = f"import sys\n{without}\nfrom rag.cli import main\nsys.exit(main({arguments}))"
    ours, theirs = pty.openpty()
    os.write(ours, f"\n{WHO}\n\n/quit\n".encode())
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    os.close(ours)
    os.close(theirs)
    assert "2 articles. Ask a question" in done.stderr
    assert "Mark Williams" in done.stdout
    assert (folder / "chat_history").exists() == (not without)


@pytest.mark.parametrize(
    ("typed", "terminal", "lines"),
    [
        (["", "who?", " ", "when?"], True, ["", "who?", "", "when?"]),
        (["who?", "", "when?"], False, ["who?"]),
        (["who\\", "left?"], False, ["who left?"]),
        (["who left?\\"], False, ["who left?"]),
        (["\\", ""], True, [""]),
    ],
)
def test_a_chat_is_read_to_its_end(
    typed: list[str], terminal: bool, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which in a terminal an empty line is not."""

    class StandIn(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    monkeypatch.setattr("sys.stdin", StandIn("".join(f"{line}\n" for line in typed)))
    assert list(iter(cli_chat._line, None)) == lines


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/nonsense", "/nonsense: no such command"),
        ("/why", "nothing has been asked yet"),
        ("/save talk.pdf", "name a file that ends in .md, .html or .json"),
        ("/save talk\0.md", "name a file that ends in .md, .html or .json"),
        ("/since banana", "'banana' is not a date"),
    ],
)
def test_a_command_that_cannot_be_is_told_in_a_line_and_the_chat_goes_on(
    line: str, told: str, seeds_folder: Path, run: Run
) -> None:
    done = run("--library", seeds_folder, "chat", "--writer", "quote", stdin=f"{line}\n{WHO}\n")
    assert told in done.stderr
    assert "Mark Williams" in done.stdout


def test_a_line_that_ends_in_a_backslash_goes_on(seeds_folder: Path, run: Run) -> None:
    done = run(
        "--library", seeds_folder, "chat", "--writer", "quote", stdin="who criticised\\\nRowley?"
    )
    assert "Mr Williams" in done.stdout


def test_chat_goes_on_after_a_question_that_is_none(seeds_folder: Path, run: Run) -> None:
    done = run("--library", seeds_folder, "chat", "--writer", "quote", stdin=f"??\n{WHO}\n")
    assert done.stderr == "rag: the question '??' has no word in it; ask in words.\n"
    assert "Mark Williams" in done.stdout


# --- filters --------------------------------------------------------------------------------------

RIVERTON = "What happens in Riverton to the bridge, the school or the roof of the library?"


@pytest.mark.parametrize(
    ("flags", "titles"),
    [
        ((), {"Council closes", "School in", "Library gets"}),
        pytest.param(("--since", "2015"), {"School in", "Library gets"}, marks=pytest.mark.slow),
        (("--since", "2015-06-01", "--until", "2015-06-01"), {"Library gets"}),
        pytest.param(("--until", "2014"), {"Council closes"}, marks=pytest.mark.slow),
        (("--until", "2016-05"), {"Council closes", "School in", "Library gets"}),
        pytest.param(("--outlet", "valley news"), {"School in"}, marks=pytest.mark.slow),
        (("--outlet", "Valley News", "--outlet", "The Daily Leaf"), {"School in", "Library gets"}),
        (("--article", "bridge.txt"), {"Council closes"}),
        (
            ("--article", "bridge.txt", "Library gets a new roof"),
            {"Council closes", "Library gets"},
        ),
        (("--article", "bridge.txt", "--since", "2015"), set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_filters_let_through_only_what_they_say(
    flags: tuple[str, ...], titles: set[str], ingested: Rag
) -> None:
    done = ingested("search", "--json", RIVERTON, *flags)
    found = {" ".join(json.loads(line)["title"].split()[:2]) for line in done.stdout.splitlines()}
    assert (done.returncode, found) == (0, titles)
    assert done.stderr == ("" if titles else "rag: no article is within these filters.\n")
    answer = json.loads(ingested("ask", "--json", "--writer", "quote", RIVERTON, *flags).stdout)
    cited = {" ".join(c["title"].split()[:2]) for c in answer["citations"] + answer["nearest"]}
    assert cited <= titles


def test_an_article_without_a_date_is_left_out_as_soon_as_one_is_asked_for(on_seeds: Rag) -> None:
    done = on_seeds("search", "--json", WHO, "--since", "1900")
    assert (done.stdout, done.stderr) == ("", "rag: no article is within these filters.\n")


# --- search, articles, show -----------------------------------------------------------------------

HIT = {
    "chunk_id": int,
    "article_id": str,
    "title": str,
    "text": str,
    "start": int,
    "end": int,
    "sources": list,
    "fused": float,
}


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_search_ranks_by_the_mode(mode: str, on_seeds: Rag) -> None:
    hits = objects(on_seeds("search", "--json", "--mode", mode, "--top", "2", WHO))
    assert len(hits) == 2
    assert hits[0]["fused"] >= hits[1]["fused"]
    for hit in hits:
        assert_shape(hit, HIT)
        assert (hit["cosine"] is None) == (mode == "lexical")
        assert (hit["bm25"] is None) == (mode == "dense")


def test_search_prints_rank_title_and_scores(on_seeds: Rag) -> None:
    lines = on_seeds("search", "--top", "1", WHO).stdout.splitlines()
    assert lines[0].startswith("1. ")
    assert "cosine 0." in lines[0]
    assert "bm25 " in lines[0]
    assert lines[1].startswith("    ")


def test_articles_lists_the_newest_first(ingested: Rag) -> None:
    listed = objects(ingested("articles", "--json"))
    assert [a["published"] for a in listed] == ["2016-05-08", "2015-06-01", "2014-03-05"]
    assert listed[0].keys() >= {"id", "title", "outlet", "language", "chunks", "sources", "added"}
    first = ingested("articles").stdout.splitlines()[0]
    assert first.startswith(listed[0]["id"])
    assert "Valley News · 2016-05-08 · 1 chunk · school.md" in first


def test_an_article_is_named_by_id_file_file_name_or_title(ingested: Rag, files: Path) -> None:
    (article,) = objects(ingested("show", "--json", "bridge.txt"))
    for name in (article["id"], article["id"][:6], str(files / "bridge.txt"), article["title"]):
        assert objects(ingested("show", "--json", name)) == [article]
    shown = ingested("show", "BRIDGE.TXT".lower()).stdout
    assert shown.startswith("Council closes the old bridge\nThe Riverton Post · Jane Poole · 2014")
    assert shown.endswith(article["text"] + "\n")


# --- ingest ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("bridge.txt", ("Council closes the old bridge", "The Riverton Post", "Jane Poole")),
        ("school.md", ("School in Riverton to reopen", "Valley News", None)),
        ("page.html", ("Library gets a new roof", "The Daily Leaf", "Tom Reed")),
    ],
)
def test_a_file_says_what_it_is(
    name: str, facts: tuple[str, str, str | None], ingested: Rag, files: Path
) -> None:
    """By its first lines in .txt and .md, by its head in .html; they are not part of the text."""
    (article,) = objects(ingested("show", "--json", name))
    assert (article["title"], article["outlet"], article["author"]) == facts
    assert article["sources"] == [str(files / name)]
    assert article["language"] in ("en", None)
    assert not {"outlet:", "published:", "---", "**", "](", "<p>", "Home News"} & set(
        article["text"].split()
    )


def test_marks_of_markdown_are_not_text(ingested: Rag) -> None:
    (article,) = objects(ingested("show", "--json", "school.md"))
    assert "The school in Riverton will reopen on Monday." in article["text"]


def test_flags_tell_what_files_do_not(rag: Rag, files: Path) -> None:
    (files / "bare.txt").write_text("The mill at Aston burnt down. Nobody was hurt, it was said.\n")
    rag("ingest", "--outlet", "Aston Echo", "--published", "3 April 2012", files)
    bare, bridge = (objects(rag("show", "--json", n))[0] for n in ("bare.txt", "bridge.txt"))
    assert (bare["outlet"], bare["published"]) == ("Aston Echo", "2012-04-03")
    assert (bridge["outlet"], bridge["published"]) == ("The Riverton Post", "2014-03-05")


def test_a_second_ingest_changes_nothing(ingested: Rag, files: Path, folder: Path) -> None:
    before = objects(ingested("articles", "--json"))
    with Library.open(folder) as library:
        generation = library.generation
    done = ingested("ingest", files)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "3 unchanged")
    assert objects(ingested("articles", "--json")) == before
    with Library.open(folder) as library:
        assert library.generation == generation


def test_a_changed_file_replaces_its_article(ingested: Rag, files: Path) -> None:
    file = files / "bridge.txt"
    file.write_text(BRIDGE.replace("Mayor Ann Cole", "Mayor Bertha Dunn"))
    (item,) = objects(ingested("ingest", "--json", file))
    assert item.keys() == {"source", "status", "article_id", "title", "note"}
    assert (item["source"], item["status"]) == (str(file), "updated")
    assert len(objects(ingested("articles", "--json"))) == 3
    answer = quoted(ingested, "Which mayor said what the repair of the bridge would cost?")
    assert "Bertha Dunn" in answer["answer"]
    assert "Ann Cole" not in json.dumps(answer)


def test_two_files_with_one_text_are_one_article(ingested: Rag, files: Path) -> None:
    copy = files / "sub" / "copy.txt"
    copy.parent.mkdir()
    copy.write_text(BRIDGE)
    (item,) = objects(ingested("ingest", "--json", copy))
    assert item["note"] == "the same text is in already; kept as another source of it"
    (article,) = objects(ingested("show", "--json", "copy.txt"))
    assert article["sources"] == [str(files / "bridge.txt"), str(copy)]
    copy.unlink()
    ingested("ingest", "--prune", files)
    (article,) = objects(ingested("show", "--json", "bridge.txt"))
    assert article["sources"] == [str(files / "bridge.txt")]


def test_prune_removes_the_articles_whose_file_is_gone(ingested: Rag, files: Path) -> None:
    (files / "bridge.txt").unlink()
    assert ingested("ingest", files).stdout.splitlines()[-1] == "2 unchanged"
    assert len(objects(ingested("articles", "--json"))) == 3
    done = ingested("ingest", "--prune", files)
    assert done.stdout.splitlines()[-1] == "2 unchanged, 1 removed"
    assert len(objects(ingested("articles", "--json"))) == 2
    ingested("remove", "--undo")
    assert len(objects(ingested("articles", "--json"))) == 3


def test_another_language_is_remarked_upon(rag: Rag, tmp_path: Path, embedder: Embedder) -> None:
    text = "Der Rat der Stadt hat am Dienstag beschlossen, die alte Brücke zu schließen. " * 5
    (tmp_path / "rat.txt").write_text(text)
    done = rag("ingest", tmp_path / "rat.txt")
    assert done.returncode == 0
    assert "looks like de, not English" in done.stdout


# --- remove ---------------------------------------------------------------------------------------

COST = "What would the repair of the bridge in Riverton cost?"


def test_a_removed_article_is_not_quoted_and_comes_back(ingested: Rag) -> None:
    before = quoted(ingested, COST)["answer"]
    assert "£2m" in before
    done = ingested("remove", "bridge.txt", "School in Riverton to reopen")
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["removed;", "removed;"]
    assert len(objects(ingested("articles", "--json"))) == 1
    assert "£2m" not in json.dumps(quoted(ingested, COST))
    assert ingested("remove", "--undo").stdout.count(" back\n") == 2
    assert quoted(ingested, COST)["answer"] == before


def test_one_of_the_removed_can_be_brought_back(ingested: Rag) -> None:
    (article,) = objects(ingested("show", "--json", "bridge.txt"))
    ingested("remove", "bridge.txt", "school.md")
    ingested("remove", "--undo", article["id"])
    assert {a["title"][:6] for a in objects(ingested("articles", "--json"))} == {"Counci", "Librar"}


def test_a_removed_article_can_be_ingested_again(ingested: Rag, files: Path) -> None:
    ingested("remove", "bridge.txt")
    (item,) = objects(ingested("ingest", "--json", files / "bridge.txt"))
    assert (item["status"], item["note"]) == ("added", None)
    assert "£2m" in quoted(ingested, COST)["answer"]


# --- doctor, verify, settings ---------------------------------------------------------------------


def test_the_doctor_finds_nothing_wrong(on_seeds: Rag) -> None:
    done = on_seeds("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == ["ok"] * 8


def test_the_models_are_told_with_their_places(on_seeds: Rag) -> None:
    found = objects(on_seeds("models", "--json"))
    assert [one["job"] for one in found] == ["embedding model", "reader", "chat model"]
    for one in found:
        assert (one["loads"], one["wrong"]) == (True, None)
        assert Path(one["where"]).exists()
        assert one["megabytes"] > 1
    lines = on_seeds("models").stdout.splitlines()
    for one, line in zip(found, lines, strict=True):
        facts = f"{one['name']}, {one['megabytes']:.1f} MB, {one['where']}"
        assert line == f"ok       {one['job']}: {facts}"


@pytest.mark.parametrize("data", [None, b"no model", b"GGUF and no more"])
def test_a_model_that_is_missing_or_does_not_load_is_told(
    data: bytes | None, on_seeds: Rag, tmp_path: Path
) -> None:
    """As the doctor tells it."""
    file = tmp_path / "model.gguf"
    if data is not None:
        file.write_bytes(data)
    done = on_seeds("models", "--model", str(file))
    assert (done.returncode, done.stderr) == (1, "")
    *others, line = done.stdout.splitlines()
    assert [other.split()[0] for other in others] == ["ok", "ok"]
    _, _, wrong = line.partition("missing  chat model: ")
    assert wrong
    assert f"chat model: {wrong}" in on_seeds("doctor", "--model", str(file)).stdout


def test_of_a_model_behind_an_address_the_address_is_told(on_seeds: Rag) -> None:
    address = "http://127.0.0.1:9/v1#a-model"  # it is not asked: its name is known
    assert on_seeds("models", "--model", address).stdout.endswith(f"chat model: {address}\n")


def test_a_saved_answer_verifies(on_seeds: Rag, tmp_path: Path) -> None:
    saved = tmp_path / "answer.json"
    for question in (WHO, MOON):
        saved.write_text(json.dumps(quoted(on_seeds, question)))
        done = on_seeds("verify", saved)
        assert (done.returncode, done.stdout[:4], done.stderr) == (0, "ok: ", "")


def test_an_answer_of_a_batch_verifies_from_stdin(seeds_folder: Path, run: Run) -> None:
    rag = ("--library", seeds_folder)
    row = json.dumps({"id": 1, "question": WHO})
    answer = run(*rag, "ask", "--writer", "quote", "--batch", "-", stdin=row).stdout
    assert run(*rag, "verify", "-", stdin=answer).returncode == 0


def test_an_exported_chat_verifies_with_all_its_quotes(on_seeds: Rag, tmp_path: Path) -> None:
    asked = [Answer.from_json(quoted(on_seeds, question)) for question in (WHO, MOON)]
    saved = tmp_path / "chat.json"
    saved.write_text(to_json("Firearms", asked, datetime.now(UTC)))
    done = on_seeds("verify", saved)
    quotes = len(asked[0].citations) + len(asked[1].nearest)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"ok: {quotes} quotes stand in their articles, word for word\n"


def test_a_fault_in_a_chat_names_its_question_by_number(on_seeds: Rag, tmp_path: Path) -> None:
    good = Answer.from_json(quoted(on_seeds, WHO))
    altered = replace(good.citations[0], quote=good.citations[0].quote.upper() + "\x1b[2J")
    bad = replace(good, citations=(altered, *good.citations[1:]))
    saved = tmp_path / "chat.json"
    saved.write_text(to_json("Firearms", [good, bad], datetime.now(UTC)))
    done = on_seeds("verify", saved)
    assert (done.returncode, done.stderr) == (1, "")
    assert "FAULT 2: [1] its quote does not stand in the article\n" in done.stdout
    assert all(line.startswith("FAULT 2: ") for line in done.stdout.splitlines())


def test_a_fault_is_one_line_whatever_the_file_says(on_seeds: Rag, tmp_path: Path) -> None:
    answer = quoted(on_seeds, WHO)
    answer["claims"][0]["text"] = "Rowley left.\n\x1b[2Jok: 9 quotes"
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(answer))
    lines = on_seeds("verify", saved).stdout.splitlines()
    assert all(line.startswith("FAULT ") and line.isprintable() for line in lines)


def test_what_is_no_saved_chat_is_not_verified(on_seeds: Rag, tmp_path: Path) -> None:
    saved = tmp_path / "chat.json"
    saved.write_text('{"version": 1, "kind": "chat", "answers": [{}]}')
    done = on_seeds("verify", saved)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("rag: 1: this is not a saved answer")


def test_a_flag_overrides_a_variable_and_that_a_file(
    on_seeds: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rag.toml"
    file.write_text('top = 1\nmode = "lexical"\n')

    def count(*flags: str) -> int:
        return len(objects(on_seeds("--config", str(file), "search", "--json", *flags, WHO)))

    assert count() == 1
    monkeypatch.setenv("RAG_TOP", "2")
    assert count() == 2
    assert count("--top", "3") == 3
    monkeypatch.setenv("RAG_CONFIG", str(file))
    monkeypatch.delenv("RAG_TOP")
    assert len(objects(on_seeds("search", "--json", WHO))) == 1


def test_the_library_is_the_flags_the_variables_or_dot_rag(
    seeds_folder: Path, tmp_path: Path, run: Run
) -> None:
    assert run("articles").stderr.startswith("rag: no library at .rag;")
    assert len(run("articles", RAG_LIBRARY=str(seeds_folder)).stdout.splitlines()) == 2
    (tmp_path / ".rag").symlink_to(seeds_folder)
    assert len(run("articles").stdout.splitlines()) == 2
    named = run("--library", "nowhere", "articles", RAG_LIBRARY=str(seeds_folder))
    assert named.stderr.startswith("rag: no library at nowhere;")


@pytest.mark.parametrize("before", [True, False])
def test_library_and_config_stand_before_the_command_or_after_it(before: bool) -> None:
    place = ["--library", "there", "--config", "rag.toml"]
    given = parser().parse_args([*place, "articles"] if before else ["articles", *place])
    assert (given.library, given.config) == ("there", "rag.toml")


def test_a_question_that_article_took_is_missed_in_words_that_help(run: Run) -> None:
    done = run("ask", "--article", "bridge.txt", "who closed the bridge?")
    assert done.returncode == 2
    assert "put it before --article" in done.stderr


def test_every_command_says_what_it_does(run: Run) -> None:
    shown = run("--help").stdout
    for name in "ingest ask search articles show remove chat verify models doctor".split():
        assert f"    {name} " in shown
    assert "exit codes: 0 done" in shown
