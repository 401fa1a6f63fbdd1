"""The graph for other programs, and findings for code hosts."""

from __future__ import annotations

import json
import os
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft7Validator

from tests.playbook.world import END, HEAD, SHIPPED, document
from triage.cli.playbook_verbs import workflow_command
from triage.cli.program import run
from triage.model.run import Diagnostic
from triage.playbook.language.graph import Graph
from triage.playbook.lint.load import load_bytes
from triage.playbook.shelf.drawing import dot, mermaid
from triage.playbook.shelf.layering import lay_out
from triage.playbook.shelf.lint import lint_paths
from triage.playbook.shelf.rails import text_graph
from triage.playbook.shelf.sarif import sarif
from triage.playbook.shelf.svg import svg

SVG = "{http://www.w3.org/2000/svg}"
SARIF_SCHEMA = os.environ.get("TRIAGE_SARIF_SCHEMA", "")

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


def test_the_text_graph_leads_every_jump_to_its_step() -> None:
    assert text_graph(document(STEPS)).splitlines()[2:] == [
        '   ?  1 Say "how" many [now]  [size, ask]',
        "╭──┤    few → 3",
        "│  ·  2 Stop it  [end, instruct]",
        "╰─▶·  3 Done  [done, end]",
        "",
        "· read   ? ask",
    ]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_playbooks_are_drawn_whole_and_nothing_lies_on_another(path: Path) -> None:
    playbook = load_bytes(path.read_bytes(), path.name)[0]
    assert playbook is not None
    drawn = ElementTree.fromstring(svg(playbook))
    ids = {text.split(" · ")[0] for one in drawn.iter(SVG + "text") if " · " in (text := one.text or "")}
    assert ids == {step.id for step in playbook.steps}
    graph = Graph.of(playbook.steps)
    laid = lay_out(graph, {step.id: 200.0 for step in playbook.steps})
    for row in laid.layers:
        for left, right in pairwise(row):
            assert right.x - left.x >= (left.width + right.width) / 2
    for way in laid.ways:
        assert [point.layer for point in way.points] == list(
            range(way.points[0].layer, way.points[-1].layer + 1)
        )
    order = text_graph(playbook)
    assert all(f"[{step.id}, {step.kind}]" in order for step in playbook.steps)
    assert order.count("→") + order.count("↓") >= len([e for e in laid.ways if e.edge.label])


def test_the_drawing_holds_no_markup_of_the_file_and_asks_for_nothing_elsewhere() -> None:
    text = svg(document(STEPS.replace("Stop it", "'</text><script>x</script>&amp;'")))
    drawn = ElementTree.fromstring(text)
    assert any("</text><script>x</script>&amp;" in (one.text or "") for one in drawn.iter(SVG + "title"))
    assert not list(drawn.iter(SVG + "script"))
    assert not re.search(r"(?:href|src|@import)|url\((?!#)", text)
    assert "prefers-color-scheme:dark" in text


def test_the_shell_writes_the_drawing_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    out = tmp_path / "graph.svg"
    assert run(["playbook", "graph", "start-here", "--format", "svg", "--out", str(out)]) == 0
    assert ElementTree.fromstring(out.read_text(encoding="utf-8")).tag == SVG + "svg"
    assert (
        run(["playbook", "graph", "start-here", "--format", "svg", "--out", str(tmp_path / "no" / "x.svg")])
        == 2
    )


def faulty(folder: Path) -> tuple[Diagnostic, ...]:
    """Findings of all three levels."""
    path = folder / "probe.yaml"
    path.write_text(
        HEAD.replace("references: [nothing]\n", "")
        + "steps:\n  - {id: a, kind: instruct, titel: 'A, b: c'}\n"
        + END
    )
    return lint_paths([path])


def test_sarif_has_what_the_standard_and_code_hosts_require(tmp_path: Path) -> None:
    found = faulty(tmp_path)
    log = sarif(found)
    (one,) = log["runs"]
    rules = one["tool"]["driver"]["rules"]
    assert (log["version"], one["tool"]["driver"]["name"]) == ("2.1.0", "triage playbook lint")
    assert {item.level for item in found} >= {"error", "info"}
    for result in one["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] and result["message"]["text"]
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"] and rule["help"]["text"]
        assert result["level"] in ("error", "warning", "note")
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] >= 1 and region["startColumn"] >= 1


@pytest.mark.skipif(not SARIF_SCHEMA, reason="TRIAGE_SARIF_SCHEMA names no copy of sarif-schema-2.1.0.json")
def test_sarif_is_valid_by_the_schema_of_oasis(tmp_path: Path) -> None:
    checker = Draft7Validator(json.loads(Path(SARIF_SCHEMA).read_text(encoding="utf-8")))
    log = sarif(faulty(tmp_path))
    assert [f"{error.json_path}: {error.message}" for error in checker.iter_errors(log)] == []
    del log["runs"][0]["results"][0]["message"]
    assert not checker.is_valid(log), "the schema looks at nothing"


def test_workflow_commands_escape_what_would_begin_another_property_or_line() -> None:
    item = Diagnostic("a,b:c%.yaml", 3, 4, "info", "PB506", "50 % of\nit", "do: this, now")
    assert workflow_command(item) == (
        "::notice file=a%2Cb%3Ac%25.yaml,line=3,col=4,title=PB506::50 %25 of%0Ait. do: this, now"
    )


def test_json_findings_have_every_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    faulty(tmp_path)
    assert run(["playbook", "lint", str(tmp_path / "probe.yaml"), "--format", "json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    names = {"path", "line", "column", "level", "code", "message", "help", "source_line"}
    assert rows and all(set(row) == names and row["line"] >= 1 for row in rows)
