"""An enhancement case: the five parts, what makes it ready, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.retrospective.threads import audit_extract, group_rename
from triage.insight.alike_wishes import alike_wishes
from triage.model.enhancement import EnhancementCase
from triage.model.entry import Entry, NewEntry
from triage.model.errors import Invalid, NotFound, Stopped
from triage.retrospective import enhancement

TICKET = audit_extract().ticket
OTHER = replace(group_rename().ticket, relationship="prospect")


class File:
    """One case and its entries, kept in memory."""

    def __init__(self, name: str = "ENH-019", title: str = "Supported monthly audit extract") -> None:
        self.entries: list[Entry] = []
        self.at = TICKET.updated_at
        self.write(enhancement.opened(name, title, [TICKET]))

    @property
    def it(self) -> EnhancementCase:
        return enhancement.fold(self.entries)

    def write(self, new: Sequence[NewEntry]) -> None:
        for one in new:
            self.at += timedelta(minutes=1)
            number = f"{len(self.entries):04}"
            self.entries.append(
                Entry(
                    number,
                    TICKET.id,
                    one.subject,
                    one.subject_id,
                    one.kind,
                    self.at,
                    "kim",
                    "driver",
                    data=one.data,
                )
            )

    def made_ready(self) -> File:
        self.write(enhancement.screened(self.it, "yes", "Regulated customers are who we sell to."))
        self.write([enhancement.quantified(self.it, 60, "customers in regulated industries")])
        self.write([enhancement.valued(self.it, "three renewals", "several_large_customers", 410_000, "eur")])
        self.write([enhancement.moved(self.it, "ready")])
        return self


def test_a_wish_is_ready_only_when_aligned_counted_and_valued() -> None:
    file = File()
    with pytest.raises(Stopped, match=r"not screened as aligned; how many.*; what is lost"):
        enhancement.moved(file.it, "ready")
    file.write([enhancement.quantified(file.it, 60, "by account data")])
    file.write([enhancement.valued(file.it, "renewals", "one_customer", None, "")])
    with pytest.raises(Stopped, match="not ready: it is not screened as aligned"):
        enhancement.moved(file.it, "ready")
    file.write(enhancement.screened(file.it, "yes", "it fits"))
    file.write([enhancement.moved(file.it, "ready")])
    assert file.it.state == "ready"


def test_a_prospect_who_asks_must_have_been_asked_what_they_want() -> None:
    file = File()
    file.write([enhancement.asked(file.it.id, OTHER)])
    file.write(enhancement.screened(file.it, "yes", "it fits"))
    file.write(
        [enhancement.quantified(file.it, 60, "x"), enhancement.valued(file.it, "y", "one_admin", None, "")]
    )
    assert enhancement.missing(file.it) == ("what the prospect wanted to know is not written down",)
    file.write([enhancement.asked(file.it.id, OTHER, question="Which identity provider?")])
    assert enhancement.missing(file.it) == ()
    assert (file.it.asked_by, file.it.prospect_questions) == (2, ("Which identity provider?",))


def test_what_does_not_fit_is_screened_out_and_said_honestly() -> None:
    file = File().made_ready()
    file.write(enhancement.screened(file.it, "no", "We leave this market."))
    assert file.it.state == "screened_out"
    assert "we will not build it" in enhancement.reply_draft(file.it)
    file.write(enhancement.screened(file.it, "yes", "We are back in it."))
    assert (file.it.state, file.it.aligned) == ("draft", "yes")


def test_when_it_ships_everybody_who_asked_is_told_again() -> None:
    file = File().made_ready()
    assert file.it.to_tell == ()
    file.write([enhancement.asked(file.it.id, OTHER)])
    file.write([enhancement.moved(file.it, "presented")])
    file.write([enhancement.moved(file.it, "accepted", "For planning, no date.")])
    file.write([enhancement.told(file.it, TICKET.key)])
    assert [one.ticket_key for one in file.it.to_tell] == [OTHER.key]
    file.write([enhancement.moved(file.it, "shipped")])
    assert [one.ticket_key for one in file.it.to_tell] == [TICKET.key, OTHER.key]
    assert file.it.told_customers_at is None
    file.write([enhancement.told(file.it, TICKET.key)])
    with pytest.raises(Stopped, match="nothing to tell"):
        enhancement.told(file.it, TICKET.key)
    file.write([enhancement.told(file.it, OTHER.key)])
    assert file.it.told_customers_at == file.at


@pytest.mark.parametrize("state", enhancement.TRANSITIONS)
def test_only_the_moves_of_the_table_are_legal(state: str) -> None:
    it = replace(File().made_ready().it, state=state)
    for wanted in enhancement.TRANSITIONS:
        legal = wanted in enhancement.TRANSITIONS[it.state]
        if legal:
            assert enhancement.moved(it, wanted, "words").data["state"] == wanted
        else:
            with pytest.raises(Invalid, match="cannot become"):
                enhancement.moved(it, wanted, "words")


def test_what_is_no_answer_is_refused_and_says_what_is_wanted() -> None:
    it = File().made_ready().it
    presented = replace(it, state="presented")
    for wrong, says in (
        (lambda: enhancement.opened("ENH-1", " ", [TICKET]), "needs a title"),
        (lambda: enhancement.opened("ENH-1", "x", []), "nobody asks"),
        (lambda: enhancement.screened(it, "perhaps", "x"), "aligned is no"),
        (lambda: enhancement.screened(it, "no", " "), "a reason is wanted"),
        (lambda: enhancement.quantified(it, 0, "x"), "1 ask for it"),
        (lambda: enhancement.quantified(it, 9, " "), "without its basis"),
        (lambda: enhancement.valued(it, "x", "vip", None, ""), "no level"),
        (lambda: enhancement.valued(it, "x", "one_admin", 5, ""), "needs a currency"),
        (lambda: enhancement.bundled(it, [it.id], [it.id]), "with itself"),
        (lambda: enhancement.recruited(it, "forum", -1, 0), "counted from 0"),
        (lambda: enhancement.moved(presented, "accepted", " "), "without words"),
    ):
        with pytest.raises(Invalid, match=says):
            wrong()
    with pytest.raises(NotFound, match="no enhancement case ENH-404"):
        enhancement.bundled(it, ["ENH-404"], [it.id])
    with pytest.raises(NotFound, match="does not ask"):
        enhancement.told(it, "HL-1")
    with pytest.raises(Stopped, match="nothing is decided"):
        enhancement.reply_draft(it)


def test_a_planted_pair_is_found_and_a_stranger_is_not() -> None:
    it = File().it
    twin = File("ENH-007", "Audit extract each month for the regulator").it
    stranger = File("ENH-008", "Dark theme for the export form").it
    assert alike_wishes(it, [it, twin, stranger]) == (twin,)
    assert alike_wishes(replace(it, bundle=("ENH-007",)), [twin]) == ()
    assert alike_wishes(it, [replace(twin, state="shipped")]) == ()
