"""The graph for other programs, and findings for code hosts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.playbook.world import END, HEAD, document
from triage.cli.program import run
from triage.playbook.shelf.drawing import dot, mermaid
from triage.playbook.shelf.lint import lint_paths
from triage.playbook.shelf.sarif import sarif

STEPS = (
    """  - {id: size, kind: ask, title: 'Say "how" many [now]', type: choice,
     options: [{value: few, next: done}, {value: many, label: 'Many | all'}]}
  - {id: end, kind: instruct, title: Stop it}
"""
    + END
)


def test_mermaid_has_every_step_and_every_labelled_way() -> None:
    text = mermaid(document(STEPS))
    assert text.splitlines() == [
        "flowchart TD",
        '    s_size[/"Say #34;how#34; many #91;now#93;"/]',
        '    s_end["Stop it"]',
        '    s_done(["Done"])',
        '    s_size -->|"few"| s_done',
        "    s_size --> s_end",
        "    s_end --> s_done",
    ]


def test_a_label_cannot_leave_its_quotes_in_dot() -> None:
    text = dot(document(STEPS))
    assert r'"size" [label="Say \"how\" many [now]"];' in text
    assert '"size" -> "done" [label="few"];' in text
    assert len(re.findall(" -> ", text)) == 3


def test_sarif_points_at_the_line_and_counts_utf16_units(tmp_path: Path) -> None:
    path = tmp_path / "probe.yaml"
    path.write_text(HEAD + "steps:\n" + "  - {title: '𝄞𝄞', kind: end, id: done, outcom: resolved}\n")
    (first, *_) = [one for one in sarif(lint_paths([path]))["runs"][0]["results"] if one["ruleId"] == "PB101"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == path.as_uri()
    raw = path.read_text().splitlines()[place["region"]["startLine"] - 1].encode("utf-16-le")
    assert raw[2 * (place["region"]["startColumn"] - 1) :].decode("utf-16-le").startswith("outcom:")
    assert first["level"] == "error" and "outcome" in first["message"]["text"]


def test_the_shell_draws_and_refuses_an_unknown_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    path = tmp_path / "probe.yaml"
    path.write_text(HEAD + "steps:\n" + STEPS)
    assert run(["playbook", "graph", str(path), "--format", "mermaid"]) == 0
    assert capsys.readouterr().out == mermaid(document(STEPS))
    assert run(["playbook", "graph", str(path), "--format", "png"]) == 2
    assert run(["playbook", "lint", str(path), "--format", "sarif"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == "2.1.0"
