"""Imports only go down the floors of the house; rooms on one floor do not know each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "triage"

FLOOR = {
    "__main__": 7,
    "tui": 6,
    "cli": 6,
    "desk": 5,
    "sync": 4,
    "insight": 4,
    "docket": 4,
    "demo": 4,
    "store": 3,
    "helpdesk": 3,
    "playbook": 3,
    "retrospective": 3,
    "config": 2,
    "model": 1,
}
KNOWN_BY_SCREENS = {"desk", "model"}
"""Screens and command line see the desk and the words, never what lies behind the desk."""
ALSO_KNOWN = {"cli": {"demo"}}
DEMO_KNOWS = {"model"}


def room_of(path: Path) -> str:
    parts = path.relative_to(HOUSE).parts
    return parts[0] if len(parts) > 1 else parts[0].removesuffix(".py")


def imports(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "relative"
        elif isinstance(node, ast.ImportFrom) and node.module == "triage":
            for alias in node.names:
                yield node.lineno, f"triage.{alias.name}"
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name


def wrong_arrows(room: str, source: str) -> list[str]:
    wrong = []
    for line, module in imports(source):
        if module == "relative":
            wrong.append(f"{line}: relative import")
        if not module.startswith("triage."):
            continue
        target = module.split(".")[1]
        if target == room or target == "__version__":
            continue
        if not allowed(room, target):
            wrong.append(f"{line}: {room} -> {target}")
    return wrong


def allowed(room: str, target: str) -> bool:
    if room in ("tui", "cli"):
        return target in KNOWN_BY_SCREENS | ALSO_KNOWN.get(room, set())
    if room == "demo":
        return target in DEMO_KNOWS
    if target == "demo":
        return False
    return FLOOR[target] < FLOOR[room]


FILES = sorted(p for p in HOUSE.rglob("*.py") if p != HOUSE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_arrows_only_go_down(path: Path) -> None:
    assert wrong_arrows(room_of(path), path.read_text()) == []


def test_every_room_has_a_floor() -> None:
    assert {room_of(p) for p in FILES} <= set(FLOOR)


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("store", "from triage.docket.docket import Docket"),
        ("playbook", "from triage.store.database import Database"),
        ("tui", "from triage.store.database import Database"),
        ("tui", "from triage import cli"),
        ("sync", "from triage.docket import docket"),
        ("model", "import triage.config.paths"),
        ("desk", "from triage.demo.child import start_demo"),
        ("model", "from . import ticket"),
    ],
)
def test_a_wrong_arrow_is_seen(room: str, line: str) -> None:
    assert wrong_arrows(room, line)


def test_no_room_is_named_for_nothing() -> None:
    banned = {"utils", "helpers", "manager", "base", "common", "misc"}
    assert [p for p in FILES if p.stem in banned] == []


FOLDERS_OF_WORDS = {"spoken": {"spoken"}, "promises_in_text": {"spoken", "promises_in_text", "promise"}}
"""What a folder of the model may know of the model: times first, then promises in a text, then the book."""


def known_of_the_model(folder: str) -> set[str]:
    sources = [path.read_text() for path in (HOUSE / "model" / folder).glob("*.py")]
    modules = [module for source in sources for _, module in imports(source)]
    return {one.split(".")[2] for one in modules if one.startswith("triage.model.")}


@pytest.mark.parametrize("folder", FOLDERS_OF_WORDS)
def test_the_readings_of_text_do_not_know_who_reads_them(folder: str) -> None:
    assert known_of_the_model(folder) == FOLDERS_OF_WORDS[folder]
