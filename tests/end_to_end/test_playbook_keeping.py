"""Playbooks kept well, from the shell: made from cases, counted, compared, trusted and no longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.shell import ROOT, Shell

pytestmark = pytest.mark.end_to_end

ANSWERS = ROOT / "tests" / "answers"
CASES = ("HL-40817", "HL-41206", "HL-41990")


@pytest.fixture
def pulled(shell: Shell) -> Shell:
    shell.must("sync", "--json")
    return shell


def test_the_three_worked_cases_become_drafts_that_lint_and_stand_their_tests(
    pulled: Shell, tmp_path: Path
) -> None:
    to = tmp_path / "drafts"
    for key in CASES:
        pulled.must("investigate", key, "--answers", str(ANSWERS / f"{key}.yaml"), "--adopt", "--json")
        made = pulled.must("playbook", "new", key.lower(), "--from-ticket", key, "--to", str(to), "--json")
        draft = made.document["draft"]
        assert draft["steps"] >= 15
        assert {one["code"] for one in draft["findings"]} == {"PB601"}
        assert Path(made.document["path"]).is_file()
    found = pulled.must("playbook", "lint", str(to), "--json").document
    assert {one["code"] for one in found} == {"PB601"}
    assert all(one["passed"] for one in pulled.must("playbook", "test", str(to), "--json").document)
    text = (to / "hl-40817.yaml").read_text()
    assert "HL-38102" not in text
    assert "code: B2.3" in text
    before = sorted((one.name, one.read_bytes()) for one in to.rglob("*.yaml"))
    again = pulled.run("playbook", "new", "hl-40817", "--from-ticket", "HL-40817", "--to", str(to))
    assert (again.code, "nothing was written" in again.err) == (5, True)
    other = pulled.run(
        "playbook", "new", "two", "--from-ticket", CASES[0], "--from-ticket", CASES[1], "--to", str(to)
    )
    assert (other.code, "B2.3 and E2.2" in other.err) == (2, True)
    assert sorted((one.name, one.read_bytes()) for one in to.rglob("*.yaml")) == before


def test_a_first_playbook_is_written_trusted_changed_compared_run_and_counted(
    pulled: Shell, tmp_path: Path
) -> None:
    path = Path(pulled.must("playbook", "new", "my-own", "--json").document["path"])
    shown = pulled.must("playbook", "trust", "my-own", "--yes")
    assert "curl -sS --max-time 10" in shown.out
    [listed] = [one for one in pulled.must("playbook", "list", "--json").document if one["id"] == "my-own"]
    assert (listed["trust"], listed["commands"], listed["status"]) == ("read", 1, "draft")
    path.write_text(path.read_text().replace('"10", -o', '"20", -o').replace("version: 1", "version: 2"))
    difference = pulled.must("playbook", "diff", "my-own", "--commands", code=1)
    assert "commands: 1 changed since you trusted it" in difference.out
    asked = pulled.must("playbook", "trust", "my-own", code=3)
    assert "1 command changed since you trusted version 1" in asked.out
    answers = tmp_path / "answers.yaml"
    answers.write_text(
        "vars.host: example.org\nscope: one\nanswers: {ok: true, saw: '200'}\nside: true\ncause: setting\n"
        "reply: true\ndone: true\n"
    )
    pulled.must("playbook", "run", "my-own", "--ticket", "HL-40817", "--answers", str(answers), "--json")
    stats = pulled.must("playbook", "stats", "my-own", "--json")
    [counted] = stats.document
    assert (counted["version"], counted["runs"], counted["outcomes"]) == (2, 1, {"resolved": 1})
    assert "Robin Vale" not in stats.out
    [given] = pulled.must("playbook", "trust", "list", "--json").document
    assert (given["playbook_id"], given["state"]) == ("my-own", "changed")
    pulled.must("playbook", "trust", "revoke", "my-own")
    assert pulled.must("playbook", "trust", "list", "--json").document == []
