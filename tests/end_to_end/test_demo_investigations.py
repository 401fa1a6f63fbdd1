"""``triage demo --with-investigations``: the worked cases investigated by the program itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell
from tests.end_to_end.terminal import Terminal

pytestmark = pytest.mark.end_to_end


def test_the_demo_can_come_with_finished_investigations_and_makes_them_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shell = Shell(home)
    for _ in range(2):
        with Terminal(
            ["demo", "--with-investigations"], {"TRIAGE_HOME": str(home), "NO_COLOR": "1"}
        ) as screen:
            screen.wait_for("HL-41655", "synced", "? help")
        verdicts = shell.must("--profile", "demo", "verdicts", "--json").document
        assert (verdicts["cases"], verdicts["verdicts"]) == (3, {"bug": 2, "education_gap": 1})
    listed = shell.must("--profile", "demo", "recommendations", "list", "--json").document
    assert {"OAR", "ORR", "OAA", "OAAR", "OUA", "CAA", "CAAA"} == {one["status"] for one in listed}
    assert [one["overdue_days"] for one in listed if one["overdue_days"]] == [1]
    sent = shell.must("--profile", "demo", "outbox", "list", "--all", "--json").document
    assert {one["state"] for one in sent} == {"verified"} and len(sent) == 3
    [wish] = shell.must("--profile", "demo", "enhancement", "list", "--to-tell", "--json").document
    assert (wish["id"], wish["state"], wish["to_tell"]) == ("ENH-001", "accepted", ["HL-41990"])
    report = shell.must("--profile", "demo", "report", "HL-41990").out
    assert "OUA Open" in report
    for name in ("Marek", "Adaeze", "Sunniva", "Bastian", "Robin"):
        assert name not in report


def test_every_escalation_has_its_line_begun_or_not(shell: Shell) -> None:
    shell.must("sync")
    queue = {one["key"] for one in shell.must("queue", "--json").document}
    listed = shell.must("investigations", "--json").document
    assert {one["ticket_key"] for one in listed} == queue and len(listed) == len(queue)
    assert {one["state"] for one in listed} == {"not_begun"}
    shell.must("investigate", "HL-42001", "--quick", "--json", code=3)
    [begun] = [one for one in shell.must("investigations", "--json").document if one["id"]]
    assert (begun["ticket_key"], begun["next_step"]) == ("HL-42001", "full form")
    due = shell.must("investigations", "--due", "--json").document
    assert 0 < len(due) < len(queue)
    assert "Draft, work in progress." in shell.must("report", "HL-42001", "--kb").out
