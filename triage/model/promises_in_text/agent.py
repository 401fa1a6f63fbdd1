"""Who acts in a clause, and whether what is done is something the customer gets.

"We will", "the fix will", "you will hear" promise; "you will need to", "your licence will expire", "the
vendor will", "I will be away" do not.
"""

from __future__ import annotations

import re

from triage.model.promises_in_text.party import OTHERS


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_YOU = _any(r"\byou\s*(?:all\s+|both\s+|also\s+|then\s+|should\s*|can\s*|may\s*)*$")
_OURS = _any(r"\b(?:i|we)\s*(?:all\s+|also\s+|then\s+|now\s+|both\s+|\w+ly\s+)*$", r"^\W*$")
_THEIRS = _any(
    r"\b(?:your|yours|customers?(?:['’]s?)?|users?|clients?|subscribers?|members?)\b(?:\s+[\w-]+){0,4}\s*$",
    r"\b(?:the|this|that|each|every|an?|all|old|any)\s+(?:[\w-]+\s+){0,2}(?:jobs?|sessions?|tokens?"
    r"|certificates?|passwords?|links?|window|licen[cs]es?|trial|contract|offer|meeting|webinar|office"
    r"|backups?|schedule|scheduler|cron|accounts?|locks?|lease|cache|webhooks?|retry|retries|queue|runs?"
    r"|invoice|payment|export|import|alert|script|tickets?|case|subscription|deadline|policy|limit|quota"
    r"|counter|timer|thread|process|worker|connections?|requests?|entries|logs?)\s*$",
)
_OWED = _any(r"\b(?:invoices?|payments?|fees?|instal?lments?|premiums?|tax(?:es)?)\b[^,]{0,30}\bdue\b")
_EXTERNAL = _any(
    rf"\b{OTHERS}\b(?:['’]s?)?(?!\s+(?:fix|migration|connector|integration|sync|adapter|account|bridge"
    r"|upgrade|update|patch|release|plugin|import|export|app|build|module|driver"
    r"|case)\b)(?:\s+[\w-]+){0,3}\s*$"
)
_NOBODY = _any(
    r"\bno\s*$", r"\b(?:nothing|nobody|no\s+one|none\s+of\s+\w+|no\s+\w+)\s*$", r"^\W*no\s+\w+[^,]{0,40}$"
)
_ADVERBS = r"^\W*(?:\w+ly\s+|also\s+|then\s+|all\s+|now\s+|still\s+|again\s+|soon\s+|just\s+|to\s+)*"
_GETS = _any(
    _ADVERBS
    + r"(?:have(?!\s+(?:to|until|till)\b)|get(?!\s+(?:logged|charged|billed|asked|locked))|hear|receive"
    r"|see|find|know|be\s+(?:able|back|live|online|contacted|updated|informed|notified|called|given|sent"
    r"|up|running|refunded|credited|on|in|through|whole|\w{2,}ed))\b"
)
_MENDED = _any(
    _ADVERBS
    + r"(?:have\s+been\s+|be\s+|have\s+|look\s+)?(?:fully\s+|completely\s+|\w+ly\s+)?(?:fixed|restored"
    r"|ready|back|available|upgraded|migrated|resolved|refunded|shipped|sent|delivered|processed|renewed"
    r"|raised|unlocked|enabled|reset|replaced|credited|done|moved|switched|live|online|up|reachable"
    r"|working|complete|corrected|repaired|recovered|activated|provisioned|in\s+place|installed|rebuilt"
    r"|approved|answered|reviewed|whole|normal|clean|visible|through|finished|over|reactivated|on|in"
    r"|active|valid|effective|in\s+(?:force|effect)|operational|usable|accessible|functional|empty|clear"
    r"|re-?issued|paid|reconciled|synced|resynced|issued)\b",
    _ADVERBS + r"(?:have\s+been|be)\s+(?:\w+ly\s+|fully\s+)?\w{2,}(?:ed|en)\b",
    _ADVERBS + r"(?:arrive|ship|work|function|finish|complete|land)\b",
)
_ARRIVES = _any(r"\b(?:arrives?|ships?|lands?)\b")
_NO_DEED = _any(
    _ADVERBS
    + r"(?:not|never|no|need|only\s+be|have\s+to|expire|lapse|cease|run\s+out|end|close\s+(?:the|this"
    r"|your|it|out\s+the)\s*(?:ticket|case|request)?|time\s+out|stop|want|see\b(?!\s+(?:to|you|it|the|a"
    r"|an|your)\b)|depend|renew|retry|be\s+asked)\b",
    _ADVERBS + r"be\s+(?:\w+ly\s+)?(?:no|un(?!lock|block|froz|paus)\w+|clos(?:ed|ing)|out(?!\s+(?:by|on|with"
    r"|before|in|at|\ue000))|away"
    r"|back\s+from\s+(?:\w+\s+)?(?:leave|holidays?|vacation)|off|offline|asleep|read[- ]only|down|logged"
    r"|locked|disabled|deleted|removed|suspended|charged|billed|interrupted|required|due|travell?ing"
    r"|wiped|purged|terminated|expired|cancell?ed|archived|ended|revoked|rejected|limited|throttled"
    r"|forced|redirected|prompted|asked|affected|impacted|paused|stopped|retired|discontinued|deprecated"
    r"|switched\s+off|turned\s+off|shut|frozen|on\s+(?:\w+\s+)?(?:leave|holiday|vacation|call|shift|duty"
    r"|pto|the\s+road|(?:an?|the)\s+(?:plane|train|flight|bus))|my\s+last|full|exhausted|gone|lost|late|too\s+late|too\s+\w+"
    r"|in\s+(?:an?\s+|the\s+)?(?:\w+\s+)?(?:meetings?|training|transit))\b",
)
"""What follows "will" where nothing is promised: refusals, absences, what befalls the customer."""
_HOLDS = _any(
    _ADVERBS + r"(?:be\s+)?(?:keep|leave|hold|stay|remain|continue|monitor(?:ing)?|watch(?:ing)?"
    r"|wait(?:ing)?|run(?:ning)?|online|around|here|working|open|at\s+my\s+desk|on\s+(?:shift|duty"
    r"|call))\b[^,]*\b(?:until|till|for|through|over|from|between)\s*(?:the\s+)?\ue000",
    _ADVERBS + r"(?:(?:be\s+)?(?:monitor(?:ing)?|watch(?:ing)?|keep(?:ing)?)|be\s+(?:online|around|here"
    r"|working))\b(?!\s+(?:you"
    r"|him|her|them|everyone)\b)[^,\ue000]{0,40}\ue000+(?!.*\ue000)",
)
"""A state kept up until a time is not a word or a thing by that time."""


_ENDS = _any(_ADVERBS + r"be\s+(?:over|finished|through|complete|out)\b")
_RUNS_OUT = _any(r"\b(?:trial|contract|subscription|licen[cs]e|offer|session|token|membership|term)s?\s*$")
_BY_US = _any(r"\bby\s+(?:me|us|our|my|the\s+undersigned)\b")
_BOOKED = _any(r"(?:\b(?:is|are)|['’](?:re|s))\s.*\b(?:(?:re-?)?booked|re-?scheduled|re-?arranged)$")
_BEEN_ARRANGED = _any(r"\bbeen\s.*\b(?:for|to|on|at|until)\b")
_RUNS_ALONE = _any(
    r"\b(?:jobs?|exports?|imports?|backups?|runs?|scripts?|reports?|invoices?|payments?|audits?|charges?)\s*$"
)
_AT_WORK = _any(
    r"^\W*(?:to\s+)?(?:be\s+)?(?:back|return)\s+(?:in|at|to)\s+(?:my|his|her|their|the|work"
    r"|our)\b(?:\s+(?:desk|office|work"
    r"|computer|keyboard|building|country))?"
    r"|^\W*be\s+(?:in|at)\s+(?:the|my|his|her)\s+(?:office|desk)\b"
    r"|^\W*(?:to\s+)?(?:be\s+)?back\s+(?:from|online\s+myself)\b"
)
_BACK = _any(
    r"^\W*(?:to\s+)?(?:be\s+)?(?:back|return)\b(?!\s+(?:to|with|up|online|live|in\s+(?:service"
    r"|operation|place|action))\b)"
)
_OF_ITSELF = _any(r"^\s*place\b", r"\b(?:by\s+itself|on\s+its\s+own)\b")
"""What takes place, or comes about, without anybody's doing."""
_COMES = _any(r"\b(?:returns?|expected|due|scheduled)\b")
_RETURNS = _any(r"\breturns?$")
_SOMEONE = _any(
    r"\b(?:he|she|who|colleague|specialist|expert|manager|lead|person|developer|architect"
    r"|owner)\s*(?:is|are|['’]s)?\s*"
    r"(?:expected|due|scheduled|returns?)?\s*$",
    r"(?-i:\b(?!The|Your|Our|This|That|It|All|Every|Service|Access|Everything|We|They|You|I"
    r"|Next)[A-Z][a-z]+)\s*(?:is|['’]s)?"
    r"\s*(?:expected|due|scheduled|returns?)?\s*$",
)
_PERSON = _any(r"\b(?:i|we|he|she|they|(?-i:[A-Z][a-z]+))\s*$")
_STANDS_BY = _any(_ADVERBS + r"be\s+(?:\w+ly\s+)?(?:available|reachable|free)\b")


_THEIR_THING = _any(
    r"(?:^|\s)(?:your|the|this|that|each|every)\s+(?:[\w-]+\s+)?(?:jobs?|sessions?|tokens?|backups?"
    r"|schedules?|scheduler|cron|batch|runs?|exports?|imports?|licen[cs]es?|subscriptions?|trial|contract"
    r"|accounts?|users?)\b"
)


def subject_of(clause: str) -> str:
    """The thing of theirs that a clause is about, or nothing: who goes on acting behind "and will"."""
    thing = _THEIR_THING.search(clause[:60])
    if thing is None or re.search(r"\b(?:i|we|you)\b", clause[: thing.start()], re.IGNORECASE):
        return ""
    return thing[0]


def is_outside(before: str) -> bool:
    """Whether the one who acts, named in ``before``, is not of our house: a vendor, a carrier."""
    return _EXTERNAL.search(before) is not None


def acts_for_them(before: str, said: str, after: str, *, firm: bool) -> bool:
    """Whether ``said`` between ``before`` and ``after`` is a deed of ours, or what they get from one."""
    if re.match(r"\s*(?:\w+\s+){0,2}(?:you|your|customers?)\b", said, re.IGNORECASE) and "can" not in said:
        before = ""
    if _NOBODY.search(before) or _HOLDS.search(after):
        return False
    if _is_back_at_work(before, said, after) or _OF_ITSELF.search(after):
        return False
    if _BY_US.search(said) or _BOOKED.search(said):
        return True
    if _BEEN_ARRANGED.search(said):
        return not _RUNS_ALONE.search(before)
    if _STANDS_BY.match(after) and _PERSON.search(before):
        return False
    if re.search(r"(?:will|shall|should|ll|going to|to)$", said.strip(), re.IGNORECASE) and _NO_DEED.match(
        after
    ):
        return False
    if re.search(r"\byou\b", said, re.IGNORECASE) and not before.strip():
        return True
    if _YOU.search(before):
        return bool(_GETS.match(after))
    return _does_them_good(before, said, after, firm=firm)


def _does_them_good(before: str, said: str, after: str, *, firm: bool) -> bool:
    """Whether what befalls a thing of theirs is something they wait for: mended yes, running out no."""
    if _OWED.search(f"{before}{said}"):
        return False
    if _RUNS_OUT.search(before) and _ENDS.match(after):
        return False
    if not _THEIRS.search(before) or _OURS.search(before):
        return True
    if got := re.search(r"\bgets?\s+(\w+)$", said):
        return bool(_MENDED.match(got[1]))
    return bool(_MENDED.match(after)) if firm else bool(_ARRIVES.search(said))


def _is_back_at_work(before: str, said: str, after: str) -> bool:
    """Whether somebody only comes back to work: "she is expected back on Monday"."""
    if _AT_WORK.match(after):
        return True
    if not _SOMEONE.search(f"{before}{said}" if _COMES.search(said) else before):
        return False
    comes = _RETURNS.search(said) and not re.match(r"\s*(?:your|the|to|with)\b", after)
    return bool(_BACK.match(after) or comes)
