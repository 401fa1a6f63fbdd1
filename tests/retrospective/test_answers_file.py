# ruff: noqa: E501 (a sentence or a mutant is read on one line)
"""Investigations answered from files: all of it or nothing, and every mistake with its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from tests.retrospective.casebook import ANSWERS, CASES, Book, answered
from tests.retrospective.threads import group_rename, moved
from triage.model.errors import Invalid, NeedsInput, Stopped
from triage.retrospective import interview, script
from triage.retrospective.answer_parts import stacey
from triage.retrospective.answers_file import Answers, read_answers, run_answers
from triage.retrospective.answers_reference import answers_reference
from triage.retrospective.cause_sentence import shown
from triage.retrospective.interview import AnswersMissing
from triage.retrospective.interview_path import path

if TYPE_CHECKING:
    from triage.retrospective.answer_parts import Answering

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("name", "verdict", "code", "begins", "cites"),
    [
        ("ESC-2026-0031", "bug", "B2.3", "The probable cause of 212 people losing access was", 5),
        ("ESC-2026-0044", "education_gap", "E2.2", "The probable cause of the escalation was an article", 3),
        ("ESC-2026-0058", "bug", "B4.1", "The probable cause of the broken audit extract was the absence", 5),
    ],
)
def test_the_worked_cases_end_adopted_with_their_verdict_code_and_cause(
    name: str, verdict: str, code: str, begins: str, cites: int
) -> None:
    it = answered(name).it
    assert (it.phase, it.state, it.mode) == ("final", "adopted", "full")
    assert (it.classification.verdict, it.classification.code) == (verdict, code)
    assert shown(it).startswith(begins) and shown(it).endswith(".")
    assert "It is not known" in shown(it)
    assert len(it.recommendations) == cites


@pytest.mark.parametrize("days", [0, 3, 40, 200])
@pytest.mark.parametrize("name", CASES)
def test_the_files_hold_whenever_the_case_is_told(name: str, days: int) -> None:
    facts = moved(CASES[name](), timedelta(days=days, hours=7))
    book = Book(facts, name)
    book.now += timedelta(days=4)
    assert book.answer_file(adopt=True).state == "adopted"


def run(text: str) -> None:
    book = Book(group_rename())
    run_answers(book.facts, book.entries, read_answers(text, "a.yaml"), "full", book.now)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("K2: authority\nQ99: x\n", r"^a\.yaml:2:1: there is no prompt 'Q99'\. Did you mean Q"),
        ("K2: authrity\n", r"^a\.yaml:1:1: K2: there is no option 'authrity'\. Did you mean authority\?"),
        ("K2: 9\n", r"no option '9'"),
        ("Q1: [{at: now, kind: change, txt: x}]\n", r"Q1 row 1: there is no column 'txt'\. Did you mean text\?"),
        ("Q1: [{at: now, kind: change, text: x}]\n", r"Q1 row 1: 'Where it stands' is missing\. Fill ref"),
        ("Q1: [{at: yesterdayish, kind: change, text: x, ref: y}]\n", r"Q1 row 1, at: 'yesterdayish' is no time"),
        ("Q1: [5]\n", r"Q1 row 1: a row is a mapping of columns, not '5'"),
        ("Q3: [a, b]\n", r"Q3: a text is wanted, not a list"),
        ("Q7: [{id: m1, met_at: now}]\n", r"Q7 row 1: there is no promise 'm1'"),
        ("Q7: [{id: m2, met_at: '+1h'}]\n", r"cannot be met in the future"),
        ("Q7: [{kind: answer, due: '+1h'}]\n", r"needs kind, made_at and due"),
        ("Q8: [{start: m1, end: m2, phase: coffee}]\n", r"Q8 row 1, phase: there is no option 'coffee'"),
        ("- a\n", r"^a\.yaml:1:1: an answers file is a mapping"),
        ("", r"^a\.yaml: an answers file is a mapping"),
        ("K1: a\nK1: b\n", r"^a\.yaml:2:1: 'K1' stands here twice"),
        ("K1: [\n", r"^a\.yaml:2:1: not YAML"),
        ("Q1: [{at: m1 - 99999999999d, kind: change, text: x, ref: y}]\n", r"^a\.yaml:1:6: Q1 row 1, at: .* is too far away\. Name a time between"),
        (f"Q1: [{{at: m1 + {'9' * 400}w, kind: change, text: x, ref: y}}]\n", r"^a\.yaml:1:6: Q1 row 1, at: .* is too far away"),
        ("Q1: [{at: '0001-01-01T00:00:00+14:00', kind: change, text: x, ref: y}]\n", r"^a\.yaml:1:6: Q1 row 1, at: .* is too far away"),
        ("Q1: [{at: '9999-12-31T23:59:59-14:00', kind: change, text: x, ref: y}]\n", r"^a\.yaml:1:6: Q1 row 1, at: .* is too far away"),
        ("Q1: [{at: '0001-01-01T00:00:00Z', kind: change, text: x, ref: y}]\n", r"^a\.yaml:1:6: Q1 row 1, at: .* is too far away"),
        (f"Q1: [{{at: m{'9' * 6000}, kind: change, text: x, ref: y}}]\n", r"^a\.yaml:1:6: Q1 row 1, at: 'm9+…' is no time"),
        (f"Q7: [{{id: m{'9' * 6000}, met_at: now}}]\n", r"^a\.yaml:1:6: Q7 row 1: there is no promise"),
        (f"K2: authority\nQ3: {'9' * 6000}\n", r"^a\.yaml:2:5: a number of 6000 characters is too long\. Put it in quotes"),
        (f"Q1: [{{at: now, ref: {'9' * 400}.5}}]\n", r"^a\.yaml:1:21: a number of 402 characters"),
        (f"K2: '{'9' * 6000}'\n", r"^a\.yaml:1:1: K2: there is no option '9+…'"),
        (f"Q8: [{{start: m1, end: m2, phase: queue, iteration: '{'9' * 6000}'}}]\n", r"^a\.yaml:1:6: Q8 row 1, iteration: '9+…' is no number"),
        ("LOCK: no\n", r"LOCK: it is confirmed with yes"),
        ("Q10: accept\nK2: 1\nQ3: x\nQ1: accept\nLOCK: yes\n", r"Q10: nothing was prefilled to accept"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_its_place_and_what_to_do(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        run(text)
    assert "\n" not in str(caught.value)


LOCKED = "K2: authority\nQ1: accept\nQ3: out\nLOCK: yes\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("W0: {signal: seen}\n", r"W0 row 1: what would have stopped it is missing"),
        ("W0: {stop: a limit, at_event: E77}\n", r"W0 row 1: there is no event 'E77'.*E01 to E12"),
        ("Q20: [{kind: cause, text: The sync removes grants., code: B2.9}]\n", r"no code 'B2\.9'.*B2\.1"),
        ("Q20: nothing\n", r"Q20: at least one row is wanted"),
        ("Q22: self\n", r"Did you mean self_inflicted"),
        ("Q21: yes\nQ23: keep\n", r"no code is proposed yet"),
        ("Q23: {kode: B2.3}\n", r"no column 'kode'"),
        ("Q23: B2.3 wrong\n", r"no option 'wrong'"),
        ("Q25: sure\n", r"two movements from 1 to 5"),
        ("Q26: It was DNS.\n", r"begins with “The probable cause of"),
        (f"Q26: The probable cause of it was {'long ' * 90}\n", r"it has 9\d words"),
        ("Q28: [{text: fix, addressee: us, due: soonish}]\n", r"Q28 row 1, due: 'soonish' is no date"),
        ("Q28: [{text: fix, addressee: us, status: WIP}]\n", r"no option 'WIP'"),
        (
            "Q28: [{text: fix, addressee: us, due: +99999999999d}]\n",
            r"^a\.yaml:5:7: Q28 row 1, due: .* is too far away",
        ),
        (
            "Q28: [{text: fix, addressee: us, due: in 99999999999 days}]\n",
            r"^a\.yaml:5:7: Q28 row 1, due: .* is no date",
        ),
        ("Q29: [{title: x, asking: many}]\n", r"'many' is no number"),
        (
            "Q20:\n  - {kind: cause, text: It stops., evidence: [E01]}\n  - {kind: cause, text: x, evidence: [E77]}\n",
            r"^a\.yaml:7:5: Q20 row 2: there is no event 'E77'",
        ),
        (
            "Q28:\n  - {text: Stop a run., addressee: us}\n  - {text: Ask before a run.}\n",
            r"^a\.yaml:7:5: Q28 row 2: 'Who' is missing\. Fill addressee",
        ),
    ],
)
def test_a_mistake_in_the_analysis_is_told_the_same_way(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        run(LOCKED + text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "Q20:\n  - {kind: other_finding, text: The log was kept.}\n  - {kind: cause, text: Marek deleted 431 grants.}\n",
            r"^a\.yaml:7:5: Q20: F2 blames \(L15\): “Marek”",
        ),
        ("Q27: Why the agent failed to check.\n", r"^a\.yaml:5:1: Q27: what is not known blames \(L03\)"),
        (
            "Q28: [{text: Remind everybody to be careful., addressee: us}]\n",
            r"^a\.yaml:5:7: Q28: R1 blames \(L10\)",
        ),
    ],
)
def test_a_person_as_cause_is_refused_at_its_row_and_nothing_is_written(text: str, says: str) -> None:
    with pytest.raises(Stopped, match=says) as caught:
        run(LOCKED + text)
    assert caught.value.exit_code == 4


def test_a_status_that_may_not_follow_is_refused_once_it_was_issued() -> None:
    book = Book(group_rename())
    book.answer_file(adopt=True)
    book.write(interview.reopen(book.it, "A second customer wrote in."))
    rows = [dict(row) for row in book.it.answers["Q28"]]  # type: ignore[union-attr,arg-type]
    rows[1]["status"] = "CAA"
    with pytest.raises(Invalid, match="Q28 row 2, status: OAR cannot become CAA"):
        book.answer("Q28", rows)
    rows[1]["status"] = "ORR"
    assert book.answer("Q28", rows).recommendations[1].status == "ORR"


def test_analysis_before_the_lock_and_causes_at_night_are_stopped() -> None:
    with pytest.raises(AnswersMissing, match=r"a\.yaml:1:1: Q27: the facts come first"):
        run("Q27: unknown\n")
    book = Book(group_rename(), mode="quick")
    with pytest.raises(Stopped, match="no causes tonight"):
        run_answers(book.facts, book.entries, {"Q21": "yes"}, "quick", book.now)


def test_adopting_too_early_lists_what_is_missing_with_its_prompt() -> None:
    book = Book(group_rename())
    with pytest.raises(AnswersMissing, match="6 answers are missing: Q20, Q21, Q23, Q26, Q27, Q28"):
        run_answers(book.facts, book.entries, read_answers(LOCKED, "a"), "full", book.now, adopt=True)


REQUIRED = [
    one.id
    for one in script.script("full").prompts
    if one.required and one.id in read_answers((ANSWERS / "HL-40817.yaml").read_text("utf-8"), "a").given
]


@pytest.mark.parametrize("gone", REQUIRED)
def test_without_a_required_answer_it_needs_input_and_says_which(gone: str) -> None:
    given = read_answers((ANSWERS / "HL-40817.yaml").read_text("utf-8"), "a").given
    book = Book(group_rename())
    left = {name: value for name, value in given.items() if name != gone}
    with pytest.raises(NeedsInput, match=rf"\b{gone}\b") as caught:
        run_answers(book.facts, book.entries, left, "full", book.now, adopt=True)
    assert caught.value.exit_code == 3


def test_a_broken_rule_is_no_missing_answer() -> None:
    given = dict(read_answers((ANSWERS / "HL-40817.yaml").read_text("utf-8"), "a").given)
    given["Q22A"] = "they did"
    book = Book(group_rename())
    with pytest.raises(Stopped, match=r"V19 .*\(Q22A\)") as caught:
        run_answers(book.facts, book.entries, given, "full", book.now, adopt=True)
    assert caught.value.exit_code == 4


def test_options_may_be_named_by_value_key_label_or_number() -> None:
    for said in ("authority", 2, "2", "we were not allowed or had no tool", "Authority"):
        assert Book(group_rename()).answer("K2", said).reason_escalated == "authority"
    assert Book(group_rename()).answer("Q5", [{"kind": "customer"}]).parties[0].submission == "invited"


def test_the_order_in_the_file_does_not_matter() -> None:
    text = (ANSWERS / "HL-40817.yaml").read_text("utf-8")
    answers = read_answers(text, "a.yaml").given
    book = Book(group_rename())
    book.write(
        run_answers(book.facts, book.entries, dict(reversed(answers.items())), "full", book.now, adopt=True)
    )
    assert book.it.state == "adopted"


def test_the_page_about_answers_is_up_to_date() -> None:
    assert (DOCS / "answers.md").read_text("utf-8") == answers_reference(), (
        "write it anew: python -c 'from triage.retrospective.answers_reference import answers_reference as a; "
        'print(a(), end="")\' > docs/answers.md'
    )


def test_the_page_about_answers_says_that_opening_the_case_stays() -> None:
    assert "even when no answer\nis written" in answers_reference()


def test_an_id_of_thousands_of_digits_is_kept_and_the_next_one_counted_on() -> None:
    book = Book(group_rename())
    rows = [
        {"id": f"S{'9' * 6000}", "name": "alert", "actual": "absent"},
        {"name": "preview", "actual": "absent"},
    ]
    given = {**read_answers(LOCKED, "a").given, "Q9": rows}
    book.write(run_answers(book.facts, book.entries, given, "full", book.now))
    assert book.it.safeguards[1].id == "S1"


@pytest.mark.parametrize("typed", ["2→4, 3→5", "2->4, 3->5", "2 4, 3 5", "2 4 3 5", "2435"])
def test_how_sure_and_how_agreed_take_four_digits_however_they_are_set_apart(typed: str) -> None:
    read = stacey(cast("Answering", None), typed)
    assert read == {"open": [2, 3], "now": [4, 5]}


REQUIRED = [(name, prompt.id) for name in CASES for prompt in path(answered(name).it) if prompt.required]


@pytest.mark.parametrize(("name", "left_out"), REQUIRED)
def test_any_one_required_answer_left_out_is_named_and_ends_with_three(name: str, left_out: str) -> None:
    book = Book(CASES[name](), name, "quick")
    key = f"{book.facts.ticket.key}.yaml"
    given = read_answers((ANSWERS / key).read_text("utf-8"), key)
    less = Answers({one: value for one, value in given.given.items() if one != left_out}, given.places)
    with pytest.raises(NeedsInput, match=rf"\b{left_out}\b") as caught:
        run_answers(book.facts, book.entries, less, "full", book.now, adopt=True)
    assert caught.value.exit_code == 3


def test_a_full_investigation_requires_a_dozen_answers_at_most() -> None:
    assert 10 <= max(sum(one == name for one, _ in REQUIRED) for name in CASES) <= 12
