"""Faults by schedule: which requests go wrong, and how.

A schedule is a YAML list, read from top to bottom; the first rule that strikes decides::

    - match: {method: PUT, path: '^/api/v2/tickets/\\d+', nth: 1}   # the first such request
      fault: drop_reply                                             # applied, but nobody hears of it
    - match: {path: /audits, every: 10}                             # every tenth
      fault: delay
      seconds: 2.5
    - match: {probability: 0.05}                                    # by a seeded die
      fault: status
      status: 503

The kinds are named in `KINDS` with their settings. ``nth`` may be a list; a rule with neither ``nth``,
``every`` nor ``probability`` strikes at every matching request. ``times`` ends a rule after so many strikes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from random import Random
from typing import Any

import yaml

from triage.model.errors import Invalid

KINDS: Mapping[str, Mapping[str, Any]] = {
    "status": {"status": 500, "body": "", "content_type": "text/plain; charset=utf-8"},
    "delay": {"seconds": 1.0},
    "drop_request": {},
    "drop_reply": {},
    "late_apply": {"seconds": 1.0},
    "truncate": {"share": 0.5, "how": "length"},
    "drip": {"bytes": 20, "every_s": 0.4},
    "throttle": {"retry_after": 1, "count": 1},
}
"""Fault -> its settings with their defaults.

``status`` answers without applying; ``delay`` waits first; ``drop_request`` cuts before applying,
``drop_reply`` after; ``late_apply`` cuts at once and applies ``seconds`` later; ``truncate`` sends only a
``share`` of the body (``how: length`` leaves a too large Content-Length behind, ``how: close`` none at all);
``drip`` sends ``bytes`` at a time; ``throttle`` answers 429 with Retry-After ``count`` times in a row.
"""
_MATCH = ("method", "path", "nth", "every", "probability")
_COUNTERS = ("nth", "every", "probability")


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault with its settings."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Rule:
    """When a fault strikes, and how often it has."""

    fault: Fault
    random: Random
    method: str = ""
    path: re.Pattern[str] = field(default_factory=lambda: re.compile(""))
    nth: frozenset[int] = frozenset()
    every: int = 0
    probability: float | None = None
    times: int = 0
    seen: int = 0
    struck: int = 0
    storm: int = 0
    """How many further matching requests the running throttle takes."""

    def strikes(self, method: str, path: str) -> bool:
        """Whether this request goes wrong; counts it."""
        if (self.method and self.method != method) or not self.path.search(path):
            return False
        self.seen += 1
        if self.storm:
            self.storm -= 1
            return True
        if (self.times and self.struck >= self.times) or not self._due():
            return False
        self.struck += 1
        if self.fault.kind == "throttle":
            self.storm = self.fault.settings["count"] - 1
        return True

    def _due(self) -> bool:
        if self.nth:
            return self.seen in self.nth
        if self.every:
            return self.seen % self.every == 0
        return self.probability is None or self.random.random() < self.probability


class Schedule:
    """All rules of a file."""

    def __init__(self, rules: list[Rule]) -> None:
        self._rules = rules

    def fault_for(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets. ``path`` holds the query string too."""
        struck = [rule.fault for rule in self._rules if rule.strikes(method, path)]
        return struck[0] if struck else None


def read_schedule(path: Path, seed: int) -> Schedule:
    """The schedule in ``path``. Raises `Invalid` with file, line and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as trouble:
        reason = getattr(trouble, "strerror", None) or "it is not UTF-8"
        raise Invalid(f"cannot be read ({reason})", where=str(path)) from None
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as trouble:
        mark = getattr(trouble, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise Invalid(f"is not YAML ({getattr(trouble, 'problem', trouble)})", where=where) from None
    return Schedule(_Reader(path, seed).rules(root))


class _Reader:
    """Turns YAML nodes into rules, so that every complaint can name its line."""

    def __init__(self, path: Path, seed: int) -> None:
        self._path, self._seed = path, seed

    def rules(self, root: yaml.Node | None) -> list[Rule]:
        if root is None:
            return []
        if not isinstance(root, yaml.SequenceNode):
            raise self._wrong(root, "the file must be a list of faults", "Begin each with '- match:'")
        return [self._rule(node, place) for place, node in enumerate(root.value)]

    def _rule(self, node: yaml.Node, place: int) -> Rule:
        entries = self._entries(node)
        if "fault" not in entries:
            raise self._wrong(node, "a rule needs 'fault'", f"One of {', '.join(KINDS)}")
        kind = self._value(entries["fault"])
        if kind not in KINDS:
            raise self._wrong(entries["fault"], f"unknown fault {kind!r}", _suggestion(kind, KINDS))
        settings = dict(KINDS[kind])
        for name, value in entries.items():
            if name in settings:
                settings[name] = self._setting(name, value, settings[name])
            elif name not in ("match", "fault", "times"):
                known = (*settings, "match", "fault", "times")
                raise self._wrong(value, f"unknown setting {name!r} of {kind}", _suggestion(name, known))
        times = self._setting("times", entries["times"], 1) if "times" in entries else 0
        rule = Rule(Fault(kind, settings), Random(f"{self._seed}/{place}"), times=times)
        if "match" in entries:
            self._match(rule, entries["match"])
        return rule

    def _match(self, rule: Rule, node: yaml.Node) -> None:
        entries = self._entries(node)
        for name, value in entries.items():
            if name not in _MATCH:
                raise self._wrong(value, f"unknown condition {name!r}", _suggestion(name, _MATCH))
        if sum(name in entries for name in _COUNTERS) > 1:
            raise self._wrong(node, "only one of nth, every and probability may be given")
        if "method" in entries:
            rule.method = str(self._value(entries["method"])).upper()
        if "path" in entries:
            rule.path = self._pattern(entries["path"])
        if "nth" in entries:
            rule.nth = self._ordinals(entries["nth"])
        if "every" in entries:
            rule.every = self._setting("every", entries["every"], 1)
        if "probability" in entries:
            rule.probability = self._share("probability", entries["probability"])

    def _pattern(self, node: yaml.Node) -> re.Pattern[str]:
        try:
            return re.compile(str(self._value(node)))
        except re.error as trouble:
            raise self._wrong(node, f"path is not a regular expression ({trouble})") from None

    def _ordinals(self, node: yaml.Node) -> frozenset[int]:
        given = self._value(node)
        numbers = given if isinstance(given, list) else [given]
        if not numbers or not all(type(number) is int and number > 0 for number in numbers):
            raise self._wrong(node, "nth must be a number from 1, or a list of such numbers")
        return frozenset(numbers)

    def _setting(self, name: str, node: yaml.Node, default: Any) -> Any:
        value = self._value(node)
        if name == "share":
            return self._share(name, node)
        if name == "how" and value not in ("length", "close"):
            raise self._wrong(node, "how must be length or close")
        if name == "status" and not (type(value) is int and 200 <= value <= 599):
            raise self._wrong(node, "status must be a number from 200 to 599")
        if isinstance(default, int) and not (type(value) is int and value >= 1):
            raise self._wrong(node, f"{name} must be a whole number from 1")
        if isinstance(default, float) and not (type(value) in (int, float) and 0 <= value <= 3600):
            raise self._wrong(node, f"{name} must be a number of seconds from 0 to 3600")
        return str(value) if isinstance(default, str) else value

    def _share(self, name: str, node: yaml.Node) -> float:
        value = self._value(node)
        if type(value) not in (int, float) or not 0 <= value <= 1:
            raise self._wrong(node, f"{name} must be a number from 0 to 1")
        return float(value)

    def _entries(self, node: yaml.Node) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, "expected 'name: value' pairs here")
        entries: dict[str, yaml.Node] = {}
        for name, value in node.value:
            if name.value in entries:
                raise self._wrong(name, f"{name.value!r} is given twice")
            entries[str(name.value)] = value
        return entries

    def _value(self, node: yaml.Node) -> Any:
        constructor = yaml.SafeLoader("")
        try:
            return constructor.construct_document(node)
        except yaml.YAMLError:
            raise self._wrong(node, "this value cannot be read") from None
        finally:
            constructor.dispose()

    def _wrong(self, node: yaml.Node, what: str, do: str = "") -> Invalid:
        return Invalid(what, where=f"{self._path}:{node.start_mark.line + 1}", do=do)


def _suggestion(word: object, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    near = get_close_matches(str(word), list(known), n=1)
    return f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}"
