"""The shape of the code, held to the design."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run

PACKAGE = Path(__file__).parents[1] / "rag"
ORDER = """
    errors articles furniture cleaning chunking embedding database library stemming indexes
    ingesting retrieval reading llm verification writing answer chats exporting timing answering
    examples checking doctor settings terminal cli __main__
""".split()
HEAVY = {"torch", "sentence_transformers", "gradio", "llama_cpp", "faiss", "onnxruntime", "numpy"}


def imports_of(module: str) -> set[str]:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "rag":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rag."):
            found.add(str(node.module).removeprefix("rag."))
    return found


def test_every_module_has_its_place_in_the_order() -> None:
    assert {p.stem for p in PACKAGE.glob("*.py")} - {"__init__"} == set(ORDER)


@pytest.mark.parametrize("module", ORDER)
def test_modules_import_only_from_those_above_them(module: str) -> None:
    above = set(ORDER[: ORDER.index(module)])
    assert imports_of(module) <= above


def loaded_after(code: str) -> set[str]:
    """The heavy modules that a fresh interpreter has after running `code`."""
    script = f"import sys\n{code}\nprint(*({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split("\n")[-2].split())


def test_help_loads_no_heavy_library() -> None:
    code = "from rag.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert loaded_after(code) == set()


def test_a_question_does_not_load_torch(seeds_folder: Path) -> None:
    code = f"from rag.cli import main\nmain(['--library', {str(seeds_folder)!r}, 'ask', 'who?'])"
    assert not loaded_after(code) & {"torch", "sentence_transformers", "gradio"}


def test_asking_leaves_nothing_in_the_home_folder(
    seeds_folder: Path, tmp_path: Path, run: Run
) -> None:
    """No library that it uses keeps an identifier or a queue of reports there."""
    home = tmp_path / "home"
    home.mkdir()
    done = run("--library", seeds_folder, "ask", "who criticised Rowley?", HOME=str(home), CI="")
    assert done.returncode == 0
    assert list(home.rglob("*")) == []
