"""What a person may do with a write, and what is refused."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.sync import virtual_time
from tests.sync.fake_helpdesk import FakeHelpdesk, Server
from tests.sync.test_merge import ticket
from triage.model.entry import Person
from triage.model.errors import Invalid, Refused
from triage.model.note_file import LARGEST_FILE, PLAIN_TEXT, NoteFile
from triage.model.operation import (
    FINISHED,
    Change,
    Conflict,
    Landed,
    Note,
    NotSent,
    Operation,
    Probe,
    Rejected,
    Step,
    StepKind,
    Throttled,
    Unknown,
    WriteState,
)
from triage.sync import outbox, sending

NOW = virtual_time.START
LATER = NOW + timedelta(seconds=500)
SETTLE = 120.0
INTERNAL = Change(note=Note("found it", "internal"))
PUBLIC = Change(note=Note("we found it", "public"))
STATES: list[WriteState] = list(outbox.MOVES)


def proposed(change: Change = INTERNAL) -> Operation:
    return outbox.propose(ticket(), change, Person("Robin"), "op", NOW, "take")


def pending(change: Change = INTERNAL) -> Operation:
    return outbox.confirm(proposed(change), NOW, public_key="HL-1")


def step(ordinal: int = 1, kind: StepKind = "note", **what: Any) -> Step:
    probe: Any = "marker" if kind in ("note", "bundle") else "state"
    return Step(f"op/{ordinal}", kind, {}, "internal", None, probe, **what)


def sent(change: Change = INTERNAL, *steps: Step) -> Operation:
    return sending.begin(pending(change), steps or (step(),), NOW)


def unknown() -> Operation:
    return sending.record(sent(), "op/1", Unknown("timeout"), NOW, SETTLE)


def landed() -> Operation:
    return sending.record(sent(), "op/1", Landed("99", None), NOW, SETTLE)


def test_a_proposal_remembers_what_the_person_saw() -> None:
    seen = ticket(fields={"esc_code": "a", "other": 1}, tags=("vip",), assignee="Mira")
    change = Change(tags_add=("bug",), fields={"esc_code": "b"}, status="hold", assignee="me")
    operation = outbox.propose(seen, change, Person("Robin", navigator="Sam"), "op", NOW, "take")
    assert operation.base == {
        "key": "HL-1", "status": "open", "assignee": "Mira", "esc_code": "a", "tags": ["vip"],
    }  # fmt: skip
    assert (operation.state, operation.base_version, operation.created_by) == (
        "proposed",
        seen.version,
        "Robin",
    )


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (Change(), Invalid),
        (Change(note=Note(" \n", "internal")), Invalid),
        (Change(tags_add=("a",), tags_remove=("a",)), Invalid),
        (replace(PUBLIC, tags_add=("a",)), Refused),
        (replace(PUBLIC, fields={"a": 1}), Refused),
        (replace(PUBLIC, status="hold"), Refused),
        (replace(PUBLIC, assignee="me"), Refused),
    ],
)
def test_what_cannot_be_meant_is_not_proposed(change: Change, error: type[Exception]) -> None:
    with pytest.raises(error):
        proposed(change)


@pytest.mark.parametrize("typed", ["", "hl-1", "HL-1 ", "HL-2", "1"])
def test_a_public_reply_needs_the_key_typed_exactly(typed: str) -> None:
    with pytest.raises(Refused, match="HL-1"):
        outbox.confirm(proposed(PUBLIC), NOW, public_key=typed)


def test_a_public_reply_keeps_what_released_it_and_an_internal_note_never_has_it() -> None:
    assert pending(PUBLIC).public_confirmed_with == "HL-1"
    assert pending(INTERNAL).public_confirmed_with == ""


def test_a_ticket_without_a_key_can_have_no_public_reply() -> None:
    nameless = outbox.propose(ticket(key=""), PUBLIC, Person("Robin"), "op", NOW, "reply")
    with pytest.raises(Refused):
        outbox.confirm(nameless, NOW, public_key="")


@pytest.mark.parametrize("state", [state for state in STATES if state != "proposed"])
def test_only_a_proposal_is_confirmed(state: WriteState) -> None:
    with pytest.raises(Refused):
        outbox.confirm(replace(proposed(), state=state), NOW)


@pytest.mark.parametrize("now_in", STATES)
@pytest.mark.parametrize("to", STATES)
def test_only_moves_of_the_table_are_made(now_in: WriteState, to: WriteState) -> None:
    if to in outbox.MOVES[now_in]:
        assert outbox.moved(now_in, to) == to
    else:
        with pytest.raises(Refused, match=now_in):
            outbox.moved(now_in, to)


def test_what_is_finished_moves_no_more() -> None:
    assert all(not outbox.MOVES[state] for state in outbox.MOVES if state in FINISHED)


@pytest.mark.parametrize("state", ["verified", "dropped"])
@pytest.mark.parametrize("verb", ["retry", "park", "drop", "edit"])
def test_nothing_is_done_to_what_is_finished(state: WriteState, verb: str) -> None:
    finished = replace(pending(), state=state)
    with pytest.raises(Refused):
        {
            "retry": lambda: outbox.retry(finished, NOW),
            "park": lambda: outbox.park(finished),
            "drop": lambda: outbox.drop(finished),
            "edit": lambda: outbox.edit_note(finished, "new"),
        }[verb]()


def test_an_edited_note_must_be_confirmed_again() -> None:
    edited = outbox.edit_note(pending(PUBLIC), "better words")
    assert edited.change.note == Note("better words", "public")
    assert (edited.state, edited.confirmed_at, edited.public_confirmed_with) == ("proposed", None, "")


@pytest.mark.parametrize(
    "operation",
    [sent(), unknown(), landed(), outbox.park(unknown()), sending.record_check(landed(), "op/1", ["odd"])],
    ids=["sending", "unknown", "landed", "parked unknown", "parked landed"],
)
def test_a_note_that_may_be_on_the_ticket_is_not_edited(operation: Operation) -> None:
    with pytest.raises(Refused):
        outbox.edit_note(operation, "new")


def test_a_refused_note_may_be_edited() -> None:
    refused = sending.record(sent(), "op/1", Rejected(422, ["too long"]), NOW, SETTLE)
    assert refused.problem == "the helpdesk refused it (422): too long"
    assert outbox.edit_note(refused, "short").steps == ()


def test_dropping_what_may_have_landed_says_so() -> None:
    assert "may have reached the ticket" in outbox.drop(unknown()).problem
    assert "may have reached the ticket" in outbox.drop(sent()).problem
    assert outbox.drop(landed()).problem == "already on the ticket: note"
    assert outbox.drop(pending()).problem == ""


def test_a_retry_looks_first_where_something_may_have_landed() -> None:
    parked = sending.record_probe(unknown(), "op/1", Probe("cannot_tell", False), NOW, SETTLE)
    again = outbox.retry(parked, LATER)
    assert (again.state, again.steps[0].state, again.steps[0].absent_scans) == ("unknown", "unknown", 0)
    assert again.steps[0].probe_after == LATER


def test_a_retry_does_not_cut_the_settle_window_short() -> None:
    again = outbox.retry(outbox.park(unknown()), NOW)
    assert again.steps[0].probe_after == NOW + timedelta(seconds=SETTLE)


def test_a_person_who_looked_may_have_it_sent_again() -> None:
    again = outbox.retry(outbox.park(unknown()), LATER, seen_absent=True)
    assert (again.state, again.steps[0].state) == ("pending", "pending")


def test_a_retry_of_a_landed_note_reads_back_and_never_sends_it_again() -> None:
    parked = sending.record_check(landed(), "op/1", ["it is public"])
    assert outbox.retry(parked, LATER, seen_absent=True).state == "landed"


def test_a_retry_of_fields_the_helpdesk_ignored_sends_them_again() -> None:
    began = sent(Change(status="hold"), step(1, "fields"))
    arrived = sending.record(began, "op/1", Landed(None, None), NOW, SETTLE)
    parked = sending.record_check(arrived, "op/1", ["status was not set"])
    assert (parked.state, parked.steps[0].state) == ("parked", "landed")
    assert outbox.retry(parked, LATER).steps[0].state == "pending"


@pytest.mark.parametrize("operation", [proposed(), sent(), unknown(), landed()])
def test_what_is_on_its_way_is_not_retried(operation: Operation) -> None:
    with pytest.raises(Refused):
        outbox.retry(operation, LATER)


def test_only_a_conflict_is_resolved() -> None:
    with pytest.raises(Refused):
        outbox.resolve(pending(), {}, ticket())


# --- what happens on the way ----------------------------------------------------------------------------


def test_beginning_counts_and_times_the_attempt() -> None:
    began = sending.begin(pending(), [step(problem="old", absent_scans=1)], NOW)
    (first,) = began.steps
    assert (began.state, first.state, first.attempts, first.sent_at) == ("sending", "sending", 1, NOW)
    assert (first.absent_scans, first.problem) == (0, "")


@pytest.mark.parametrize(
    ("outcome", "state", "wait_s"),
    [
        (Landed("7", None), "landed", None),
        (NotSent("refused"), "pending", 5.0),
        (Throttled(33, "account"), "pending", 33.0),
        (Throttled(0, "account"), "pending", 1.0),
        (Throttled(99_999, "account"), "pending", 3600.0),
        (Conflict(None), "pending", None),
        (Rejected(403, []), "rejected", None),
        (Unknown("reset"), "unknown", SETTLE),
    ],
)
def test_every_outcome_has_its_state_and_its_wait(outcome: Any, state: str, wait_s: float | None) -> None:
    after = sending.record(sent(), "op/1", outcome, NOW, SETTLE)
    assert (after.state, after.steps[0].state) == (state, state)
    due = after.steps[0].probe_after
    assert due == (None if wait_s is None else NOW + timedelta(seconds=wait_s))


def test_attempts_that_never_left_wait_longer_and_longer() -> None:
    assert [sending.backoff_s(attempt) for attempt in (1, 2, 3, 7, 50)] == [5, 10, 20, 300, 300]


def test_found_is_landed_with_its_receipt() -> None:
    after = sending.record_probe(unknown(), "op/1", Probe("found", True, "77"), LATER, SETTLE)
    assert (after.state, after.steps[0].receipt) == ("landed", "77")


def test_one_absent_scan_is_not_enough() -> None:
    once = sending.record_probe(unknown(), "op/1", Probe("absent", True), LATER, SETTLE)
    assert (once.state, once.steps[0].absent_scans) == ("unknown", 1)
    assert once.steps[0].probe_after == LATER + timedelta(seconds=SETTLE)
    twice = sending.record_probe(once, "op/1", Probe("absent", True), LATER, SETTLE)
    assert twice.state == "pending"


@pytest.mark.parametrize("probe", [Probe("cannot_tell", True), Probe("absent", False)])
def test_a_scan_that_cannot_tell_waits_for_a_person(probe: Probe) -> None:
    parked = sending.record_probe(unknown(), "op/1", probe, LATER, SETTLE)
    assert (parked.state, parked.steps[0].state) == ("parked", "unknown")


def test_a_write_that_never_arrives_is_not_sent_for_ever() -> None:
    tired = replace(unknown(), steps=(replace(unknown().steps[0], attempts=8, absent_scans=1),))
    parked = sending.record_probe(tired, "op/1", Probe("absent", True), LATER, SETTLE)
    assert parked.state == "parked"
    assert "8 times" in parked.problem


def test_a_public_difference_comes_first() -> None:
    parked = sending.record_check(landed(), "op/1", ["status is open", "PUBLIC: the customer sees it"])
    assert parked.problem == "PUBLIC: the customer sees it; status is open"


def test_the_next_step_follows_only_when_the_one_before_is_read_back() -> None:
    began = sent(Change(note=INTERNAL.note, status="hold"), step(1, "fields"), step(2, "note"))
    arrived = sending.record(began, "op/1", Landed(None, None), NOW, SETTLE)
    assert (arrived.state, [one.state for one in arrived.steps]) == ("landed", ["landed", "pending"])
    checked = sending.record_check(arrived, "op/1", [])
    assert (checked.state, [one.state for one in checked.steps]) == ("pending", ["verified", "pending"])


def test_a_half_written_operation_keeps_its_keys_and_what_landed() -> None:
    began = sent(Change(note=INTERNAL.note, status="hold"), step(1, "fields"), step(2, "note"))
    half = sending.record_check(sending.record(began, "op/1", Landed(None, None), NOW, SETTLE), "op/1", [])
    assert sending.left_to_write(half) == Change(note=INTERNAL.note)
    fresh = [step(1, "note")]
    kept = sending.replanned(half, fresh, ticket())
    assert [one.key for one in kept] == ["op/1", "op/2"]
    assert [one.state for one in kept] == ["verified", "pending"]


def test_fields_carry_status_tags_and_owner_unless_these_have_steps_of_their_own() -> None:
    change = Change(note=INTERNAL.note, tags_add=("a",), fields={"f": 1}, status="hold", assignee="me")
    note, fields, status = step(1, "note"), step(2, "fields"), step(3, "status")
    done = replace(note, state="verified")
    half = replace(pending(change), steps=(done, fields, status))
    assert sending.left_to_write(half) == replace(change, note=None)
    half = replace(half, steps=(done, replace(fields, state="verified"), status))
    assert sending.left_to_write(half) == Change(status="hold")


def test_in_line_is_as_confirmed_but_what_has_begun_goes_first() -> None:
    early = replace(pending(), id="b", confirmed_at=NOW)
    late = replace(pending(), id="a", confirmed_at=LATER)
    begun = replace(sent(), id="c", confirmed_at=LATER + timedelta(seconds=1))
    waiting = replace(proposed(), id="d")
    done = replace(pending(), id="e", state="verified")
    assert [one.id for one in sending.in_line([waiting, begun, late, early, done])] == ["c", "b", "a"]


@pytest.mark.parametrize("visibility", ["public", "internal"])
def test_no_step_is_more_or_less_public_than_what_was_confirmed(visibility: Any) -> None:
    plan = [replace(step(), visibility=visibility)]
    with pytest.raises(Refused):
        sending.check_visibility(replace(pending(PUBLIC), public_confirmed_with=""), plan)
    if visibility == "public":
        sending.check_visibility(pending(PUBLIC), plan)
        with pytest.raises(Refused):
            sending.check_visibility(pending(INTERNAL), plan)
    else:
        sending.check_visibility(pending(INTERNAL), plan)
        with pytest.raises(Refused):
            sending.check_visibility(pending(PUBLIC), plan)


LOG = NoteFile("a.log", PLAIN_TEXT, "all well")
CAN = FakeHelpdesk(Server([]), random.Random(1)).capabilities


def test_a_public_reply_with_a_file_is_refused_when_it_is_proposed_and_again_before_it_is_sent() -> None:
    with pytest.raises(Refused, match="never carries a file"):
        proposed(Change(note=Note("we found it", "public", files=(LOG,))))
    smuggled = replace(PUBLIC, note=Note("we found it", "public", files=(LOG,)))
    plan = [replace(step(), visibility="public")]
    with pytest.raises(Refused, match="never carries a file"):
        sending.check_visibility(replace(pending(PUBLIC), change=smuggled), plan)


def test_a_file_is_sent_only_where_the_helpdesk_keeps_it_from_the_customer() -> None:
    change = Change(note=Note("found it", "internal", files=(LOG,)))
    sending.check_files(pending(change), CAN)
    sending.check_files(pending(INTERNAL), replace(CAN, internal_files=False))
    with pytest.raises(Refused, match="cannot keep a file from the customer"):
        sending.check_files(pending(change), replace(CAN, internal_files=False))


def test_a_file_that_is_too_long_is_refused() -> None:
    longest = replace(LOG, text="x" * LARGEST_FILE)
    assert proposed(Change(note=Note("found it", "internal", files=(longest,))))
    with pytest.raises(Refused, match="at most"):
        proposed(Change(note=Note("x", "internal", files=(replace(longest, text=longest.text + "x"),))))


def test_once_read_back_a_step_keeps_of_its_files_the_names_only() -> None:
    file = {"name": "a.log", "media_type": PLAIN_TEXT, "text": "all well"}
    carrying = replace(step(), payload={"note": "found it", "files": [file]})
    landed = sending.record(sent(INTERNAL, carrying), "op/1", Landed("9", None), NOW, SETTLE)
    assert landed.steps[0].payload == carrying.payload
    read_back = sending.record_check(landed, "op/1", [])
    assert read_back.steps[0].payload == {"note": "found it", "files": [{**file, "text": ""}]}
    assert sending.record_check(landed, "op/1", ["a.log is not on the note"]).steps[0].payload == (
        carrying.payload
    )


@pytest.mark.parametrize("state", ["dropped", "parked"])
def test_an_outcome_does_not_bring_back_what_a_person_set_aside(state: WriteState) -> None:
    aside = outbox.drop(sent()) if state == "dropped" else outbox.park(sent())
    after = sending.record(aside, "op/1", Landed("9", None), NOW, SETTLE)
    assert (after.state, after.steps[0].state, after.steps[0].receipt) == (state, "landed", "9")
