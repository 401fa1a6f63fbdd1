"""Plain data written as a playbook file that the strict reader takes back unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml


class _Writer(yaml.SafeDumper):
    """Longer texts as blocks, never an alias, lists indented below their key."""

    def ignore_aliases(self, data: Any) -> bool:
        """Aliases are an error to the reader, so nothing is ever referred to."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Lists stand two columns in, as people write them."""
        super().increase_indent(flow, False)


def _text(writer: _Writer, value: str) -> yaml.ScalarNode:
    # Several line breaks at the end would make YAML close the whole document after the block.
    block = "\n" in value[:-1] and not value[0].isspace() and not value.endswith("\n\n")
    style = "|" if block else None
    return writer.represent_scalar("tag:yaml.org,2002:str", value, style)


_Writer.add_representer(str, _text)


def playbook_text(data: Mapping[str, Any], remark: str = "") -> str:
    """``data`` as YAML in its own order, under ``remark`` as a comment, steps apart from each other."""
    head = "".join(f"# {line}\n" for line in remark.splitlines())
    whole = {key: _listed(value) for key, value in data.items()}
    steps = whole.pop("steps", [])
    text = _dumped(whole) if whole else ""
    if not steps:
        return head + text
    parts = [_dumped([step]) for step in steps]
    return head + text + "steps:\n" + "\n".join(parts)


def _dumped(value: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
    return "".join(f"  {line}\n" if isinstance(value, list) and line else f"{line}\n"
                   for line in text.rstrip("\n").split("\n"))  # fmt: skip


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _listed(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_listed(one) for one in value]
    return value
