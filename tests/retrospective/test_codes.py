"""The codes, the ladder that leads to one, and the statuses of recommendations."""

from __future__ import annotations

from itertools import product

import pytest

from triage.model.errors import Invalid, Refused
from triage.retrospective import codes
from triage.retrospective import recommendation_status as status


def test_there_are_42_codes_in_13_classes_of_two_verdicts() -> None:
    assert len(codes.codes()) == 42
    assert len(codes.classes()) == 13
    assert {one.verdict for one in codes.codes().values()} == {"bug", "education_gap"}
    assert all(one.definition and one.example and one.name for one in codes.codes().values())


def test_every_code_has_two_other_codes_beside_it() -> None:
    for name in codes.codes():
        near = codes.nearest(name)
        assert len({name, near[0].id, near[1].id}) == 3


def test_a_code_is_found_in_any_case_and_a_wrong_one_names_its_family() -> None:
    assert codes.code("b2.3").name == "Partial change left behind"
    with pytest.raises(Invalid, match=r"B2\.1, B2\.2"):
        codes.code("B2.9")


@pytest.mark.parametrize("family", ["yes", "no", "unsure"])
def test_no_way_up_the_ladder_is_longer_than_seven_questions_and_each_ends_in_a_code(family: str) -> None:
    prefix = "LE" if family == "yes" else "LB"
    questions = [name for name in codes.ladder().questions if name.startswith(prefix)]
    for answers in product(("yes", "no"), repeat=len(questions)):
        climbed = codes.climb(family, dict(zip(questions, answers, strict=True)))
        assert len(climbed.asked) + 1 <= 7
        proposed = codes.code(codes.propose(climbed, ""))
        assert (proposed.verdict == "education_gap") == (family == "yes")


@pytest.mark.parametrize(
    ("excuse", "proposed"),
    [("self_inflicted", "B2.1"), ("used_incorrectly", "B3.1"), ("own_scripts", "B4.1"),
     ("unsupported_release", "B6.4"), ("third_party", "B8.1"), ("works_as_designed", "B3.1")],
)  # fmt: skip
def test_a_claim_proposes_a_class_of_bug_and_never_a_verdict_against_the_customer(
    excuse: str, proposed: str
) -> None:
    assert codes.propose(codes.climb("no", {}, excuse=excuse), "") == proposed
    assert codes.climb("yes", {"LE1": "yes", "LE2": "no"}, excuse=excuse).result == "E2.2"


def test_an_escalation_for_authority_that_could_not_be_repaired_lacks_a_tool() -> None:
    answers = dict.fromkeys(("LB1", "LB2", "LB3", "LB4"), "no") | {"LB5": "yes"}
    assert codes.propose(codes.climb("no", answers), "authority") == "B5.3"
    assert codes.propose(codes.climb("no", answers), "expertise") == "B5.1"


def test_the_ladder_waits_at_the_first_open_question() -> None:
    climbed = codes.climb("no", {"LB1": "no"})
    assert (climbed.asked, climbed.result) == (("LB1", "LB2"), "")


def test_the_addressee_answers_and_the_issuer_judges() -> None:
    assert status.move("OAR", "ORR", "addressee").code == "ORR"
    assert status.move("ORR", "OAA", "issuer").name == "Open – Acceptable Response"
    with pytest.raises(Refused, match="issuer judges"):
        status.move("ORR", "CAA", "addressee")


@pytest.mark.parametrize(("before", "after"), [("OAR", "CAA"), ("OAR", "OAA"), ("CAA", "CR"), ("ORR", "CAA")])
def test_no_step_is_left_out(before: str, after: str) -> None:
    with pytest.raises(Invalid, match=f"{before} cannot become {after}"):
        status.move(before, after, "issuer")


def test_a_closed_one_opens_only_to_wait_for_an_answer_again() -> None:
    for code, one in status.STATUSES.items():
        if not one.open:
            assert status.TRANSITIONS[code] == {"OAR"}


def test_an_unknown_status_is_named() -> None:
    with pytest.raises(Invalid, match="there is no status 'DONE'"):
        status.move("OAR", "DONE", "issuer")
    assert len(status.STATUSES) == 16
