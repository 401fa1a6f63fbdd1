"""What adopted cases are worth: some teach something new, of others only their number tells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from triage.model.case import CaseFacts
from triage.model.investigation import Investigation
from triage.model.service import CaseValue, Demand, Learnt
from triage.retrospective import codes
from triage.retrospective.complexity import complexity


def case_value(cases: Iterable[tuple[Investigation, CaseFacts]]) -> CaseValue:
    """Cases worth their content by code, most first; cases worth their number by month and component."""
    learnt: dict[str, list[Investigation]] = defaultdict(list)
    demand: Counter[tuple[str, str]] = Counter()
    for it, facts in cases:
        if it.adopted_at is None:
            continue
        if complexity(it, facts).value == "content":
            learnt[it.classification.code].append(it)
        else:
            demand[f"{it.opened_at:%Y-%m}", it.component or "not said"] += 1
    content = [
        Learnt(
            code,
            codes.code(code).name,
            tuple(one.id for one in held),
            sum(one.classification.chronic for one in held),
        )
        for code, held in learnt.items()
    ]
    return CaseValue(
        tuple(sorted(content, key=lambda one: (-len(one.cases), one.code))),
        tuple(Demand(month, component, count) for (month, component), count in sorted(demand.items())),
    )
