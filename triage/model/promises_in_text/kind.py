"""Which kind of promise a sentence makes."""

from __future__ import annotations

from triage.model.promise import PromiseKind
from triage.model.promises_in_text.words import pattern

_CANNOT = pattern(
    r"\bcan(?:no|')t (?:promise|solve|offer|give|do|fix|provide)\b",
    r"\bnot (?:possible|supported)\b",
    r"\bwill not be able\b",
    r"\bno (?:supported|safe) way\b",
    r"\bdoes not exist\b",
    r"\bunable to\b",
)  # fmt: skip
_DECISION = pattern(
    r"\bwhat\b",
    r"\bwhether\b",
    r"\bdecides?\b",
    r"\bdecision\b",
    r"\bpossible\b",
    r"\blet you know\b",
    r"\btell you\b",
)  # fmt: skip
_ANSWER = pattern(
    r"\bwhat (?:has )?happened\b",
    r"\b(?:explanation|explain|root cause|rca|report(?! back)|answer|findings|analysis|why|the cause"
    r"|summary|results?|write-?up)\b",
)  # fmt: skip
_A_WORD = pattern(r"\bupdate\b")
_UPDATE = pattern(
    r"\b(?:update|back|write|call|let you know|tell|keep you|hear|news|contact|ping|reply|report back"
    r"|touch|phones?|ring|check|speak|talk|note|mail|e-?mail|line)\b",
)  # fmt: skip
_FIX = pattern(
    r"\b(?:fix(?:ed)?|patch|hotfix|workaround|view|deploy(?:ed)?|release[ds]?|build|ready|in place"
    "|resolved?|restored?|available|ship(?:ped)?|deliver(?:ed)?|roll(?:ed)? out|repair(?:ed)?|eta|give "
    r"you|back (?:up|online))\b",
)  # fmt: skip
_NEXT_UPDATE = pattern(r"^\W*(?:our |the )?next update")


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
