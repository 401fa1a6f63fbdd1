"""PB210: playbooks that use others, looked at over a whole folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from triage.model.run import Diagnostic
from triage.playbook.language.plan import DEPTH_LIMIT
from triage.playbook.language.reading import Reading
from triage.playbook.language.source import did_you_mean
from triage.playbook.language.steps import Ask, Playbook, SubPlaybook
from triage.playbook.language.template import TemplateError, compile_template
from triage.playbook.language.yaml_nodes import Path

Find = Callable[[str], Playbook | None]


@dataclass(frozen=True, slots=True)
class Use:
    """One step that uses a playbook, with its place in the file."""

    step: SubPlaybook
    path: Path


def uses_of(reading: Reading) -> Iterator[Use]:
    """The steps of a file that use a playbook."""
    for index, step in reading.steps:
        if isinstance(step, SubPlaybook):
            yield Use(step, ("steps", index))


def check_uses(reading: Reading, find: Find, names: Mapping[str, object]) -> tuple[Diagnostic, ...]:
    """What is wrong with how the playbook of ``reading`` uses others.

    ``find`` gives a playbook by id, None for one that is not there or has errors; ``names`` are the ids there
    are, for suggestions.
    """
    if reading.header is None:
        return ()
    before = set(reading.source.found)
    for use in uses_of(reading):
        used = find(use.step.use)
        if used is None and use.step.use != reading.header.id:
            advice = did_you_mean(use.step.use, names, "it must lie in this folder or in the library")
            message = f"no playbook {use.step.use!r} that can be used"
            reading.source.add((*use.path, "use"), "PB210", message, advice=advice)
            continue
        trail = _trouble(reading.header.id, use.step.use, find)
        if trail:
            reading.source.add((*use.path, "use"), "PB210", trail)
        elif used is not None:
            _names(reading, use, used)
    return tuple(one for one in reading.source.sorted() if one not in before)


def _trouble(start: str, first: str, find: Find) -> str:
    """A circle or too deep a nest that begins with ``start`` using ``first``; empty when there is none."""
    waiting: list[tuple[str, ...]] = [(start, first)]
    while waiting:
        trail = waiting.pop()
        if trail[-1] in trail[:-1]:
            circle = trail[trail.index(trail[-1]) :]
            return "playbooks use each other in a circle: " + " -> ".join(circle)
        if len(trail) > DEPTH_LIMIT + 1:
            return f"playbooks are used more than {DEPTH_LIMIT} deep: " + " -> ".join(trail)
        document = find(trail[-1])
        used = [one.use for one in document.steps if isinstance(one, SubPlaybook)] if document else []
        waiting += [(*trail, name) for name in dict.fromkeys(used)]
    return ""


def _names(reading: Reading, use: Use, used: Playbook) -> None:
    """``with`` and ``returns`` name variables of the used playbook; a secret stays one."""
    for name, text in use.step.with_.items():
        place = (*use.path, "with", name)
        if name not in used.vars:
            advice = did_you_mean(name, used.vars, _listed(used.vars))
            reading.source.add(place, "PB210", f"{used.id} has no variable {name!r}", advice=advice, on="key")
        elif used.vars[name].type != "secret" and _secret(reading, text):
            reading.source.add(place, "PB310", f"a secret is given to {name!r}, which is none")
    known = [*used.vars, *(one.save_as for one in used.steps if isinstance(one, Ask) and one.save_as)]
    known += [name for one in used.steps if isinstance(one, SubPlaybook) for name in one.returns.values()]
    for name in use.step.returns:
        if name not in known:
            advice = did_you_mean(name, known, _listed(dict.fromkeys(known)))
            reading.source.add(
                (*use.path, "returns", name), "PB210", f"{used.id} has no variable {name!r}", advice=advice,
                on="key",
            )  # fmt: skip


def _listed(names: Mapping[str, object]) -> str:
    return "it has: " + ", ".join(names) if names else "it has none"


def _secret(reading: Reading, text: object) -> bool:
    variables = reading.header.vars if reading.header else {}
    try:
        gaps = compile_template(text).gaps if isinstance(text, str) else ()
    except TemplateError:
        return False
    return any(
        gap.path[0] == "vars" and gap.path[-1] in variables and variables[gap.path[-1]].type == "secret"
        for gap in gaps
    )
