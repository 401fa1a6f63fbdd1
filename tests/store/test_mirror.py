from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from tests.store.samples import NOW, event, full_event, full_ticket, reply, ticket
from triage.store import mirror


def test_a_ticket_comes_back_as_it_was_told(session: Session) -> None:
    mirror.save_tickets(session, [full_ticket(), ticket("2")], NOW)
    assert mirror.load_ticket(session, "1") == full_ticket()
    assert mirror.load_ticket(session, "2") == ticket("2")
    assert mirror.load_ticket(session, "3") is None


def test_the_newest_telling_of_a_ticket_counts(session: Session) -> None:
    mirror.save_tickets(session, [ticket(), ticket(subject="twice")], NOW)
    mirror.save_tickets(session, [ticket(subject="later")], NOW + timedelta(hours=1))
    held = mirror.load_mirrored(session, "1")
    assert held is not None
    assert (held.ticket.subject, held.pulled_at) == ("later", NOW + timedelta(hours=1))
    assert mirror.count_tickets(session) == 1


def test_an_event_comes_back_raw(session: Session) -> None:
    raw = full_event()
    mirror.save_timeline(session, "1", [raw])
    if session.get_bind().dialect.name == "postgresql":
        # It has no NUL in text.
        raw = replace(raw, text=raw.text.replace("\0", "\ufffd"))
    assert mirror.load_timeline(session, "1") == (raw,)


def test_half_a_surrogate_pair_does_not_stop_the_pull(session: Session) -> None:
    mirror.save_tickets(session, [ticket(subject="a\ud800b")], NOW)
    held = mirror.load_ticket(session, "1")
    assert held is not None
    assert held.subject == "a\ufffdb"


def test_the_timeline_is_in_the_servers_order(session: Session) -> None:
    same = [event(name, hour=1) for name in ("z", "a", "m")]
    mirror.save_timeline(session, "1", [*same, event("early", hour=0)])
    assert [one.id for one in mirror.load_timeline(session, "1")] == ["early", "z", "a", "m"]


def test_a_known_event_keeps_its_place_among_those_of_the_same_second(session: Session) -> None:
    mirror.save_timeline(session, "1", [event("a"), event("b")])
    mirror.save_timeline(session, "1", [event("a", text="edited"), event("c")])
    assert [one.id for one in mirror.load_timeline(session, "1")] == ["a", "b", "c"]


def test_further_events_are_added_and_known_ones_updated(session: Session) -> None:
    mirror.save_timeline(session, "1", [event("a", text="old"), event("b")])
    mirror.save_timeline(session, "1", [event("a", text="new"), event("c")])
    kept = mirror.load_timeline(session, "1")
    assert {one.id: one.text for one in kept}["a"] == "new"
    assert len(kept) == 3


def test_replacing_forgets_what_is_not_told_any_more(session: Session) -> None:
    mirror.save_timelines(session, {"1": [event("a"), event("b")], "2": [event("x", "2")]})
    mirror.save_timeline(session, "1", [event("b")], mode="replace")
    assert [one.id for one in mirror.load_timeline(session, "1")] == ["b"]
    assert len(mirror.load_timeline(session, "2")) == 1


def test_a_gone_ticket_stays_readable_and_is_not_known_any_more(session: Session) -> None:
    mirror.save_tickets(session, [ticket("1"), ticket("2")], NOW)
    mirror.mark_gone(session, ["1"])
    held = mirror.load_mirrored(session, "1")
    assert held is not None
    assert held.gone
    assert mirror.latest_outside(session, [], 5) == ("2",)
    mirror.save_tickets(session, [ticket("1")], NOW)
    assert set(mirror.latest_outside(session, [], 5)) == {"1", "2"}


@pytest.mark.parametrize(
    "reference", ["40817", "#40817", "HL-40817", "hl-40817", " HL-40817 ", "https://acme.example/t/40817"]
)
def test_a_ticket_is_found_by_what_people_call_it(session: Session, reference: str) -> None:
    mirror.save_tickets(session, [ticket("40817", url="https://acme.example/t/40817"), ticket("2")], NOW)
    assert mirror.find_ticket_id(session, reference) == "40817"


@pytest.mark.parametrize("reference", ["", "#", "HL-4081", "https://acme.example/t/9", "%", "408_7"])
def test_a_ticket_is_not_found_by_less(session: Session, reference: str) -> None:
    mirror.save_tickets(session, [ticket("40817", url="")], NOW)
    assert mirror.find_ticket_id(session, reference) is None


def test_a_key_wins_over_an_id_of_the_same_spelling(session: Session) -> None:
    mirror.save_tickets(session, [ticket("7", key="#7"), ticket("8", key="7")], NOW)
    assert mirror.find_ticket_id(session, "7") == "8"
    assert mirror.find_ticket_id(session, "#7") == "7"


def test_thousands_of_ids_fit_in_one_question(session: Session) -> None:
    tickets = [ticket(str(number)) for number in range(1200)]
    mirror.save_tickets(session, tickets, NOW)
    mirror.save_timelines(session, {one.id: [event("a", one.id), reply("b", one.id)] for one in tickets})
    ids = [one.id for one in tickets]
    assert len(mirror.load_many(session, ids)) == 1200
    assert sum(map(len, mirror.load_timelines(session, ids).values())) == 2400
