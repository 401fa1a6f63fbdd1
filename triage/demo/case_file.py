"""The cases as they are written down: people and tickets in YAML beside this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).parent / "cases"
PEOPLE = "people.yaml"


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody at the vendor."""

    slug: str
    name: str
    group: str
    role: str = "agent"


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who writes to the vendor."""

    slug: str
    name: str
    organization: str
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Company:
    """Where customers work."""

    slug: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in the cases."""

    groups: Sequence[str]
    agents: Sequence[Agent]
    companies: Sequence[Company]
    customers: Sequence[Customer]


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of a thread: what somebody said and changed at one time."""

    at: str
    by: str
    """Slug of a person, or ``system``."""
    text: str = ""
    public: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)
    escalate: str = ""
    """Why it is handed to engineering; empty where it is not."""
    rated: str = ""
    files: Sequence[Mapping[str, str]] = ()
    macro: str = ""
    """The prepared answer that was used."""


@dataclass(frozen=True, slots=True)
class WrittenCase:
    """One ticket with its thread; the first turn is its description."""

    key: str
    subject: str
    sender: str
    details: Mapping[str, Any]
    thread: Sequence[Turn]


def read_people(folder: Path = CASES) -> People:
    """Everybody in ``folder``'s people file."""
    data = _load(folder / PEOPLE)
    return People(
        groups=data["groups"],
        agents=[Agent(slug, **facts) for slug, facts in data["agents"].items()],
        companies=[Company(slug, **facts) for slug, facts in data["companies"].items()],
        customers=[Customer(slug, **facts) for slug, facts in data["customers"].items()],
    )


def read_cases(folder: Path = CASES) -> list[WrittenCase]:
    """Every case in ``folder``, file by file in the order of their names."""
    files = sorted(path for path in folder.glob("*.yaml") if path.name != PEOPLE)
    return [_case(raw) for path in files for raw in _load(path)]


def _load(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as text:
        return yaml.load(text, loader)  # noqa: S506 (a safe loader)


def _case(raw: Mapping[str, Any]) -> WrittenCase:
    details = {name: value for name, value in raw.items() if name not in ("key", "subject", "from", "thread")}
    thread = [_turn(turn) for turn in raw["thread"]]
    return WrittenCase(raw["key"], raw["subject"], raw["from"], details, thread)


def _turn(raw: Mapping[str, Any]) -> Turn:
    return Turn(
        at=raw["at"],
        by=raw["by"],
        text=raw.get("public") or raw.get("note") or raw.get("comment") or "",
        public="public" in raw,
        changes=raw.get("set", {}),
        escalate=raw.get("escalate", ""),
        rated=raw.get("rated", ""),
        files=raw.get("files", ()),
        macro=raw.get("macro", ""),
    )
