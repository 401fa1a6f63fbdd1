"""The probable-cause sentence: its grammar, its first draft, and which findings it cites.

``The probable cause of <effect> was <condition> [F1]. Contributing were <condition> [F2], and … [F3]. It is
not known <…>.`` Citations decide the roles: what is cited before "Contributing" is a cause, what after it a
contributing factor. A part that cites nothing speaks for all findings of its kind. The structure is the
NTSB's; its habit of naming persons as causes is not taken over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.model.investigation import Finding, Investigation

WORD_LIMIT = 90
OPENING = "The probable cause of "
_CITATION = re.compile(r"\s*\[(F\d+(?:,\s*F\d+)*)\]")
_CONTRIBUTING = re.compile(r"\bContributing\b")


@dataclass(frozen=True, slots=True)
class Cited:
    """The findings that a sentence rests on."""

    causes: tuple[str, ...]
    contributing: tuple[str, ...]


def cited(investigation: Investigation) -> Cited:
    """Which findings the sentence cites as causes and as contributing factors, by id."""
    head, tail = _parts(sentence(investigation))
    return Cited(
        _ids(head) or _of_kind(investigation, "cause"), _ids(tail) or _of_kind(investigation, "contributing")
    )


def sentence(investigation: Investigation) -> str:
    """The sentence as written, or as drafted from the findings; empty without a cause."""
    return investigation.cause_sentence or draft(investigation)


def shown(investigation: Investigation, *, citations: bool = True) -> str:
    """The sentence for readers, with what is not known as its end."""
    text = sentence(investigation)
    if not text:
        return ""
    if investigation.not_known and "not known" not in text:
        unknown = investigation.not_known.rstrip(". ")
        text += f" It is not known {lowered(unknown)}."
    return text if citations else _CITATION.sub("", text)


def draft(investigation: Investigation) -> str:
    """A first sentence made of the findings, shortened until it has at most `WORD_LIMIT` words."""
    causes = [one for one in investigation.findings if one.kind == "cause"]
    contributing = [one for one in investigation.findings if one.kind == "contributing"]
    if not causes:
        return ""
    text = ""
    for cut in (False, True):
        text = f"{OPENING}“{investigation.title}” was {_joined(causes, cut=cut)}."
        if contributing:
            verb = "was" if len(contributing) == 1 else "were"
            text += f" Contributing {verb} {_joined(contributing, cut=cut)}."
        if len(text.split()) <= WORD_LIMIT:
            break
    return text


def trouble(text: str) -> str:
    """What is wrong with the sentence's form, in one line; empty when nothing is."""
    words = len(_CITATION.sub("", text).split())
    if words > WORD_LIMIT:
        return f"it has {words} words; {WORD_LIMIT} are the most that can be read aloud"
    if not text.startswith(OPENING):
        return f"it begins with “{OPENING.strip()} …”"
    return ""


def _parts(text: str) -> tuple[str, str]:
    split = _CONTRIBUTING.search(text)
    return (text[: split.start()], text[split.start() :]) if split else (text, "")


def _ids(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for match in _CITATION.finditer(text) for name in match[1].split(","))


def _of_kind(investigation: Investigation, kind: str) -> tuple[str, ...]:
    return tuple(one.id for one in investigation.findings if one.kind == kind)


def _joined(findings: Sequence[Finding], *, cut: bool) -> str:
    clauses = [f"that {_clause(one.text, cut=cut)} [{one.id}]" for one in findings]
    return clauses[0] if len(clauses) == 1 else f"{', '.join(clauses[:-1])}, and {clauses[-1]}"


def _clause(text: str, *, cut: bool) -> str:
    clause = lowered(text.strip().rstrip("."))
    return re.split(r"[,;:]\s", clause, maxsplit=1)[0] if cut else clause


def lowered(text: str) -> str:
    """``text`` with a small first letter, unless its first word is a name or an abbreviation."""
    first = text.split(" ", 1)[0]
    ordinary = first[:1].isupper() and first[1:].islower() | (len(first) == 1)
    return text[:1].lower() + text[1:] if ordinary else text
