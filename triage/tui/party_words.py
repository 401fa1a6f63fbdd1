"""The sides of an investigation in rows: who was asked, who has answered, who sees it differently. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import get_args

from triage.model.clean_text import clean_line
from triage.model.investigation import Investigation, Party, PartyKind, Submission
from triage.tui.clock_words import ago, clock
from triage.tui.glyphs import SIGN
from triage.tui.safe_text import Piece, fit
from triage.tui.wrapping import wrapped

SIDES: Mapping[str, str] = {
    "support_frontline": "support",
    "support_tier2": "support, tier 2",
    "engineering": "engineering",
    "product": "product",
    "customer": "customer",
    "partner_or_third_party": "partner",
    "account_team": "account team",
    "docs_education": "docs and education",
    "operations": "operations",
}
"""Every side that can be heard, as it is called on screen."""
HEARD: Mapping[Submission, tuple[str, str]] = {
    "not_invited": ("not asked", "muted"),
    "invited": ("asked", "accent"),
    "submitted": (f"{SIGN.kept} has answered", "good"),
    "declined": ("does not wish to say", "muted"),
    "no_reply": (f"{SIGN.broken} never answered", "severity"),
}
PROPOSED = ("findings", "cause", "recommendations")
"""The parts of what a side may propose."""
SIDE_WIDTH = 20
HEARD_WIDTH = 30


@dataclass(frozen=True, slots=True)
class SideRow:
    """A row; ``side`` is what the keys speak of on it, empty on a dissent and on a heading."""

    pieces: tuple[Piece, ...]
    side: str = ""


def name(side: str) -> str:
    """What a side is called."""
    return SIDES.get(side, clean_line(side).replace("_", " "))


def all_sides(it: Investigation) -> tuple[Party, ...]:
    """Those of the investigation first, then those that nobody has asked."""
    held = {one.kind for one in it.parties}
    return (*it.parties, *(Party(side, "not_invited") for side in get_args(PartyKind) if side not in held))


def side_rows(
    it: Investigation,
    answer_due: Callable[[Party], datetime | None],
    *,
    now: datetime,
    zone: tzinfo,
    width: int,
) -> list[SideRow]:
    """Every side with what it said, then the dissents as they will be printed."""
    rows: list[SideRow] = []
    for party in all_sides(it):
        rows += _side(party, answer_due(party), now, zone, width)
    rows += [SideRow(()), SideRow(_title("Dissent: printed as written, and the verdict stands", width))]
    rows += [row for text in it.dissent for row in _words("", text, width)]
    if not it.dissent:
        rows.append(
            SideRow(
                ((" Nobody sees it differently. ", "muted"), ("D", "accent"), (" writes one down", "muted"))
            )
        )
    if it.reopened_for or it.superseded:
        rows += [SideRow(()), SideRow(_title("Versions", width)), *_versions(it, now, zone, width)]
    return rows


def _side(party: Party, due: datetime | None, now: datetime, zone: tzinfo, width: int) -> Iterator[SideRow]:
    words, tone = HEARD[party.submission]
    if due is not None:
        late = due < now
        words += f", late since {clock(due, now, zone)}" if late else f", answers by {clock(due, now, zone)}"
        tone = "promise" if late else tone
    said = party.findings or party.cause or party.recommendations or party.account
    room = max(0, width - SIDE_WIDTH - HEARD_WIDTH - 3)
    known = "muted" if party.submission == "not_invited" else "strong"
    yield SideRow(
        (
            (f" {fit(name(party.kind), SIDE_WIDTH)}", known),
            (f"{fit(words, HEARD_WIDTH)} ", tone),
            (fit(" ".join(said.split()), room), "muted"),
        ),
        party.kind,
    )


def _versions(it: Investigation, now: datetime, zone: tzinfo, width: int) -> Iterator[SideRow]:
    if it.reopened_for:
        yield from _words("reopened", it.reopened_for, width)
    for number, at in enumerate(it.superseded, start=1):
        words = f"final version {number}, adopted {clock(at, now, zone)}, superseded; V reads it"
        yield from _words("" if number > 1 else "earlier", words, width, "muted")


def _words(label: str, text: str, width: int, tone: str = "") -> Iterator[SideRow]:
    lines, _ = wrapped(text, width - 13, 40)
    for n, line in enumerate(lines):
        lead = f" {label if not n else '':<10}" if label else " "
        yield SideRow(((lead, "muted"), (line, tone)))


def _title(words: str, width: int) -> tuple[Piece, ...]:
    return ((f" {words} ", "strong"), (SIGN.rule * max(0, width - len(words) - 3), "rule"))


def said_text(party: Party, now: datetime) -> str:
    """All that a side has said."""
    asked = f"asked {ago(party.invited_at, now)}\n" if party.invited_at else ""
    parts = [("What it saw, believed and expected", party.account)]
    parts += [(f"Proposed {part}", getattr(party, part)) for part in PROPOSED]
    told = "\n\n".join(f"{title}\n{text}" for title, text in parts if text)
    return f"{asked}{HEARD[party.submission][0]}\n\n{told or 'It has said nothing yet.'}"


def parties_in_short(it: Investigation) -> str:
    """Who was heard, in a line: ``2 of 3 heard, customer asked``; empty where nobody was asked."""
    if not it.parties:
        return ""
    heard = sum(bool(one.submission == "submitted" or one.account) for one in it.parties)
    waiting = [name(one.kind) for one in it.parties if one.submission == "invited" and not one.account]
    more = f", {' and '.join(waiting)} still to answer" if waiting else ""
    return f"{heard} of {len(it.parties)} heard{more}"


def follow_up(it: Investigation) -> Sequence[tuple[str, str]]:
    """Label and words of what stands beside the verdict: parties, dissent, new evidence, earlier versions."""
    rows = [("parties", parties_in_short(it) or "nobody was asked")]
    rows += [("dissent", one) for one in it.dissent]
    if it.reopened_for and it.state == "reopened":
        rows.append(("reopened", it.reopened_for))
    if it.superseded:
        count = len(it.superseded)
        rows.append(("versions", f"{count} earlier final version{'s' if count > 1 else ''}"))
    return rows
