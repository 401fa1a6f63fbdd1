"""A playbook's graph laid out in layers, so that every way leads down (Sugiyama, Tagawa and Toda 1981).

Ways to one step that pass a layer share one point there: many ways to a hand-over become one line. The few
libraries for this are unmaintained, need a compiler, or bring a graph library of megabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from triage.playbook.language.graph import STAY, Edge, Graph

SWEEPS = 8
_GAP = 26.0


@dataclass(slots=True)
class Point:
    """A step in its layer, or a place where ways to ``target`` pass one."""

    name: str
    layer: int
    width: float
    is_step: bool
    above: list[Point] = field(default_factory=list)
    below: list[Point] = field(default_factory=list)
    at: int = 0
    x: float = 0.0
    """Of its middle."""


@dataclass(frozen=True, slots=True)
class Way:
    """One edge with the points it passes, its own step first."""

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layers:
    """The whole drawing without its heights."""

    layers: tuple[tuple[Point, ...], ...]
    ways: tuple[Way, ...]
    width: float


def lay_out(graph: Graph, width_of: dict[str, float]) -> Layers:
    """Place every step of ``graph``, which has no loop; ``width_of`` gives the width of each."""
    layer_of = _layers(graph)
    points = {name: Point(name, layer, width_of[name], True) for name, layer in layer_of.items()}
    passing: dict[tuple[str, int], Point] = {}
    ways = []
    for edges in graph.edges.values():
        for edge in edges:
            if edge.target != STAY and edge.target in points:
                ways.append(_way(edge, points, passing))
    rows: list[list[Point]] = [[] for _ in range(max(layer_of.values(), default=0) + 1)]
    for point in (*points.values(), *passing.values()):
        rows[point.layer].append(point)
    _order(rows)
    _spread(rows)
    left = min((point.x - point.width / 2 for row in rows for point in row), default=0.0)
    for row in rows:
        for point in row:
            point.x -= left
    width = max((point.x + point.width / 2 for row in rows for point in row), default=0.0)
    return Layers(tuple(map(tuple, rows)), tuple(ways), width)


def reading_order(graph: Graph) -> list[str]:
    """The steps so that each stands behind all that lead to it, the first way right behind its step."""
    done: list[str] = []
    seen: set[str] = set()
    for start in graph.steps:
        group: list[str] = []
        waiting = [] if start in seen else [(start, iter(graph.targets(start)[::-1]))]
        seen.add(start)
        while waiting:
            name, ahead = waiting[-1]
            target = next((one for one in ahead if one not in seen), None)
            if target is None:
                waiting.pop()
                group.append(name)
            else:
                seen.add(target)
                waiting.append((target, iter(graph.targets(target)[::-1])))
        # A later start leads only to what was seen, or to its own group: it belongs before what it leads to.
        done = group[::-1] + done if done and _leads_into(graph, group, done) else done + group[::-1]
    return done


def _leads_into(graph: Graph, group: Sequence[str], done: Sequence[str]) -> bool:
    later = set(done)
    return any(target in later for name in group for target in graph.targets(name))


def _layers(graph: Graph) -> dict[str, int]:
    """Longest way from a step that nothing leads to."""
    found = dict.fromkeys(reading_order(graph), 0)
    for name in found:
        for target in graph.targets(name):
            found[target] = max(found[target], found[name] + 1)
    return found


def _way(edge: Edge, points: dict[str, Point], passing: dict[tuple[str, int], Point]) -> Way:
    here, end = points[edge.source], points[edge.target]
    trail = [here]
    for layer in range(here.layer + 1, end.layer):
        # Beside its first step a way needs room for its label.
        width = 120.0 if edge.label and layer == here.layer + 1 else 8.0
        point = passing.setdefault((edge.target, layer), Point(edge.target, layer, width, False))
        point.width = max(point.width, width)
        trail.append(point)
    trail.append(end)
    for upper, lower in pairwise(trail):
        if lower not in upper.below:
            upper.below.append(lower)
            lower.above.append(upper)
    return Way(edge, tuple(trail))


def _order(rows: list[list[Point]]) -> None:
    """Sort each layer by the middle of its neighbours, down and up; keep the order with fewest crossings."""
    best, fewest = [list(row) for row in rows], -1
    for sweep in range(SWEEPS):
        for row in rows:
            for number, point in enumerate(row):
                point.at = number
        crossings = sum(_crossings(row) for row in rows)
        if fewest < 0 or crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
        for row in rows if sweep % 2 == 0 else reversed(rows):
            row.sort(key=lambda point: _middle(point.above if sweep % 2 == 0 else point.below, point.at))
            for number, point in enumerate(row):
                point.at = number
    rows[:] = best


def _middle(neighbours: list[Point], otherwise: float) -> float:
    return sum(one.at for one in neighbours) / len(neighbours) if neighbours else otherwise


def _crossings(row: list[Point]) -> int:
    lines = [(number, one.at) for number, point in enumerate(row) for one in point.below]
    return sum(a < c and b > d for n, (a, b) in enumerate(lines) for c, d in lines[n + 1 :]) + sum(
        a > c and b < d for n, (a, b) in enumerate(lines) for c, d in lines[n + 1 :]
    )


def _spread(rows: list[list[Point]]) -> None:
    """Give every point its place across, near its neighbours and never over another."""
    for row in rows:
        x = 0.0
        for point in row:
            point.x = x + point.width / 2
            x += point.width + _GAP
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            wanted = []
            for point in row:
                near = (point.above if down else point.below) or (point.below if down else point.above)
                wanted.append(sum(one.x for one in near) / len(near) if near else point.x)
            _pool(row, wanted)


def _pool(row: list[Point], wanted: Sequence[float]) -> None:
    """The places nearest to ``wanted`` that keep order and distance: pool adjacent violators."""
    offsets, offset = [], 0.0
    for number, point in enumerate(row):
        offset += (row[number - 1].width + point.width) / 2 + _GAP if number else 0.0
        offsets.append(offset)
    pools: list[list[float]] = []
    for target, behind in zip(wanted, offsets, strict=True):
        pools.append([target - behind, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            value, weight = pools.pop()
            other, more = pools[-1]
            pools[-1] = [(other * more + value * weight) / (more + weight), more + weight]
    places = [value for value, weight in pools for _ in range(int(weight))]
    for point, place, behind in zip(row, places, offsets, strict=True):
        point.x = place + behind
