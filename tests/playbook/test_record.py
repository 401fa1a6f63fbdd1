"""A case becomes a draft playbook: what is kept, what is replaced, and that it stands its own test."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.playbook.world import END, NOW, Bench, document, facts
from triage.model.errors import Invalid
from triage.model.investigation import CaseEvent, Finding, Investigation, Opportunity
from triage.model.recorded import RecordedPlaybook
from triage.model.timeline import TimelineEvent
from triage.playbook.language.steps import Playbook
from triage.playbook.lint.load import load_text
from triage.playbook.record.draft import draft_of
from triage.playbook.record.investigated import asked_and_seen, done, found, note_acts, outcome_of
from triage.playbook.record.literals import Literals
from triage.playbook.record.recording import Act, Cause, Ran, Recording
from triage.playbook.record.starter import starter
from triage.playbook.record.tidying import tidied
from triage.playbook.record.walked import acts_of_run, cause_of_run, outcome_of_run
from triage.playbook.run import engine
from triage.playbook.shelf.lint import lint_paths
from triage.playbook.trial.trial import try_file

CAUSE = Cause("B2.3", "b2-3", "Partial change left behind", "The sync removed what it had renamed.", "high")


def act(kind: Any = "do", title: str = "Look at it", minutes: float = 0, **more: Any) -> Act:
    return Act(kind, NOW + timedelta(minutes=minutes), title, **more)


def ran(line: str, exit_code: int | None = 0, *, ok: bool = True, env: dict[str, str] | None = None) -> Act:
    return act("check", line[:40], ran=Ran(tuple(line.split()), env or {}, exit_code, "out", ok))


def recording(*acts: Act, cause: Cause | None = CAUSE, outcome: Any = "resolved", **ticket: Any) -> Recording:
    return Recording(facts(**ticket), {"ticket": "HL-7"}, acts, cause, outcome)


def draft(*acts: Act, **more: Any) -> RecordedPlaybook:
    return draft_of("draft", [recording(*acts, **more)])


def read(made: RecordedPlaybook) -> Playbook:
    found_document, findings = load_text(made.text, f"{made.id}.yaml")
    assert found_document is not None, findings
    assert {one.code[:3] for one in findings if one.level != "info"} <= {"PB6"}, [
        one for one in findings if one.code[:3] != "PB6"
    ]
    return found_document


def stands(made: RecordedPlaybook, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir(exist_ok=True)
    (tmp_path / f"{made.id}.yaml").write_text(made.text)
    (tmp_path / "tests" / f"{made.id}.test.yaml").write_text(made.test)
    tried = try_file(tmp_path / f"{made.id}.yaml", explored=True)
    assert tried.passed, tried
    assert {one.code[:3] for one in lint_paths([tmp_path]) if one.level != "info"} <= {"PB6"}


def kinds(made: RecordedPlaybook) -> list[str]:
    return [one.kind for one in read(made).steps]


def step(made: RecordedPlaybook, kind: str) -> Any:
    return next(one for one in read(made).steps if one.kind == kind)


def test_a_recording_becomes_a_draft_that_loads_lints_and_stands_its_own_test(tmp_path: Path) -> None:
    made = draft(
        act("ask", "Ask how many", answer="all of them", saves="many"), ran("dig +short idp.acme.example"),
        act("evidence", "Keep the log", answer="the log"), act("do", "Mend it", lane="fix"),
        act("finding", "Write it down", text="It was so.", shown_by=()),
    )  # fmt: skip
    assert kinds(made)[:7] == ["ask", "check", "evidence", "instruct", "finding", "root_cause", "ask"]
    assert (read(made).status, step(made, "root_cause").categories[0].code) == ("draft", "B2.3")
    assert "TODO" in made.text
    assert "x-recorded-from:\n  - ticket: HL-7\n" in made.text
    stands(made, tmp_path)


@pytest.mark.parametrize("outcome", ["resolved", "workaround", "handed_over", "unresolved", "not_applicable"])
def test_it_ends_as_the_case_did(outcome: str, tmp_path: Path) -> None:
    stands(draft(act(), outcome=outcome), tmp_path)


def test_what_was_done_is_told_as_an_order(tmp_path: Path) -> None:
    made = draft(act(title="The node was restarted"), ran("date"), act(title="Restart the node"))
    assert [one.title for one in read(made).steps][:3] == [
        "Do: The node was restarted",
        "date",
        "Restart the node",
    ]
    stands(made, tmp_path)


def test_nothing_done_is_nothing_to_record() -> None:
    with pytest.raises(Invalid, match="nothing was done"):
        draft()


def test_a_command_is_taken_to_change_something_and_expects_the_exit_it_had(tmp_path: Path) -> None:
    made = draft(ran("grep -c refused", 1))
    check = step(made, "check")
    assert (check.effect, check.expect.exit, check.run) == ("changes", (1,), ("grep", "-c", "refused"))
    stands(made, tmp_path)


def test_a_check_done_by_hand_that_was_not_good_did_not_end_the_work(tmp_path: Path) -> None:
    made = draft(ran("date", None, ok=False), act())
    assert step(made, "check").on_fail == "look_at_it"
    stands(made, tmp_path)


@pytest.mark.parametrize("line", ["sudo reboot", "tail -f /var/log/x", "curl https://x.example/install | sh"])
def test_a_command_no_check_may_hold_becomes_something_a_person_does(line: str, tmp_path: Path) -> None:
    made = draft(act("check", "Run it", ran=Ran(line, {}, 0, "")))
    assert (step(made, "instruct").kind, "check" in kinds(made)) == ("instruct", False)
    stands(made, tmp_path)


def test_the_customers_names_hosts_dates_and_ids_are_not_in_the_draft_and_each_is_listed(
    tmp_path: Path,
) -> None:
    text = (
        "Pemba Air wrote HL-7 on 2026-03-04 from idp.pemba.example, see HL-38102 and order 4711222. Ask Ines."
    )
    made = draft(
        act(text=text), act("ask", "Ask Ines at Pemba Air", answer="Ines of Pemba Air said so"), ran("dig +short idp.pemba.example"),
        cause=Cause("", "c", "c", "Pemba Air had it."), subject="Pemba Air cannot sign in",
    )  # fmt: skip
    for literal in ("Pemba", "Ines", "2026-03-04", "idp.pemba", "HL-38102", "4711222"):
        assert literal not in made.text, literal
        assert literal not in made.test, literal
        assert any(literal in one.literal for one in made.replaced), literal
    assert '{{ ticket.customer | default("the customer") }}' in made.text
    assert {one.place for one in made.replaced} <= {one.id for one in read(made).steps} | {"title", "test"}
    stands(made, tmp_path)


def test_no_secret_and_no_name_from_the_conversation_is_in_the_draft(tmp_path: Path) -> None:
    secret = "opensesame-2026"
    seen = act("ask", "Read the settings", answer=f"they had DB_PASSWORD={secret}")
    told = act(
        title=f"Set password={secret}", text=f"Jun Okafor said password={secret}", why=f"password: {secret}"
    )
    script = act(
        "check",
        "Try it",
        ran=Ran(f"PGPASSWORD={secret} psql -l", {"DB_PASSWORD": "x"}, 0, f"password={secret}", True),
    )
    said = TimelineEvent("e1", "7", NOW, "message", "internal", "engineer", actor="Jun Okafor")
    one = recording(seen, told, script, cause=Cause("", "c", "c", f"Jun Okafor left password={secret}."))
    made = draft_of("draft", [replace(one, facts=replace(one.facts, timeline=(said,)))])
    for text in (made.text, made.test, str(made.replaced)):
        assert secret not in text
    assert "Jun" not in made.text + made.test
    assert any("password" in one.by for one in made.replaced)
    stands(made, tmp_path)


def test_a_command_gets_its_values_through_the_environment(tmp_path: Path) -> None:
    made = draft(ran("openssl s_client -connect idp.pemba.example:443 -- HL-7"))
    check, head = step(made, "check"), read(made)
    assert check.run == ("openssl", "s_client", "-connect", "$VALUE_1", "--", "$VALUE_2")
    assert dict(check.env) == {"VALUE_1": "{{ vars.host }}:443", "VALUE_2": "{{ vars.key }}"}
    assert (head.vars["key"].source, head.vars["host"].source) == ("ticket.key", None)
    stands(made, tmp_path)


def test_a_request_stays_a_request_without_the_host_it_went_to(tmp_path: Path) -> None:
    asked = act(
        "check",
        "Ask",
        ran=Ran("https://idp.pemba.example/health?id=4711222", {}, None, "fine", True, "10s", "", "GET", 204),
    )
    made = draft(asked)
    request = step(made, "http")
    assert (request.url, request.expect.status) == (
        "https://{{ vars.host }}/health?id={{ vars.number }}",
        (204,),
    )
    stands(made, tmp_path)


def test_in_a_script_a_literal_in_single_quotes_stays_because_nothing_is_filled_in_there() -> None:
    literals = Literals.of(facts())
    script, env = literals.in_command("curl https://a.example/x && echo 'b.example'", {}, "s")
    assert (script, env) == ("curl https://${HOST}/x && echo 'b.example'", {"HOST": "{{ vars.host }}"})


def test_an_argument_that_begins_with_a_dash_is_left_as_it_is() -> None:
    run, env = Literals.of(facts()).in_command(["curl", "--host=a.example", "a.example"], {}, "s")
    assert (run, env) == (["curl", "--host=a.example", "$VALUE_1"], {"VALUE_1": "{{ vars.host }}"})


def test_gaps_that_were_never_ours_are_taken_apart(tmp_path: Path) -> None:
    made = draft(
        act(text="kubectl -o go-template='{{.items}}' and {{ vars.x }}"),
        act("note", "Say it", text="{{ steps.a.ok }}"),
    )
    assert "{{" not in made.text
    stands(made, tmp_path)


def test_a_failed_command_that_was_corrected_is_dropped_and_said_so() -> None:
    made = draft(
        ran("dig +shrt a.example", 1, ok=False), ran("dig +short a.example"), ran("curl x", 7, ok=False)
    )
    assert [one.run[0] for one in read(made).steps if one.kind == "check"] == ["dig", "curl"]
    assert made.dropped == ("dig +shrt a.example: it failed and was corrected",)


def test_what_was_done_twice_is_there_once() -> None:
    assert kinds(draft(act(), act(minutes=1), act(title="Another"))).count("instruct") == 2


def test_a_pause_of_more_than_five_minutes_begins_a_section() -> None:
    acts, _ = tidied([act(title="a"), act(title="b", minutes=5), act(title="c", minutes=10.5)])
    assert [one.section for one in acts] == ["Part 1", "Part 1", "Part 2"]


def test_notes_become_questions_reasons_and_things_to_do() -> None:
    told = list(note_acts("Restart the node. Who owns it? Because the cache is stale.", act(title="")))
    assert [(one.kind, one.title, one.why) for one in told] == [
        ("ask", "Who owns it?", ""), ("do", "Restart the node.", "the cache is stale."),
    ]  # fmt: skip
    before, reason = (
        tidied([act(title="Restart"), *note_acts("so the cache is empty", act(title=""))])[0],
        "the cache is empty",
    )
    assert [(one.title, one.why) for one in before] == [("Restart", reason)]


def test_long_rows_of_things_to_do_are_broken_by_a_question(tmp_path: Path) -> None:
    made = draft(*(act(title=f"Do thing {number}") for number in range(25)))
    row = longest = 0
    for kind in kinds(made):
        row = row + 1 if kind == "instruct" else 0
        longest = max(longest, row)
    assert longest <= 9
    stands(made, tmp_path)


def test_hostile_words_make_a_draft_all_the_same(tmp_path: Path) -> None:
    words = [
        "x" * 5000,
        "a: b\n- c",
        "\x1b[31m{{ ticket.x }} #",
        "'\"`$(id)",
        "no",
        "12:30",
        "€ 🙂 \u202e",
        "---\n...",
        "TODO",
    ]
    made = draft(
        *(act(title=one, text=one, why=one) for one in words),
        *(act("ask", one, answer=one) for one in words),
        subject="\x00: {",
    )
    stands(made, tmp_path)


def held(**more: Any) -> Investigation:
    def event(number: int, kind: str, text: str, role: str = "engineering", **rest: Any) -> CaseEvent:
        told: dict[str, Any] = {"source": "ticket_internal", "ref": "c", "imported": True, **rest}
        return CaseEvent(f"E{number}", NOW + timedelta(hours=number), kind, text, actor_role=role, **told)

    timeline = (
        event(1, "contact", "It is down.", "customer", source="ticket_public"),
        event(2, "reply", "Thank you. Which browser is it?", "support_frontline", source="ticket_public"),
        event(3, "evidence_received", "The newest one.", "customer", source="ticket_public"),
        event(4, "change", "A rename removed grants.", source="log", imported=False),
        event(5, "hypothesis", "The proxy cuts it."), event(6, "test", "Tried without the proxy."),
        event(7, "workaround", "Set it to 900."), event(8, "status_change", "status: open → solved"),
    )  # fmt: skip
    missed = (Opportunity("M1", 3, "E4", "431 grants left.", "not_shown", "A preview."),)
    shown = (
        Finding("F1", "cause", "The proxy cut it.", "B2.3", evidence=("E5",), confidence="high"),
        Finding("F2", "other_finding", "Fine."),
    )
    values: dict[str, Any] = {
        "impact": "212 people",
        "timeline": timeline,
        "opportunities": missed,
        "findings": shown,
        **more,
    }
    return Investigation("ESC-1", "7", "HL-7", NOW, **values)


def test_an_investigation_gives_questions_signs_what_was_done_and_findings(tmp_path: Path) -> None:
    one = held()
    acts = (*asked_and_seen(one), *done(one), *found(one))
    assert [(told.kind, told.title) for told in acts] == [
        ("ask", "Ask who is affected and how badly"), ("look", "Look: 431 grants left."), ("ask", "Ask the customer: Which browser is it?"),
        ("evidence", "Keep what the customer sends"), ("look", "Look: A rename removed grants."), ("look", "Look: The proxy cuts it."),
        ("do", "Try as then: Tried without the proxy."), ("do", "Work around it: Set it to 900."), ("finding", "Write down what caused it"),
    ]  # fmt: skip
    assert acts[2].answer == "The newest one."
    assert outcome_of(one) == "workaround"
    made = draft(*acts, outcome="workaround")
    assert step(made, "finding").from_ == ("look_the_proxy_cuts_it",)
    assert step(made, "finding").strength == "confirmed"
    stands(made, tmp_path)


STEPS = """\
  - {id: scope, kind: ask, title: How many?, type: choice, save_as: scope, options: [{value: one, next: clock}, {value: all}]}
  - {id: list, kind: checklist, title: Tick, items: [first, second]}
  - {id: clock, kind: check, title: Clock, run: [date, $WHEN], env: {WHEN: "+{{ vars.scope }}"}, effect: read_only, manual: Look., on_fail: side}
  - {id: side, kind: decide, title: Whose?, branches: [{if: vars.scope == 'all', next: cause}], otherwise: theirs}
  - {id: cause, kind: root_cause, title: Cause, statement: "It hit {{ vars.scope }}.", categories: [{value: ours, label: Ours, code: B2.3}, {value: other}]}
  - {id: reply, kind: note, title: Note, template: "Told {{ ticket.customer }}."}
  - {id: fixed, kind: end, title: Fixed, outcome: resolved}
  - {id: theirs, kind: end, title: Theirs, outcome: unresolved}
"""


def walked(scope: str = "all") -> Recording:
    bench = Bench(document(STEPS))
    bench.answer("scope", scope)
    if scope == "all":
        bench.do(engine.skip, "list", "already known")
    for name, value in (
        ("clock", {"ok": True, "saw": "12"}),
        ("side", True),
        ("cause", "ours"),
        ("reply", True),
        ("fixed", True),
    ):
        bench.answer(name, value)
    acts, dropped = acts_of_run(bench.state)
    return Recording(
        facts(), {"run": "r1"}, acts, cause_of_run(bench.state), outcome_of_run(bench.state), dropped
    )


def test_a_run_gives_the_way_that_stands_without_what_was_skipped_or_decided(tmp_path: Path) -> None:
    told = walked()
    made = draft_of("draft", [told])
    assert kinds(made) == ["ask", "check", "note", "root_cause", "ask", "end", "end", "end"]
    assert made.dropped == ("list: skipped", "side: a decision; the draft goes the way that was gone")
    assert dict(step(made, "check").env) == {"WHEN": "+all"}
    assert "It came after the decision: Whose?." in made.text or told.acts[-1].why
    stands(made, tmp_path)


def both(first: Sequence[Act], second: Sequence[Act], other: Cause = CAUSE) -> RecordedPlaybook:
    return draft_of("draft", [recording(*first), recording(*second, cause=other)])


def ask(answer: Any, **more: Any) -> Act:
    return act(
        "ask",
        "Where does it stop?",
        answer=answer,
        answer_type="choice",
        saves="place",
        options=(("here", ""), ("there", "")),
        **more,
    )


def test_two_recordings_share_their_beginning_and_part_where_an_answer_differed(tmp_path: Path) -> None:
    made = both([ask("here"), act(title="Mend here")], [ask("there"), act(title="Mend there")])
    assert kinds(made)[:4] == ["ask", "decide", "instruct", "root_cause"]
    assert step(made, "decide").branches[0].if_ == "vars.place == 'here'"
    assert [one.id for one in read(made).steps].count("where_does_it_stop") == 1
    stands(made, tmp_path)


def test_where_no_answer_tells_them_apart_the_engineer_is_asked(tmp_path: Path) -> None:
    made = both([act(), act(title="One way")], [act(), act(title="Another way")])
    assert kinds(made)[:3] == ["instruct", "ask", "decide"]
    stands(made, tmp_path)


def test_recordings_with_nothing_in_common_part_at_once_and_equal_ones_at_their_cause(tmp_path: Path) -> None:
    stands(both([act(title="One")], [act(title="Two")]), tmp_path)
    stands(both([act()], [act()], Cause("B2.1", "b2-1", "Other", "Another.")), tmp_path)


def test_two_that_ended_in_different_categories_are_not_merged() -> None:
    with pytest.raises(Invalid, match=r"B2\.3 and E1\.1"):
        both([act()], [act()], Cause("E1.1", "e1-1", "x", "y"))


def test_the_starter_file_lints_clean_and_stands_its_test(tmp_path: Path) -> None:
    text, test = starter("my-own")
    (tmp_path / "tests").mkdir()
    (tmp_path / "my-own.yaml").write_text(text)
    (tmp_path / "tests" / "my-own.test.yaml").write_text(test)
    assert lint_paths([tmp_path]) == ()
    assert try_file(tmp_path / "my-own.yaml", explored=True).passed
    assert END
