"""Answers files: a YAML (or JSON) mapping of step or prompt id to its answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triage.model.errors import Invalid, NotFound

LIMIT = 1_048_576


def read(path: Path) -> Mapping[str, Any]:
    """The mapping in ``path``. Raises `NotFound` or `Invalid` with the place of the mistake."""
    import yaml

    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise NotFound("no such answers file", where=str(path)) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"cannot be read: {problem}", where=str(path)) from None
    if len(text) > LIMIT:
        raise Invalid("larger than 1 MiB", where=str(path), do="Is it an answers file?")
    try:
        held = yaml.load(text, Loader=_loader())  # noqa: S506 - a safe loader without 1.1 surprises
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise Invalid(f"not YAML: {problem.problem}", where=where) from None
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise Invalid(f"not YAML: {problem}", where=str(path)) from None
    if held is None:
        return {}
    if not isinstance(held, dict):
        raise Invalid("must be a mapping of id to answer", where=f"{path}:1:1")
    return {str(key): value for key, value in held.items()}


def _loader() -> Any:
    """A safe loader that reads ``no``, ``on``, ``12:30`` and dates as the text a person typed."""
    import re

    import yaml

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers: dict[str, Any] = {}

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                event = self.peek_event()
                raise yaml.composer.ComposerError(None, None, "aliases are not allowed", event.start_mark)
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen: dict[str, Any] = {}
            for key, _ in node.value:
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"'{key.value}' stands twice", key.start_mark
                    )
                seen[key.value] = key
            return super().construct_mapping(node, deep)

    add = Loader.add_implicit_resolver
    add("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|false|False)$"), list("tTfF"))
    add("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))
    add("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]+$"), list("-+0123456789"))
    add("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
    return Loader
