"""A found promise is confirmed and kept by single keys, and the queue and the head of the case follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell
from tests.end_to_end.terminal import Terminal

pytestmark = pytest.mark.end_to_end


def test_a_missed_promise_is_confirmed_kept_and_followed_by_the_next_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    env = {"TRIAGE_HOME": str(home), "NO_COLOR": "1"}
    with Terminal(["demo"], env, columns=80, rows=24) as screen:
        screen.wait_for("HL-40817", "3 broken", "? help", gone="syncing")
        screen.wait_for_row("HL-40817", "✗ 2 h ago")
        screen.press("enter")
        screen.wait_for("Trucks are waiting", "✗ 2 h ago")
        screen.press("P", "P", "P", "P")
        screen.wait_for("broken 2 h ago  (read from the", "c confirm promise")
        screen.press("c")
        screen.wait_for("broken 2 h ago  (confirmed)", gone="c confirm promise")
        screen.press("v")
        screen.wait_for("By when do they hear next?", "nothing promised: a")
        screen.type("25m")
        screen.press("enter")
        screen.wait_for("Timeline", "⏰ in 2", gone="By when")
        screen.press("q")
        screen.wait_for("2 broken", "WAITING")
        screen.wait_for_row("HL-40817", "⏰ in 2")
        screen.press("q")
        assert screen.wait_closed() == 0
        # Opened again nothing is lost: what a person said about a promise is kept.
    held = Shell(home).must("--profile", "demo", "promise", "list", "HL-40817", "--json").document
    assert [one["state"] for one in held[-2:]] == ["kept_late", "open"]
    assert all(one["confirmed"] for one in held[-2:])
