"""Who speaks, in one short word: a role, not a name."""

from __future__ import annotations

from triage.model.timeline import ActorRole

_WORDS: dict[ActorRole, str] = {
    "customer": "customer",
    "support_frontline": "support",
    "support_tier2": "tier 2",
    "engineering": "engineering",
    "product": "product",
    "partner_or_third_party": "partner",
    "account_team": "account team",
    "docs_education": "docs",
    "operations": "operations",
    "helpdesk": "helpdesk",
    "investigator": "investigator",
}


def role_word(role: ActorRole) -> str:
    """The word for ``role`` on screen."""
    return _WORDS[role]
