"""Invented tickets, events and writes for the store's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from triage.model.operation import Change, Note, Operation, Step
from triage.model.promise import Promise
from triage.model.queue import QueueItem
from triage.model.ticket import Satisfaction, Ticket, Version
from triage.model.timeline import Attachment, TimelineEvent

NOW = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)

times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
versions = st.builds(Version, texts, st.booleans())


def ticket(ticket_id: str = "1", **more: Any) -> Ticket:
    """A ticket in want of nothing but what ``more`` says."""
    values: dict[str, Any] = {
        "id": ticket_id,
        "key": f"HL-{ticket_id}",
        "subject": "Manifests cannot be opened",
        "status": "open",
        "created_at": NOW - timedelta(days=1),
        "updated_at": NOW - timedelta(hours=1),
        "version": Version("v1", True),
        "customer": "Cobalt Freight",
    }
    return Ticket(**(values | more))


def full_ticket(ticket_id: str = "1") -> Ticket:
    """A ticket with something in every field."""
    return ticket(
        ticket_id,
        priority="urgent",
        requester="Ines Duarte",
        relationship="prospect",
        product="Harbourlight",
        product_version="4.2.1",
        component="identity",
        assignee="mara",
        type="incident",
        tags=("escalated", "größe", "a b"),
        fields={"Reason": "no tool", "n": 3, "list": ["a", {"b": None}]},
        satisfaction=Satisfaction("bad", "Is anybody there?"),
        url="https://acme.example/agent/tickets/1",
        open=False,
    )


def event(event_id: str = "e1", ticket_id: str = "1", hour: float = 0, **more: Any) -> TimelineEvent:
    """A public message of the customer, ``hour`` hours after `NOW` less a day."""
    values: dict[str, Any] = {
        "id": event_id,
        "ticket_id": ticket_id,
        "at": NOW - timedelta(days=1) + timedelta(hours=hour),
        "kind": "message",
        "visibility": "public",
        "actor_role": "customer",
        "text": "Trucks are waiting.",
    }
    return TimelineEvent(**(values | more))


def reply(event_id: str, ticket_id: str = "1", hour: float = 1, text: str = "Thank you.") -> TimelineEvent:
    """A public word from us."""
    return event(event_id, ticket_id, hour, actor_role="support_tier2", text=text)


def full_event() -> TimelineEvent:
    """An event with something in every field."""
    return event(
        actor="Mara",
        field="status",
        old="new",
        new="open",
        source_ref="comment 7",
        attachments=(Attachment("log.txt", 12, "ref", "text/plain"), Attachment("b", -1, "r2")),
        marker="op.0",
        text="\x1b[31m[/foo] \u202e\0",
    )


def promise(due: datetime, **more: Any) -> Promise:
    """An update promised for ``due``."""
    values: dict[str, Any] = {"id": "p", "kind": "next_update", "made_at": NOW, "due": due}
    return Promise(**(values | more))


def operation(operation_id: str, ticket_id: str = "1", state: str = "pending", **more: Any) -> Operation:
    """An internal note in ``state``, one step."""
    values: dict[str, Any] = {
        "id": operation_id,
        "ticket_id": ticket_id,
        "change": Change(note=Note("text", "internal")),
        "state": state,
        "created_at": NOW,
        "created_by": "mara",
        "confirmed_at": None if state == "proposed" else NOW,
        "steps": (step(f"{operation_id}.0", state=state if state != "proposed" else "pending"),),
    }
    return Operation(**(values | more))


def step(key: str, **more: Any) -> Step:
    """A step that carries a note."""
    values: dict[str, Any] = {
        "key": key,
        "kind": "note",
        "payload": {"body": "text"},
        "visibility": "internal",
        "base": None,
        "probe": "marker",
    }
    return Step(**(values | more))


names = st.sampled_from(["mara", "Mara", "jun", "", "Größe", "ß", "100%", "a_b", "ŉ", "x y"])
words = st.sampled_from(["Cobalt Freight", "cobalt", "Ünïcode", "%_~", "", "tag", "Straße", "HL-1", "sso"])
hours = st.integers(-30, 30)


@st.composite
def queue_items(draw: st.DrawFn, number: int = 0) -> QueueItem:
    """Rows with many ties, so that the order's last resort matters too."""
    due = draw(st.none() | hours)
    return QueueItem(
        id=str(number),
        key=draw(st.sampled_from(["HL-1", "HL-22", "#3"])),
        subject=draw(words),
        status=draw(st.sampled_from(["open", "Pending", "new"])),
        priority=draw(st.sampled_from([None, "urgent", "high", "normal", "low"])),
        customer=draw(words),
        product=draw(words),
        assignee=draw(names),
        created_at=NOW,
        updated_at=NOW,
        waiting_since=NOW - timedelta(hours=draw(st.integers(0, 5))),
        next_promise_due=None if due is None else NOW + timedelta(minutes=due * 5),
        unacknowledged=draw(st.booleans()),
        url="",
        local_state=draw(st.sampled_from(["new", "playbook 4/11", "investigating", "adopted"])),
        tags=tuple(draw(st.lists(words.filter(bool), max_size=2))),
        relationship=draw(st.sampled_from(["customer", "prospect"])),
        marked=draw(st.booleans()),
        fresh=draw(st.sampled_from(["", "new", "changed"])),
        to_send=draw(st.integers(0, 2)),
    )


@st.composite
def queues(draw: st.DrawFn) -> list[QueueItem]:
    """A queue of up to a dozen rows."""
    return [draw(queue_items(number)) for number in range(draw(st.integers(0, 12)))]
