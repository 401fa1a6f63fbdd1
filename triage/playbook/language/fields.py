"""What pydantic found wrong, said so that a person who writes YAML can mend it."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from triage.playbook.language.source import Source, closest, did_you_mean
from triage.playbook.language.yaml_nodes import Path


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model a field may hold, seen through tuples, unions and annotations."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, types.UnionType, tuple, dict, Annotated):
        for part in get_args(annotation):
            yield from models_in(part)


def names_of(model: type[BaseModel]) -> list[str]:
    """The fields of ``model`` as the file spells them."""
    return [info.alias or name for name, info in model.model_fields.items()]


def _models_at(model: type[BaseModel], path: Path) -> list[type[BaseModel]]:
    here = [model]
    for part in path:
        if isinstance(part, int):
            continue
        fields = [
            info for one in here for name, info in one.model_fields.items() if (info.alias or name) == part
        ]
        if fields:
            here = [inner for info in fields for inner in models_in(info.annotation)]
    return here


def _walk(data: Any, loc: tuple[int | str, ...]) -> tuple[Path, str]:
    """``loc`` as a path into ``data``, without the union tags pydantic puts in; and the name left over."""
    path: list[str | int] = []
    for part in loc:
        if isinstance(data, Mapping) and part in data:
            path.append(part)
            data = data[str(part)]
        elif isinstance(data, tuple) and isinstance(part, int) and part < len(data):
            path.append(part)
            data = data[part]
        elif isinstance(part, str) and part not in ("[key]",) and not part.startswith("~"):
            return tuple(path), part
    return tuple(path), ""


def report(
    source: Source, error: ValidationError, model: type[BaseModel], data: Any, base: Path, what: str
) -> None:
    """Add every error of ``error``; ``data`` is the value at ``base``, ``what`` names it in messages."""
    unknown: dict[Path, list[str]] = {}
    rows = []
    for item in error.errors(include_url=False, include_input=False):
        path, rest = _walk(data, item["loc"])
        rows.append((item, path, rest))
        if item["type"] == "extra_forbidden":
            unknown.setdefault(path[:-1], []).append(str(path[-1]))
    for item, path, rest in rows:
        names = [name for inner in _models_at(model, path if rest else path[:-1]) for name in names_of(inner)]
        if item["type"] == "extra_forbidden":
            _unknown_field(source, base + path, names, data, what if len(path) == 1 else "")
        elif item["type"] == "missing":
            guesses = [closest(name, names) for name in unknown.get(path, [])]
            if rest not in guesses:
                inside = f" in {what}" if what and not path else ""
                source.add(base + path, "PB102", f"missing field {rest!r}{inside}")
        else:
            _wrong_value(source, item, base + path, _value(data, path))


def _value(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _unknown_field(source: Source, path: Path, names: list[str], data: Any, what: str) -> None:
    name = str(path[-1])
    inside = f" in {what}" if what else ""
    allowed = "allowed here: " + ", ".join(names)
    best = closest(name, names)
    advice = f"did you mean {best!r}?" if best else allowed
    source.add(path, "PB101", f"unknown field {name!r}{inside}", advice=advice, on="key")


_KINDS = {
    "string_type": "text", "int_type": "a whole number", "bool_type": "true or false", "tuple_type": "a list",
    "dict_type": "a mapping", "model_type": "a mapping", "model_attributes_type": "a mapping",
    "float_type": "a number",
}  # fmt: skip


def _wrong_value(source: Source, item: Any, path: Path, value: Any) -> None:
    kind, context = item["type"], item.get("ctx", {})
    field = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    if item["loc"] and item["loc"][-1] == "[key]":
        source.add(path, "PB106", f"bad name {field!r}", advice=_shape(context.get("pattern", "")), on="key")
    elif kind in _KINDS:
        source.add(
            path, "PB103", f"{field!r} must be {_KINDS[kind]}", advice=_type_advice(kind, value, field)
        )
    elif kind == "literal_error":
        choices = [word.strip("'\"") for word in context["expected"].replace(" or ", ", ").split(", ")]
        advice = did_you_mean(str(value), choices, "one of: " + ", ".join(choices))
        source.add(path, "PB105", f"{field!r} cannot be {value!r}", advice=advice)
    elif kind == "string_pattern_mismatch":
        _bad_shape(source, path, field, value, context["pattern"])
    elif kind == "bad_pattern":
        at = context["at"]
        offset = at if isinstance(at, int) and at >= 0 else None
        source.add(path, "PB305", f"bad regular expression: {context['why']}", offset=offset)
    else:
        code = "PB501" if (field, kind) == ("memory_items", "too_long") else "PB105"
        code = "PB205" if kind == "few_options" else code
        message = item["msg"].removeprefix("Value error, ").replace("Tuple", "List")
        source.add(path, code, f"{field!r}: {message}" if field else message)


def _type_advice(kind: str, value: Any, field: str) -> str:
    if kind == "string_type" and isinstance(value, bool | int | float):
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        unit = field in ("timeout", "for", "review_every", "older_than")
        return f"add a unit: {shown}s" if unit else f'quote it: "{shown}"'
    if kind == "tuple_type" and isinstance(value, str):
        return f"write a list: [{value}]"
    return "write true or false" if kind == "bool_type" else ""


def _bad_shape(source: Source, path: Path, field: str, value: Any, pattern: str) -> None:
    if "ms|s|m|h|d|w" in pattern:
        source.add(
            path, "PB107", f"bad duration {value!r}", advice="write a number and a unit: 30s, 15m, 2h, 7d"
        )
    elif field in ("id", "next", "on_pass", "on_fail", "otherwise", "save_as", "replaced_by", "on_exception"):
        source.add(path, "PB106", f"bad name {value!r}", advice=_shape(pattern))
    else:
        source.add(path, "PB105", f"{field!r} cannot be {value!r}", advice=_shape(pattern))


def _shape(pattern: str) -> str:
    known = {
        r"^[a-z][a-z0-9_]{0,39}$": "lower-case letters, digits and _, a letter first, at most 40",
        r"^[a-z0-9][a-z0-9-]{1,63}$": "lower-case letters, digits and -, at most 64",
        r"^[A-Z][A-Z0-9_]{0,63}$": "capital letters, digits and _, a letter first",
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a day as YYYY-MM-DD",
    }
    return known.get(pattern, f"it must look like {pattern}" if pattern else "")
