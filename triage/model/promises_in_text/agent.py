"""Who acts in a clause, and whether what is done is something the customer gets.

"We will", "the fix will", "you will hear" promise; "you will need to", "your licence will expire", "the
vendor will", "I will be away" do not.
"""

from __future__ import annotations

import re

from triage.model.promises_in_text.party import OTHERS
from triage.model.promises_in_text.words import pattern

_YOU = pattern(r"\byou\s*(?:all |both |also |then |should\s*|can\s*|may\s*)*$")
_OURS = pattern(
    r"\b(?:i|we)\s*(?:all |also |then |now |both |\w+ly )*$",
    r"^\W*$",
)  # fmt: skip
_THEIRS = pattern(
    r"\b(?:your|yours|customers?(?:'s?)?|users?|clients?|subscribers?|members?(?! of\b))\b(?: (?!i\b"
    r"|we\b)[^\s,;:]\S*){0,4}\s*$",
    r"\b(?:the|this|that|each|every|an?|all|old|any) (?:[\w-]+ ){0,2}(?:jobs?|sessions?|tokens?"
    "|certificates?|passwords?|links?|window|licen[cs]es?|trial|contract|offer|meeting|webinar|office"
    "|backups?|schedule|scheduler|cron|accounts?|locks?|lease|cache|webhooks?|retry|retries|queue|runs?"
    "|invoice|payment|export|import|alert|script|tickets?|case|subscription|deadline|policy|limit|quota"
    r"|counter|timer|thread|process|worker|connections?|requests?|entries|logs?)\s*$",
)  # fmt: skip
_THEIR_PEOPLE = pattern(
    r"\b(?:your|the) (?:[\w-]+ ){0,2}(?:employees|staff|team|colleagues?|users?|customers?|clients?|people"
    r"|students|teachers|agents|drivers|patients|members|guests|everyone)\s*$",
)  # fmt: skip
_OWED = pattern(
    r"\b(?:invoices?|payments?|polic(?:y|ies)|contracts?|subscriptions?|memberships?|fees?|instal?lments?"
    r"|premiums?|tax(?:es)?)\b[^,]{0,30}\bdue\b",
)
_EXTERNAL = pattern(
    r"(?<!\bto )(?<!\bto the )(?<!\bfor the )\b<others>\b(?:'s?)?(?! (?:fix|migration|connector"
    "|integration|sync|adapter|account|bridge|upgrade|update|patch|release|plugin|import|export|app"
    r"|build|module|driver|case)\b)(?: [\w-]+){0,3}\s*$",
    others=OTHERS,
)  # fmt: skip
_OWES = pattern(
    r"\b(?:premiums?|payments?|fees?|instal?lments?|amounts?|rent|balance|dues|charges?|subscription"
    r"|tax(?:es)?|fare"
    r"|deposit|money)\b[^,]{0,30}$"
)
_IS_TAKEN = pattern(
    r"^\W*(?:then |also )?be (?:collected|debited|taken|deducted|withdrawn|drawn|pulled|charged)\b"
)
"""What befalls money of theirs: no promise, but a bill."""
_IN_OFFICE = pattern(r"^\W*(?:(?:in|at|to) (?:the|your|work|school|office)|from|at work)\b")
_MAY_HAVE = pattern(r"^\W*you can (?:also |then |now )?.*\b(?:from|as of|as from|starting)\s*(?:the\s*)?$")
_THEIR_BANK = pattern(
    r"\b(?:your|his|her|their|the (?:receiving|recipient's?|beneficiary'?s?)) (?:\w+ )?(?:bank"
    r"|card issuer)\s*$"
)
_BOOKS = pattern(r"^\W*(?:\w+ly |then |also )*(?:credit|post|book|show|receive|have|pay out|release)\b")
_FROM_OTHERS = pattern(r"^[^,@]*\bfrom (?:the |our |their )?<others>\b", others=OTHERS)
_NOBODY = pattern(
    r"\bno\s*$",
    r"\b(?:nothing|nobody|no one|none of \w+|no \w+)\s*$",
    r"^\W*no \w+[^,]{0,40}$",
)  # fmt: skip
_ADVERBS = r"^\W*(?:\w+ly |also |then |all |now |still |again |soon |just |next |first |to )*"
_GETS = pattern(
    r"<adverbs>(?:have(?! (?:to|until|till)\b)|get(?! (?:logged|charged|billed|asked|locked))(?! (?:an?"
    r"|the) (?:\w+ ){0,2}(?:survey|reminder|questionnaire)\b)|hear|receive(?! (?:an?|the) (?:\w+ "
    r"){0,2}(?:survey|reminder|questionnaire)\b)|see|find|know|be (?:able|back|live|online|contacted"
    "|updated|informed|notified|called|given|sent|up|running|refunded|credited|on|in|through|whole"
    r"|\w{2,}ed))\b",
    adverbs=_ADVERBS,
)  # fmt: skip
_MENDED = pattern(
    r"<adverbs>(?:have been |be |have |look )?(?:fully |completely |\w+ly )?(?:fixed|restored|ready|back"
    "|available|upgraded|migrated|resolved|refunded|shipped|sent|delivered|processed|renewed|raised"
    "|unlocked|enabled|reset|replaced|credited|done|moved|switched|live|online|up|reachable|working"
    "|complete|corrected|repaired|recovered|activated|provisioned|in place|installed|rebuilt|approved"
    "|answered|reviewed|whole|normal|clean|visible|through|finished|over|reactivated|on|in|active|valid"
    "|effective|in (?:force|effect)|operational|usable|accessible|functional|empty|clear|re-?issued|paid"
    r"|reconciled|synced|resynced|issued)\b",
    r"<adverbs>(?:have been|be) (?:\w+ly |fully )?\w{2,}(?:ed|en)\b|<adverbs>be gone from\b",
    r"<adverbs>(?:arrive|ship|work|function|finish|complete|land)\b",
    adverbs=_ADVERBS,
)  # fmt: skip
_ARRIVES = pattern(r"\b(?:arrives?|ships?|lands?|goes? live|comes? back|reopens?)\b")
_NO_DEED = pattern(
    "<adverbs>(?:not|never|no|last|move to (?:solved|closed|resolved|pending)|auto-?close|need(?! "
    "(?:about |around |another )*@)|only be|have to|expire|lapse|cease|run out|end|close (?:the|this"
    r"|your|it|out the)(?! (?:loop|incident|outage|event|problem|alert))\s*(?:ticket|case|request)?|time out"
    r"|stop|want|see (?:an?|the) (?:\w+ "
    r"){0,2}(?:banner|message|warning|notice|error|prompt|drop|spike|gap)s?\b|see\b(?! (?:to|you|it|them"
    r"|this|that|these|those|him|her|new|our|on|in|everything|the|a|an|your)\b)|depend|renew|retry|be "
    r"asked)\b",
    r"<adverbs>be (?:your|the) (?:[\w-]+ ){0,3}(?:contact|manager|agent|lead)\b",
    r"<adverbs>be (?:\w+ly )?(?:no|un(?!lock|block|froz|paus)\w+|clos(?:ed|ing)|out(?! (?:by|on|with"
    r"|before|in|at|@))|away|back from (?:\w+ )?(?:leave|holidays?|vacation)|off|offline|asleep|read[- "
    "]only|down|logged|locked|disabled|deleted|removed|suspended|charged|billed|interrupted|required|due"
    "|travell?ing|wiped|purged|terminated|expired|cancell?ed|archived|ended|revoked|rejected|limited"
    "|throttled|surveyed|forced|redirected|prompted|asked|affected|impacted|paused|stopped|retired"
    r"|discontinued|deprecated|switched off|turned off|shut|frozen|on (?:\w+ )?(?:leave|holiday|vacation"
    "|call|shift|duty|pto|the road|(?:an?|the) (?:plane|train|flight|bus))|my last|full|exhausted"
    "|gone(?! from)"
    r"|lost|late|too late|too \w+|in (?:an? |the )?(?:\w+ )?(?:meetings?|training|transit))\b",
    adverbs=_ADVERBS,
)  # fmt: skip
"""What follows "will" where nothing is promised: refusals, absences, what befalls the customer."""
_HOLDS = pattern(
    "<adverbs>(?:be )?(?:keep|leave|hold|stay|remain|continue|monitor(?:ing)?|watch(?:ing)?|wait(?:ing)?"
    r"|run(?:ning)?|online|around|here|working|open|at my desk|on (?:shift|duty|call))\b[^,]*\b(?:until"
    r"|till|for|through|over|from|between)\s*(?:the )?@",
    "<adverbs>(?:(?:be )?(?:monitor(?:ing)?|watch(?:ing)?|keep(?:ing)?|continue (?:working|looking"
    "|investigating|to work|to look)|carry on)|be (?:online|around|here"
    r"|working))\b(?!.{1,30}\b(?:updated|posted|informed|notified|in the loop|up to date)\b)(?! (?:you"
    r"|him|her|them|everyone)\b)[^,@]{0,40}@+(?!.*@)",
    adverbs=_ADVERBS,
)  # fmt: skip
"""A state kept up until a time is not a word or a thing by that time."""


_HARMS = pattern(
    "<adverbs>(?:lock|block|interrupt|disconnect|affect|impact|fail|break|reject|overwrite|slow|hang"
    "|crash|leave your|wrap|see you through your|depart|fill|overflow|drop(?! (?:you|us|me|a|him|her|in"
    r"|off|by)\b))\b",
    adverbs=_ADVERBS,
)  # fmt: skip
"""What a thing does that nobody waits for: "the build will lock writes"."""
_ENDS = pattern(
    r"<adverbs>be (?:over|finished|through|complete|out)\b",
    adverbs=_ADVERBS,
)  # fmt: skip
_RUNS_OUT = pattern(r"\b(?:trial|contract|subscription|licen[cs]e|offer|session|token|membership|term)s?\s*$")
_BY_US = pattern(r"\bby (?:me|us|our|my|the undersigned)\b")
_BOOKED = pattern(r"(?:\b(?:is|are)|'(?:re|s))\s.*\b(?:(?:re-?)?booked|re-?scheduled|re-?arranged)$")
_BEEN_ARRANGED = pattern(
    r"\bbeen\s.*\b(?:for|to|on|at|until)\b",
    r"\b(?:was|were|been|got) (?:moved|brought|pushed|shifted|put) (?:up|back|forward|out)\b",
)
_RUNS_ALONE = pattern(
    r"\b(?:jobs?|exports?|imports?|backups?|runs?|scripts?|reports?|invoices?|payments?|audits?"
    r"|charges?)\s*$",
)  # fmt: skip
_AT_WORK = pattern(
    r"^\W*(?:to )?(?:be )?(?:back|return) (?:in|at|to) (?:my|his|her|their|the|work|our)\b(?: (?:desk"
    r"|office|work|computer|keyboard|building|country))?|^\W*be (?:in|at) (?:the|my|his|her) (?:office"
    r"|desk)\b|^\W*(?:to )?(?:be )?back (?:from|online myself)\b",
)  # fmt: skip
_BACK = pattern(
    r"^\W*(?:to )?(?:be )?(?:back|return)\b(?! (?:to|with|up|online|live|on site|out|over|at (?:your"
    r"|the (?:site|house|practice))|in (?:service|operation"
    r"|place|action))\b)",
)  # fmt: skip
_COMES_AGAIN = pattern(r"^\W*so (?:that )?(?:he|she|they)\s*$")
"""Somebody who comes back as a consequence ("he lacks a part, so he will be back"): to them, not to work."""
_OF_ITSELF = pattern(
    r"^\s*place\b",
    r"\b(?:by itself|on its own)\b",
)  # fmt: skip
"""What takes place, or comes about, without anybody's doing."""
_COMES = pattern(r"\b(?:returns?|expected|due|scheduled)\b")
_RETURNS = pattern(r"\breturns?$")
_NAME = (
    r"(?-i:\b(?!The|Your|Our|This|That|It|All|Every|Service|Access|Everything|We|They|You|I|Next|Search"
    "|E?mail|Email|Login|Logon|Traffic|Power|Internet|Wifi|Broadband|Network|Storage|Sync|Backup"
    "|Replication|Reporting|Billing|Checkout|Production|Staging|Normal|(?:Export|Import|Login|Payment"
    "|Dashboard|Report|Webhook|Email|Mail|Service|System|Server|Upload|Download|Notification|Link|Phone"
    r"|Line|Call|Connection|Order|Result|Alert)s\b|[A-Z][a-z]+(?:ing|tion)\b)[A-Z][a-z]+)"
)
"""A word with a capital that may be somebody's name; a service or a plural is none."""
_SOMEONE = pattern(
    r"\b(?:he|she|who|colleague|specialist|expert|manager|lead|person|developer|architect|owner)\s*(?:is"
    r"|are|'s)?\s*(?:expected|due|scheduled|returns?)?(?: to)?\s*$",
    r"<name>\s*(?:is|'s)?\s*(?:expected|due|scheduled|returns?)?(?: to)?\s*$",
    name=_NAME,
)  # fmt: skip
_PERSON = pattern(
    r"\b(?:i|we|he|she|they|<name>)\s*$",
    name=_NAME,
)  # fmt: skip
_IS_HERE = pattern(r"<adverbs>be (?:here|there|with you)\b(?! until| till)", adverbs=_ADVERBS)
"""A thing that is there by a time has come; a person that is there only works."""
_STANDS_BY = pattern(
    r"<adverbs>be (?:\w+ly )?(?:available|reachable|free)\b",
    adverbs=_ADVERBS,
)  # fmt: skip


_THEIR_THING = pattern(
    r"(?:^|\s)(?:your|the|this|that|each|every) (?:[\w-]+ )?(?:jobs?|sessions?|tokens?|backups?"
    "|schedules?|scheduler|cron|batch|runs?|exports?|imports?|licen[cs]es?|subscriptions?|trial|contract"
    r"|accounts?|users?)\b",
)  # fmt: skip


def subject_of(clause: str) -> str:
    """The thing of theirs that a clause is about, or nothing: who goes on acting behind "and will"."""
    thing = _THEIR_THING.search(clause[:60])
    if thing is None or re.search(r"\b(?:i|we|you)\b", clause[: thing.start()], re.IGNORECASE):
        return ""
    return thing[0]


def is_outside(before: str) -> bool:
    """Whether the one who acts, named in ``before``, is not of our house: a vendor, a carrier."""
    return _EXTERNAL.search(before) is not None


def pays_them(before: str, after: str) -> bool:
    """Whether it is a bank of theirs that will have booked what we have paid."""
    return bool(_THEIR_BANK.search(before) and _BOOKS.match(after))


def holds(before: str, after: str) -> bool:
    """Whether we keep up a state ("watch it", "keep an eye on it"), beside which something may be done."""
    return bool(_OURS.search(before) and _HOLDS.search(after))


def waits_for_others(said: str, after: str) -> bool:
    """Whether what is expected comes from others: "we expect the reply from Oracle by noon"."""
    return bool(re.search("expect|anticipat", said, re.IGNORECASE) and _FROM_OTHERS.search(after))


def acts_for_them(before: str, said: str, after: str, *, firm: bool) -> bool:
    """Whether ``said`` between ``before`` and ``after`` is a deed of ours, or what they get from one."""
    if re.match(r"\s*(?:\w+\s+){0,2}(?:you|your|customers?)\b", said, re.IGNORECASE) and "can" not in said:
        before = ""
    if _IS_HERE.match(after) and not _PERSON.search(before) and not _THEIRS.search(before):
        return True
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
    if _MAY_HAVE.match(said):
        return True
    if _YOU.search(before):
        return bool(_GETS.match(after) or (said.lower().endswith("back") and not _IN_OFFICE.match(after)))
    return _does_them_good(before, said, after, firm=firm)


def _does_them_good(before: str, said: str, after: str, *, firm: bool) -> bool:
    """Whether what befalls a thing of theirs is something they wait for: mended yes, running out no."""
    if (
        _OWED.search(f"{before}{said}")
        or (_OWES.search(before) and _IS_TAKEN.match(after))
        or (_HARMS.match(after) and not _OURS.search(before))
    ):
        return False
    if _THEIR_PEOPLE.search(before) and _GETS.match(after):
        return True
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
    if _COMES_AGAIN.match(before):
        return False
    if not _SOMEONE.search(f"{before}{said}" if _COMES.search(said) else before):
        return False
    comes = _RETURNS.search(said) and not re.match(r"\s*(?:your|the|to|with)\b", after)
    return bool(_BACK.match(after) or comes)
