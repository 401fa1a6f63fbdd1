"""The laws of a three-way merge, over generated values."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from tests.reliability.counting import sized, tell
from tests.sync import virtual_time
from tests.sync.fake_helpdesk import Server
from triage.model.entry import Person
from triage.model.operation import Change, Note, Operation
from triage.model.ticket import Ticket
from triage.sync import outbox
from triage.sync.merge import merge, merge_sets, resolve, same, three_way, value_on, wishes

VALUES: tuple[Any, ...] = ("", None, "a", "b", 3, "3", ["x"], [], 0, "0", False)
TAGS = ("esc", "bug", "docs", "vip")
COUNT = sized(4_000, 100_000)


def test_values_merge_by_the_laws() -> None:
    rng = random.Random(1)
    for _ in range(COUNT):
        base, mine, theirs = (rng.choice(VALUES) for _ in range(3))
        merged, clash = three_way(base, mine, theirs)
        assert any(merged is one for one in (base, mine, theirs))
        assert three_way(base, mine, base) == (mine, False)
        assert same(three_way(base, base, theirs)[0], theirs)
        assert clash == three_way(base, theirs, mine)[1]
        assert clash or same(merged, three_way(base, theirs, mine)[0])
        if clash:
            assert merged is base
            assert not same(base, mine)
            assert not same(base, theirs)
        elif not same(base, mine):
            assert same(merged, mine)
    tell("merge", COUNT)


def test_tags_merge_by_the_laws() -> None:
    rng = random.Random(2)
    for _ in range(COUNT):
        base, mine, theirs = (frozenset(tag for tag in TAGS if rng.random() < 0.5) for _ in range(3))
        merged = merge_sets(base, mine, theirs)
        assert merged == merge_sets(base, theirs, mine)
        assert merged <= mine | theirs
        assert merge_sets(base, mine, base) == mine
        assert merge_sets(base, base, theirs) == theirs
        for one, other in ((mine, theirs), (theirs, mine)):
            assert one - base <= merged
            assert not (base - one) & merged
            assert other == base or merged >= (one & other)
    tell("merge", COUNT)


def test_a_whole_write_loses_no_edit_without_a_conflict_and_invents_nothing() -> None:
    rng = random.Random(3)
    for _ in range(COUNT):
        seen, now = _ticket(rng), _ticket(rng)
        operation = _operation(rng, seen)
        merged = merge(operation, now, me="Robin")
        clashing = {one.field for one in merged.conflicts}
        for name, mine in wishes(operation.change, me="Robin").items():
            theirs = value_on(now, name)
            written = wishes(merged.change, me="Robin").get(name, theirs)
            assert name in clashing or same(written, mine) or same(operation.base.get(name), mine)
            assert same(written, mine) or same(written, theirs)
            if name in clashing:
                assert name not in wishes(merged.change, me="Robin")
        assert merged.change.note == operation.change.note
        after = (frozenset(now.tags) | frozenset(merged.change.tags_add)) - frozenset(
            merged.change.tags_remove
        )
        assert after >= set(operation.change.tags_add)
        assert not after & set(operation.change.tags_remove)
        assert frozenset(now.tags) ^ after <= set(operation.change.tags_add + operation.change.tags_remove)
        _decide(rng, operation, now, clashing)
    tell("merge", COUNT)


def _decide(rng: random.Random, operation: Operation, now: Ticket, clashing: set[str]) -> None:
    """Once every conflict is picked, the same ticket shows none."""
    picks = {name: rng.choice(("mine", "theirs")) for name in clashing}
    decided = resolve(operation, picks, now, me="Robin")  # type: ignore[arg-type]
    assert not merge(decided, now, me="Robin").conflicts


def _ticket(rng: random.Random) -> Ticket:
    ticket = Server(["1"]).ticket("1")
    return replace(
        ticket,
        status=rng.choice(("open", "hold", "pending")),
        assignee=rng.choice(("", "Mira", "Robin")),
        tags=tuple(tag for tag in TAGS if rng.random() < 0.5),
        fields={"code": rng.choice(VALUES), "phase": rng.choice(VALUES)},
    )


def _operation(rng: random.Random, seen: Ticket) -> Operation:
    add = tuple(tag for tag in TAGS[:2] if rng.random() < 0.5)
    change = Change(
        note=Note("found", "internal"),
        tags_add=add,
        tags_remove=tuple(tag for tag in TAGS[2:] if rng.random() < 0.5),
        fields={name: rng.choice(VALUES) for name in ("code", "phase") if rng.random() < 0.6},
        status=rng.choice((None, "open", "hold", "pending")),
        assignee=rng.choice((None, "me", "Jonas")),
    )
    return outbox.propose(seen, change, Person("Robin"), "op", virtual_time.START, "test")
