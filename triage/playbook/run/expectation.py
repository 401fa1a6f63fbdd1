"""Whether a command's output is what the author hoped for, in three values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from triage.model.json_value import Json
from triage.playbook.language.patterns import PatternTooSlowError, search
from triage.playbook.language.probes import Expect, HttpExpect, JsonTest
from triage.playbook.language.steps import Check, Http, Probe
from triage.playbook.run.output import CaptureResult, HttpReply

KEPT_OUTPUT = 8 * 1024
"""Characters of the output that stay in the run for conditions; all of it is evidence."""


_Test: TypeAlias = tuple[bool | None, str]
"""Whether one expectation holds (None: it cannot be told), and what to say when it does not."""
_SHOWN = 60
"""Characters of a pattern or value that are repeated in words."""


def verdict(step: Probe, result: CaptureResult) -> bool | None:
    """True for a pass, False for a fail, None where it cannot be told."""
    return judged(step, result)[0]


def judged(step: Probe, result: CaptureResult) -> _Test:
    """The verdict, and in a few words the first expectation that was not met; empty for a pass."""
    for held, words in _tests(step, result):
        if held is not True:
            return held, words if held is False else ""
    return True, ""


def _tests(step: Probe, result: CaptureResult) -> Iterator[_Test]:
    if isinstance(step, Http) and isinstance(result, HttpReply):
        return _answered(step.expect, result)
    return _printed(step.expect, result) if isinstance(step, Check) else iter([(None, "")])


def _answered(expect: HttpExpect, reply: HttpReply) -> Iterator[_Test]:
    """The same for a request. No answer at all is a fail: what was asked about cannot be reached."""
    yield not reply.fault, reply.fault
    yield reply.status in expect.status, f"status {reply.status}, wanted {_either(expect.status)}"
    if expect.max_ms is not None:
        in_time = reply.ms is not None and reply.ms <= expect.max_ms
        yield in_time, f"it took {reply.ms} ms, wanted at most {expect.max_ms}"
    if expect.cert_days_min is not None:
        days = reply.cert_days
        good = None if days is None else days >= expect.cert_days_min
        yield good, f"the certificate is good for {days or 0:.0f} days, wanted {expect.cert_days_min}"
    if reply.binary and (expect.body_matches or expect.json_):
        yield None, ""
    if expect.body_matches:
        words = f"the body does not match {_short(expect.body_matches)}"
        yield _found(expect.body_matches, reply.out), words
    yield from _json_tests(expect.json_, reply.out)


def _printed(expect: Expect, result: CaptureResult) -> Iterator[_Test]:
    yield result.exit_code in expect.exit, f"exit {result.exit_code}, wanted {_either(expect.exit)}"
    if result.binary and (expect.stdout_matches or expect.stdout_not_matches or expect.json_):
        yield None, ""
    if expect.stdout_matches:
        words = f"the output does not match {_short(expect.stdout_matches)}"
        yield _found(expect.stdout_matches, result.out), words
    if expect.stdout_not_matches:
        found = _found(expect.stdout_not_matches, result.out)
        words = f"the output matches {_short(expect.stdout_not_matches)}"
        yield None if found is None else not found, words
    yield from _json_tests(expect.json_, result.out)


def _found(pattern: str, text: str) -> bool | None:
    try:
        return search(pattern, text) is not None
    except PatternTooSlowError:
        return None


def _either(codes: Sequence[int]) -> str:
    """``200``, ``200 or 204``, ``200 or one of 8 others``."""
    if len(codes) > 3:
        return f"{codes[0]} or one of {len(codes) - 1} others"
    return " or ".join(map(str, codes))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _json_tests(tests: Sequence[JsonTest], out: str) -> Iterator[_Test]:
    if not tests:
        return
    try:
        data = json.loads(out)
    except (ValueError, RecursionError):
        yield None, ""
        return
    for test in tests:
        there = _at(data, test.path)
        is_there = f"{test.path} is {_short(there[0])}" if there else f"there is no {test.path}"
        yield there == (test.equals,), f"{is_there}, wanted {_short(test.equals)}"


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
