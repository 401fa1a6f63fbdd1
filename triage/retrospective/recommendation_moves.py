"""What may be done with a recommendation now, verb by verb, and in plain words why the rest may not."""

from __future__ import annotations

from triage.model.register_line import MoveVerb, StatusMove
from triage.retrospective.recommendation_status import OPEN, STATUSES, TRANSITIONS

VERBS: dict[MoveVerb, tuple[str, ...]] = {
    "respond": ("ORR",),
    "judge": ("OAA", "OAAR", "OUA", "CR"),
    "close": ("CAA", "CAAA", "CEX", "CUA", "CR", "CNLA", "CS", "CUAN", "CAAS", "CAAAS", "CUAS"),
    "reopen": ("OAR",),
}
"""The statuses that each verb can lead to, the usual ones first."""

_WHY_NOT: dict[tuple[MoveVerb, str], str] = {
    ("respond", "ORR"): "it was answered; that answer is to be judged first",
    ("respond", "OAA"): "the answer was accepted; what is left is to close it",
    ("respond", "OAAR"): "the answer was accepted; what is left is to close it",
    ("judge", "OAR"): "nobody has answered yet; the answer is what is judged",
    ("judge", "OAA"): "the answer was judged; what is left is to close it",
    ("judge", "OAAR"): "the answer was judged; what is left is to close it",
    ("judge", "OUA"): "that answer was judged; a new answer comes first, or it is closed",
    ("close", "OAR"): "nobody has answered yet; unanswered it can only end as CUAN",
    ("close", "ORR"): "the answer is to be judged first; only CR ends it at once",
}


def moves(current: str) -> tuple[StatusMove, ...]:
    """Every status that any verb could lead to from ``current``, legal or not, verb by verb."""
    return tuple(_move(verb, code, current) for verb, codes in VERBS.items() for code in codes)


def _move(verb: MoveVerb, code: str, current: str) -> StatusMove:
    status = STATUSES[code]
    return StatusMove(verb, code, status.name, status.meaning, _why_not(verb, code, current))


def _why_not(verb: MoveVerb, code: str, current: str) -> str:
    judging_nothing = verb == "judge" and current != "ORR"
    if code in TRANSITIONS[current] and not judging_nothing:
        return ""
    if verb == "reopen":
        return "it is open"
    if current not in OPEN:
        return "it is closed; reopening it comes first"
    return _WHY_NOT[verb, current]
