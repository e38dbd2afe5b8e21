"""What the documents say is what the program does."""

import argparse
import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
from conftest import ROOT, SEEDS, Run

from rag.answer import Answer, Checked, Citation, Part, Retrieved
from rag.answering import ask, open_engine
from rag.cli import parser
from rag.retrieval import Hit
from rag.settings import Settings
from rag.verification import Claim

README = (ROOT / "README.md").read_text()
CONTRACT = (ROOT / "docs" / "contract.md").read_text()


def commands() -> list[str]:
    (action,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return list(action.choices)


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme_and_in_the_contract(command: str) -> None:
    assert f"`rag {command}" in README
    assert f"`rag {command}" in CONTRACT


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_is_in_the_readme_with_flag_variable_and_default(name: str) -> None:
    assert f"`--{name.replace('_', '-')}`" in README
    assert f"`RAG_{name.upper()}`" in README


@pytest.mark.parametrize("value", [Answer, Claim, Citation, Part, Retrieved, Checked])
def test_every_field_of_an_answer_is_in_the_contract(value: type) -> None:
    assert all(f"`{name}`" in CONTRACT for name in value.__slots__)


def test_every_field_of_a_hit_is_in_the_contract(seeds_folder: Path, run: Run) -> None:
    shown = CONTRACT.partition("## Hit")[2]
    assert {"chunk_id", "cosine", "bm25", "fused"} <= set(re.findall(r"`(\w+)`", shown))
    assert set(Hit.__slots__) - {"chunk", "article"} <= set(re.findall(r"`(\w+)`", shown))


def test_the_readmes_answer_is_the_programs(seeds_folder: Path) -> None:
    """The answer under the first command is what that command prints."""
    answer = ask("who criticised Rowley?", open_engine(seeds_folder))
    assert f"\n    {answer.answer}\n" in README
    assert f"“{answer.citations[0].quote}”" in README


def test_the_readmes_commands_run(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "FOLDER"
    folder.mkdir()
    (folder / "bridge.txt").write_text((SEEDS / "001_788d2fea1109a0fb.txt").read_text())
    lines = re.findall(r"^ {4}\.venv/bin/rag (.*)$", README, re.M)
    assert lines
    for line in lines:
        done = run(*shlex.split(line, comments=True))
        assert (done.returncode, done.stderr) == (0, "")


def test_the_readmes_python_runs(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("ingest", SEEDS)
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    exec(code, {})
    assert "Mr Williams also criticised" in capsys.readouterr().out


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_between_the_documents_lead_somewhere(file: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / file).read_text()):
        assert (ROOT / target).exists(), target
