"""Where the time of cases goes, and which sides take part: by code and component, never by person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta

from triage.model.composition import LifeShare, Reach
from triage.model.investigation import Investigation
from triage.retrospective.case_life import PHASES, totals

HEARD = frozenset({"submitted", "declined"})
WANTED = ("support_frontline", "engineering", "product", "customer")
GROUPS: dict[str, Callable[[Investigation], str]] = {
    "code": lambda it: it.classification.code,
    "component": lambda it: it.component,
}


def life_shares(investigations: Iterable[Investigation], by: str) -> tuple[LifeShare, ...]:
    """The case lives of adopted investigations added up by ``by``, the longest first."""
    grouped: dict[str, list[Investigation]] = defaultdict(list)
    for it in investigations:
        if it.adopted_at is not None:
            grouped[GROUPS[by](it) or "not said"].append(it)
    shares = [_share(name, held) for name, held in grouped.items()]
    return tuple(sorted(shares, key=lambda one: (-sum(one.spent.values(), timedelta()), one.group)))


def _share(name: str, held: list[Investigation]) -> LifeShare:
    spent: dict[str, timedelta] = {}
    rounds: Counter[str] = Counter()
    for it in held:
        for phase, (length, again) in totals(it.case_life).items():
            spent[phase] = spent.get(phase, timedelta()) + length
            rounds[phase] += again
    return LifeShare(
        name, len(held), {phase: spent[phase] for phase in PHASES if phase in spent}, dict(rounds)
    )


def reach(investigations: Iterable[Investigation]) -> tuple[Reach, ...]:
    """Which sides were heard in adopted investigations, by component and quarter."""
    grouped: dict[tuple[str, str], list[Investigation]] = defaultdict(list)
    for it in investigations:
        if it.adopted_at is not None:
            quarter = f"{it.opened_at.year}-Q{(it.opened_at.month + 2) // 3}"
            grouped[it.component or "not said", quarter].append(it)
    return tuple(_reach(*name, held) for name, held in sorted(grouped.items()))


def _reach(component: str, quarter: str, held: list[Investigation]) -> Reach:
    heard = Counter(
        kind for it in held for kind in {party.kind for party in it.parties if party.submission in HEARD}
    )
    absent = tuple(side for side in WANTED if not heard[side])
    return Reach(component, quarter, len(held), dict(heard.most_common()), absent)
