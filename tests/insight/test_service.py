"""The service seen from outside: the customer's view, upgrades, targets, what cases are worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.retrospective.casebook import CASES, answered
from triage.insight.case_value import case_value
from triage.insight.customer_view import customer_view
from triage.insight.target_check import target_check
from triage.insight.upgrade_matrix import upgrade_matrix
from triage.model.errors import Invalid
from triage.model.service import ProductLine
from triage.retrospective.service_file import read_service

BOOKS = {name: answered(name) for name in CASES}
HELD = [(book.it, book.facts) for book in BOOKS.values()]


def test_the_customer_sees_public_words_at_their_times_and_the_silences_between() -> None:
    facts = BOOKS["ESC-2026-0031"].facts
    seen = customer_view(facts.timeline, None)
    public = [one for one in facts.timeline if one.visibility == "public"]
    assert [one.at for one in seen if one.silence is None] == [one.at for one in public]
    hidden = [one.text for one in facts.timeline if one.visibility == "internal" and one.text]
    assert hidden
    assert not any(text in one.text for text in hidden for one in seen)
    gaps = [one.silence for one in seen if one.silence is not None]
    assert max(gaps) == timedelta(hours=4, minutes=9)
    assert all(one.at + one.silence in {other.at for other in public} for one in seen if one.silence)


def test_a_case_still_open_shows_the_wait_until_now() -> None:
    facts = BOOKS["ESC-2026-0031"].facts
    later = facts.timeline[-1].at + timedelta(hours=5)
    assert customer_view(facts.timeline, later)[-1].silence == timedelta(hours=5)
    assert customer_view((), later) == ()


def test_a_case_of_an_upgrade_stands_where_its_product_was_placed() -> None:
    investigations = [book.it for book in BOOKS.values()]
    placed = [ProductLine("harbourlight", "strict", "complex"), ProductLine("Toy", "lenient", "simple")]
    fields = upgrade_matrix(investigations, placed)
    assert [(one.number, one.products, [case.investigation_id for case in one.cases]) for one in fields] == [
        (1, ("Toy",), []),
        (2, (), []),
        (3, (), []),
        (4, ("harbourlight",), ["ESC-2026-0058"]),
    ]
    assert (fields[3].cases[0].codes, fields[3].cases[0].held_by) == (("B6.2", "B6.4"), ("work", "risk"))
    loose = upgrade_matrix(investigations, [])[-1]
    assert (loose.number, loose.products, len(loose.cases)) == (0, ("Harbourlight",), 1)
    open_again = [replace(it, adopted_at=None) for it in investigations]
    assert not any(one.cases for one in upgrade_matrix(open_again, placed))


@pytest.mark.parametrize(("wanted", "warned"), [(80, False), (81, True), (None, False)])
def test_a_target_of_many_simple_calls_is_warned_of_where_cases_are_seldom_and_hard(
    wanted: float | None, warned: bool
) -> None:
    targets = {} if wanted is None else {"first_contact_resolution": wanted}
    found = target_check(HELD, targets)
    assert found.seldom_and_hard == found.cases == len(HELD)
    assert len(found.rows) == 5
    assert bool(found.warnings) == warned
    assert target_check([], targets).warnings == ()


def test_cases_worth_their_content_are_told_by_code_and_the_others_by_month() -> None:
    worth = case_value(HELD)
    assert {one.code: one.cases for one in worth.content} == {
        "B2.3": ("ESC-2026-0031",),
        "B4.1": ("ESC-2026-0058",),
        "E2.2": ("ESC-2026-0044",),
    }
    assert worth.volume == ()
    it, facts = HELD[0]
    known = (replace(it, findings=()), replace(facts, earlier=tuple(f"HL-{n}" for n in range(9))))
    assert [(one.month, one.component, one.cases) for one in case_value([known, known]).volume] == [
        ("2026-03", it.component or "not said", 2)
    ]


SERVICE = """\
products:
  Harbourlight: {upgrade_policy: strict, technology: complex}
targets:
  first_contact_resolution: 85
"""


def test_the_file_of_the_service_is_read() -> None:
    plan = read_service(SERVICE, "service.yaml")
    assert plan.products == (ProductLine("Harbourlight", "strict", "complex"),)
    assert plan.targets == {"first_contact_resolution": 85.0}
    assert read_service("", "service.yaml").products == ()


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        (("products:", "produkts:"), "s.yaml:1:1", "Did you mean products"),
        (("strict", "harsh"), "s.yaml:2:", "upgrade_policy is none of lenient, strict"),
        ((", technology: complex", ""), "s.yaml:2:", "technology is none of"),
        (("technology:", "tech:"), "s.yaml:2:", "there is no 'tech'"),
        (("{upgrade_policy: strict, technology: complex}", "4"), "s.yaml:2:", "Harbourlight is not placed"),
        (("85", "185"), "s.yaml:4:3", "a percentage"),
        (("85", "high"), "s.yaml:4:3", "a percentage"),
        (
            ("first_contact_resolution", "first_contact"),
            "s.yaml:4:3",
            "Did you mean first_contact_resolution",
        ),
        ((SERVICE, "- 1\n"), "s.yaml:1:1", "is a mapping"),
        ((SERVICE, "targets: [1]\n"), "s.yaml:1:1", "targets is a mapping"),
    ],
)
def test_a_mistake_in_it_is_told_with_its_place(change: tuple[str, str], place: str, says: str) -> None:
    with pytest.raises(Invalid) as raised:
        read_service(SERVICE.replace(*change, 1), "s.yaml")
    assert place in str(raised.value)
    assert says in str(raised.value)
