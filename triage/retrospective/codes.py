"""The 42 codes of three levels (verdict, class, code) and the ladder of questions that leads to one.

A code is not picked from a list: at most seven yes-or-no questions lead to it, and its two nearest
neighbours are shown beside it before it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from triage.model.errors import Invalid
from triage.retrospective import strict_yaml

FILE = Path(__file__).with_name("codes.yaml")
DESIGN_CLASSES = frozenset({"B2", "B3", "B4"})
"""Classes in which the design, not a slip in the code, opens the way: they count as design-caused."""


@dataclass(frozen=True, slots=True)
class CodeClass:
    """The second level: ``B2``, Lets the customer reach a broken state."""

    id: str
    name: str
    verdict: Literal["bug", "education_gap"]


@dataclass(frozen=True, slots=True)
class Code:
    """The third level: ``B2.3``, Partial change left behind."""

    id: str
    name: str
    definition: str
    example: str
    near: tuple[str, str]
    """The two codes most easily taken for this one."""
    code_class: CodeClass

    @property
    def verdict(self) -> Literal["bug", "education_gap"]:
        """The verdict this code belongs to."""
        return self.code_class.verdict


@dataclass(frozen=True, slots=True)
class Ladder:
    """Questions, each leading on by yes or no."""

    education: str
    bug: str
    questions: Mapping[str, Mapping[str, str]]
    excuses: Mapping[str, str]
    """Excuse to the class it proposes."""
    proposed: Mapping[str, str | Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Climb:
    """Where the answers given so far lead."""

    asked: tuple[str, ...]
    """Questions on the way, answered ones first; the last may be open."""
    result: str = ""
    """A class or a code; empty while a question is open."""


@cache
def _file() -> tuple[Mapping[str, CodeClass], Mapping[str, Code], Ladder]:
    data = cast(
        "dict[str, dict[str, dict[str, str]]]", strict_yaml.read(FILE.read_text("utf-8"), FILE.name).data
    )
    classes = {
        name: CodeClass(name, one["name"], cast("Literal['bug', 'education_gap']", one["verdict"]))
        for name, one in data["classes"].items()
    }
    codes = {
        name: Code(
            name, one["name"], one["definition"], one["example"], (one["near"][0], one["near"][1]),
            classes[name.partition(".")[0]],
        )
        for name, one in data["codes"].items()
    }  # fmt: skip
    ladder = cast("dict[str, object]", data["ladder"])
    return classes, codes, Ladder(**ladder)  # type: ignore[arg-type]


def codes() -> Mapping[str, Code]:
    """All codes by id, in the order of the scheme."""
    return _file()[1]


def classes() -> Mapping[str, CodeClass]:
    """All classes by id."""
    return _file()[0]


def ladder() -> Ladder:
    """The ladder of questions."""
    return _file()[2]


def code(name: str) -> Code:
    """The code called ``name`` in any case. Raises `Invalid` naming the nearest."""
    found = codes().get(name.strip().upper())
    if found is None:
        family = [one for one in codes() if one.startswith(name.strip().upper()[:2])] or [*codes()]
        raise Invalid(f"there is no code {name!r}", do=f"Try one of {', '.join(family[:5])}")
    return found


def climb(family: str, answers: Mapping[str, str], *, excuse: str = "none") -> Climb:
    """Follow the ladder of ``family`` (``yes``: Support could have; ``no`` or ``unsure``: it could not).

    A claimed excuse answers the first bug question by itself: it names a class to test.
    """
    table = ladder()
    if not family:
        return Climb(())
    if family != "yes" and excuse in table.excuses:
        return Climb((), str(table.proposed.get(excuse) or table.excuses[excuse]))
    asked: list[str] = []
    here = table.education if family == "yes" else table.bug
    while here in table.questions:
        asked.append(here)
        given = answers.get(here, "")
        if given not in table.questions[here]:
            return Climb(tuple(asked))
        here = table.questions[here][given]
    return Climb(tuple(asked), here)


def propose(climbed: Climb, reason_escalated: str) -> str:
    """The code to propose: the one reached, or the first of the class reached."""
    reached = climbed.result
    if not reached or reached in codes():
        return reached
    by_reason = ladder().proposed.get(reason_escalated)
    if isinstance(by_reason, Mapping) and reached in by_reason:
        return by_reason[reached]
    return next(one for one in codes() if one.startswith(f"{reached}."))


def nearest(name: str) -> tuple[Code, Code]:
    """The two codes shown beside ``name`` before it is kept. Raises `Invalid` for no code."""
    first, second = code(name).near
    return codes()[first], codes()[second]


def design_caused(name: str) -> bool:
    """Whether the code's class says that the design itself opened the way."""
    return name.partition(".")[0] in DESIGN_CLASSES
