from __future__ import annotations

from pathlib import Path

from tests.demo.conftest import START
from triage.demo import documents
from triage.demo.opening import open_records
from triage.demo.paging import CursorPage
from triage.demo.records import PRESENT, SOLVED, Records, Selection, tagged

EVERYTHING = CursorPage(10_000)


def contents(home: Path, seed: int, tickets: int = 400) -> tuple[list[str], list[str]]:
    records = open_records(home, now=START, tickets=tickets, seed=seed, zone="UTC")
    found = list(records.select(PRESENT, EVERYTHING).docs), list(records.listing("audits", EVERYTHING).docs)
    records.close()
    return found


def test_the_same_seed_gives_the_same_helpdesk(tmp_path: Path) -> None:
    first, again, other = (contents(tmp_path / name, seed) for name, seed in (("a", 3), ("b", 3), ("c", 4)))
    assert first == again
    assert first != other


def test_the_number_asked_for_is_the_number_of_tickets(tmp_path: Path) -> None:
    tickets, _ = contents(tmp_path, 1)
    assert len(tickets) == 400


def opened(tmp_path: Path) -> Records:
    return open_records(tmp_path, now=START, tickets=400, zone="UTC")


def test_generated_tickets_are_in_the_queue_with_a_short_thread(tmp_path: Path) -> None:
    records = opened(tmp_path)
    generated = Selection("external_id >= 'HL-50001'")
    queued = generated & tagged("escalated") & Selection("rank < ?", (SOLVED,))
    assert records.count(generated) == records.count(queued) == 400 - 51
    lengths = {
        len(records.audits(documents.load(text)["id"], EVERYTHING, newest_first=False).keys)
        for text in records.select(generated, EVERYTHING).docs
    }
    records.close()
    assert lengths <= {2, 3, 4}
    assert len(lengths) == 3


def test_new_ids_after_generation_are_fresh(tmp_path: Path) -> None:
    records = opened(tmp_path)
    last = max(records.select(PRESENT, EVERYTHING).keys)
    assert records.next_ticket_id() == last + 1
    assert records.next_audit_id() > max(records.listing("audits", EVERYTHING).keys)
    records.close()
