"""The exchange of letters about a recommendation: the addressee answers, the issuer judges.

A letter is a docket entry and is never changed. It may be written long after the investigation was adopted:
that is when recommendations are followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from triage.model.entry import Entry, NewEntry
from triage.model.errors import Invalid, NotFound
from triage.model.investigation import Exchange, Investigation, Recommendation
from triage.retrospective.recommendation_status import STATUSES, Side, move

MOVED = "recommendation.moved"
TRACKED = "recommendation.tracked"
MEASURED = "recommendation.measured"


@dataclass(frozen=True, slots=True)
class Letter:
    """One entry about one recommendation, as it stands in the docket."""

    about: str
    letter: Exchange | None = None
    tracker_url: str = ""
    effect: str = ""


def respond(investigation: Investigation, name: str, text: str) -> NewEntry:
    """The addressee's answer. Raises `NotFound`, and `Invalid` for no words or where none is awaited."""
    return _moved(investigation, name, "ORR", text, "addressee")


def judge(investigation: Investigation, name: str, status: str, text: str) -> NewEntry:
    """What the issuer thinks of the answer: OAA, OAAR, OUA, or CR. Raises `NotFound` or `Invalid`."""
    if status in STATUSES and not STATUSES[status].open and status != "CR":
        raise Invalid(f"{status} closes it", where=name, do="triage recommendations close does that")
    return _moved(investigation, name, status, text, "issuer")


def close(investigation: Investigation, name: str, status: str, text: str) -> NewEntry:
    """The end of it, with what was done. Raises `NotFound`, or `Invalid` for a move that is not legal."""
    if status in STATUSES and STATUSES[status].open:
        raise Invalid(f"{status} leaves it open", where=name, do="triage recommendations judge does that")
    return _moved(investigation, name, status, text, "issuer")


def reopen(investigation: Investigation, name: str, text: str, *, sender: str = "") -> NewEntry:
    """A closed one waits for an answer again. Raises `NotFound`, or `Invalid` where it is open.

    ``sender`` is the id of the investigation that found it again, where one did.
    """
    return _moved(investigation, name, "OAR", text, "issuer", sender)


def track(investigation: Investigation, name: str, url: str) -> NewEntry:
    """Where the work is followed. Raises `NotFound`, or `Invalid` for what is no web address."""
    one = found(investigation, name)
    if not url.startswith(("https://", "http://")) or any(char.isspace() for char in url):
        raise Invalid(f"{url!r} is no web address", where=name, do="Give the whole address, with https://")
    return NewEntry("investigation", investigation.id, TRACKED, {"recommendation": one.id, "url": url})


def measure(investigation: Investigation, name: str, text: str) -> NewEntry:
    """What counting before and after has shown. Raises `NotFound`, or `Invalid` without words."""
    one = found(investigation, name)
    if not text.strip():
        raise Invalid("a measure without words", where=name, do="Say what was counted, before and after")
    data = {"recommendation": one.id, "text": text.strip()}
    return NewEntry("investigation", investigation.id, MEASURED, data)


def found(investigation: Investigation, name: str) -> Recommendation:
    """The recommendation called ``name``: ``R1``. Raises `NotFound`."""
    for one in investigation.recommendations:
        if one.id == name:
            return one
    known = ", ".join(one.id for one in investigation.recommendations) or "none"
    raise NotFound(f"{investigation.id} has no recommendation {name}", do=f"It has: {known}")


def _moved(
    investigation: Investigation, name: str, status: str, text: str, side: Side, sender: str = ""
) -> NewEntry:
    one = found(investigation, name)
    move(one.status, status, side)
    if not text.strip():
        raise Invalid("a letter without words", where=name, do="Say in a sentence what was decided or done")
    data = {"recommendation": one.id, "status": status, "sender": sender or side, "text": text.strip()}
    return NewEntry("investigation", investigation.id, MOVED, data)


def letter_of(entry: Entry) -> Letter | None:
    """The letter that ``entry`` is; None for any other entry."""
    data: Mapping[str, Any] = entry.data
    if entry.kind == MOVED:
        said = Exchange(entry.at, data["sender"], data["text"], data["status"])
        return Letter(data["recommendation"], said)
    if entry.kind == TRACKED:
        return Letter(data["recommendation"], tracker_url=data["url"])
    if entry.kind == MEASURED:
        return Letter(data["recommendation"], effect=data["text"])
    return None


def with_letters(
    recommendations: Iterable[Recommendation], letters: Sequence[Letter]
) -> tuple[Recommendation, ...]:
    """The recommendations as they stand after ``letters``, oldest first."""
    return tuple(
        _after(one, [letter for letter in letters if letter.about == one.id]) for one in recommendations
    )


def _after(one: Recommendation, letters: Sequence[Letter]) -> Recommendation:
    for item in letters:
        if item.letter is not None:
            one = replace(one, status=item.letter.status_after, exchange=(*one.exchange, item.letter))
        elif item.effect:
            one = replace(one, effect_result=item.effect)
        else:
            one = replace(one, tracker_url=item.tracker_url)
    return one


def closed_at(one: Recommendation) -> datetime | None:
    """When it was closed; None while it is open, or where it was written down as closed already."""
    if STATUSES[one.status].open or not one.exchange:
        return None
    return one.exchange[-1].at
