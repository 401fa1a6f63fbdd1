"""Hundreds of little worlds in a storm: nothing lost, nothing twice, nothing in the wrong place.

A failure names its seeds. ``TRIAGE_SIMULATION_SEEDS`` and ``TRIAGE_SIMULATION_FIRST`` run more or others.
"""

from __future__ import annotations

import logging
import os

import pytest

from tests.sync.simulator import Report, simulate

SEEDS = int(os.environ.get("TRIAGE_SIMULATION_SEEDS", "600"))
FIRST = int(os.environ.get("TRIAGE_SIMULATION_FIRST", "0"))
PARTS = 6
_LOG = logging.getLogger(__name__)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_note_arrives_once_on_its_ticket_with_its_visibility(part: int) -> None:
    seeds = range(FIRST + part, FIRST + SEEDS, PARTS)
    _LOG.info("seeds %s", seeds)
    reports = [simulate(seed) for seed in seeds]
    assert not [(report.seed, report.violations) for report in reports if report.violations]
    assert_stormy(reports)


def assert_stormy(reports: list[Report]) -> None:
    """The worlds were worth surviving."""
    assert sum(report.kills for report in reports) > len(reports)
    assert sum(report.sends for report in reports) > 3 * len(reports)


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_the_same_seed_tells_the_same_story(seed: int) -> None:
    assert simulate(seed).trace == simulate(seed).trace


def test_other_seeds_tell_other_stories() -> None:
    assert len({simulate(seed).trace for seed in range(8)}) == 8
