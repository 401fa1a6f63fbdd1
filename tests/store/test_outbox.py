from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from tests.store.samples import json_values, operation, step, texts, times, versions
from triage.model.errors import NotFound
from triage.model.note_file import NoteFile
from triage.model.operation import Change, Note, Operation, Step, StepKind, WriteState
from triage.store import outbox

states = st.sampled_from(get_args(WriteState))
visibilities = st.sampled_from(["public", "internal"])
tables = st.dictionaries(texts, json_values, max_size=3)
lists = st.lists(texts, max_size=3).map(tuple)
files = st.builds(NoteFile, texts, texts, texts, texts, lists)
changes = st.builds(
    Change,
    note=st.none() | st.builds(Note, texts, visibilities, files=st.lists(files, max_size=2).map(tuple)),
    replaces_marker=texts,
    tags_add=lists,
    tags_remove=lists,
    fields=tables,
    status=st.none() | texts,
    assignee=st.none() | texts,
)
steps = st.builds(
    Step,
    key=texts,
    kind=st.sampled_from(get_args(StepKind)),
    payload=tables,
    visibility=visibilities,
    base=st.none() | versions,
    probe=st.sampled_from(["marker", "state"]),
    state=states,
    attempts=st.integers(0, 9),
    receipt=texts,
    sent_at=st.none() | times,
    absent_scans=st.integers(0, 9),
    probe_after=st.none() | times,
    problem=texts,
)
operations = st.builds(
    Operation,
    id=st.just("op"),
    ticket_id=texts,
    change=changes,
    state=states,
    created_at=times,
    created_by=texts,
    steps=st.lists(steps, max_size=3, unique_by=lambda one: one.key).map(tuple),
    base=tables,
    base_version=st.none() | versions,
    confirmed_at=st.none() | times,
    public_confirmed_with=texts,
    purpose=texts,
    problem=texts,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations, operations)
def test_an_operation_comes_back_as_it_was(session: Session, first: Operation, second: Operation) -> None:
    with session.begin_nested() as point:
        outbox.add_operation(session, first)
        assert outbox.load_operation(session, "op") == first
        outbox.save_operation(session, second)
        assert outbox.load_operation(session, "op") == second
        point.rollback()


def test_a_field_of_the_model_that_is_not_kept_is_noticed() -> None:
    from dataclasses import fields

    from triage.store.operation_rows import operation_values, step_values

    kept = set(operation_values(operation("a")))
    assert {one.name for one in fields(Operation)} == kept | {"steps"}
    assert {one.name for one in fields(Step)} | {"operation_id", "ordinal"} == set(
        step_values("a", 0, step("k"))
    )


def test_the_same_operation_is_not_added_twice(session: Session) -> None:
    outbox.add_operation(session, operation("a"))
    with pytest.raises(IntegrityError):
        outbox.add_operation(session, operation("a"))


def test_what_is_finished_is_listed_only_when_asked_for(session: Session) -> None:
    for number, state in enumerate(get_args(WriteState)):
        outbox.add_operation(session, operation(f"{number:02d}", state=state))
    listed = {one.state for one in outbox.list_operations(session)}
    assert set(get_args(WriteState)) - listed == {"verified", "dropped"}
    assert len(outbox.list_operations(session, finished=True)) == len(get_args(WriteState))
    assert outbox.list_operations(session, ticket_id="2") == ()
    with pytest.raises(NotFound):
        outbox.load_operation(session, "nope")
