"""Which part somebody plays, told from the names of their groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from triage.model.timeline import ActorRole

_USUAL: tuple[tuple[str, ActorRole], ...] = (
    (r"tier ?[23]|level ?2|\bl2\b|second line", "support_tier2"),
    (r"engineer|develop|\bl3\b|\br&?d\b", "engineering"),
    (r"product manage|^product$", "product"),
    (r"account|customer success|sales", "account_team"),
    (r"doc|education|training|enablement", "docs_education"),
    (r"operations|\bops\b|\bsre\b|infrastructure", "operations"),
    (r"partner|reseller|vendor", "partner_or_third_party"),
    (r"support|help ?desk|service desk|tier ?1|\bl1\b", "support_frontline"),
)
_GUESSES = tuple((re.compile(pattern, re.IGNORECASE), role) for pattern, role in _USUAL)


class Roles:
    """The profile's own table first, then the usual names of groups."""

    def __init__(self, named: Mapping[str, ActorRole]) -> None:
        self._named = {name.casefold(): role for name, role in named.items()}

    def of(self, names: Iterable[str]) -> ActorRole | None:
        """The role of somebody with these names: their own first, then their groups. None: nothing fits."""
        names = [name for name in names if name]
        for name in names:
            if (role := self._named.get(name.casefold())) is not None:
                return role
        return None

    def of_groups(self, groups: Iterable[str]) -> ActorRole | None:
        """The role that membership in ``groups`` suggests."""
        groups = list(groups)
        if (role := self.of(groups)) is not None:
            return role
        for group in groups:
            for pattern, guess in _GUESSES:
                if pattern.search(group):
                    return guess
        return None
