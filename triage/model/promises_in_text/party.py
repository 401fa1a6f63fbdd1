"""Who "they" are: colleagues who act for us, or others whose word we only pass on.

"The carrier is on it; they will splice it at 03:00" and "according to the registrar it is done by noon" tell
what others do. "Our network team has it, they will write to you by noon" is a promise of ours.
"""

from __future__ import annotations

import re

from triage.model.promises_in_text.words import pattern

_NAMES = (
    r"microsoft|aws|amazon|google|azure|apple|cloudflare|oracle|github|gitlab|sap|atlassian|salesforce|cisco"
    r"|dell|vmware|broadcom|stripe|paypal|adyen|twilio|akamai|fastly|okta|slack|zoom|vodafone|telekom|verizon"
    r"|comcast|at&t|lumen|equinix|hetzner|ovh|red\s?hat|canonical|mozilla|meta|intel|nvidia|hp|hpe|lenovo"
)
_TRADES = (
    r"vendors?|suppliers?|manufacturers?|carriers?|isps?|providers?|banks?|registrars?|regulators?|auditors?"
    r"|upstream|maintainers|telcos?|resellers?|hosters?|hosting\s+company|distributors?|subcontractors?"
    r"|contractors?|landlord|building\s+management|utility(?:\s+company)?|third[- ]part(?:y|ies)"
    r"|authorit(?:y|ies)|card\s+(?:network|scheme)s?|payment\s+(?:processor|network)s?"
    r"|exchange\s+operator|grid\s+operator"
    r"|(?:network|data\s?cent(?:er|re)|line|colo)\s+operators?|airline|customs|tax\s+office"
)
OTHERS = rf"(?:{_TRADES}|{_NAMES})"
"""A pattern (for `re.IGNORECASE`) of those who act outside our house: trades, and well-known names."""
_OTHERS_NAMED = pattern(
    r"\b<others>\b(?:'s?)?(?: (?!and\b|but\b|so\b|to\b|our\b|i\b|we\b)[\w-]+){0,2}",
    r"\b(?:your|customer's) (?:(?:own|local|it|internal|network|security|hosting) )*(?:it|department|team"
    "|admins?|administrators?|colleagues?|provider|partner|agency|accountant|lawyers?|consultants?"
    r"|engineers?)\b(?: (?:department|team))?",
    others=OTHERS,
)  # fmt: skip
_COLLEAGUES = pattern(
    r"\b(?:our|my) (?!hands|control|side|end|reach|influence)(?:[\w-]+ ){0,2}[\w-]+",
    r"\b(?:colleagues?|teams?|desks?|departments?|engineers?|engineering|specialists?|developers?|devs"
    "|ops|sres?|dbas?|qa|platform|infra(?:structure)?|billing|finance|legal|product|sales|logistics"
    r"|accounting|support|back\s?office|second (?:line|level)|tier\s?\d|people|folks|guys|crew|shift)\b",
)  # fmt: skip
_NOT_OURS = pattern(
    r"\b(?:out of our hands|(?:outside|beyond|not (?:under|in|within)) (?:of )?our \w+|not (?:run"
    r"|operated|owned|provided|made|ours)\b(?: by us)?|we (?:do not|don't) (?:\w+ly )?(?:operate|run|own"
    "|control|manage|maintain|host)|(?:not|aren't) involved|no (?:influence|control|say)|on their "
    r"(?:side|end|part)|independent of us)\b",
)  # fmt: skip
_PASSED_ON = pattern(
    r"^\W*(?:and |but |so )?(?:according to|as per|per|from what|as far as) (?!(?:our|my|us|me|we|the "
    r"(?:current )?(?:plan|schedule|roadmap|calendar|contract|sla|team))\b)",
)  # fmt: skip
_SAYS = pattern(
    r"^\W*(?:and |but )?(?P<who>(?:[\w'’&.-]+ ){1,5}?)(?:now |also |just )?(?:says?|said|told (?:us|me)"
    "|(?:has|have) (?:told|informed|assured|advised) (?:us|me)|(?:informed|assured|advised) (?:us|me)"
    "|(?:has |have )?(?:announced|confirmed|promised|stated|indicated)|reports?|states?|claims?|writes?) "
    r"(?:that )?(?P<they>(?:they|it)\b)?",
)  # fmt: skip
_ANYONE_BUT_US = pattern(r"^(?!.*\b(?:i|we|our|my|you)\b).*\w\s*$")
_THEY = pattern(
    r"\bthey\s*(?:\w+ly |also |now |all |both |then |still )*$",
    r"\btheir (?:[\w-]+ ){1,3}$",
)  # fmt: skip


def subjects_outside(earlier: str, sentence: str) -> re.Pattern[str] | None:
    """What the subject of a clause of ``sentence`` looks like where others act; None where nobody does.

    ``earlier`` is what was written before the sentence.
    """
    if _PASSED_ON.search(sentence):
        return _ANYONE_BUT_US
    if (says := _SAYS.search(sentence)) and _is_word_of_others(says, earlier):
        return _ANYONE_BUT_US
    they = re.search(r"\bthe(?:y|ir)\b", sentence, re.IGNORECASE)
    if they is None:
        return None
    told = f"{earlier} {sentence[: they.start()]}"
    return _THEY if _NOT_OURS.search(sentence) or _are_others(told) else None


def _is_word_of_others(says: re.Match[str], earlier: str) -> bool:
    """Whether a report ("the carrier told us that they …") is of what others said."""
    if re.match(r"they\b", says["who"], re.IGNORECASE):
        return _are_others(earlier)
    if not says["they"]:
        return _OTHERS_NAMED.search(says["who"]) is not None
    if re.fullmatch(r"[A-Z][a-z]+\s*", says["who"]) and says["they"].lower() != "they":
        return False
    return not _COLLEAGUES.search(says["who"])


def _are_others(told: str) -> bool:
    """Whether those named last in ``told`` are not of our house."""
    others = [one.span() for one in _OTHERS_NAMED.finditer(told)]
    if not others:
        return bool(_NOT_OURS.search(told))
    start, end = others[-1]
    ours = [one.start() for one in _COLLEAGUES.finditer(told) if not start <= one.start() < end]
    return not ours or ours[-1] < start
