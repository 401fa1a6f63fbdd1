"""What adopted cases are made of: by code and component, and by nobody's name."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

from tests.retrospective.casebook import CASES, answered
from triage.insight.composition import GROUPS, life_shares, reach
from triage.insight.excuse_split import excuse_split
from triage.model.composition import LifeShare, Reach
from triage.store import projection_rows

EVERYTHING = [answered(name).it for name in CASES]


def test_the_lives_of_a_code_add_up_and_what_is_not_adopted_is_left_out() -> None:
    one = EVERYTHING[0]
    twice = [one, replace(one, id="ESC-2"), replace(one, id="ESC-3", adopted_at=None)]
    [share] = life_shares(twice, "code")
    whole = sum((part.end - part.start for part in one.case_life), timedelta())
    assert (share.group, share.cases) == ("B2.3", 2)
    assert sum(share.spent.values(), timedelta()) == 2 * whole
    assert share.rounds["documentation"] == 2
    assert {found.group for found in life_shares(EVERYTHING, "component")} == {
        it.component for it in EVERYTHING
    }


def test_product_was_heard_in_one_of_the_three_worked_cases_only() -> None:
    found = reach(EVERYTHING)
    assert sum("product" in one.absent for one in found) == 2
    assert all(one.heard.get("engineering") == 1 for one in found)
    assert found[0].quarter.startswith("2026-Q")


def test_bugs_that_the_product_let_happen_are_counted() -> None:
    split = excuse_split(EVERYTHING)
    assert (split.let_happen, split.verdicts["bug"]) == (2, 2)


def test_no_measure_and_no_table_of_case_life_has_a_person() -> None:
    assert set(GROUPS) == {"code", "component"}
    names = {one.name for kind in (LifeShare, Reach) for one in fields(kind)}
    for row in vars(projection_rows).values():
        names |= set(getattr(row, "model_fields", ()))
    assert not names & {"person", "actor", "agent", "assignee", "engineer", "author", "resolver", "user"}
