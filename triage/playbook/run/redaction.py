"""Secrets blacked out in what is kept as evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from triage.config.secret_scan import find_secrets, mask_secrets
from triage.playbook.language.patterns import PatternError, compile_pattern

Redact: TypeAlias = Callable[[str], str]
"""Blacks out what it knows; the program's own tokens, for example."""

TIMEOUT_S = 2.0


def redact(text: str, patterns: Iterable[str] = (), known: Redact | None = None) -> tuple[str, int]:
    """``text`` with secrets replaced by ``[masked:…]``, and how many were.

    ``patterns`` are a step's own; ``known`` blacks out values the program itself holds. A pattern that takes
    too long takes the whole text with it: what cannot be searched must not be kept.
    """
    count = 0
    if known is not None:
        cleaned = known(text)
        count += cleaned != text
        text = cleaned
    hits = find_secrets(text)
    text = mask_secrets(text, hits)
    count += len(hits)
    for pattern in patterns:
        try:
            text, found = compile_pattern(pattern).subn("[masked:by-the-playbook]", text, timeout=TIMEOUT_S)
        except (TimeoutError, PatternError):
            return "[not kept: the output could not be searched for what the playbook blacks out]", count + 1
        count += found
    return text, count
