"""Which kind of promise a sentence makes."""

from __future__ import annotations

import re

from triage.model.promise import PromiseKind


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_CANNOT = _any(
    r"\bcan(?:no|['’])t\s+(?:promise|solve|offer|give|do|fix|provide)\b", r"\bnot\s+(?:possible|supported)\b",
    r"\bwill\s+not\s+be\s+able\b", r"\bno\s+(?:supported|safe)\s+way\b", r"\bdoes\s+not\s+exist\b",
    r"\bunable\s+to\b",
)  # fmt: skip
_DECISION = _any(
    r"\bwhat\b", r"\bwhether\b", r"\bdecides?\b", r"\bdecision\b", r"\bpossible\b", r"\blet\s+you\s+know\b",
    r"\btell\s+you\b",
)  # fmt: skip
_ANSWER = _any(
    r"\bwhat\s+(?:has\s+)?happened\b",
    r"\b(?:explanation|explain|root\s+cause|rca|report(?!\s+back)|answer|findings|analysis|why"
    r"|the\s+cause|summary"
    r"|results?"
    r"|write-?up)\b",
)
_A_WORD = _any(r"\bupdate\b")
_UPDATE = _any(
    r"\b(?:update|back|write|call|let\s+you\s+know|tell|keep\s+you|hear|news|contact|ping|reply"
    r"|report\s+back|touch"
    r"|phones?|ring|check|speak|talk|note|mail|e-?mail|line)\b"
)
_FIX = _any(
    r"\b(?:fix(?:ed)?|patch|hotfix|workaround|view|deploy(?:ed)?|release[ds]?|build|ready|in\s+place"
    r"|resolved?"
    r"|restored?|available|ship(?:ped)?|deliver(?:ed)?|roll(?:ed)?\s+out|repair(?:ed)?|eta|give\s+you"
    r"|back\s+(?:up|online))\b"
)
_NEXT_UPDATE = _any(r"^\W*(?:our\s+|the\s+)?next\s+update")


def kind_of(sentence: str, before: str) -> PromiseKind:
    """What ``sentence`` promises; ``before`` is the one it leans on ("I cannot promise one; I will …")."""
    if _NEXT_UPDATE.match(sentence):
        return "next_update"
    if _DECISION.search(sentence) and (_CANNOT.search(sentence) or _CANNOT.search(before)):
        return "cannot_solve_notice"
    if _ANSWER.search(sentence) and not _A_WORD.search(sentence):
        return "answer"
    if _UPDATE.search(sentence):
        return "next_update"
    return "fix_eta" if _FIX.search(sentence) else "next_update"
