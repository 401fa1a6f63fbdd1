"""The team's own file about its service: products with their upgrade policy, and targets.

Every mistake is an `Invalid` with file:line:column.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from triage.model.errors import Invalid
from triage.model.service import ProductLine, ServicePlan, Technology, UpgradePolicy
from triage.retrospective import strict_yaml

TARGETS = ("first_contact_resolution",)
_PARTS = ("products", "targets")
_PRODUCT: Mapping[str, tuple[str, ...]] = {
    "upgrade_policy": get_args(UpgradePolicy),
    "technology": get_args(Technology),
}


def read_service(text: str, name: str) -> ServicePlan:
    """What ``text``, called ``name`` in errors, says. Raises `Invalid`."""
    document = strict_yaml.read(text, name)
    data = document.data if document.data is not None else {}
    if not isinstance(data, Mapping):
        raise Invalid("a service file is a mapping", where=document.where(), do="Begin with 'products:'")
    for key in data:
        _known(key, _PARTS, document.where(key))
    products, targets = (_named(document, data, key) for key in _PARTS)
    return ServicePlan(
        tuple(_product(document, one, said) for one, said in products.items()),
        {one: _target(document, one, value) for one, value in targets.items()},
    )


def _named(document: strict_yaml.Document, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = data.get(key) or {}
    if not isinstance(part, Mapping):
        raise Invalid(f"{key} is a mapping of names", where=document.where(key))
    return part


def _product(document: strict_yaml.Document, name: str, said: Any) -> ProductLine:
    if not isinstance(said, Mapping):
        do = "Give upgrade_policy and technology"
        raise Invalid(f"{name} is not placed", where=document.where("products", name), do=do)
    for key in said:
        _known(key, _PRODUCT, document.where("products", name, key))
    for key, allowed in _PRODUCT.items():
        if said.get(key) not in allowed:
            where = document.where("products", name, key)
            raise Invalid(f"{key} is none of {', '.join(allowed)}", where=where)
    return ProductLine(
        name, cast("UpgradePolicy", said["upgrade_policy"]), cast("Technology", said["technology"])
    )


def _target(document: strict_yaml.Document, name: str, value: Any) -> float:
    where = document.where("targets", name)
    _known(name, TARGETS, where)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise Invalid(f"{name} is a percentage from 0 to 100", where=where)
    return float(value)


def _known(name: str, allowed: Iterable[str], where: str) -> None:
    names = list(allowed)
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        do = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(names)}"
        raise Invalid(f"there is no {name!r}", where=where, do=do)
