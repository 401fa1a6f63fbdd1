"""Whether a command's output is what the author hoped for, in three values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from triage.model.json_value import Json
from triage.playbook.language.patterns import PatternTooSlowError, search
from triage.playbook.language.steps import Check, Expect
from triage.playbook.run.output import CaptureResult

KEPT_OUTPUT = 8 * 1024
"""Characters of the output that stay in the run for conditions; all of it is evidence."""


def verdict(step: Check, result: CaptureResult) -> bool | None:
    """True for a pass, False for a fail, None where it cannot be told."""
    expect = step.expect
    if result.exit_code not in expect.exit:
        return False
    wants_text = expect.stdout_matches or expect.stdout_not_matches or expect.json_
    if wants_text and result.binary:
        return None
    try:
        if expect.stdout_matches and not search(expect.stdout_matches, result.out):
            return False
        if expect.stdout_not_matches and search(expect.stdout_not_matches, result.out):
            return False
    except PatternTooSlowError:
        return None
    return _json_holds(expect, result.out)


def _json_holds(expect: Expect, out: str) -> bool | None:
    if not expect.json_:
        return True
    try:
        data = json.loads(out)
    except (ValueError, RecursionError):
        return None
    return all(_at(data, test.path) == (test.equals,) for test in expect.json_)


def _at(data: Any, path: str) -> tuple[Any, ...]:
    for part in path.split("."):
        if isinstance(data, Mapping) and part in data:
            data = data[part]
        elif isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        else:
            return ()
    return (data,)


def captured_values(step: Check, out: str) -> dict[str, Json]:
    """The values ``capture:`` takes from the output; those not found are left out."""
    values: dict[str, Json] = {}
    for name, pattern in step.capture.items():
        try:
            found = search(pattern, out)
        except PatternTooSlowError:
            continue
        if found:
            values[name] = found.group(1) if found.groups() else found.group()
    return values


def result_values(step: Check, result: CaptureResult, passed: bool | None) -> dict[str, Json]:
    """What ``steps.ID`` holds after a command has run; no ``ok`` where it cannot be told."""
    values: dict[str, Json] = {"out": result.out[:KEPT_OUTPUT], **captured_values(step, result.out)}
    if result.exit_code is not None:
        values["exit"] = result.exit_code
    if passed is not None:
        values["ok"] = passed
    return values
