"""A recording without what was only on the way: mistakes that were corrected, and things said twice."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from difflib import SequenceMatcher

from triage.playbook.record.recording import Act, Ran

GAP = timedelta(minutes=5)
"""A longer pause begins a new section."""
_ALIKE = 0.7
"""Two command lines this alike, of the same program, are one that was corrected (difflib's ratio)."""


def tidied(acts: Iterable[Act]) -> tuple[tuple[Act, ...], tuple[str, ...]]:
    """``acts`` without repeats and in sections, and what was left out with the reason."""
    kept, dropped = _without_corrected(list(acts))
    once, again = _once(_with_reasons(kept))
    return tuple(_in_sections(once)), (*dropped, *again)


def _without_corrected(acts: list[Act]) -> tuple[list[Act], list[str]]:
    """Drop a command that failed where the same one, written a little otherwise, passed later."""
    dropped: list[str] = []
    kept: list[Act] = []
    for index, act in enumerate(acts):
        better = next((one for one in acts[index + 1 :] if _corrects(one, act)), None)
        if better is None:
            kept.append(act)
        else:
            dropped.append(f"{_line(act.ran)}: it failed and was corrected")
    return kept, dropped


def _corrects(later: Act, earlier: Act) -> bool:
    if later.ran is None or earlier.ran is None or earlier.ran.ok or not later.ran.ok:
        return False
    first, second = _line(earlier.ran), _line(later.ran)
    same_program = first.split(maxsplit=1)[:1] == second.split(maxsplit=1)[:1]
    return same_program and SequenceMatcher(None, first, second, autojunk=False).ratio() >= _ALIKE


def _line(ran: Ran | None) -> str:
    if ran is None:
        return ""
    return ran.run if isinstance(ran.run, str) else shlex.join(ran.run)


def _with_reasons(acts: Sequence[Act]) -> list[Act]:
    """Notes that only give a reason become the ``why`` of what was done before them."""
    found: list[Act] = []
    for act in acts:
        if act.kind == "note" and not act.title and not act.text:
            if found:
                found[-1] = replace(found[-1], why=" ".join(filter(None, (found[-1].why, act.why))))
        else:
            found.append(act)
    return found


def _once(acts: Sequence[Act]) -> tuple[list[Act], list[str]]:
    seen: set[tuple[str, ...]] = set()
    found: list[Act] = []
    dropped: list[str] = []
    for act in acts:
        told = (act.kind, _plain(act.title), _plain(act.text), _line(act.ran))
        # Causes and what contributed share a title; evidence may well be asked for twice under one.
        if told in seen:
            dropped.append(f"{act.title[:60]}: it was there before")
        else:
            seen.add(told)
            found.append(act)
    return found, dropped


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _in_sections(acts: Sequence[Act]) -> Iterable[Act]:
    """Give the acts without a section the number of the stretch of work they were done in."""
    part, before = 1, None
    for act in acts:
        if act.section:
            yield act
            continue
        if before is not None and act.at - before > GAP:
            part += 1
        before = act.at
        yield replace(act, section=f"Part {part}")
