"""The worked cases as finished investigations: answers and what came after, in YAML beside this module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import yaml

from triage.model.worked_example import ExampleLetter, LetterVerb, WorkedExample

FINISHED = Path(__file__).parent / "finished"
_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")


def read_finished() -> tuple[WorkedExample, ...]:
    """Every finished case, in the order in which they were adopted."""
    rows = yaml.safe_load((FINISHED / "finished.yaml").read_text("utf-8"))
    return tuple(_example(row) for row in rows)


def _example(row: Mapping[str, Any]) -> WorkedExample:
    path = FINISHED / f"{row['ticket']}.yaml"
    return WorkedExample(
        ticket_key=row["ticket"],
        answers=path.read_text("utf-8"),
        name=path.name,
        adopted_after=span(row["adopted_after"]),
        minutes=float(row["minutes"]),
        letters=tuple(_letter(one) for one in row.get("letters", ())),
        wish_decided=row.get("wish", {}).get("accepted", ""),
        wish_after=span(row["wish"]["after"]) if "wish" in row else timedelta(),
    )


def _letter(row: Mapping[str, str]) -> ExampleLetter:
    verb: LetterVerb = next(one for one in get_args(LetterVerb) if one in row)
    moved = verb in {"judge", "close"}
    return ExampleLetter(
        after=span(row["after"]),
        about=row["about"],
        verb=verb,
        text=row["text"] if moved else row[verb],
        status=row[verb] if moved else "",
    )


def span(text: str) -> timedelta:
    """``1d2h30m`` as a length. Raises `ValueError`."""
    match = _SPAN.fullmatch(text)
    if match is None or not text:
        raise ValueError(f"{text!r} is not a length like 40m or 1d2h")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)
