"""How a recommendation stands, in the NTSB's status codes, and who may move it.

The names are those of the NTSB's safety recommendations as PHMSA and the NTSB's CAROL list them; what each
means here is our own reading. The addressee can only answer; the issuer judges the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from triage.model.errors import Invalid, Refused

Side = Literal["issuer", "addressee"]


@dataclass(frozen=True, slots=True)
class Status:
    """One status code."""

    code: str
    name: str
    meaning: str

    @property
    def open(self) -> bool:
        """Whether work is still owed."""
        return self.code in OPEN


OPEN = frozenset({"OAR", "ORR", "OAA", "OAAR", "OUA"})
CONFIRMED = frozenset({"OAA", "OAAR"})
"""The addressee has a plan and we accept it: only such work, or work done, may be named to a customer."""
DONE = frozenset({"CEX", "CAA", "CAAA"})

STATUSES: dict[str, Status] = {
    one.code: one
    for one in (
        Status("OAR", "Open – Await Response", "issued; nobody has answered yet"),
        Status("ORR", "Open – Response Received", "answered; we have not judged the answer"),
        Status("OAA", "Open – Acceptable Response", "the plan answers it and is under way"),
        Status("OAAR", "Open – Acceptable Alternate Response", "another way that would do is under way"),
        Status("OUA", "Open – Unacceptable Response", "the answer would not solve it; it stays open"),
        Status("CEX", "Closed – Exceeds Recommended Action", "more was done than was asked"),
        Status("CAA", "Closed – Acceptable Action", "done"),
        Status("CAAA", "Closed – Acceptable Alternate Action", "done in another way"),
        Status("CUA", "Closed – Unacceptable Action", "it will not be done, and we disagree"),
        Status("CUAN", "Closed – Unacceptable Action / No Response Received", "never answered"),
        Status("CR", "Closed – Reconsidered", "the addressee convinced us"),
        Status("CNLA", "Closed – No Longer Applicable", "the thing it was about is gone"),
        Status("CS", "Closed – Superseded", "another recommendation took its place"),
        Status("CAAS", "Closed – Acceptable Action – Superseded", "done, and replaced since"),
        Status(
            "CAAAS",
            "Closed – Acceptable Alternate Action – Superseded",
            "done another way, and replaced since",
        ),
        Status("CUAS", "Closed – Unacceptable Action – Superseded", "not done, and replaced since"),
    )
}
_CLOSED = frozenset(STATUSES) - OPEN
TRANSITIONS: dict[str, frozenset[str]] = {
    "OAR": frozenset({"ORR", "CUAN"}),
    "ORR": frozenset({"OAA", "OAAR", "OUA", "CR"}),
    "OAA": _CLOSED,
    "OAAR": _CLOSED,
    "OUA": _CLOSED | {"ORR"},
    **{code: frozenset({"OAR"}) for code in _CLOSED},
}
"""What may follow what. A closed one opens only by being reopened, and then waits for an answer again."""


AT_ISSUE = ("OAR", "ORR", "OAA", "OAAR", "CAA", "CAAA", "CEX")
"""As what one may be issued: asked for, answered meanwhile, agreed beforehand, or done already."""


def may_be(issued: str) -> tuple[str, ...]:
    """The statuses that one may have in the next version: as it is, or what may follow; all in their order.

    ``issued`` is its status in the version before, empty for one that is new.
    """
    legal = {issued, *TRANSITIONS[issued]} if issued in TRANSITIONS else set(AT_ISSUE)
    return tuple(code for code in STATUSES if code in legal)


def move(current: str, new: str, side: Side) -> Status:
    """The status after ``side`` moves it from ``current`` to ``new``.

    Raises `Invalid` for an unknown or illegal move, `Refused` where the addressee would judge itself.
    """
    for one in (current, new):
        if one not in STATUSES:
            raise Invalid(f"there is no status {one!r}", do=f"Use one of {', '.join(STATUSES)}")
    if side == "addressee" and new != "ORR":
        raise Refused("the addressee answers; the issuer judges", where=new, do="Record the answer as ORR")
    if new not in TRANSITIONS[current]:
        legal = ", ".join(sorted(TRANSITIONS[current]))
        raise Invalid(f"{current} cannot become {new}", do=f"From {current} it may become {legal}")
    return STATUSES[new]
