"""Secrets blacked out in what is kept as evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from triage.playbook.language.patterns import PatternError, compile_pattern

Redact: TypeAlias = Callable[[str], str]
"""Blacks out what it knows; the program's own tokens, for example."""

BUILT_IN: tuple[tuple[str, str], ...] = (
    (
        "private key",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]{0,20000}?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    ),
    ("token", r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    ("cookie", r"(?im)^(?<=\A|\n)[ \t<>]*(?:set-)?cookie:[ \t]*\K[^\n]+"),
    ("authorization", r"(?i)\bauthorization:[ \t]*(?:bearer|basic|token)?[ \t]*\K[^\s\"']+"),
    ("token", r"(?i)\bbearer[ \t]+\K[\w.~+/-]{12,}=*"),
    ("access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("token", r"\b(?:gh[pousr]_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk_live_\w{16,})"),
    (
        "secret",
        r"(?i)\b(?:password|passwd|secret|api[_-]?key|access[_-]?token|client[_-]?secret)[\"']?\s*[=:]\s*[\"']?\K[^\s\"',;&]{4,}",
    ),
    ("credentials", r"(?i)\bhttps?://\K[^\s/:@]+:[^\s/@]+(?=@)"),
    ("assertion", r"(?i)\bSAMLResponse=\K[\w%+/=-]{40,}"),
)
"""What to look for, by the word that stands in its place."""

TIMEOUT_S = 2.0


def redact(text: str, patterns: Iterable[str] = (), known: Redact | None = None) -> tuple[str, int]:
    """``text`` with secrets replaced by ``[redacted: …]``, and how many were.

    ``patterns`` are a step's own; ``known`` blacks out values the program itself holds. A pattern that takes
    too long takes the whole text with it: what cannot be searched must not be kept.
    """
    count = 0
    if known is not None:
        cleaned = known(text)
        count += cleaned != text
        text = cleaned
    for word, pattern in (*BUILT_IN, *(("by the playbook", pattern) for pattern in patterns)):
        try:
            text, found = compile_pattern(pattern).subn(f"[redacted: {word}]", text, timeout=TIMEOUT_S)
        except (TimeoutError, PatternError):
            return f"[not kept: the output could not be searched for {word}]", count + 1
        count += found
    return text, count
