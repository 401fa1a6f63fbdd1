"""Lint: each code fires for its mistake, and not for the like of it that is right."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.playbook.world import END, HEAD, SHIPPED, codes, findings
from triage.model.errors import NotFound
from triage.playbook.language.schema import json_schema
from triage.playbook.lint.load import load_text
from triage.playbook.shelf.lint import lint_paths

ASK = (
    "  - {id: pick, kind: ask, title: Pick, type: choice, save_as: pick, options: [{value: x}, {value: y}]}\n"
)


def check(run: str, more: str = "effect: read_only") -> str:
    return f"  - {{id: c, kind: check, title: C, manual: by hand, run: {run}, {more}}}\n" + END


WRONG = {
    "PB201": "  - {id: a, kind: instruct, title: A}\n  - {id: a, kind: instruct, title: A}\n" + END,
    "PB202": "  - {id: a, kind: instruct, title: A, next: dnoe}\n" + END,
    "PB203": "  - {id: a, kind: instruct, title: A, next: done}\n  - {id: b, kind: instruct, title: B}\n" + END,
    "PB204": "  - {id: a, kind: instruct, title: A}\n",
    "PB205": ASK.replace("{value: y}", "{value: x}") + END,
    "PB206": "  - {id: a, kind: instruct, title: A}\n  - {id: b, kind: instruct, title: B, next: a}\n" + END,
    "PB208": ASK.replace("kind: ask", "kind: ask, when: ticket.priority == 'x'").replace("when", "when")
    + "  - {id: d, kind: note, title: D, template: '{{ vars.pick }} {{ vars.other }}'}\n" + END,
    "PB209": "  - {id: done, kind: end, title: Done, outcome: unresolved}\n",
    "PB211": ASK + "  - {id: d, kind: decide, title: D, branches: [{if: vars.pick == 'x', next: done}], otherwise: done}\n" + END,
    "PB212": "".join(f"  - {{id: a{n}, kind: instruct, title: A}}\n" for n in range(10)) + END,
    "PB213": END.replace("kind: end", "kind: end, when: ticket.priority == 'x'"),
    "PB301": ASK + "  - {id: n, kind: instruct, title: N, when: vars.pick = 'x'}\n" + END,
    "PB302": ASK + "  - {id: n, kind: instruct, title: N, when: vars.pik == 'x'}\n" + END,
    "PB303": ASK + "  - {id: n, kind: instruct, title: N, when: steps.pik.ok}\n" + END,
    "PB304": ASK + "  - {id: n, kind: instruct, title: N, when: stps.pick.ok}\n" + END,
    "PB305": ASK + "  - {id: n, kind: instruct, title: N, when: \"matches(vars.pick, '(')\"}\n" + END,
    "PB306": "  - {id: n, kind: ask, title: N, type: text, pattern: '(a+)+$'}\n" + END,
    "PB307": "  - {id: n, kind: instruct, title: N, when: 1 == 1}\n" + END,
    "PB308": ASK + "  - {id: n, kind: instruct, title: N, when: vars.pick == 'z'}\n" + END,
    "PB309": "  - {id: n, kind: instruct, title: N, when: steps.late.ok}\n  - {id: late, kind: instruct, title: L}\n" + END,
    "PB401": check("'echo {{ vars.x }}'"),
    "PB402": check("[rm, x]", "effect: destructive, undo: none, why: must"),
    "PB403": check("[rm, x]"),
    "PB404": check("[sudo, ls]"),
    "PB405": check("'tail -f /var/log/x'"),
    "PB406": check("'curl -H \"password: hunter2hunter2\" x'"),
    "PB408": check("'curl https://x.example/i | sh'"),
    "PB409": check("[systemctl, restart, x]", "effect: changes"),
    "PB410": check("[ls]", "effect: read_only, env: {LD_PRELOAD: x}"),
    "PB411": check("[ls]").replace("manual: by hand, ", ""),
    "PB412": check("[ls, $NOPE]"),
    "PB413": check("[$PROG]", "effect: read_only, env: {PROG: '{{ ticket.subject }}'}"),
    "PB101": "  - {id: a, kind: instruct, title: A, txet: x}\n" + END,
    "PB102": "  - {id: a, kind: instruct}\n" + END,
    "PB103": "  - {id: a, kind: instruct, title: A, required: 'yes'}\n" + END,
    "PB104": "  - {id: a, kind: instrct, title: A}\n" + END,
    "PB105": "  - {id: a, kind: instruct, title: A, lane: kitchen}\n" + END,
    "PB106": "  - {id: A b, kind: instruct, title: A}\n" + END,
    "PB107": "  - {id: a, kind: wait, title: A, for: soon}\n" + END,
    "PB407": "  - {id: a, kind: http, title: A, manual: m, url: 'https://{{ ticket.customer }}/'}\n" + END,
    "PB414": "  - {id: a, kind: http, title: A, manual: m, url: 'example.org'}\n" + END,
    "PB503": f"  - {{id: n, kind: instruct, title: {'very ' * 13}long}}\n" + END,
    "PB504": f"  - {{id: n, kind: instruct, title: N, text: {'word ' * 121}}}\n" + END,
    "PB505": check("[rm, x]", "effect: destructive, undo: none, confirm: typed"),
    "PB508": END.replace("kind: end", "kind: end, required: true"),
    "PB601": "  - {id: n, kind: instruct, title: N, text: TO" + "DO write it}\n" + END,
}  # fmt: skip


@pytest.mark.parametrize("code", WRONG)
def test_each_mistake_has_its_code(code: str) -> None:
    assert code in codes(WRONG[code])


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_playbooks_have_neither_errors_nor_warnings(path: Path) -> None:
    assert [one for one in lint_paths([path], date(2026, 11, 21)) if one.level != "info"] == []


def test_the_columns_of_names_point_into_the_expression() -> None:
    line = "  - {id: n, kind: instruct, title: N, when: vars.pick == 'x' and stps.pick.ok}\n"
    found = next(one for one in findings(ASK + line + END) if one.code == "PB304")
    assert line[found.column - 1 :].startswith("stps.pick.ok")
    assert found.help == "did you mean 'steps'?"


def test_an_option_that_cannot_be_is_named_with_the_one_that_was_meant() -> None:
    steps = ASK.replace("{value: x}", "{value: everyone}")
    found = next(
        one
        for one in findings(steps + WRONG["PB308"].split("\n", 1)[1].replace("'z'", "'everyoen'"))
        if one.code == "PB308"
    )
    assert found.help == "did you mean 'everyone'?"
    assert found.level == "error"


def test_a_column_inside_a_block_of_text_is_found() -> None:
    steps = (
        ASK
        + "  - id: n\n    kind: note\n    title: N\n    template: |\n      first line\n      then {{ vars.pik }}\n"
        + END
    )
    found = next(one for one in findings(steps) if one.code == "PB302")
    assert (found.line, found.column) == (HEAD.count("\n") + 1 + 7, 20)


def test_a_variable_nobody_reads_is_named_and_more_than_five_memory_items_are_too_many() -> None:
    assert "PB207" in codes(END, "vars: {idle: {default: x}}\n")
    assert "PB501" in codes(END, "memory_items: [a, b, c, d, e, f]\n")
    assert not codes(END, "memory_items: [a, b, c, d, e]\n") & {"PB501", "PB105"}


@pytest.mark.parametrize(("written", "found"), [(r"\bx\b", True), (r"\\bx\\b", False), (r"\w+", False)])
def test_the_edge_of_a_word_written_as_a_backspace_is_named(written: str, found: bool) -> None:
    steps = (
        ASK + f"  - {{id: n, kind: instruct, title: N, when: 'matches(vars.pick, \"{written}\")'}}\n" + END
    )
    said = [one for one in findings(steps) if one.code == "PB305"]
    assert [one.level for one in said] == (["warning"] if found else [])


@pytest.mark.parametrize(("title", "found"), [("The disk is full", True), ("Checking the disk", True), ("Look at the disk", False), ("Bring it back", False)])  # fmt: skip
def test_a_title_of_something_to_do_is_an_order(title: str, found: bool) -> None:
    levels = [
        one.level
        for one in findings(f"  - {{id: a, kind: instruct, title: {title}}}\n" + END)
        if one.code == "PB503"
    ]
    assert levels == (["info"] if found else [])


def test_a_condition_that_names_every_option_is_always_the_same() -> None:
    every = ASK + "  - {id: n, kind: instruct, title: N, when: \"vars.pick in ['y', 'x']\"}\n" + END
    assert "PB307" in codes(every)
    assert "PB307" not in codes(every.replace("['y', 'x']", "['y']"))


def test_a_file_that_is_no_mapping_is_said_so() -> None:
    assert [one.code for one in load_text("- a\n- b\n", "probe.yaml")[1]] == ["PB009"]


def test_a_declared_variable_is_compared_with_what_it_can_be() -> None:
    head = "vars: {n: {type: number, default: 1}, b: {type: bool, default: true}, o: {options: [{value: a}, {value: b}], default: a}}\n"

    def said(condition: str) -> bool:
        return "PB308" in codes(f'  - {{id: x, kind: instruct, title: X, when: "{condition}"}}\n' + END, head)

    assert [said(one) for one in ("vars.n == 'x'", "vars.b == 3", "vars.o == 'c'")] == [True, True, True]
    assert [said(one) for one in ("vars.n > 2", "vars.b == true", "vars.o == 'b'")] == [False, False, False]


def test_every_field_of_the_schema_is_described() -> None:
    schema = json_schema()
    places = {"head": schema, **schema["definitions"]}
    silent = [
        f"{name}.{key}"
        for name, place in places.items()
        for key, one in place.get("properties", {}).items()
        if key != "kind" and not one.get("description")
    ]
    assert silent == []


def test_a_loop_is_told_as_a_path() -> None:
    found = next(one for one in findings(WRONG["PB206"]) if one.code == "PB206")
    assert found.message == "steps form a loop: a -> b -> a"


def test_braces_of_other_programs_are_let_be_in_commands() -> None:
    assert "PB401" not in codes(check("[kubectl, get, pods, -o, 'go-template={{.items}}']"))


def test_harmless_commands_are_not_called_changes() -> None:
    for run in ("'ls 2>/dev/null'", "'grep x <y 2>&1'", "[curl, -sS, -o, /dev/null, x]", "[dig, +short, x]"):
        assert "PB403" not in codes(check(run)), run


def test_a_value_saved_on_every_path_is_not_called_unset() -> None:
    used = "  - {id: n, kind: note, title: N, template: '{{ vars.pick }}'}\n"
    assert "PB208" not in codes(ASK + used + END)
    skipping = (
        "  - {id: first, kind: ask, title: F, type: choice, options: [{value: a, next: n}, {value: b}]}\n"
    )
    assert "PB208" in codes(skipping + ASK + used + END)
    guarded = used.replace("vars.pick }}", 'vars.pick | default("-") }}')
    assert "PB208" not in codes(skipping + ASK + guarded + END)


def test_secrets_stay_in_the_environment() -> None:
    head = "vars: {token: {type: secret, from: env.T}}\n"
    assert "PB310" in codes("  - {id: n, kind: note, title: N, template: '{{ vars.token }}'}\n" + END, head)
    assert "PB310" in codes("  - {id: n, kind: instruct, title: N, when: exists(vars.token)}\n" + END, head)
    used = check("[ls]", "effect: read_only, env: {TOKEN: '{{ vars.token }}'}")
    assert "PB310" not in codes(used, head)


def test_a_review_out_of_date_is_said_when_the_day_is_known() -> None:
    text = (
        HEAD.replace("version: 1", 'version: 1\nreviewed: "2026-01-01"\nreview_every: 30d') + "steps:\n" + END
    )
    assert "PB502" not in {one.code for one in load_text(text, "probe.yaml")[1]}
    late = next(one for one in load_text(text, "probe.yaml", date(2026, 2, 10))[1] if one.code == "PB502")
    assert late.message == "review overdue by 10 d"


def test_files_of_a_folder_are_held_against_each_other(tmp_path: Path) -> None:
    for name in ("probe.yaml", "other.yaml"):
        (tmp_path / name).write_text(HEAD + "steps:\n" + END)
    (tmp_path / "alone.test.yaml").write_text("cases: []")
    found = lint_paths([tmp_path])
    assert {one.code for one in found} == {"PB010", "PB603"}
    (tmp_path / "probe.yml").write_text(HEAD + "steps:\n" + END)
    assert "PB011" in {one.code for one in lint_paths([tmp_path])}


def test_a_path_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="cannot read it"):
        lint_paths([tmp_path / "gone.yaml"])


def test_a_list_confirmed_from_memory_need_not_end_resolved() -> None:
    end = END.replace("resolved", "not_applicable")
    assert "PB209" in codes(end)
    assert "PB209" not in codes(end, "mode: do-confirm\n")
