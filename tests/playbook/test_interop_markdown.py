"""Markdown runbooks and RE&CT files: drafts that run nothing, and a record of every loss."""

# ruff: noqa: E501 - tables and embedded texts read better on one line

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.playbook.world import SHIPPED
from triage.cli.program import run
from triage.model.errors import Invalid, TriageError
from triage.model.exchange import ImportReport
from triage.playbook.interop.cacao_import import from_cacao
from triage.playbook.interop.markdown import from_markdown
from triage.playbook.interop.placeholders import fill
from triage.playbook.interop.react import from_react
from triage.playbook.language.yaml_nodes import read_tree

ALERT = """---
title: Disk is filling
weight: 20
---
# DiskFilling

## Meaning

The disk will be full in `4h`.

## Impact

Writes fail.

## Diagnosis

Find the largest folders on the node <node name>:

```console
$ ssh <node name> df -h /var
Filesystem  Size
/dev/sda1   9G
$ du -x $FOLDER | sort -n
```

- old logs
- core dumps
- somebody's [backup](https://example.org/backup)

1. Look at the **growth** of the last day.
2. Ask the owner. Say when it will be full.

   ```sql
   SELECT 1
   ```

## Mitigation

- [ ] Logs are rotated
- [x] Dumps are moved

![graph](graph.png)

## References

See [the manual][m].

[m]: https://example.org/manual
"""


def data_of(report: ImportReport) -> dict[str, Any]:
    assert not report.refused, report.refusals
    data: dict[str, Any] = read_tree(report.text).data
    return data


def test_an_alert_page_becomes_head_and_steps() -> None:
    report = from_markdown(ALERT.encode(), "DiskFilling.md")
    data = data_of(report)
    assert (data["id"], data["title"], data["status"]) == ("diskfilling", "DiskFilling", "draft")
    assert data["condition"] == "The disk will be full in `4h`." and data["impact"] == "Writes fail."
    assert data["x-imported-from"] == {"format": "markdown", "file": "DiskFilling.md"}
    assert data["references"] == ({"title": "the manual", "url": "https://example.org/manual"},)
    kinds = [(step["kind"], step.get("section"), step.get("lane")) for step in data["steps"]]
    assert kinds == [
        ("check", "Diagnosis", "investigate"), ("checklist", "Diagnosis", "investigate"),
        ("instruct", "Diagnosis", "investigate"), ("instruct", "Diagnosis", "investigate"),
        ("checklist", "Mitigation", "fix"), ("ask", None, None), ("end", None, None), ("end", None, None),
    ]  # fmt: skip
    assert "PB602" in {one.code for one in report.diagnostics}


def test_a_session_becomes_a_command_that_counts_as_changing_and_holds_no_gap() -> None:
    check = data_of(from_markdown(ALERT.encode(), "a.md"))["steps"][0]
    assert check["run"] == 'ssh "${NODE_NAME_}" df -h /var\ndu -x $FOLDER | sort -n'.replace(
        "NODE_NAME_", "V_NODE_NAME"
    )
    assert check["env"] == {"V_NODE_NAME": "{{ vars.v_node_name }}", "FOLDER": "{{ vars.folder }}"}
    assert (check["effect"], check["undo"]) == ("changes", "none")
    assert "/dev/sda1" in check["text"]


def test_what_a_page_loses_is_said_with_its_line() -> None:
    report = from_markdown(ALERT.encode(), "a.md")
    line = ALERT.split("\n").index("![graph](graph.png)") + 1
    assert [(loss.level, loss.place) for loss in report.losses if "image" in loss.what] == [
        ("dropped", f"line {line}")
    ]
    assert report.kept == report.total == 8


@pytest.mark.parametrize(
    ("page", "kinds"),
    [
        ("1. one\n2. two\n3. three\n", ["instruct"] * 3),
        ("- a\n- b\n", ["checklist"]),
        ("\n".join(f"- item {n}" for n in range(21)), ["checklist"] * 3),
        ("Only words.\n", ["instruct"]),
        ("```\nkubectl get pods\n```\n", ["check"]),
        ("```yaml\na: 1\n```\n", ["instruct"]),
        ("    # only a remark\n", ["instruct"]),
        ("## Investigate\n\nLook.\n\n## Remediate\n\nMend.\n\n## Communicate\n\nTell.\n", ["instruct"] * 3),
        ("1. outer\n   1. inner\n\n      ```sh\n      date\n      ```\n", ["check"]),
        ("<details><summary>More</summary>\n\nText\n\n</details>\n", ["instruct"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n", ["instruct"]),
        ("> quoted words\n", ["instruct"]),
    ],
)  # fmt: skip
def test_pages_of_every_shape_become_steps(page: str, kinds: list[str]) -> None:
    steps = data_of(from_markdown(page.encode(), "page.md"))["steps"]
    assert [step["kind"] for step in steps[:-3]] == kinds
    assert [step["kind"] for step in steps[-3:]] == ["ask", "end", "end"]


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("", "no steps"), ("# Title only\n", "no steps"), ("<!-- nothing -->\n", "no steps"),
        ("# T\n## Overview\nWords.\n", "no steps"),
        pytest.param("".join(f"{n}. step\n" for n in range(1, 260)), "a playbook holds 200", id="too many"),
    ],
)  # fmt: skip
def test_pages_without_steps_or_with_too_many_are_refused_with_the_reason(page: str, why: str) -> None:
    report = from_markdown(page.encode(), "page.md")
    assert report.refused and report.text == "" and any(why in said for said in report.refusals)


def test_text_from_outside_is_made_harmless() -> None:
    page = "Look at it first. Then type {{ vars.secret }} now \x1b[31m\u202e.\n\n```sh\necho \x07\n```\n"
    report = from_markdown(page.encode(), "page.md")
    assert all("{{" not in step.get("text", "") for step in data_of(report)["steps"])
    assert "\x1b" not in report.text and "\u202e" not in report.text
    assert any("{{" in loss.what for loss in report.losses)


@pytest.mark.parametrize(
    ("command", "text", "env"),
    [
        ("oc logs <pod>", 'oc logs "${POD}"', {"POD": "pod"}),
        ('echo "<pod-name>"', 'echo "${POD_NAME}"', {"POD_NAME": "pod_name"}),
        ("echo '<pod>'", 'echo "${POD}"', {"POD": "pod"}),
        ("sort < in > out", "sort < in > out", {}),
        ("cat <<EOF\nx\nEOF", "cat <<EOF\nx\nEOF", {}),
        ("x=1; echo $x $HOME", "x=1; echo $x $HOME", {}),
        ("echo $pod ${Zone}", "echo $POD ${ZONE}", {"POD": "pod", "ZONE": "zone"}),
        ("ls $PATH_TO $LD_PRELOAD", "ls $PATH_TO $V_LD_PRELOAD", {"PATH_TO": "path_to", "V_LD_PRELOAD": "v_ld_preload"}),
    ],
)  # fmt: skip
def test_gaps_of_a_command_become_environment_values(command: str, text: str, env: dict[str, str]) -> None:
    filled = fill(command, lambda word: word)
    assert (filled.text, filled.env, filled.stuck) == (text, env, ())


# --- RE&CT

RESPONSE = """title: RP_0009_lost_laptop
id: RP0009
description: A laptop was lost
author: Mara Ilves
severity: H
tlp: AMBER
tags: [theft]
identification: [RA_2001_ask_the_owner, RA_2999_not_there]
containment: [RA_3001_lock_the_account]
workflow: |
  Lock first, ask later.
"""


def react_files(folder: Path) -> Path:
    (folder / "response_playbooks").mkdir()
    (folder / "response_actions").mkdir()
    (folder / "response_actions" / "RA_2001_ask_the_owner.yml").write_text(
        "title: RA_2001_ask_the_owner\nid: RA2001\ndescription: Ask\nstage: identification\nreferences: [https://example.org/a]\nworkflow: |\n  Call them.\n"
    )
    (folder / "response_actions" / "RA_3001_lock_the_account.yml").write_text(
        "title: RA_3001\nid: RA3001\nworkflow: |\n  Description of the workflow for the Response Action in markdown format.\n"
    )
    path = folder / "response_playbooks" / "RP_0009.yml"
    path.write_text(RESPONSE)
    return path


def test_a_response_playbook_brings_its_actions_along(tmp_path: Path) -> None:
    path = react_files(tmp_path)
    report = from_react(path.read_bytes(), path)
    data = data_of(report)
    assert (data["title"], data["owner"], data["severity"]) == ("Lost laptop", "Mara Ilves", ("high",))
    first, second, third = data["steps"][:3]
    assert (first["text"], first["section"], first["lane"]) == (
        "Ask\n\nCall them.",
        "Identification",
        "investigate",
    )
    assert (second["title"], third["title"]) == ("Not there", "Lock the account")
    whys = [loss.why for loss in report.losses]
    assert any("stub" in why for why in whys) and any("not found" in why for why in whys)
    assert report.kept == report.total == 3


@pytest.mark.parametrize("name", ["../../etc/passwd", "RA_2001/../../x", "RA_2001\x00", "*"])
def test_the_name_of_an_action_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    path = react_files(tmp_path)
    (tmp_path / "secret.yml").write_text("workflow: hush\n")
    report = from_react(json.dumps({"title": "t", "containment": [name]}).encode(), path)
    assert "hush" not in report.text


@pytest.mark.parametrize(
    "text", ["a: &a [*a]", "[1", "- a", "title: x", "\ufeffa: !!python/name:os.system x"]
)
def test_what_is_no_response_playbook_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        from_react(text.encode(), Path("rp.yml"))
    assert caught.value.where.startswith("rp.yml")


# --- never an exception

WORDS = [
    "",
    "x",
    "\n",
    "{{ vars.x }}",
    "```",
    "- ",
    "1. ",
    "\0",
    "<x>",
    "'",
    '"',
    "[" * 60,
    "&a ",
    "*a",
    "__x__:value",
    "null",
    "true",
    "1e400",
    "{}",
    "#",
    "\t",
    "\\",
    "\u202e",
    "\x85",
    "|",
    ">",
]


@pytest.mark.parametrize("name", ["cacao", "markdown", "react"])
def test_no_mutation_of_a_file_takes_an_importer_down(name: str, tmp_path: Path) -> None:
    from tests.playbook.test_interop_cacao import action, exported, foreign, identifier

    text = (SHIPPED / "start-here.yaml").read_text(encoding="utf-8")
    branch = {
        identifier("if-condition", 1): {
            "type": "if-condition",
            "condition": "__a__ = 1",
            "on_true": identifier("action", 1),
        }
    }
    files: dict[str, tuple[list[str], Callable[[bytes], ImportReport]]] = {
        "cacao": ([json.dumps(exported(text, "start-here")), json.dumps(foreign({**branch, **action(1)}))], lambda raw: from_cacao(raw, "f")),
        "markdown": ([ALERT], lambda raw: from_markdown(raw, "f")),
        "react": ([RESPONSE], lambda raw: from_react(raw, tmp_path / "f.yml")),
    }  # fmt: skip
    sources, read = files[name]
    seed = 20261122
    dice = random.Random(seed)
    for number in range(150):
        raw = bytearray(dice.choice(sources).encode())
        for _ in range(dice.choice((1, 1, 3, 9))):
            start = dice.randrange(len(raw) + 1)
            raw[start : start + dice.choice((0, 1, 4, 60))] = dice.choice(
                (dice.choice(WORDS).encode(), bytes([dice.randrange(256)]))
            )
        try:
            report = read(bytes(raw))
        except TriageError:
            continue
        assert report.refused == (not report.text), f"seed {seed}, file {number}"
        assert not any("not a playbook" in why for why in report.refusals), (
            f"seed {seed}, file {number}: {report.refusals}"
        )


@pytest.mark.parametrize("value", [None, 7, [], {}, "\0"])
def test_a_value_of_the_wrong_type_anywhere_is_a_loss_or_a_refusal(value: Any) -> None:
    from tests.playbook.test_interop_cacao import action, foreign, identifier

    switch, loop, side = (
        identifier("switch-condition", 1),
        identifier("while-condition", 1),
        identifier("parallel", 1),
    )
    document = foreign({
        switch: {"type": "switch-condition", "switch": "__v__", "cases": {"a": loop}, "on_completion": identifier("action", 1)},
        loop: {"type": "while-condition", "condition": "c", "on_true": side},
        side: {"type": "parallel", "next_steps": [identifier("action", 2)]},
        **action(1, delay=5, timeout=9, out_args=["__v__"], targets=[], agent="a"), **action(2, kind="bash"),
    }, playbook_variables={"__v__": {"type": "string", "value": "x"}}, labels=["a"], severity=5, external_references=[{"name": "r"}])  # fmt: skip
    whole = json.dumps(document)

    def places(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        return [found for key, one in items for found in ((*path, key), *places(one, (*path, key)))]

    for *above, last in places(document):
        changed: Any = json.loads(whole)
        inner = changed
        for key in above:
            inner = inner[key]
        inner[last] = value
        try:
            report = from_cacao(json.dumps(changed).encode(), "f.json")
        except Invalid:
            continue
        assert report.refused == (not report.text)
        assert not any("not a playbook" in why for why in report.refusals), (above, last, report.refusals)


# --- the shell


def test_the_shell_imports_into_a_folder_and_never_over_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    page = tmp_path / "disk.md"
    page.write_text(ALERT)
    assert run(["playbook", "import", str(page), "--out", str(tmp_path / "mine")]) == 0
    assert "8 of 8 steps kept" in capsys.readouterr().err
    assert run(["playbook", "lint", str(tmp_path / "mine" / "diskfilling.yaml")]) == 0
    capsys.readouterr()
    assert run(["playbook", "import", str(page), "--out", str(tmp_path / "mine")]) == 5
    assert run(["playbook", "import", str(page), "--format", "markdown", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["kept"], report["refusals"]) == (8, []) and report["losses"][0]["place"]


def test_the_shell_says_why_nothing_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    page = tmp_path / "empty.md"
    page.write_text("# Nothing\n")
    assert run(["playbook", "import", str(page), "--out", str(tmp_path)]) == 1
    assert "empty.md is not imported: no steps were found" in capsys.readouterr().err
    assert run(["playbook", "import", str(tmp_path / "x.doc")]) == 2
    assert run(["playbook", "import", str(tmp_path / "none.md")]) == 1


def test_the_shell_exports_what_it_can_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    assert run(["playbook", "export", "sso-login-failure"]) == 0
    document = tmp_path / "sso.json"
    document.write_text(capsys.readouterr().out)
    assert run(["playbook", "import", str(document), "--out", str(tmp_path / "back")]) == 0
    back = (tmp_path / "back" / "sso-login-failure.yaml").read_text()
    assert read_tree(back).data == read_tree((SHIPPED / "sso-login-failure.yaml").read_text()).data
    assert run(["playbook", "export", "sso-login-failure", "--format", "bpmn"]) == 2
