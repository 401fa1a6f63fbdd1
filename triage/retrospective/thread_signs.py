"""Words in a thread that hint at an answer: why it was escalated, what was claimed, how it felt."""

from __future__ import annotations

import re
from collections.abc import Mapping


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


REASONS: Mapping[str, re.Pattern[str]] = {
    "authority": _any(
        r"no (?:tool|way|right|access|permission)", "not allowed", "authority", "production database"
    ),
    "expected_behaviour": _any(
        "supposed to", r"expected behaviou?r", r"is (?:this|it) (?:right|normal|intended)", "by whom"
    ),
    "larger_response": _any(
        r"more (?:people|hands)", "many customers", "all customers", "second engineer", "incident"
    ),
}
"""Why a case came to engineering, by what was written before it did; the first that matches is offered."""

EXCUSES: Mapping[str, re.Pattern[str]] = {
    "self_inflicted": _any(
        r"(?:our|your|their|customer'?s?) (?:own )?fault", r"self[- ]inflicted", "caused by the customer"
    ),
    "own_scripts": _any(r"(?:own|home-?grown|custom) scripts?", r"direct(?:ly)? reads?", "the script"),
    "unsupported_release": _any(r"(?:old|unsupported|end[- ]of[- ]life) (?:release|version)"),
    "works_as_designed": _any("as designed", "by design", "as intended", r"expected behaviou?r"),
    "third_party": _any(
        r"third[- ]party", r"(?:customer|your)'?s? (?:network|proxy|provider)", "another vendor"
    ),
    "used_incorrectly": _any(r"(?:used|using|use) (?:it|them) (?:wrong|wrongly|incorrectly)"),
}
"""Claims that end a question too early, as people write them."""

UPGRADE = _any(r"upgrad\w*", "migrat(?:e|ed|ing|ion)", "new release", "old release")
HELD_BACK: Mapping[str, re.Pattern[str]] = {
    "price": _any("price", r"licen[cs]es?", "budget", "too expensive"),
    "risk": _any("risk", "risky", r"afraid", "broke last time", r"cannot afford (?:an outage|downtime)"),
    "work": _any(r"re-?test\w*", r"re-?validat\w*", "effort", "man-?days", "weeks of work"),
    "policy": _any("policy", "change freeze", "freeze", "change board", "certified", "regulator"),
}
"""Why a customer stays on an old release, by the words of a message that speaks of upgrading."""

FEELING = _any(
    *("we", "our", "waiting", "anybody", "anyone", "please", "urgent"),
    *("nobody", "again", "still", "cannot", "nothing"),
)
GREETING = re.compile(
    r"^(?:hi|hello|dear|thanks?|thank you|regards|best|confirmed|log attached|attached)\b", re.IGNORECASE
)
