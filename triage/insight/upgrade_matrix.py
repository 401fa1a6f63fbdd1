"""Upgrade policy against technology: where each product stands, and which cases an upgrade has cost.

Lenient and simple (I) rarely hurts; lenient and complex (II) lets old releases live on; strict and simple
(III) is done in passing; strict and complex (IV) is where customers stay behind or leave.
"""

from __future__ import annotations

from collections.abc import Sequence

from triage.model.investigation import Investigation
from triage.model.service import ProductLine, Quadrant, Technology, UpgradeCase, UpgradePolicy

QUADRANTS: tuple[tuple[int, UpgradePolicy, Technology], ...] = (
    (1, "lenient", "simple"),
    (2, "lenient", "complex"),
    (3, "strict", "simple"),
    (4, "strict", "complex"),
)
FAMILY = "B6."
"""Codes of change and upgrade."""


def upgrade_matrix(
    investigations: Sequence[Investigation], products: Sequence[ProductLine]
) -> tuple[Quadrant, ...]:
    """The four fields with their products and cases; last, where there is any, what nobody has placed."""
    cases = [one for it in investigations if it.adopted_at is not None and (one := _case(it)).codes]
    placed = {one.name.casefold() for one in products}
    fields = [
        Quadrant(number, policy, technology, *_of(products, policy, technology, cases))
        for number, policy, technology in QUADRANTS
    ]
    loose = tuple(one for one in cases if one.product.casefold() not in placed)
    if loose:
        names = tuple(dict.fromkeys(one.product or "not said" for one in loose))
        fields.append(Quadrant(0, None, None, names, loose))
    return tuple(fields)


def _of(
    products: Sequence[ProductLine],
    policy: UpgradePolicy,
    technology: Technology,
    cases: Sequence[UpgradeCase],
) -> tuple[tuple[str, ...], tuple[UpgradeCase, ...]]:
    names = tuple(
        one.name for one in products if (one.upgrade_policy, one.technology) == (policy, technology)
    )
    folded = {one.casefold() for one in names}
    return names, tuple(one for one in cases if one.product.casefold() in folded)


def _case(it: Investigation) -> UpgradeCase:
    said = dict.fromkeys([it.classification.code, *(one.code for one in it.findings)])
    codes = tuple(code for code in said if code.startswith(FAMILY))
    return UpgradeCase(it.id, it.ticket_key, it.product, codes, it.upgrade_held_by)
