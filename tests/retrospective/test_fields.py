"""What is said of an investigation beside its questions: who leads it, who may read it, who agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.retrospective.casebook import CASES, Book, answered
from tests.retrospective.threads import export_stops, group_rename
from triage.model.errors import Invalid, Stopped
from triage.retrospective import fan_out, interview, party_letters, prefill, report, rules, script
from triage.retrospective.answers_file import read_answers, run_answers
from triage.retrospective.fold import fold
from triage.retrospective.interview_path import path


@pytest.fixture
def book() -> Book:
    return Book(group_rename())


def written(book: Book, text: str) -> None:
    book.write(run_answers(book.facts, book.entries, read_answers(text, "a.yaml"), book.it.mode, book.now))


@pytest.mark.parametrize(
    ("field", "prompt", "value"),
    [
        ("lead_role", "QI", "engineering"),
        ("account_risk", "QR", "product_drop_threat"),
        ("visibility", "QV", "restricted"),
        ("full_because", "QE", "the third night in a row"),
    ],
)
def test_a_field_is_set_by_its_question_and_by_its_own_name(
    book: Book, field: str, prompt: str, value: str
) -> None:
    written(book, f"{field}: {value}\n")
    assert getattr(book.it, field) == value
    assert script.prompt(field).id == prompt
    assert getattr(Book(group_rename()).answer(prompt, value), field) == value


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("QI: kim\n", "a.yaml:1:1: QI", "no option 'kim'"),
        ("account_risk: high\n", "a.yaml:1:1: QR", "no option 'high'"),
        ("K2: 1\nQV: public\n", "a.yaml:2:1: QV", "no option 'public'"),
        ("acount_risk: watch\n", "a.yaml:1:1", "Did you mean account_risk"),
        ("Q5:\n  - {kind: customer}\n  - {kind: lawyer}\n", "a.yaml:3:5: Q5 row 2, kind", "'lawyer'"),
        ("Q7: {id: m2, to: somebody}\n", "Q7 row 1, to", "no option 'somebody'"),
        ("Q7: {id: m2, carried_over: yes}\n", "Q7 row 1, carried_over", "it was met"),
        ("Q1: {id: E01, visibility: secret}\n", "Q1 row 1, visibility", "no option 'secret'"),
        ("Q1: {id: E01, recorded_at: now + 2h}\n", "Q1 row 1, recorded_at", "in the future"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(book: Book, text: str, place: str, says: str) -> None:
    with pytest.raises(Invalid) as raised:
        written(book, text)
    assert place in str(raised.value)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("prompt", "row", "says"),
    [
        ("W0", {"stop": "A rule.", "recommendation": "F1"}, "W0 row 1, recommendation"),
        (
            "Q20",
            {"kind": "cause", "text": "A sync.", "agreed_by": ["customer", "kim"]},
            "Q20 row 1, agreed_by",
        ),
        ("Q20", {"kind": "cause", "text": "A sync.", "proposed_by": "kim"}, "Q20 row 1, proposed_by"),
    ],
)
def test_a_wrong_value_in_the_conclusions_is_named_by_its_place(
    book: Book, prompt: str, row: object, says: str
) -> None:
    for name, value in (("Q1", "accept"), ("K2", 2), ("Q3", "212 people, 8 h"), ("LOCK", True)):
        book.answer(name, value)
    with pytest.raises(Invalid, match=says):
        book.answer(prompt, [row])


def test_what_the_ticket_says_of_them_is_offered() -> None:
    facts = group_rename()
    offers = prefill.Prefill(facts, Book(facts).it, facts.timeline[-1].at)
    assert [offers.of(script.prompt(name))[0] for name in ("lead_role", "account_risk", "visibility")] == [
        "engineering",
        "none",
        "internal",
    ]
    leaving = replace(facts.timeline[0], text="Mend it or we cancel our contract.")
    offers = prefill.Prefill(
        replace(facts, timeline=(leaving, *facts.timeline[1:])), offers.investigation, offers.now
    )
    assert offers.of(script.prompt("account_risk")) == ("product_drop_threat", "comment 1, 18:42 UTC")


def test_a_word_on_the_account_outweighs_what_the_thread_hints_at() -> None:
    facts = export_stops()
    tagged = Book(replace(facts, ticket=replace(facts.ticket, tags=("account_risk",))), mode="brief")
    assert tagged.it.triggers == ("the account is at risk",)
    assert tagged.answer("QR", "none").triggers == ()
    assert tagged.answer("QR", "watch").triggers == ("the account is at risk",)


def test_somebody_on_the_case_can_ask_for_the_full_form_with_a_reason() -> None:
    book = Book(export_stops(), mode="brief")
    assert book.it.triggers == ()
    book.answer("QE", "nobody knows the proxy table")
    assert book.it.triggers == ("an engineer says so: nobody knows the proxy table",)
    with pytest.raises(Stopped, match="full mode is due: an engineer says so: nobody knows the proxy table"):
        interview.adopt(book.it, book.facts, book.now)


def test_what_began_at_night_and_went_on_by_day_is_called_by_both() -> None:
    book = Book(group_rename(), mode="quick")
    assert book.it.conducted == "quick"
    book.write(interview.raise_mode(book.it, "full"))
    assert (book.it.conducted, book.it.mode) == ("quick_then_full", "full")
    assert "Conducted: quick then full" in report.markdown(book.it, book.facts, book.now)
    assert Book(group_rename(), mode="brief").it.conducted == "brief"


def test_an_event_knows_when_it_was_recorded_who_saw_it_and_where_in_the_case_it_lies(book: Book) -> None:
    first = book.it.timeline[0]
    assert (first.recorded_at, first.visibility) == (first.at, "public")
    assert book.it.life_at(first.at) == ("documentation", 1)
    assert book.it.life_at(first.at - timedelta(days=1)) == ("", 0)
    late = {"id": "E77", "at": "m1 - 2d", "kind": "change", "ref": "deploy", "text": "The sync was upgraded."}
    book.answer("Q1", [late, {**late, "id": "E78", "source": "customer_statement", "recorded_at": "m1"}])
    own, told = (next(one for one in book.it.timeline if one.id == name) for name in ("E77", "E78"))
    assert (own.recorded_at, own.visibility) == (book.now, "internal")
    assert (told.recorded_at, told.visibility) == (first.at, "public")
    book.answer("Q1", [{"id": "E78", "source": "log"}])
    assert next(one for one in book.it.timeline if one.id == "E78").visibility == "internal"
    text = report.markdown(book.it, book.facts, book.now)
    assert f"The sync was upgraded. *(recorded {book.now:%Y-%m-%d %H:%M})*" in text
    assert "| documentation 1 |" in text


def test_rows_kept_before_these_columns_were_there_still_read() -> None:
    book = Book(group_rename())
    rows = [
        {key: value for key, value in row.items() if key not in ("recorded_at", "visibility")}
        for row in interview.normalised(book.it, script.prompt("Q1"), "accept", book.facts, book.now)  # type: ignore[union-attr]
    ]
    data = {"prompt": "Q1", "value": rows}
    old = replace(book.entries[0], id="1", kind="answer.given", data=data)  # type: ignore[arg-type]
    assert fold([book.entries[0], old], book.facts, book.now).timeline == book.it.timeline


def test_a_party_answers_for_a_part_and_somebody_speaks_for_it(book: Book) -> None:
    book.answer("Q5", [{"kind": "engineering", "component": "sync", "rep": "jo"}, {"kind": "customer"}])
    assert [(one.component, one.rep) for one in book.it.parties] == [("sync", "jo"), ("", "")]
    book.write([party_letters.invite(book.it, "product", component="groups", rep="ash")])
    assert (book.it.parties[-1].component, book.it.parties[-1].rep) == ("groups", "ash")
    for name, value in (("Q1", "accept"), ("K2", 2), ("Q3", "212 people, 8 h"), ("LOCK", True)):
        book.answer(name, value)
    text = report.markdown(book.it, book.facts, book.now)
    assert "**engineering** (invited, sync)" in text
    assert "jo" not in text.split()
    assert "ash" not in text.split()


def test_a_step_back_is_linked_to_the_recommendation_that_takes_it_up() -> None:
    it = answered("ESC-2026-0031").it
    book = Book(group_rename(), name="ESC-2026-0031")
    book.answer_file()
    assert [one.recommendation for one in it.opportunities] == ["R4", "R3", "R1", "R2"]
    gap = {"stop": "Match groups by id.", "at_event": "E01", "safeguard": "promise clock"}
    book.answer("W8", [gap])
    assert book.it.opportunities[-1].recommendation == "R4"
    book.answer("W8", [{**gap, "stop": "match directory groups by stable id"}])
    assert book.it.opportunities[-1].recommendation == "R2"
    book.answer("W8", [{**gap, "recommendation": "r1"}])
    assert book.it.opportunities[-1].recommendation == "R1"
    assert "| Match groups by id. | R1 |" in report.markdown(book.it, book.facts, book.now)
    book.answer("W8", [{**gap, "recommendation": "R9"}])
    [broken] = [one for one in rules.check(book.it, book.facts, book.now) if one.rule == "V25"]
    assert "R9" in broken.text


def test_a_finding_says_what_else_it_could_have_been_and_who_shares_it() -> None:
    book = answered("ESC-2026-0031")
    first = book.it.findings[0]
    assert first.agreed_by == ("support_tier2", "customer")
    text = report.markdown(book.it, book.facts, book.now)
    assert "   - Ruled out: A failed import" in text
    assert "   - Proposed by: engineering\n   - Agreed by: support tier2, customer" in text


def test_a_promise_to_a_team_of_our_own_is_told_as_one(book: Book) -> None:
    known = book.it.promises[1].id
    book.answer("Q7", [{"id": known, "to": "internal_team"}])
    assert next(one for one in book.it.promises if one.id == known).to == "internal_team"
    said = [(one.kind, dict(one.data)) for one in book.case_entries]
    assert said[-1] == ("addressee.named", {"id": known, "to": "internal_team"})
    assert "| internal team |" in report.markdown(book.it, book.facts, book.now)


def test_an_open_promise_outlives_adoption_unless_somebody_says_that_it_shall_not() -> None:
    book = Book(group_rename(), name="ESC-2026-0031")
    book.answer_file()
    owed = next(one for one in book.it.promises if one.state(book.now) == "open")
    offered = prefill.Prefill(book.facts, book.it, book.now).of(script.prompt("Q7"))[0]
    assert [row["carried_over"] for row in offered if row["id"] == owed.id] == [True]  # type: ignore[union-attr, index, call-overload]
    for carried, broken in ((True, []), (False, ["V28"])):
        book.answer("Q7", [{"id": "overdue", "met_at": "now"}, {"id": owed.id, "carried_over": carried}])
        found = [one.rule for one in rules.check(book.it, book.facts, book.now) if one.rule == "V28"]
        assert found == broken


def test_why_a_customer_stayed_on_an_old_release_is_asked_for_and_printed() -> None:
    book = answered("ESC-2026-0058")
    assert book.it.upgrade_held_by == ("work", "risk")
    assert "Kept from upgrading by: work, risk." in report.markdown(book.it, book.facts, book.now)
    assert "QU" not in answered("ESC-2026-0031").it.answers
    asked = {it.id: "QU" in {one.id for one in path(it)} for it in (answered(name).it for name in CASES)}
    assert asked == {"ESC-2026-0031": False, "ESC-2026-0044": False, "ESC-2026-0058": True}
    unsaid = replace(book.it, answers={key: value for key, value in book.it.answers.items() if key != "QU"})
    assert "QU" in {one.id for one in path(unsaid)}
    other = Book(book.facts, "ESC-2026-0058")
    other.answer_file()
    with pytest.raises(Invalid, match="QU: at least one is wanted"):
        other.answer("QU", [])


def test_what_is_restricted_says_so_and_is_not_told_around() -> None:
    book = Book(group_rename(), name="ESC-2026-0031")
    book.answer("QV", "restricted")
    book.answer_file(adopt=True)
    assert book.it.visibility == "internal"
    restricted = replace(book.it, visibility="restricted")
    assert report.RESTRICTED in report.markdown(restricted, book.facts, book.now).split("## Synopsis")[0]
    with pytest.raises(Stopped, match="restricted to its parties"):
        fan_out.fan_out(restricted)
