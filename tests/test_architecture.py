"""The shape of the code, held to its rules."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run

ROOT = Path(__file__).parents[1]
ORDER = """
    errors machine articles furniture cleaning chunking stemming attribution speech embedding reader
    database library indexes ingesting retrieval opposites roles shortening abbreviations
    asking facts verification copies reading questions summarising llm writing answer
    conversation rewriting chats exporting timing composing answering examples gold importing
    intervals metrics annotating runs scoring plots report checking doctor settings evaluation
    assessing terminal opening cli_chat cli_evaluation cli_models cli_support cli
    __main__
""".split()
UI_ORDER = "views models accounts desk places guard app server".split()
HEAVY = {"torch", "sentence_transformers", "gradio", "llama_cpp", "faiss", "onnxruntime", "numpy"}


def imports_of(package: str, module: str, among: str) -> set[str]:
    """The modules of `among` that the module imports, also within a function."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / package / f"{module}.py").read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == among:
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= _below(str(node.module), among)
        elif isinstance(node, ast.Import):
            found |= {name for alias in node.names for name in _below(alias.name, among)}
    return found


def _below(name: str, package: str) -> set[str]:
    return {name.removeprefix(f"{package}.")} if name.startswith(f"{package}.") else set()


@pytest.mark.parametrize(("package", "order"), [("rag", ORDER), ("ui", UI_ORDER)])
def test_every_module_has_its_place_in_the_order(package: str, order: list[str]) -> None:
    assert {p.stem for p in (ROOT / package).glob("*.py")} - {"__init__"} == set(order)


@pytest.mark.parametrize("module", ORDER)
def test_modules_import_only_from_those_above_them(module: str) -> None:
    above = set(ORDER[: ORDER.index(module)])
    assert imports_of("rag", module, "rag") <= above


@pytest.mark.parametrize("module", UI_ORDER)
def test_modules_of_the_ui_import_only_from_those_above_them(module: str) -> None:
    above = set(UI_ORDER[: UI_ORDER.index(module)])
    assert imports_of("ui", module, "ui") <= above


@pytest.mark.parametrize("module", UI_ORDER)
def test_the_ui_knows_nothing_of_the_terminal(module: str) -> None:
    assert not imports_of("ui", module, "rag") & {"cli", "terminal", "__main__"}


def test_of_all_that_answers_only_the_command_line_knows_the_ui() -> None:
    """And it only once `rag ui` is called."""
    knowing = {module for module in ORDER if imports_of("rag", module, "ui")}
    assert knowing == {"cli"}
    assert "ui" not in loaded_after("import rag.cli", {"ui"})


def loaded_after(code: str, watched: set[str] = HEAVY) -> set[str]:
    """The modules among `watched` that a fresh interpreter has after running `code`."""
    script = f"import sys\n{code}\nprint(*({watched!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split("\n")[-2].split())


def test_help_loads_no_heavy_library() -> None:
    code = "from rag.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert loaded_after(code) == set()


def test_a_question_does_not_load_torch(seeds_folder: Path) -> None:
    code = f"from rag.cli import main\nmain(['--library', {str(seeds_folder)!r}, 'ask', 'who?'])"
    assert not loaded_after(code, {"torch", "sentence_transformers", "gradio", "ui"})


@pytest.mark.parametrize("module", [m for m in UI_ORDER if m != "app"])
def test_only_the_app_itself_loads_gradio(module: str) -> None:
    assert not loaded_after(f"import ui.{module}", {"gradio", "llama_cpp", "torch"})


def test_asking_leaves_nothing_in_the_home_folder(
    seeds_folder: Path, tmp_path: Path, run: Run
) -> None:
    """No library that it uses keeps an identifier or a queue of reports there."""
    home = tmp_path / "home"
    home.mkdir()
    done = run("--library", seeds_folder, "ask", "who criticised Rowley?", HOME=str(home), CI="")
    assert done.returncode == 0
    assert list(home.rglob("*")) == []
