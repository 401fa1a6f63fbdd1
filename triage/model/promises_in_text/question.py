"""Sentences that promise nothing as a whole: questions, and what hangs on an "if"."""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_CONDITION = _any(
    r"(?<!even )(?<!as )(?<!see )(?<!know )(?<!and )\b(?:if|unless|assuming|as\s+long\s+as|in\s+case"
    r"|subject\s+to|pending|contingent)\b",
    r"\band\s+if\s+(?:all|everything|it|that|this)\s+(?:goes|works|passes|holds|is|looks)\b",
    r"\bdepending\s+on\b",
    r"^\W*should\s+(?:you|the|it|this|they|your|anything|there)\b",
    r"\botherwise\b",
    r"^\W*had\s+(?:we|i|you|the|it|they)\b",
    r"\b(?:once|as\s+soon\s+as|after|when)\s+(?:you|your|the\s+customer)\b",
    r"\bor\s+else\b",
    r"(?<!be )(?<!is )(?<!are )\bprovided(?=\s+(?:that|you|the|we|it|there|no|\w+\s+(?:is|are|looks))\b)",
)  # fmt: skip
_NO_CONDITION = _any(
    r"\b(?:even|see|know|ask|tell\s+you|wonder|check|whether\s+or\s+not)\s+if\b",
    r"\bif\s+(?:you\s+(?:want|like|have\s+(?:any\s+)?questions|prefer\s+to\s+leave|need\s+(?:me|us"
    r"|anything))|need(?:ed|\s+be)|so|not|any|(?:that|this)\s+(?:is\s+|['’]s\s+)?(?:ok|okay|alright|helps"
    r"|works)|possible|i\s+may|nothing|not\s+sooner|not\s+earlier)\b",
    r"\bif\b[^,]*\b(?:not|n['’]t|nothing|nobody|still)\b",
)  # fmt: skip
"""An "if" after which the promise stands all the same."""
_LEFT_BY_THEM = _any(
    r"\bif\b[^,]*\b(?:we|i)\b[^,]*\b(?:not|n['’]t)\b[^,]*\bhear\b",
    r"\bif\s+you\s+(?:do|have|are|can|did)\s*(?:not|n['’]t)",
)
_ASKING = _any(
    r"^\W*(?:(?:and|or|so|but|also|ok|okay|hi|hey|hello|\w+)\s*,?\s+)?(?:what|when|who|which|why|how"
    r"|where|whose|does|do|did|is|are|was|were|will|would|could|can|should|shall|may|have|has|had|am|any)\b"
)
_TAG = _any(r",\s*(?:\w+\s+){0,4}\w+\s*\?$")
_OUR_WORD = _any(r"^[^,]*\b(?:i|we)(?:['’]ll|\s+will|\s+shall|['’]m\s+going|\s+can)\b")


def is_question(sentence: str) -> bool:
    """Whether a sentence asks; "I will call at 5, okay?" does not."""
    if not sentence.rstrip(" \"')").endswith("?"):
        return False
    return not (_TAG.search(sentence) and _OUR_WORD.search(sentence) and not _ASKING.search(sentence))


def is_conditional(sentence: str) -> bool:
    """Whether all a sentence promises hangs on something that may not come."""
    if _LEFT_BY_THEM.search(sentence):
        return True
    return bool(_CONDITION.search(sentence)) and not _NO_CONDITION.search(sentence)
