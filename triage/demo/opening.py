"""Opening a demo's state: made on first use, kept over restarts, made anew on request."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from triage.demo import schema
from triage.demo.case_file import read_cases, read_people
from triage.demo.case_time import CaseClock
from triage.demo.generation import generate
from triage.demo.planting import AGENT_DOMAIN, plant_cases, plant_people
from triage.demo.records import Records
from triage.model.errors import Invalid

ACCOUNT_EMAIL = f"oncall@{AGENT_DOMAIN}"
"""Whose token it is: an engineer on call."""
DEFAULT_SEED = 1


def open_records(
    home: Path,
    *,
    now: datetime,
    tickets: int | None = None,
    seed: int | None = None,
    zone: str = "local",
    reset: bool = False,
    progress: Callable[[int], None] = lambda _done: None,
) -> Records:
    """The demo's rows in ``home``, a folder of its own; ``now`` is what the cases are told from.

    ``tickets`` is how many there shall be in all (never fewer than the written cases), ``seed`` chooses the
    generated ones and ``zone`` the clock times in the texts; all three count at the first start only.
    Raises `Invalid` for a state made with other numbers, `Stopped` when another server holds it.
    """
    path = home / schema.FILE_NAME
    _make_home(home)
    if reset:
        _forget(path)
    if not path.exists():
        clock = CaseClock.at(now, _zone(zone))
        made = _Making(tickets or 0, DEFAULT_SEED if seed is None else seed, clock, progress)
        try:
            schema.create(path, made.fill)
        except (OSError, sqlite3.Error) as trouble:
            raise Invalid(f"cannot write here ({trouble})", where=str(home)) from None
    records = Records(schema.connect(path))
    _compare(records, home, tickets, seed)
    return records


class _Making:
    def __init__(self, tickets: int, seed: int, clock: CaseClock, progress: Callable[[int], None]) -> None:
        self._tickets, self._seed, self._clock, self._progress = tickets, seed, clock, progress

    def fill(self, db: sqlite3.Connection) -> None:
        cases = read_cases()
        directory = plant_people(db, read_people(), self._clock.origin)
        plant_cases(db, cases, directory, self._clock, self._seed)
        more = max(0, self._tickets - len(cases))
        generate(db, more, self._seed, directory=directory, clock=self._clock, progress=self._progress)
        facts = {
            "token": secrets.token_urlsafe(30),
            "email": ACCOUNT_EMAIL,
            "seed": str(self._seed),
            "tickets": str(self._tickets),
            "born": str(self._clock.origin.timestamp()),
        }
        db.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as trouble:
        raise Invalid(f"cannot be used as a folder ({trouble.strerror})", where=str(home)) from None


def _forget(path: Path) -> None:
    """Remove the state, broken or not, but never under a server that works with it."""
    if path.exists():
        with suppress(Invalid):
            schema.connect(path).close()
    schema.remove(path)


def _zone(name: str) -> ZoneInfo | None:
    if name == "local":
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(f"no time zone is called {name}", do="Use a name like Europe/Lisbon") from None


def _compare(records: Records, home: Path, tickets: int | None, seed: int | None) -> None:
    for name, asked in (("tickets", tickets), ("seed", seed)):
        kept = records.meta(name)
        if asked is not None and str(asked) != kept:
            records.close()
            raise Invalid(
                f"the demo kept here was made with --{name} {kept}, not {asked}",
                where=str(home),
                do="Start with --reset to make it anew",
            )
