"""Findings in SARIF 2.1.0, which code hosts show beside the line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

import triage
from triage.model.run import Diagnostic

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def sarif(found: Iterable[Diagnostic]) -> dict[str, Any]:
    """One SARIF log with one run; columns count UTF-16 units, as the standard's default has it."""
    items = tuple(found)
    codes = sorted({item.code for item in items})
    driver = {
        "name": "triage playbook lint",
        "version": triage.__version__,
        "rules": [_rule(code, items) for code in codes],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "utf16CodeUnits",
                "results": [_result(item, codes) for item in items],
            }
        ],
    }


_GROUPS = {
    "PB0": "The file cannot be read as meant", "PB1": "A field is missing, unknown or has a wrong value",
    "PB2": "The steps do not lead where they should", "PB3": "A condition or a pattern is wrong",
    "PB4": "A command or a request may do harm", "PB5": "It is hard to use at night", "PB6": "It is a draft",
}  # fmt: skip


def _rule(code: str, items: tuple[Diagnostic, ...]) -> Mapping[str, Any]:
    """What code hosts show of a rule: its group, its level and the first thing it said."""
    first = next(item for item in items if item.code == code)
    return {
        "id": code,
        "shortDescription": {"text": _GROUPS.get(code[:3], "Playbook")},
        "fullDescription": {"text": first.message},
        "help": {"text": first.help or first.message},
        "defaultConfiguration": {"level": _LEVELS[first.level]},
    }


def _result(item: Diagnostic, codes: list[str]) -> Mapping[str, Any]:
    text = f"{item.message} ({item.help})" if item.help else item.message
    before = item.source_line[: item.column - 1]
    column = len(before.encode("utf-16-le", "replace")) // 2 + 1 if item.source_line else item.column
    place = {
        "artifactLocation": {"uri": _address(item.path)},
        "region": {"startLine": item.line, "startColumn": column},
    }
    return {
        "ruleId": item.code, "ruleIndex": codes.index(item.code), "level": _LEVELS[item.level],
        "message": {"text": text}, "locations": [{"physicalLocation": place}],
    }  # fmt: skip


def _address(path: str) -> str:
    """A file URI for an absolute path, else a relative reference with what a URI may not hold escaped."""
    from urllib.parse import quote

    held = PurePath(path)
    return held.as_uri() if held.is_absolute() else quote(held.as_posix())
