"""What is said of an investigation from the shell, and the service seen from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.shell import Shell

pytestmark = pytest.mark.end_to_end

ANSWERS = Path(__file__).parents[1] / "answers"
SERVICE = """\
products:
  Harbourlight: {upgrade_policy: strict, technology: complex}
targets:
  first_contact_resolution: 85
"""


def test_fields_are_set_shown_and_refused_from_the_shell(shell: Shell) -> None:
    shell.must("sync")
    shell.must("investigate", "HL-40817", "--quick", "--json", code=3)
    said = (
        "--set",
        "lead_role=engineering",
        "--set",
        "QR=product_drop_threat",
        "--set",
        "visibility=restricted",
    )
    because = ("--set", "full_because=nobody knows the table")
    held = shell.must("investigate", "HL-40817", "--full", *said, *because, "--json", code=3).document
    assert (held["lead_role"], held["account_risk"], held["visibility"]) == (
        "engineering",
        "product_drop_threat",
        "restricted",
    )
    assert "an engineer says so: nobody knows the table" in held["triggers"]
    assert (held["mode"], held["depth"]) == ("quick_then_full", "full")
    first = held["timeline"][0]
    assert (first["case_phase"], first["iteration"], first["visibility"]) == ("documentation", 1, "public")
    assert first["recorded_at"] == first["at"]
    wrong = shell.must("investigate", "HL-40817", "--set", "visibility=public", code=2)
    assert "--set:1:1: QV: there is no option 'public'" in wrong.err
    invite = ("party", "invite", "HL-40817", "engineering", "--component", "sync", "--rep", "jo-who-speaks")
    assert "jo-who-speaks" in shell.must(*invite).out
    for words in (("party", "list", "HL-40817", "--json"), ("report", "HL-40817", "--json"), ("export",)):
        assert "jo-who-speaks" not in shell.must(*words).out
    text = shell.must("report", "HL-40817").out
    assert "led by engineering" in text
    assert "RESTRICTED" in text
    assert "Account risk: product drop threat" in text
    added = ("promise", "add", "HL-41206", "--due", "tomorrow 16:00", "--to", "internal_team", "--json")
    assert "internal_team" in [one["to"] for one in shell.must(*added).document]


def test_the_service_is_seen_from_outside(shell: Shell) -> None:
    shell.must("sync")
    queue = shell.must("queue", "--json").document
    opened = shell.must("investigations", "--open", "--json").document
    assert len({one["id"] for one in opened if one["id"]}) == len(queue) == len(opened)
    assert "0 opened" in shell.must("investigations", "--open").err
    seen = shell.must("customer-view", "HL-40817").out
    assert "nothing for 4 h" in seen
    assert "no way to restore" not in seen
    shell.must("investigate", "HL-41990", "--answers", str(ANSWERS / "HL-41990.yaml"), "--adopt", "--json")
    assert "not placed  Harbourlight" in shell.must("upgrade-matrix").out
    (shell.home / "config" / "service.yaml").write_text(SERVICE)
    fourth = shell.must("upgrade-matrix").out.split("IV: strict policy, complex")[1]
    assert "HL-41990  B6.2, B6.4, held by work, risk" in fourth
    assert "85 % at the first contact" in shell.must("targets", code=1).out
    assert "B4.1" in shell.must("value").out
    stats = shell.must("wording", "stats").out
    assert stats.split("\n")[0].split() == ["RULE", "HITS", "ACCEPTED", "SILENCED", "AT", "REST", "FLAGS"]
    assert "not at rest" in shell.must("wording", "wake", "L06", code=2).err
