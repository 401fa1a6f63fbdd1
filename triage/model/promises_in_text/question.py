"""Sentences that promise nothing as a whole: questions, and what hangs on an "if"."""

from __future__ import annotations

from triage.model.promises_in_text.words import pattern

_CONDITION = pattern(
    r"(?<!even )(?<!as )(?<!see )(?<!know )(?<!and )\b(?:if|unless|assuming|as long as|in case|subject to"
    r"|pending|contingent)\b",
    r"\band if (?:all|everything|it|that|this) (?:goes|works|passes|holds|is|looks|stays|remains|keeps)\b",
    r"\bdepending on\b",
    r"\b(?:can|could) (?:also )?(?:offer|do|propose|manage)\b[^@]*@+[^@]{0,12}\bor\b[^@]{0,12}@",
    r"\beither\b[^@]*@+[^@]{0,12}\bor\b[^@]{0,12}@",
    r"^\W*should (?:you|the|it|this|they|your|anything|there)\b",
    r"\botherwise\b",
    r"^\W*had (?:we|i|you|the|it|they)\b",
    r"\b(?:once|as soon as|after|when) (?:you|your|the customer)\b(?! (?:can|may|should|could|will"
    r"|wake|get (?:up|in|to (?:work|school))|come (?:in|to work)|start (?:work|your)|are (?:back|up"
    r"|awake|closed|asleep))\b)(?!'re (?:back|up|awake|closed|asleep)\b)",
    r"\bor else\b",
    r"(?<!be )(?<!is )(?<!are )\bprovided(?= (?:that|you|the|we|it|there|no|\w+ (?:is|are|looks))\b)",
)  # fmt: skip
_NO_CONDITION = pattern(
    r"\b(?:even|see|know|ask|tell you|wonder|check|whether or not) if\b",
    r"\bif (?:you (?:want|like|have (?:any )?questions|prefer to leave|need (?:me|us|anything))|need(?:ed"
    "| be)|so|not|any|(?:that|this) (?:is |'s )?(?:ok|okay|alright|helps|works)|possible|i may|nothing"
    r"|not sooner|not earlier)\b",
    r"\bif\b[^,]*\b(?:not|n't|nothing|nobody|still)\b",
    r"\b(?:let (?:you|him|her|them) know|tell (?:you|him|her|them)|confirm|report|update you|inform you"
    r"|write(?: to)? you|say)\b[^,]{0,40} if\b(?! (?:you|we|i) (?:need|want|get|have|receive)\b)",
    r"\b(?:will|shall|'ll)\b[^,;@]{0,60}@+[^\w@]*(?:if (?:no|all (?:stays|is|remains))|provided no|barring"
    r"|unless (?:something|anything|it (?:recurs|comes back)|new|further)|pending the (?:outcome|result|final"
    r"|full|review|investigation))\b",
    r"\b(?:will|shall|'ll)\b[^,;@]{0,60}(?:\bat |\bby |@ ?)@+\W*(?:once|when|after|as soon as) your\b",
    r"\bdepending on (?:your|the|his|her|their) (?:bank|card|issuer|courier|carrier|provider)\b",
)  # fmt: skip
"""An "if" after which the promise stands all the same."""
_LEFT_BY_THEM = pattern(
    r"\bif\b[^,]*\b(?:we|i)\b[^,]*\b(?:not|n't)\b[^,]*\bhear\b",
    r"\bif you (?:do|have|are|can|did)\s*(?:not|n't)",
)  # fmt: skip
_ASKING = pattern(
    r"^\W*(?:(?:and|or|so|but|also|ok|okay|hi|hey|hello|\w+)\s*,? )?(?:what|when|who|which|why|how|where"
    r"|whose|does|do|did|is|are|was|were|will|would|could|can|should|shall|may|have|has|had|am|any)\b",
)  # fmt: skip
_TAG = pattern(r",\s*(?![^,]*\d)(?:\w+ ){0,4}\w+\s*\?$")
_OUR_WORD = pattern(r"^[^,]*\b(?:i|we)(?:'ll| will| shall|'m going| can)\b")


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
