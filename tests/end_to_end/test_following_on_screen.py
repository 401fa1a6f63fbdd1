"""Recommendations, parties, a pair and a wish followed on the real screen, and read back from the shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell
from tests.end_to_end.terminal import Terminal

pytestmark = pytest.mark.end_to_end


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def screen(home: Path) -> Iterator[Terminal]:
    env = {"TRIAGE_HOME": str(home), "NO_COLOR": "1"}
    with Terminal(["demo", "--with-investigations"], env, columns=80, rows=24) as terminal:
        terminal.wait_for("HL-41655", "synced", "? help")
        yield terminal


def the_case(screen: Terminal, key: str) -> None:
    """From the queue to the row of ``key``, and that alone."""
    screen.press("/")
    screen.type(key)
    screen.wait_for(key, gone="HL-42001")
    screen.press("enter")
    screen.wait_for("1 of 23 match", "? help")


def test_what_is_followed_on_screen_is_followed_in_the_shell(screen: Terminal, home: Path) -> None:
    the_case(screen, "HL-41990")
    screen.wait_for_row("HL-41990", "§1 late")
    screen.press("F")
    screen.wait_for("1 late · 1 to judge", "ESC-2026-0001-R5", "✗ 1 d late")
    screen.press("v")
    screen.wait_for("nobody has answered yet")
    screen.press("a")
    screen.wait_for("OAR → ORR", "Ctrl+S write it down")
    screen.type("We have told all nine.")
    screen.press("enter")
    screen.press("ctrl+s")
    screen.wait_for("2 to judge", "is ORR now")
    screen.press("v")
    screen.wait_for("What is the answer worth?", "OAAR")
    screen.press("1")
    screen.wait_for("ORR → OAA", "We have told all nine.")
    screen.type("It will do.")
    screen.press("ctrl+s")
    screen.wait_for("is OAA now")
    screen.press("enter")
    screen.wait_for("What may follow", "x close", "issuer → OAA")
    screen.press("q", "q")
    screen.wait_for("WAITING")
    screen.press("E")
    screen.wait_for("ENH-001", "1 waits to hear")
    screen.press("enter")
    screen.wait_for("1 screen", "5 recruit", "waits to hear")
    screen.press("t")
    screen.wait_for("HL-41990 has heard", "told 0 s ago")
    screen.press("q", "q")
    screen.wait_for("WAITING")
    screen.press("q")
    assert screen.wait_closed() == 0
    said = (
        Shell(home)
        .must("--profile", "demo", "recommendations", "show", "ESC-2026-0001-R5", "--json")
        .document
    )
    assert [(one["sender"], one["status_after"], one["text"].strip()) for one in said["exchange"]] == [
        ("addressee", "ORR", "We have told all nine."), ("issuer", "OAA", "It will do."),
    ]  # fmt: skip
    assert Shell(home).must("--profile", "demo", "enhancement", "list", "--to-tell", "--json").document == []


def test_a_pair_opens_an_investigation_again_and_both_are_named_in_its_report(
    screen: Terminal, home: Path
) -> None:
    the_case(screen, "HL-41990")
    screen.press("enter")
    screen.wait_for("Timeline")
    screen.press("3")
    screen.wait_for("parties", "dissent", "1 d late")
    screen.press("enter")
    screen.wait_for("FINAL · adopted", "reopen it for new evidence")
    screen.press("o")
    screen.wait_for("NEW EVIDENCE on ESC-2026-0001")
    screen.type("A second extract broke.")
    screen.press("ctrl+s")
    screen.wait_for("reopened", "is open again")
    screen.press("pageup")
    screen.wait_for("PgUp PgDn move")
    screen.press("escape")
    screen.wait_for("reopened", "Enter write")
    screen.press("s")
    screen.wait_for("Who is the navigator")
    screen.type("Noor")
    screen.press("enter")
    screen.wait_for("has the keys, Noor reads along")
    screen.press("f10")
    screen.wait_for("1 earlier final version", "Timeline")
    screen.press("q")
    screen.wait_for("§1 late", "WAITING")
    screen.press("q")
    assert screen.wait_closed() == 0
    held = Shell(home)
    report = held.must("--profile", "demo", "report", "ESC-2026-0001").out
    [line] = [one for one in report.splitlines() if one.startswith("Investigated by ")]
    assert line.endswith(" and Noor.")
    assert "Noor" not in held.must("--profile", "demo", "report", "ESC-2026-0001", "--adopted", "1").out
