"""The real program in a pseudo-terminal, against the real embedded helpdesk."""

from __future__ import annotations

import re
import signal
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.shell import Shell
from tests.end_to_end.terminal import PATIENCE_S, Terminal

pytestmark = pytest.mark.end_to_end

ANSWERS = Path(__file__).parents[1] / "answers" / "HL-40817.yaml"
NOTE = "Checked with identity: all rights are back, cause under way."
FOREIGN = re.compile("\x1b\\](?!22;)|\x1b[P_^X]|[\x80-\x9f]")
"""Titles, clipboards, device strings, C1: none may come from a ticket. OSC 22 is the pointer's shape."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def screen(home: Path) -> Iterator[Terminal]:
    with Terminal(["demo"], {"TRIAGE_HOME": str(home), "NO_COLOR": "1"}) as terminal:
        terminal.wait_for("HL-40817", "synced", "? help")
        yield terminal


def comments(home: Path, key: str) -> list[dict[str, Any]]:
    profile = tomllib.loads((home / "config" / "config.toml").read_text())["profile"]["demo"]
    token = Path(profile["token_file"]).read_text().strip()
    with httpx.Client(base_url=profile["url"], headers={"Authorization": f"Bearer {token}"}) as client:
        found = client.get("/api/v2/search.json", params={"query": f"type:ticket external_id:{key}"}).json()
        [ticket] = [one for one in found["results"] if one["external_id"] == key]
        listed: list[dict[str, Any]] = client.get(f"/api/v2/tickets/{ticket['id']}/comments.json").json()[
            "comments"
        ]
        return listed


def test_a_note_goes_from_the_keys_to_the_ticket_once_and_stays_internal(
    screen: Terminal, home: Path
) -> None:
    screen.press("enter")
    screen.wait_for("Timeline", "Trucks are waiting")
    screen.press("n")
    screen.wait_for("INTERNAL NOTE", "Ctrl+S")
    screen.type(NOTE)
    screen.wait_for(NOTE)
    screen.press("ctrl+s")
    screen.wait_for("INTERNAL NOTE", "y send")
    assert NOTE not in [comment["body"] for comment in comments(home, "HL-40817")]
    screen.press("y")
    screen.wait_for("Timeline", gone="y send")
    deadline = time.monotonic() + PATIENCE_S
    ours: list[dict[str, Any]] = []
    while not ours and time.monotonic() < deadline:
        screen.wait_for("HL-40817")
        ours = [comment for comment in comments(home, "HL-40817") if NOTE in comment["body"]]
    assert [comment["public"] for comment in ours] == [False]
    screen.press("q")
    screen.wait_for("filter", "sync now")
    screen.press("q")
    assert screen.wait_closed() == 0
    assert not FOREIGN.search(screen.written.decode("utf-8", "replace"))


def test_an_investigation_adopted_on_screen_lands_once_with_tags_and_fields(
    screen: Terminal, home: Path
) -> None:
    shell = Shell(home, {"TRIAGE_PROFILE": "demo"})
    shell.must("investigate", "HL-40817", "--answers", str(ANSWERS), "--json")
    screen.press("enter")
    screen.wait_for("Timeline", "Trucks are waiting")
    screen.press("i")
    screen.wait_for("Nothing is missing", "adopt it")
    screen.press("a")
    page = screen.wait_for("INTERNAL NOTE", "esc_verdict: - → bug", "+ esc-b2-3", "y send")
    assert "[esc:ESC-" in page
    assert not [one for one in comments(home, "HL-40817") if "[esc:" in one["body"]]
    screen.press("y")
    screen.wait_for("FINAL", "adopted", "sent and read back")
    assert [one["public"] for one in comments(home, "HL-40817") if "[esc:" in one["body"]] == [False]
    [written] = shell.must("outbox", "list", "--all", "--json").document
    assert written["state"] == "verified"


def test_what_was_typed_a_second_ago_survives_kill_9(screen: Terminal, home: Path) -> None:
    screen.press("enter")
    screen.wait_for("Timeline")
    screen.press("n")
    screen.wait_for("INTERNAL NOTE", "Ctrl+S")
    screen.type(NOTE)
    screen.wait_for(NOTE, "draft kept ·")
    screen.process.send_signal(signal.SIGKILL)
    screen.process.wait()
    with Terminal(["demo"], {"TRIAGE_HOME": str(home), "NO_COLOR": "1"}) as again:
        again.wait_for("HL-40817", "? help")
        again.press("enter")
        again.wait_for("Timeline")
        again.press("n")
        again.wait_for(NOTE)


def test_it_works_in_eighty_columns(home: Path) -> None:
    with Terminal(["demo"], {"TRIAGE_HOME": str(home)}, columns=80, rows=24) as small:
        shown = small.wait_for("HL-40817", "WAITING", "PROMISE", "? help")
        assert max(map(len, shown.splitlines())) <= 80
        small.press("enter")
        small.wait_for("Timeline", "customer")
        small.press("i")
        small.wait_for("quick", "full")
        small.press("enter")
        small.wait_for("What can the customer not do right now?")
        small.press("f10")
        small.wait_for("Timeline", "customer")


def test_nothing_set_up_yet_offers_the_demo_or_a_set_up(home: Path) -> None:
    with Terminal([], {"TRIAGE_HOME": str(home)}) as first:
        first.wait_for("not set up yet", "look around", "set up your own helpdesk")
        first.type("q\n")
        assert first.wait_closed() == 0
