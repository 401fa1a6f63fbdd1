"""A file read as far as it can be: the head, each step on its own, and everything wrong so far.

Steps are validated one by one, so that a mistake in one does not hide the mistakes in the others and the
graph can still be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from triage.playbook.language.document import Header
from triage.playbook.language.fields import names_of, report
from triage.playbook.language.source import Source, closest, did_you_mean
from triage.playbook.language.steps import STEP_MODELS, Playbook, Step, StepBase
from triage.playbook.language.yaml_nodes import Path, YamlError, read_tree


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be made of one file."""

    source: Source
    header: Header | None
    steps: tuple[tuple[int, Step], ...]
    """The good steps with their positions in the file."""
    ids: frozenset[str]
    """The ids of all steps, of the bad ones too where they have one."""
    broken: bool
    """Whether any step is bad, so that paths cannot be judged."""


def read_text(text: str, path: str) -> Reading:
    """Read ``text``; never raises, whatever it holds."""
    source = Source(path, text, text.split("\n"))
    try:
        tree = read_tree(text)
    except YamlError as error:
        source.add_yaml(error)
        return _nothing(source)
    source.places = tree.places
    for trouble in tree.errors:
        source.add_yaml(trouble)
    if not isinstance(tree.data, dict):
        source.add((), "PB009", "a playbook is a mapping", advice="begin with schema: triage.playbook/v1")
        return _nothing(source)
    data = {key: value for key, value in tree.data.items() if not key.startswith("x-")}
    raw = data.pop("steps", None)
    steps_key = _steps_key(data, raw)
    if steps_key:
        source.add(
            (steps_key,), "PB101", f"unknown field {steps_key!r}", advice="did you mean 'steps'?", on="key"
        )
        raw = data.pop(steps_key)
    header = _header(source, data)
    return _steps(source, header, raw, (steps_key or "steps",))


def _nothing(source: Source) -> Reading:
    return Reading(source, None, (), frozenset(), True)


def _steps_key(data: Mapping[str, Any], raw: Any) -> str:
    """The misspelt name of the list of steps, if there is one."""
    if raw is not None:
        return ""
    known = names_of(Header)
    lists = [key for key, value in data.items() if key not in known and isinstance(value, tuple)]
    return next((key for key in lists if closest(key, ["steps"])), "")


def _header(source: Source, data: Mapping[str, Any]) -> Header | None:
    try:
        return Header.model_validate(data)
    except ValidationError as error:
        report(source, error, Header, data, (), "")
        return None


def _steps(source: Source, header: Header | None, raw: Any, base: Path) -> Reading:
    if raw is None:
        source.add((), "PB102", "missing field 'steps'")
        return _nothing(source)
    if not isinstance(raw, tuple) or not 1 <= len(raw) <= 200:
        source.add(base, "PB103", "'steps' must be a list of 1 to 200 steps")
        return _nothing(source)
    good: list[tuple[int, Step]] = []
    ids: set[str] = set()
    for index, item in enumerate(raw):
        step = _step(source, item, (*base, index))
        if step is not None:
            good.append((index, step))
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            ids.add(item["id"])
    return Reading(source, header, tuple(good), frozenset(ids), len(good) < len(raw))


def _step(source: Source, item: Any, path: Path) -> Any:
    if not isinstance(item, dict):
        source.add(path, "PB103", "a step is a mapping", advice="write id:, kind: and title:")
        return None
    data = {key: value for key, value in item.items() if not key.startswith("x-")}
    misspelt = _kind_key(data)
    if misspelt:
        source.add(
            (*path, misspelt), "PB101", f"unknown field {misspelt!r}", advice="did you mean 'kind'?", on="key"
        )
        data["kind"] = data.pop(misspelt)
    kind = data.get("kind")
    if kind is None:
        source.add(path, "PB102", "missing field 'kind'", advice="one of: " + ", ".join(STEP_MODELS))
        return None
    model = next((one for name, one in STEP_MODELS.items() if name == kind), None)
    if model is None:
        _unknown_kind(source, kind, (*path, "kind"))
        return None
    return _validated(source, model, data, path, kind, bool(misspelt))


def _kind_key(data: Mapping[str, Any]) -> str:
    """The misspelt name of ``kind``: a field no step has, whose value is a kind or whose name is close."""
    if "kind" in data:
        return ""
    known = {name for model in STEP_MODELS.values() for name in names_of(model)}
    unknown = [key for key in data if key not in known]
    by_value = [key for key in unknown if isinstance(data[key], str) and data[key] in STEP_MODELS]
    return next((key for key in by_value + unknown if key in by_value or closest(key, ["kind"])), "")


def _unknown_kind(source: Source, kind: Any, path: Path) -> None:
    advice = did_you_mean(str(kind), STEP_MODELS, "one of: " + ", ".join(STEP_MODELS))
    source.add(path, "PB104", f"unknown step kind {kind!r}", advice=advice)


def _validated(
    source: Source, model: type[StepBase], data: Mapping[str, Any], path: Path, kind: str, flawed: bool
) -> StepBase | None:
    try:
        step = model.model_validate(data)
    except ValidationError as error:
        article = "an" if kind[0] in "aei" else "a"
        report(source, error, model, data, path, f"{article} {kind!r} step")
        return None
    return None if flawed else step


def assemble(reading: Reading) -> Playbook | None:
    """The playbook, when nothing in the file is an error."""
    if reading.header is None or reading.broken or reading.source.has_errors:
        return None
    head = {name: getattr(reading.header, name) for name in Header.model_fields}
    # The parts were validated one by one; building them again would double the cost of a load.
    head["steps"] = tuple(step for _, step in reading.steps)
    return Playbook.model_construct(_fields_set=None, **head)
