"""An enhancement case from an investigation to the people who are told, from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell

pytestmark = pytest.mark.end_to_end

ANSWERS = Path(__file__).parents[1] / "answers" / "HL-41990.yaml"


def test_a_wish_goes_from_an_investigation_to_those_who_are_told(shell: Shell) -> None:
    shell.must("sync")
    adopted = shell.must("investigate", "HL-41990", "--answers", str(ANSWERS), "--adopt", "--json")
    name = adopted.document["id"]
    assert f"triage enhancement new --from {name}" in adopted.err
    made = shell.must("enhancement", "new", "--from", name, "--json").document
    assert (made["id"], made["state"]) == ("ENH-001", "draft")
    assert made["screen"]["aligned"] == "yes"
    assert made["quantify"] == {
        "asking": 1, "expected": 60,
        "basis": "10 customers with doc_event in tickets; 60 in regulated industries by account data",
    }  # fmt: skip
    assert made["recruit"]["votes"] == 14
    shell.must("enhancement", "ready", "ENH-001")
    shell.must("enhancement", "present", "ENH-001")
    assert "without words" in shell.must("enhancement", "decide", "ENH-001", "accepted", code=2).err
    shell.must("enhancement", "decide", "ENH-001", "accepted", "-m", "For planning.")
    shipped = shell.must("enhancement", "ship", "ENH-001").out
    assert "tell      HL-41990 Tarn Valley Water" in shipped
    assert "asked by one customer" in shipped
    shell.must("enhancement", "told", "ENH-001", "HL-41990")
    assert shell.must("enhancement", "list", "--to-tell", "--json").document == []
    assert "It is there" in shell.must("enhancement", "reply", "ENH-001").out
    two = shell.must(
        "enhancement", "new", "Audit extract for prospects", "--from", "HL-42010", "--json"
    ).document
    assert two["id"] == "ENH-002"
    assert "what the prospect wanted to know" in shell.must("enhancement", "ready", "ENH-002", code=4).err
    assert "no enhancement case ENH-9" in shell.must("enhancement", "show", "ENH-9", code=1).err
