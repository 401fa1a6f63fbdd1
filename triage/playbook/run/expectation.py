"""Whether a command's output is what the author hoped for, in three values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from triage.model.json_value import Json
from triage.playbook.language.patterns import PatternTooSlowError, search
from triage.playbook.language.probes import HttpExpect, JsonTest
from triage.playbook.language.steps import Check, Http, Probe
from triage.playbook.run.output import CaptureResult, HttpReply

KEPT_OUTPUT = 8 * 1024
"""Characters of the output that stay in the run for conditions; all of it is evidence."""


def verdict(step: Probe, result: CaptureResult) -> bool | None:
    """True for a pass, False for a fail, None where it cannot be told."""
    if isinstance(step, Http):
        return _answered(step.expect, result) if isinstance(result, HttpReply) else None
    return _printed(step, result) if isinstance(step, Check) else None


def _answered(expect: HttpExpect, reply: HttpReply) -> bool | None:
    """The same for a request. No answer at all is a fail: what was asked about cannot be reached."""
    if reply.fault or reply.status not in expect.status:
        return False
    if expect.max_ms is not None and (reply.ms is None or reply.ms > expect.max_ms):
        return False
    if expect.cert_days_min is not None:
        if reply.cert_days is None:
            return None
        if reply.cert_days < expect.cert_days_min:
            return False
    if reply.binary and (expect.body_matches or expect.json_):
        return None
    try:
        if expect.body_matches and not search(expect.body_matches, reply.out):
            return False
    except PatternTooSlowError:
        return None
    return _json_holds(expect.json_, reply.out)


def _printed(step: Check, result: CaptureResult) -> bool | None:
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
    return _json_holds(expect.json_, result.out)


def _json_holds(tests: Sequence[JsonTest], out: str) -> bool | None:
    if not tests:
        return True
    try:
        data = json.loads(out)
    except (ValueError, RecursionError):
        return None
    return all(_at(data, test.path) == (test.equals,) for test in tests)


def _at(data: Any, path: str) -> tuple[Any, ...]:
    for part in path.split("."):
        if isinstance(data, Mapping) and part in data:
            data = data[part]
        elif isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        else:
            return ()
    return (data,)


def captured_values(step: Probe, out: str) -> dict[str, Json]:
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


def _searched(result: CaptureResult) -> str:
    """Where ``capture:`` looks: the output, and for a request the headers before it."""
    return f"{result.head}\n\n{result.out}" if isinstance(result, HttpReply) else result.out


def result_values(step: Probe, result: CaptureResult, passed: bool | None) -> dict[str, Json]:
    """What ``steps.ID`` holds after a command has run; no ``ok`` where it cannot be told."""
    values: dict[str, Json] = {"out": result.out[:KEPT_OUTPUT], **captured_values(step, _searched(result))}
    if isinstance(result, HttpReply):
        days = None if result.cert_days is None else round(result.cert_days, 1)
        told: dict[str, Json] = {"status": result.status, "ms": result.ms, "cert_days": days}
        values |= {name: value for name, value in told.items() if value is not None}
        texts = {"head": result.head[:KEPT_OUTPUT], "fault": result.fault}
        values |= {name: text for name, text in texts.items() if text}
    elif result.exit_code is not None:
        values["exit"] = result.exit_code
    if passed is not None:
        values["ok"] = passed
    return values
