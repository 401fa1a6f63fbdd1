"""Enhancement cases: what may be said about one, and the fold of what was said.

Each verb gives the entry to append. A case is ready only when it is aligned with where the product goes and
its numbers and its value are there; nobody is shown a wish that nobody has counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from triage.model.clean_text import clean_line
from triage.model.enhancement import LEVELS, Asking, EnhancementCase, EnhancementState
from triage.model.entry import Entry, NewEntry
from triage.model.errors import Invalid, NotFound, Stopped
from triage.model.json_value import Json
from triage.model.ticket import Ticket

ALIGNED = ("yes", "no", "unknown")
TRANSITIONS: Mapping[EnhancementState, frozenset[EnhancementState]] = {
    "draft": frozenset({"screened_out", "ready"}),
    "screened_out": frozenset({"draft"}),
    "ready": frozenset({"presented", "screened_out", "draft"}),
    "presented": frozenset({"accepted", "declined", "screened_out", "draft"}),
    "accepted": frozenset({"shipped", "declined"}),
    "declined": frozenset({"draft"}),
    "shipped": frozenset(),
}
"""What may follow what. A decision against it is not for ever: it may be drafted again."""
_ORDER: tuple[EnhancementState, ...] = (
    "ready", "presented", "accepted", "shipped", "declined", "draft", "screened_out",
)  # fmt: skip
RULE = "──── DRAFT – not sent ────"


def opened(number_id: str, title: str, tickets: Sequence[Ticket], investigation: str = "") -> list[NewEntry]:
    """The entries that open one. Raises `Invalid` without a title or a ticket that asks for it."""
    if not clean_line(title):
        raise Invalid("an enhancement case needs a title", do="Say in a few words what is wished for")
    if not tickets:
        raise Invalid("nobody asks for it", do="Name the ticket with --from")
    data: dict[str, Json] = {"title": clean_line(title), "investigation": investigation}
    return [_entry(number_id, "opened", data), *(asked(number_id, one) for one in tickets)]


def asked(number_id: str, ticket: Ticket, *, question: str = "") -> NewEntry:
    """One more ticket asks for it; of a prospect, with what they wanted to know."""
    return _entry(
        number_id,
        "asked",
        {
            "ticket": ticket.id,
            "key": ticket.key,
            "customer": ticket.customer,
            "relationship": ticket.relationship,
            "question": clean_line(question),
        },
    )


def screened(it: EnhancementCase, aligned: str, note: str) -> list[NewEntry]:
    """Whether it fits where the product goes, and why. Not aligned is screened out. Raises `Invalid`."""
    if aligned not in ALIGNED:
        raise Invalid(f"aligned is no {aligned!r}", do=f"Say one of {', '.join(ALIGNED)}")
    if aligned != "unknown" and not note.strip():
        raise Invalid("a reason is wanted", where=it.id, do="Say why it fits, or why it does not")
    entries = [_entry(it.id, "screened", {"aligned": aligned, "note": note.strip()})]
    if aligned == "no" and it.state != "screened_out":
        entries.append(moved(it, "screened_out", note))
    if aligned != "no" and it.state == "screened_out":
        entries.append(moved(it, "draft", note))
    return entries


def quantified(it: EnhancementCase, expected: int, basis: str) -> NewEntry:
    """How many would use it, and what that was counted from. Raises `Invalid`."""
    if expected < it.asked_by:
        raise Invalid(f"{it.asked_by} ask for it, so {expected} is too few", where=it.id)
    if not basis.strip():
        raise Invalid("a number without its basis", where=it.id, do="Say what it was counted from")
    return _entry(it.id, "quantified", {"expected": expected, "basis": basis.strip()})


def valued(it: EnhancementCase, risk: str, level: str, revenue: int | None, currency: str) -> NewEntry:
    """What is lost without it, and for whom. Raises `Invalid`."""
    if level not in LEVELS:
        raise Invalid(f"no level is a {level!r}", where=it.id, do=f"Use one of {', '.join(LEVELS)}")
    if not risk.strip():
        raise Invalid("what is lost without it is not said", where=it.id)
    if revenue is not None and (revenue < 0 or not currency.strip()):
        raise Invalid(
            "an amount needs a currency and no minus", where=it.id, do="--revenue 410000 --currency EUR"
        )
    data = {"risk": risk.strip(), "level": level, "revenue": revenue, "currency": currency.strip().upper()}
    return _entry(it.id, "valued", data)


def bundled(it: EnhancementCase, others: Sequence[str], known: Iterable[str]) -> NewEntry:
    """Other cases that the same work would answer. Raises `NotFound`, or `Invalid` for itself."""
    names = set(known)
    for other in others:
        if other == it.id:
            raise Invalid(f"{it.id} cannot be bundled with itself")
        if other not in names:
            raise NotFound(f"no enhancement case {other}", do="triage enhancement list shows them")
    return _entry(it.id, "bundled", {"others": list(dict.fromkeys(others))})


def recruited(it: EnhancementCase, forum: str, votes: int, comments: int) -> NewEntry:
    """Where customers can say that they want it too, and how many did. Raises `Invalid`."""
    if votes < 0 or comments < 0:
        raise Invalid("votes and comments are counted from 0", where=it.id)
    return _entry(it.id, "recruited", {"forum": forum.strip(), "votes": votes, "comments": comments})


def moved(it: EnhancementCase, state: EnhancementState, words: str = "") -> NewEntry:
    """The next state. Raises `Invalid` for a move that is not legal, `Stopped` before it is ready."""
    if state not in TRANSITIONS[it.state]:
        legal = ", ".join(sorted(TRANSITIONS[it.state])) or "nothing"
        raise Invalid(f"{it.state} cannot become {state}", where=it.id, do=f"It may become {legal}")
    lacking = missing(it) if state == "ready" else ()
    if lacking:
        raise Stopped(
            f"not ready: {'; '.join(lacking)}", where=it.id, do="triage enhancement show tells more"
        )
    if state in {"accepted", "declined"} and not words.strip():
        raise Invalid("a decision without words", where=it.id, do="Say what was decided, with --text")
    return _entry(it.id, "moved", {"state": state, "text": words.strip()})


def told(it: EnhancementCase, key: str) -> NewEntry:
    """Those of ticket ``key`` know what came of it. Raises `NotFound`, or `Stopped` before a decision."""
    waiting = {one.ticket_key: one for one in it.to_tell}
    if key in waiting:
        return _entry(it.id, "told", {"ticket": waiting[key].ticket_id})
    if any(one.ticket_key == key for one in it.asking):
        raise Stopped(f"there is nothing to tell {key} now", where=it.id)
    raise NotFound(f"{key} does not ask for {it.id}", do="triage enhancement show lists who does")


def missing(it: EnhancementCase) -> tuple[str, ...]:
    """What is missing before it is ready, in plain words."""
    lacks = []
    if it.aligned != "yes":
        lacks.append("it is not screened as aligned")
    if it.expected is None:
        lacks.append("how many would use it is not counted")
    if not it.level:
        lacks.append("what is lost without it is not said")
    if any(one.relationship == "prospect" for one in it.asking) and not it.prospect_questions:
        lacks.append("what the prospect wanted to know is not written down")
    return tuple(lacks)


def next_states(it: EnhancementCase) -> tuple[tuple[EnhancementState, str], ...]:
    """What it may become, onward before back, each with what still stands in the way (empty: nothing)."""
    lacking = "; ".join(missing(it))
    return tuple(
        (state, lacking if state == "ready" else "") for state in _ORDER if state in TRANSITIONS[it.state]
    )


def reply_draft(it: EnhancementCase) -> str:
    """Words for those who asked, to copy and never sent from here. Raises `Stopped` before a decision."""
    wish = it.title[:1].lower() + it.title[1:]
    said = {
        "screened_out": f"You asked for {wish}. We looked at it, and it does not fit where the product is "
        "going, so we will not build it. We would rather say so now than let you wait.",
        "declined": f"You asked for {wish}. It was decided not to build it now. If your need changes or "
        "grows, tell us: the case is kept and can be opened again.",
        "accepted": f"You asked for {wish}. It has been accepted for planning. There is no date yet; you "
        "hear from us when there is one, and when it ships.",
        "shipped": f"You asked for {wish}. It is there. Please tell us whether it does what you needed.",
    }.get(it.state)
    if said is None:
        raise Stopped(
            f"{it.id} is {it.state.replace('_', ' ')}: nothing is decided yet", do="Decide it first"
        )
    return "\n".join([RULE, "", said, "", RULE])


def fold(entries: Iterable[Entry]) -> EnhancementCase:
    """The case that ``entries`` (of one, oldest first) tell. Raises `NotFound` where none opens it."""
    it: EnhancementCase | None = None
    for entry in entries:
        if entry.kind == "enhancement.opened":
            it = _opened(entry)
        elif it is not None:
            it = _after(it, entry)
    if it is None:
        raise NotFound("no enhancement case was opened")
    return it


def _opened(entry: Entry) -> EnhancementCase:
    name = str(entry.data.get("investigation", ""))
    return EnhancementCase(
        entry.subject_id,
        entry.case_id,
        str(entry.data["title"]),
        entry.at,
        investigations=(name,) if name else (),
    )


def _after(it: EnhancementCase, entry: Entry) -> EnhancementCase:
    data: Mapping[str, Any] = entry.data
    match entry.kind.removeprefix("enhancement."):
        case "asked":
            return _with_asking(it, data)
        case "screened":
            return replace(it, aligned=data["aligned"], note=data["note"])
        case "quantified":
            return replace(it, expected=data["expected"], basis=data["basis"])
        case "valued":
            return replace(
                it,
                risk=data["risk"],
                level=data["level"],
                revenue_at_risk=data["revenue"],
                currency=data["currency"],
            )
        case "bundled":
            return replace(it, bundle=tuple(data["others"]))
        case "recruited":
            return replace(it, forum=data["forum"], votes=data["votes"], comments=data["comments"])
        case "moved":
            decided = data["text"] if data["state"] in {"accepted", "declined"} else it.decision
            return replace(it, state=data["state"], decision=decided, asking=_untold(it, data["state"]))
        case "told":
            asking = tuple(
                replace(one, told_at=entry.at) if one.ticket_id == data["ticket"] else one
                for one in it.asking
            )
            return replace(it, asking=asking)
    return it


def _with_asking(it: EnhancementCase, data: Mapping[str, Any]) -> EnhancementCase:
    questions = (*it.prospect_questions, data["question"]) if data.get("question") else it.prospect_questions
    it = replace(it, prospect_questions=tuple(dict.fromkeys(questions)))
    if any(one.ticket_id == data["ticket"] for one in it.asking):
        return it
    new = Asking(data["ticket"], data["key"], data["customer"], data["relationship"])
    return replace(it, asking=(*it.asking, new))


def _untold(it: EnhancementCase, state: str) -> tuple[Asking, ...]:
    """A decision is news: whoever was told of an earlier one is told again."""
    if state in {"accepted", "declined", "shipped", "screened_out"}:
        return tuple(replace(one, told_at=None) for one in it.asking)
    return it.asking


def _entry(name: str, happened: str, data: Mapping[str, Json]) -> NewEntry:
    return NewEntry("enhancement", name, f"enhancement.{happened}", data)
