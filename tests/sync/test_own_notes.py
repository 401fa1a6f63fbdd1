"""Our own notes are known again when they come back."""

from __future__ import annotations

from tests.sync import virtual_time
from triage.model.operation import Change, Operation, Step
from triage.model.timeline import TimelineEvent
from triage.sync.own_notes import stamped


def event(id_: str, **what: str) -> TimelineEvent:
    return TimelineEvent(id_, "1", virtual_time.START, "message", "internal", "engineering", **what)  # type: ignore[arg-type]


def ours(key: str, receipt: str = "") -> Operation:
    step = Step(key, "note", {}, "internal", None, "marker", receipt=receipt)
    return Operation(key, "1", Change(), "verified", virtual_time.START, "Robin", steps=(step,))


def test_the_receipt_decides_before_the_marker() -> None:
    operations = [ours("op-1/1", receipt="44"), ours("op-2/1")]
    (known,) = stamped([event("e", text="quoting op-2/1", source_ref="comment 44")], operations)
    assert known.marker == "op-1/1"


def test_the_marker_is_found_beside_the_text_and_in_it_as_a_whole_word() -> None:
    operations = [ours("op-1"), ours("op-10")]
    timeline = [
        event("a", marker="op-1"),
        event("b", text="done\nref:esc-op-10"),
        event("c", text="op-100 op-1x xop-1"),
    ]
    assert [one.marker for one in stamped(timeline, operations)] == ["op-1", "op-10", ""]


def test_what_others_wrote_stays_as_it_came() -> None:
    timeline = (event("a", text="hello", marker="theirs"), event("b"))
    assert stamped(timeline, [ours("op-1", receipt="7")]) == timeline
    assert stamped(timeline, []) == timeline
