"""A quick and then a brief investigation in plain lines at a terminal, left once in the middle."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.end_to_end.shell import Shell
from tests.end_to_end.terminal import Terminal

pytestmark = pytest.mark.end_to_end

TICKET = "HL-41206"
FINDING = "No page leads from the error text to the article on idle connections."


class Lines:
    """A person who reads what is asked and types one line."""

    def __init__(self, shell: Shell, mode: str) -> None:
        env: Mapping[str, str] = {**shell.env, "TRIAGE_HOME": str(shell.home), "EDITOR": "true"}
        self.terminal = Terminal(["investigate", TICKET, mode, "--line"], env, columns=110, rows=50)
        self.read = 0

    def answer(self, asked: str, line: str = "") -> None:
        """Type ``line`` once ``asked`` has been written since the last answer."""
        self.hear(asked)
        self.terminal.type(f"{line}\r")

    def hear(self, wanted: str) -> None:
        """Wait until ``wanted`` is written after what was heard before."""
        self.read = self.terminal.wait_written(wanted.encode(), self.read)

    def fill(self, columns: list[str], row: Mapping[str, str]) -> None:
        """Type a row column by column; Enter where ``row`` says nothing."""
        for column in columns:
            self.answer(column, row.get(column, ""))


def test_a_quick_and_a_brief_investigation_are_done_in_plain_lines(shell: Shell) -> None:
    shell.must("sync")
    first = Lines(shell, "--quick")
    with first.terminal:
        first.answer("K1, required")
        first.answer("K2, required", "4")
        first.answer("K3, may be skipped", ":p a search by error text")
        first.answer("K3, may be skipped", ":q")
        first.hear("Kept.")
        first.terminal.wait_closed()
    again = Lines(shell, "--quick")
    with again.terminal:
        for asked in ("K3,", "K4,", "K5,"):
            again.answer(asked)
        again.answer("K6,", "The export is cut by an idle timeout.")
        again.hear("ESC-")
        again.terminal.wait_closed()
        assert b"\x1b" not in again.terminal.written
    brief = Lines(shell, "--brief")
    with brief.terminal:
        brief.answer("QE, may be skipped", "nobody knows the proxy")
        brief.answer("LOCK, required", "no")
        brief.answer("LOCK again", "yes")
        _walk_back(brief)
        _conclude(brief)
        brief.terminal.wait_closed()
        assert b"\x1b" not in brief.terminal.written
    held = json.loads(shell.run("investigate", TICKET, "--brief", "--json", "--no-input").out)
    assert held["parked_fixes"] == ["a search by error text"]
    assert [one["text"] for one in held["findings"] if one["kind"] == "cause"] == [FINDING]
    assert (held["verdict"], held["code"]) == ("education_gap", "E2.2")
    assert held["state"] == "in_review"


def _walk_back(brief: Lines) -> None:
    brief.answer("W0, required", "edit 1")
    columns = ["What would have stopped", "What was there", "Was it shown", "What made", "At which", "Cost"]
    row = {"What would have stopped": "a search by error text finds it", "Was it shown": "not_shown"}
    brief.fill([*columns, "Safeguard", "Recommendation"], row)
    brief.answer("not given yet")


def _conclude(brief: Lines) -> None:
    brief.answer("Q20, required", "drop 1")
    brief.answer("Q20, required", "add")
    columns = ["Id", "Kind", "One sentence", "Evidence", "Code", "Modifier", "Confidence", "What else"]
    told = {"Kind": "cause", "One sentence": FINDING, "Evidence": "escalation", "Code": "E2.2"}
    brief.fill([*columns, "Proposed", "Agreed"], told)
    brief.answer("not given yet")
    brief.answer("Q21, required", "y")
    brief.answer("LE1,", "yes")
    brief.answer("LE2,", "no")
    brief.answer("Q23, required")
    for change in ("drop 1", "drop 1", "add"):
        brief.answer("Q28, required", change)
    columns = [
        "Id",
        "Who",
        "Changes what",
        "By when",
        "Aim",
        "Strength",
        "Cites",
        "Status",
        "Cost",
        "Costs nothing",
    ]
    asked = {"Who": "docs team", "Changes what": "link the article from the error text",
             "By when": "2027-01-15",
             "Aim": "educate", "Strength": "intermediate", "Cites": "F1"}  # fmt: skip
    brief.fill([*columns, "Counted", "Tracker"], asked)
    brief.answer("not given yet")
    brief.answer("Q31,")
    brief.hear("Nothing more is asked")
