"""An investigation opened again: the older final version stays readable, the note is never doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell

pytestmark = pytest.mark.end_to_end

ANSWERS = Path(__file__).parents[1] / "answers" / "HL-40817.yaml"


def notes(shell: Shell) -> list[str]:
    shell.must("sync")
    told = shell.must("show", "HL-40817", "--json").document["timeline"]
    return [one["text"].split("]")[0] for one in told if one["text"].startswith("[esc:")]


def test_a_final_version_is_superseded_and_each_has_one_note(shell: Shell) -> None:
    shell.must("sync")
    shell.must("investigate", "HL-40817", "--answers", str(ANSWERS), "--adopt", "--send")
    shell.must("investigate", "HL-40817", "--adopt", "--send")
    assert len(notes(shell)) == 1
    name = shell.must("investigate", "HL-40817", "--json").document["id"]
    assert "no final version 2" in shell.must("report", name, "--adopted", "2", code=1).err
    shell.must("party", "dissent", name, "product", "-m", "It is the directory's doing.")
    opened = shell.must("reopen", name, "-m", "A second customer wrote in.", "--json").document
    assert (opened["state"], opened["phase"]) == ("reopened", "factual")
    again = shell.must("investigate", "HL-40817", "--adopt", "--send", "--json").document
    assert (again["state"], len(again["superseded"])) == ("adopted", 1)
    first, second = notes(shell)
    assert (first, second) == (f"[esc:{name} v1", f"[esc:{name} v2")
    assert "v2] FINAL · replaces v1 · bug" in shell.must("show", "HL-40817").out
    shell.must("reopen", name, "-m", "A third customer wrote in.")
    shell.must("investigate", "HL-40817", "--adopt")
    shell.must("reopen", name, "-m", "A fourth customer wrote in.")
    shell.must("investigate", "HL-40817", "--adopt")
    waiting = shell.must("outbox", "list", "--json").document
    assert ["v4] FINAL" in one["change"]["note"]["body"] for one in waiting] == [True]
    assert "SUPERSEDED" in shell.must("report", name, "--adopted", "1").out
    latest = shell.must("report", name).out
    assert "supersedes the version of" in latest and "SUPERSEDED" not in latest
    assert "Product: It is the directory's doing." in latest
