"""The shape of the house: who may know whom, and what may not be in it."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: corpus → index → qa → app, with eval looking in: each may import what stands before it, and itself.
MAY_IMPORT = {
    "corpus": {"corpus"},
    "index": {"corpus", "index"},
    "qa": {"corpus", "index", "qa"},
    "eval": {"corpus", "index", "qa", "eval"},
    "training": {"corpus", "index", "qa", "eval", "training"},
    "app.py": {"corpus", "index", "qa"},
}
OURS = {"corpus", "index", "qa", "eval", "training", "app"}
SOURCES = sorted(path for name in MAY_IMPORT for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).glob("*.py")))


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return {module.split(".")[0] for module in modules}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_backwards(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]

    assert imported(path) & OURS <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_held_in_the_head_and_says_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")

    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text))


def test_there_is_no_package_under_tests() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_tracked_files_hold_no_machine_paths_or_registry_addresses_and_are_small() -> None:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    bad = re.compile(
        rb"(?:^|[\s\"'=(:])/(?:work|root|home|tmp/bash)[/\w]|pypi\.org|pythonhosted|registry\.npmjs|deb\.debian\.org"
    )
    found = [name for name in names if name and name != "tests/test_house.py" and bad.search((ROOT / name).read_bytes())]

    assert found == []
    large = {name: (ROOT / name).stat().st_size for name in names if name and (ROOT / name).stat().st_size > 2_000_000}
    assert list(large) in ([], ["qa/reader.safetensors"])
    assert all(size <= 45_000_000 for size in large.values())
