"""Counting runs together, by playbook and version."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from triage.model.json_value import Json
from triage.model.playbook_statistics import AlikeAnswer, PlaybookStatistics, StepStatistics, WayCount
from triage.playbook.language.steps import Ask, Step
from triage.playbook.statistics.advice import ENOUGH, advice_of
from triage.playbook.statistics.tale import RunTale

REOPENED_WITHIN = timedelta(days=14)
_CLOSED = ("resolved", "workaround", "not_applicable")
_CLOSED_TYPES = ("choice", "multi", "bool", "number")
"""Answers of these types are the playbook's own words or figures; the others may name somebody."""


def tally(
    tales: Iterable[RunTale], reopened: Mapping[str, Sequence[datetime]]
) -> tuple[PlaybookStatistics, ...]:
    """The counts of each playbook and version, by id, the newest version first.

    ``reopened`` gives for each case when its ticket was opened again (UTC).
    """
    groups: dict[tuple[str, int], list[RunTale]] = defaultdict(list)
    for tale in tales:
        groups[tale.playbook_id, tale.version].append(tale)
    order = sorted(groups, key=lambda one: (one[0], -one[1]))
    return tuple(_one(groups[key], reopened) for key in order)


def _one(tales: Sequence[RunTale], reopened: Mapping[str, Sequence[datetime]]) -> PlaybookStatistics:
    newest = max(tales, key=lambda one: one.opened_at)
    document = newest.plan.document
    over = [one for one in tales if one.fate != "going"]
    ended = [one for one in tales if one.ended_at is not None]
    outcomes = Counter("abandoned" if one.fate == "abandoned" else one.outcome for one in over)
    minutes = sorted(one.active.total_seconds() / 60 for one in ended if one.by_hand)
    closed = [one for one in ended if one.outcome in _CLOSED]
    counted = PlaybookStatistics(
        newest.playbook_id,
        newest.version,
        document.title,
        len(tales),
        len(tales) - len(over),
        dict(outcomes.most_common()),
        {name: count / len(over) for name, count in outcomes.most_common()},
        dict(Counter(one.left_at for one in tales if one.left_at).most_common()),
        len(closed),
        sum(_opened_again(one, reopened.get(one.case_id, ())) for one in closed),
        round(median(minutes), 1) if minutes else None,
        round(minutes[math.ceil(0.9 * len(minutes)) - 1], 1) if minutes else None,
        document.estimated_minutes,
        tuple(_step(step, tales) for step in newest.plan.steps),
        tuple(_never_taken(newest, tales)),
        tuple(_alike(newest, tales)),
        _never_failed(newest, tales),
    )
    return replace(counted, advice=advice_of(counted))


def _opened_again(tale: RunTale, times: Sequence[datetime]) -> bool:
    end = tale.ended_at
    return end is not None and any(end <= at <= end + REOPENED_WITHIN for at in times)


def _step(step: Step, tales: Sequence[RunTale]) -> StepStatistics:
    came = [one for one in tales if step.id in one.reached]
    spent = [one.seconds[step.id] for one in came if one.by_hand]
    return StepStatistics(
        step.id,
        step.title,
        step.kind,
        len(came),
        dict(Counter(why for one in tales for name, why in one.skipped if name == step.id).most_common()),
        sum(step.id in one.failed for one in tales),
        sum(step.id in one.overridden for one in tales),
        sum(step.id in one.backed_into for one in tales),
        round(median(spent), 1) if spent else None,
        sum(step.id == one.decided_by for one in tales),
        sum(step.id == one.left_at for one in tales),
    )


def _never_taken(newest: RunTale, tales: Sequence[RunTale]) -> Iterator[WayCount]:
    """Ways out of steps that some run came to and left, which no run took."""
    graph = newest.plan.graph
    taken = {way for one in tales for way in one.ways}
    left = {step for step, _ in taken}
    for step in newest.plan.steps:
        targets = graph.targets(step.id)
        if len(targets) > 1 and step.id in left:
            came = sum(step.id in one.reached for one in tales)
            yield from (WayCount(step.id, one, came) for one in targets if (step.id, one) not in taken)


def _alike(newest: RunTale, tales: Sequence[RunTale]) -> Iterator[AlikeAnswer]:
    closed = set(_closed_names(newest))
    given: dict[str, list[Json]] = defaultdict(list)
    for tale in tales:
        for name, value in tale.answers.items():
            given[name].append(value)
    for name, values in given.items():
        if len(values) >= ENOUGH and all(value == values[0] for value in values):
            yield AlikeAnswer(name, values[0] if name in closed else None, len(values))


def _closed_names(newest: RunTale) -> Iterator[str]:
    """Names of answers that may be repeated in a report."""
    for step in newest.plan.steps:
        if isinstance(step, Ask) and step.save_as and step.type in _CLOSED_TYPES:
            yield step.save_as
    for name, variable in newest.plan.document.vars.items():
        if variable.options or variable.type in ("number", "bool"):
            yield name


def _never_failed(newest: RunTale, tales: Sequence[RunTale]) -> dict[str, int]:
    checks = [step.id for step in newest.plan.steps if step.kind in ("check", "http")]
    passed = {name: sum(name in one.passed for one in tales) for name in checks}
    failed = {name for one in tales for name in one.failed}
    return {name: count for name, count in passed.items() if count >= ENOUGH and name not in failed}
