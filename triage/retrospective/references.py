"""How an answer names an event, a time or a date.

An event: its id (``E07``), ``m3`` (the third message of the ticket), words in it (``~no way to put grants
back``), or a kind (``escalation``: the first of its kind; ``fix`` and ``verify``: the last).
A time: ``now``, an event, or an ISO time, each with an offset if need be (``m1 - 44m``, ``+14d`` from now).
A date: an ISO date, an offset, or as people say it (``30 June``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from triage.model.case import CaseFacts
from triage.model.errors import Invalid
from triage.model.investigation import CaseEvent
from triage.model.spoken.time import find_times
from triage.retrospective.imported_timeline import source_ref

Precision = Literal["exact", "minute", "hour", "day", "estimated"]
_LAST_OF_KIND = frozenset({"fix", "workaround", "verify", "close"})
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*([mhdw])", re.IGNORECASE)
_OFFSET = re.compile(r"\s*([+-])\s*((?:\d+(?:\.\d+)?\s*[mhdw]\s*)+)$", re.IGNORECASE)
_MESSAGE = re.compile(r"[mM]#?(\d{1,9})")
_YEARS = range(1900, 3000)
"""Years in which a time may lie: others are slips, and leave no room for zones and offsets."""
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class References:
    """What names may stand for in one case at one moment."""

    timeline: Sequence[CaseEvent]
    facts: CaseFacts
    now: datetime
    zone: tzinfo = UTC

    def event(self, name: str, *, where: str) -> CaseEvent:
        """The event called ``name``. Raises `Invalid` saying what may be named."""
        found = self._find(name.strip())
        if found is None:
            known = f"E01 to {self.timeline[-1].id}" if self.timeline else "none yet"
            do = f"Name an event ({known}), a message (m1, m2 …), ~words in it, or a kind such as escalation"
            raise Invalid(f"there is no event {name!r}", where=where, do=do)
        return found

    def _find(self, name: str) -> CaseEvent | None:
        for event in self.timeline:
            if event.id.lower() == name.lower():
                return event
        if match := _MESSAGE.fullmatch(name):
            return self._message(int(match[1]))
        if name.startswith("~"):
            return self._saying(name[1:].strip())
        of_kind = [event for event in self.timeline if event.kind == name]
        if not of_kind:
            return None
        return of_kind[-1] if name in _LAST_OF_KIND else of_kind[0]

    def _saying(self, words: str) -> CaseEvent | None:
        """The first event with ``words`` in it; those of an edited one are still found."""
        wanted = words.lower()
        said = (event for event in self.timeline if wanted in f"{event.original} {event.text}".lower())
        return next(said, None) if wanted else None

    def _message(self, number: int) -> CaseEvent | None:
        messages = [event for event in self.facts.timeline if event.kind == "message"]
        if not 0 < number <= len(messages):
            return None
        ref = source_ref(messages[number - 1])
        return next((event for event in self.timeline if event.ref == ref and event.imported), None)

    def message_id(self, name: str) -> str:
        """The helpdesk's id of message ``m3``; empty when ``name`` is no message of the ticket."""
        match = re.fullmatch(r"[mM](\d{1,9})", name)
        messages = [event for event in self.facts.timeline if event.kind == "message"]
        if match is None or not 0 < int(match[1]) <= len(messages):
            return ""
        return messages[int(match[1]) - 1].id

    def moment(self, said: str, *, where: str) -> tuple[datetime, Precision]:
        """The time meant by ``said`` (UTC) and how exactly it was given. Raises `Invalid`."""
        try:
            at, precision = self._moment(said.strip(), where)
        except OverflowError:
            raise _out_of_reach(said, where) from None
        if at.year not in _YEARS:
            raise _out_of_reach(said, where)
        return at, precision

    def _moment(self, text: str, where: str) -> tuple[datetime, Precision]:
        offset = timedelta()
        if match := _OFFSET.search(text):
            length = sum(float(number) * _UNITS[unit.lower()] for number, unit in _LENGTH.findall(match[2]))
            offset = timedelta(seconds=length if match[1] == "+" else -length)
            text = text[: match.start()].strip()
        if not text or text.lower() == "now":
            return self.now + offset, "minute"
        if (event := self._find(text)) is not None:
            return event.at + offset, "minute"
        at, precision = self._absolute(text, where)
        return at + offset, precision

    def _absolute(self, text: str, where: str) -> tuple[datetime, Precision]:
        if match := _CLOCK.fullmatch(text):
            local = self.now.astimezone(self.zone)
            at = local.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
            return (at if at <= local else at - timedelta(days=1)).astimezone(UTC), "minute"
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            do = "Write 2026-03-10T18:42Z, 18:42, now, an event such as m1, or one with an offset: m1 - 44m"
            raise Invalid(f"{said_short(text)!r} is no time", where=where, do=do) from None
        at = (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)
        return at, "day" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else "minute"

    def day(self, said: str, *, where: str) -> date:
        """The date meant by ``said``. Raises `Invalid`."""
        text = said.strip()
        if _OFFSET.fullmatch(text) or text.lower() in {"now", "today"}:
            return self.moment(text if text.lower() != "today" else "now", where=where)[0].date()
        try:
            return date.fromisoformat(text[:10]) if text[:4].isdigit() else self._spoken_day(text)
        except ValueError:
            do = "Write 2026-04-15, +14d, or 15 April"
            raise Invalid(f"{said_short(text)!r} is no date", where=where, do=do) from None

    def _spoken_day(self, text: str) -> date:
        for spoken in find_times(text):
            due = spoken.due(self.now, self.zone)
            if due is not None and spoken.end - spoken.start >= len(text) - 1:
                return due.astimezone(self.zone).date()
        raise ValueError(text)


def _out_of_reach(said: str, where: str) -> Invalid:
    do = f"Name a time between the years {_YEARS.start} and {_YEARS.stop - 1}"
    return Invalid(f"{said_short(said.strip())!r} is too far away", where=where, do=do)


def said_short(text: str) -> str:
    """``text`` for an error line, cut at forty characters."""
    return text if len(text) <= 40 else f"{text[:40]}…"
