"""What a heading of a runbook says its section is for."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Purpose: TypeAlias = Literal["condition", "impact", "steps", "references", "left_out"]

_PURPOSES: tuple[tuple[Purpose, str], ...] = (
    (
        "left_out",
        r"(?:table of )?contents|toc|change ?log|licen[sc]e|authors?|(?:revision |document )?history"
        r"|metadata|contributors?|navigation",
    ),
    (
        "references",
        r"references?|resources?|(?:useful |related |additional )?(?:links?|resources|information|reading)"
        r"|further reading|see also|appendix.*|related .*",
    ),
    ("impact", r"impact.*|(?:business |customer |user )?impact|severity.*|consequences?"),
    (
        "condition",
        r"meaning|overview|description|summary|symptoms?|alerts?|alert (?:details|name)|purpose|background"
        r"|introduction|about.*|context|problem(?: statement)?|triggers?|scope|objective|goals?|when to use.*"
        r"|what (?:is|does) .*|possible causes?|causes?|definition|applicability",
    ),
)
_LANES = (
    ("communicate", r"communicat|notif|escalat|inform\b|announce|status page|stakeholder"),
    (
        "fix",
        r"remediat|mitigat|contain|eradicat|recover|resol[uv]|\bfix|roll ?back|restor|repair|workaround"
        r"|solution",
    ),
    (
        "investigate",
        r"investigat|diagnos|triage|identif|detect|analy[sz]|verif|check|troubleshoot|debug|confirm|assess",
    ),
)


def purpose_of(heading: str) -> Purpose | None:
    """The purpose a heading names, or None for one of its own."""
    words = re.sub(r"^[\d.)\s#]+|[^\w\s&-]", "", heading.lower()).strip()
    for purpose, pattern in _PURPOSES:
        if re.fullmatch(pattern, words):
            return purpose
    return None


def lane_of(headings: list[str]) -> str:
    """The lane the innermost telling heading names; empty when none does."""
    for heading in reversed(headings):
        for lane, pattern in _LANES:
            if re.search(pattern, heading.lower()):
                return lane
    return ""
