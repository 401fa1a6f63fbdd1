"""The merge keeps what both sides did, or says that it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync import virtual_time
from triage.model.entry import Person
from triage.model.errors import Invalid, NeedsInput
from triage.model.json_value import Json
from triage.model.operation import Change, Landed, Note, Operation, Step
from triage.model.ticket import Ticket, Version
from triage.sync import outbox
from triage.sync.merge import (
    FieldConflict,
    Pick,
    merge,
    merge_sets,
    resolve,
    same,
    three_way,
    wishes,
    written_meanwhile,
)
from triage.sync.sending import begin, record

VALUES = st.one_of(st.none(), st.sampled_from(["", "a", "b", "3"]), st.integers(0, 3), st.booleans())
NAMES = st.frozensets(st.sampled_from(["bug", "docs", "esc", "vip"]))
STATUSES = st.sampled_from(["open", "hold", "pending"])
FIELDS = st.dictionaries(st.sampled_from(["esc_code", "esc_phase", "status"]), VALUES)

TICKETS = st.builds(
    lambda status, assignee, tags, fields: ticket(
        status=status, assignee=assignee, tags=tuple(sorted(tags)), fields=fields
    ),
    STATUSES,
    st.sampled_from(["", "Mira", "Robin"]),
    NAMES,
    FIELDS,
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    add = draw(NAMES)
    return Change(
        note=Note("always", "internal"),
        tags_add=tuple(add),
        tags_remove=tuple(draw(NAMES) - add),
        fields=draw(FIELDS),
        status=draw(st.none() | STATUSES),
        assignee=draw(st.none() | st.sampled_from(["me", "Mira"])),
    )


def ticket(**what: object) -> Ticket:
    plain = Ticket(
        "1", "HL-1", "Login fails", "open", virtual_time.START, virtual_time.START, Version("1", True)
    )
    return replace(plain, **what)  # type: ignore[arg-type]


def operation(seen: Ticket, change: Change, id_: str = "op") -> Operation:
    proposed = outbox.propose(seen, change, Person("Robin"), id_, virtual_time.START, "test")
    return outbox.confirm(proposed, virtual_time.START)


@given(VALUES, VALUES)
def test_who_changed_nothing_gives_way(base: Json, other: Json) -> None:
    assert same(three_way(base, base, other)[0], other)
    assert same(three_way(base, other, base)[0], other)
    assert not three_way(base, base, other)[1]
    assert not three_way(base, other, base)[1]


@given(VALUES, VALUES, VALUES)
def test_a_merge_is_the_same_from_both_sides_and_invents_nothing(base: Json, one: Json, other: Json) -> None:
    left, right = three_way(base, one, other), three_way(base, other, one)
    assert left[1] == right[1]
    assert same(left[0], right[0])
    assert any(same(left[0], value) for value in (base, one, other))
    both_changed = not same(base, one) and not same(base, other)
    assert left[1] == (both_changed and not same(one, other))


@given(NAMES, NAMES, NAMES)
def test_sets_keep_every_addition_and_every_removal(
    base: frozenset[str], one: frozenset[str], other: frozenset[str]
) -> None:
    merged = merge_sets(base, one, other)
    assert merged == merge_sets(base, other, one)
    assert merge_sets(base, base, other) == other
    assert (one - base) | (other - base) <= merged
    assert not merged & ((base - one) | (base - other))
    assert merged <= base | one | other


@settings(max_examples=400)
@given(TICKETS, changes(), TICKETS)
def test_no_wish_vanishes_without_a_conflict_and_nothing_is_written_that_nobody_asked_for(
    seen: Ticket, change: Change, current: Ticket
) -> None:
    merged = merge(operation(seen, change), current, me="Robin")
    conflicts = {conflict.field for conflict in merged.conflicts}
    kept, wanted = wishes(merged.change, me="Robin"), wishes(change, me="Robin")
    assert set(kept) <= set(wanted)
    for name, value in wanted.items():
        base = operation(seen, change).base[name]
        now = _now(current, name)
        assert (
            name in conflicts
            or (name in kept and same(kept[name], value))
            or same(now, value)
            or same(base, value)
        )
        if name in kept:
            assert name not in conflicts
            assert same(now, base)
    after = (set(current.tags) | set(merged.change.tags_add)) - set(merged.change.tags_remove)
    assert set(change.tags_add) <= after
    assert not set(change.tags_remove) & after
    assert merged.change.note == change.note


def _now(current: Ticket, name: str) -> Json:
    if name in ("status", "assignee"):
        return str(getattr(current, name))
    return current.fields.get(name.removeprefix("field "))


@settings(max_examples=200)
@given(TICKETS, changes(), TICKETS, st.randoms(use_true_random=False))
def test_a_resolved_conflict_is_none_any_more(
    seen: Ticket, change: Change, current: Ticket, rng: object
) -> None:
    stuck = operation(seen, change)
    conflicts = merge(stuck, current, me="Robin").conflicts
    picks: dict[str, Pick] = {
        conflict.field: "mine" if number % 2 else "theirs" for number, conflict in enumerate(conflicts)
    }
    settled = resolve(stuck, picks, current, me="Robin")
    after = merge(settled, current, me="Robin")
    assert not after.conflicts
    for conflict in conflicts:
        assert (conflict.field in wishes(after.change, me="Robin")) == (picks[conflict.field] == "mine")


def test_a_conflict_names_field_base_mine_and_theirs() -> None:
    stuck = operation(ticket(status="open"), Change(status="hold"))
    (conflict,) = merge(stuck, ticket(status="pending")).conflicts
    assert conflict == FieldConflict("status", "open", "hold", "pending")
    assert str(conflict) == "status: it was “open”, we want “hold”, the ticket now says “pending”"


def test_taking_a_ticket_somebody_else_took_is_a_conflict_and_our_own_name_is_none() -> None:
    take = operation(ticket(assignee=""), Change(assignee="me"))
    assert merge(take, ticket(assignee="Mira"), me="Robin").conflicts
    already = merge(take, ticket(assignee="Robin"), me="Robin")
    assert not already.conflicts
    assert already.change.assignee is None


def test_a_custom_field_called_status_is_not_the_status() -> None:
    change = Change(status="hold", fields={"status": "red"})
    both = operation(ticket(fields={"status": "green"}), change)
    (conflict,) = merge(both, ticket(fields={"status": "blue"})).conflicts
    assert conflict.field == "field status"


def test_a_field_we_never_saw_is_not_overwritten_blindly() -> None:
    stuck = replace(operation(ticket(), Change(fields={"esc_code": "x"})), base={})
    assert merge(stuck, ticket(fields={"esc_code": "y"})).conflicts


@pytest.mark.parametrize("kept", ["One.\r\nTwo.", "One.\nTwo.", " One.\nTwo.\n"])
def test_a_text_the_helpdesk_keeps_with_other_line_breaks_or_blanks_is_the_same(kept: str) -> None:
    wish = operation(
        ticket(fields={"esc_problem": "One.\r\nTwo."}), Change(fields={"esc_problem": "One.\nTwo."})
    )
    merged = merge(wish, ticket(fields={"esc_problem": kept}))
    assert (merged.conflicts, merged.change.fields) == ((), {})
    changed = operation(ticket(fields={"esc_problem": kept}), Change(fields={"esc_problem": "Three."}))
    assert not merge(changed, ticket(fields={"esc_problem": "One.\nTwo."})).conflicts


@pytest.mark.parametrize("picks", [{}, {"status": "mine", "esc_code": "mine"}])
def test_a_pick_for_each_conflict_and_for_nothing_else(picks: dict[str, Pick]) -> None:
    stuck = operation(ticket(), Change(status="hold"))
    with pytest.raises(NeedsInput if not picks else Invalid):
        resolve(stuck, picks, ticket(status="pending"))


def test_a_pick_holds_only_against_the_value_that_was_shown() -> None:
    stuck = operation(ticket(status="open"), Change(status="hold"))
    settled = resolve(stuck, {"status": "mine"}, ticket(status="pending"))
    assert not merge(settled, ticket(status="pending")).conflicts
    assert merge(settled, ticket(status="solved")).conflicts


def test_what_we_wrote_ourselves_since_is_no_conflict() -> None:
    seen = ticket(status="open")
    first, second = (
        operation(seen, Change(status="hold"), "a"),
        operation(seen, Change(status="pending"), "b"),
    )

    step = Step("a/1", "status", {"status": "hold"}, "internal", None, "state")
    sent = record(begin(first, [step], virtual_time.START), "a/1", Landed(None, None), virtual_time.START, 1)
    ours = written_meanwhile(second, [sent, second])
    assert ours == {"status": "hold"}
    assert not merge(second, ticket(status="hold"), ours=ours).conflicts
    assert merge(second, ticket(status="solved"), ours=ours).conflicts
    later = replace(second, created_at=virtual_time.START + timedelta(seconds=1))
    assert written_meanwhile(later, [sent]) == {}
