"""Promises from the shell, and the gate that keeps a case open while one is owed."""

from __future__ import annotations

import pytest

from tests.end_to_end.shell import Shell

pytestmark = pytest.mark.end_to_end


def test_a_promise_is_added_kept_and_withdrawn(shell: Shell) -> None:
    shell.must("sync")
    before = shell.must("promise", "list", "HL-40817", "--json").document
    assert before
    added = shell.must(
        "promise",
        "add",
        "HL-40817",
        "--due",
        "in 2 hours",
        "--kind",
        "answer",
        "--quote",
        "you hear the cause",
        "--json",
    ).document
    assert len(added) == len(before) + 1
    [new] = [one for one in added if one["quote"] == "you hear the cause"]
    assert (new["state"], new["confirmed"]) == ("open", True)
    kept = shell.must("promise", "keep", "HL-40817", str(new["number"]), "--json").document
    assert [one["state"] for one in kept if one["id"] == new["id"]] == ["kept"]
    gone = shell.must("promise", "withdraw", "HL-40817", before[0]["id"], "--json").document
    assert [one["withdrawn"] for one in gone if one["id"] == before[0]["id"]] == [True]
    assert "no promise 99" in shell.must("promise", "keep", "HL-40817", "99", code=1).err


def test_a_case_is_not_closed_before_the_customer_says_so(shell: Shell) -> None:
    shell.must("sync")
    shell.must("promise", "add", "HL-40817", "--due", "in 2 hours")
    stopped = shell.must("close", "HL-40817", "--yes", code=4)
    assert "cannot be closed yet" in stopped.err
    assert "next update" in stopped.err
    for one in shell.must("promise", "list", "HL-40817", "--json").document:
        if one["state"] in {"open", "missed"}:
            shell.must("promise", "keep", "HL-40817", one["id"])
    assert "neither confirmed" in shell.must("close", "HL-40817", "--yes", code=4).err
    shell.must("promise", "add", "HL-40817", "--due", "in 1 hour", "--kind", "cannot_solve_notice")
    [notice] = [
        one
        for one in shell.must("promise", "list", "HL-40817", "--json").document
        if one["kind"] == "cannot_solve_notice"
    ]
    shell.must("promise", "keep", "HL-40817", notice["id"])
    shell.must("close", "HL-40817", "--yes")
    shell.must("sync")
    assert shell.must("show", "HL-40817", "--json").document["ticket"]["status"] == "solved"
