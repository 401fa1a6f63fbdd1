"""What an excuse would have hidden."""

from __future__ import annotations

from dataclasses import replace

from tests.retrospective.casebook import answered
from triage.insight.excuse_split import excuse_split
from triage.model.investigation import Investigation


def adopted(name: str) -> Investigation:
    book = answered(name)
    return replace(book.it, adopted_at=book.now)


def test_a_case_with_an_excuse_would_be_written_off_and_its_code_never_found() -> None:
    one = adopted("ESC-2026-0031")
    said = one.classification
    assert said.excuse_claimed == "self_inflicted"
    plain = replace(one, classification=replace(said, excuse_claimed="none", code="B1.1"))
    taught = replace(one, classification=replace(said, excuse_claimed="none", verdict="education_gap"))
    split = excuse_split([one, plain, taught, replace(one, adopted_at=None)])
    assert split.cases == 3
    assert split.verdicts == {"bug": 2, "education_gap": 1}
    assert split.if_accepted == {"bug": 1, "education_gap": 1}
    assert split.excuses == {"self_inflicted": 1}
    assert split.codes_lost == {"B2.3": 1}


def test_with_nothing_adopted_there_is_nothing_to_split() -> None:
    assert excuse_split([]).cases == 0
