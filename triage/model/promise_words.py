"""The words by which our side commits itself to a customer, and those that only sound like it.

Read by `triage.model.promise_text`, English only. "Deed" is what follows "will"; "ahead" is the part of a
clause before the time.
"""

from __future__ import annotations

import re


def _any(*patterns: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | flags)


# -- what is asked of the lower-case text first: most messages end their reading here --

_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
TIME_WORDS = (
    "day", "tonight", "noon", "lunch", "morning", "evening", "overnight", " hour", "minute", "week", "month",
    "close of", "of the hour", "half past", "quarter ", "eod", "eob", "cob", "eow", " mon", " tue", " wed",
    " thu", " fri", "tomorrow", "back in ",
)  # fmt: skip
TIME_DIGITS = re.compile(
    r"\d(?::[0-5]\d|\.[0-5]\d ?[ap]| ?(?:[ap]\.?m\b|min|h(?:ou)?rs?\b|h\b|days?\b|weeks?\b|business|working)"
    rf"|(?:st|nd|rd|th)?(?: of)? {_MONTH}|(?:st|nd|rd|th)\b|-\d\d-\d|/\d|\d{{3}} ?(?:utc|gmt|h))"
    rf"| {_MONTH}[a-z]*\.? (?:the )?\d|\b(?:by|at|before|until) (?:\d|{_HOURS})"
)

# -- what is not ours or not prose --

QUOTED = _any(
    r"“[^”]{0,400}”", r"\"[^\"\n]{0,400}\"", r"«[^»]{0,400}»", r"„[^“”]{0,400}[“”]", r"`[^`\n]{0,400}`",
    r"^[ \t]*>.*$",
    flags=re.MULTILINE,
)  # fmt: skip
REPLY_BELOW = _any(
    r"^-{2,} ?(?:original message|forwarded message).*", r"^on .{5,120}\bwrote:\s*$",
    r"^from: .*\n(?:sent|date): ", r"^-- ?$", r"^_{10,}\s*$",
    flags=re.MULTILINE,
)  # fmt: skip
"""What begins a quoted mail or a signature."""
CLAUSE_END = _any(
    r"(?<=[.!?;])(?<![ap]\.m\.)\s+", r"\n+", r";\s*", r"\s+[—–]\s+", r"\s+-\s+(?=\D)",
    r",?\s+(?=but\s+(?:\S+\s+){1,3}(?:will|can)\b)", r",\s+(?=but\b)", r",\s+so\s+(?=(?:i|we|you)\b)",
)  # fmt: skip

# -- commitments --

WILL = _any(
    r"(?:['’]ll|\b(?:will|shall))\b",
    r"(?:['’](?:s|re|m)|\b(?:is|are|am))\s+(?:\w+ly\s+|now\s+|still\s+)?(?:going|about|aiming|planning"
    r"|set|due|scheduled|expected"
    r"|on\s+(?:track|course))\s+to\b",
    r"\bgonna\b",
)
SAID_OF_YOU = _any(r"\byou\s*(?:all\s+|both\s+)?$")
SAID_OF_US = _any(r"\b(?:i|we)\s*(?:all\s+|also\s+|then\s+|now\s+)*$", r"^\W*$")
SAID_OF_THEIRS = _any(
    r"\b(?:your|yours|customers?|users?)\s+(?:\w+\s+){0,3}$",
    r"\bthe\s+(?:\w+\s+)?(?:job|session|token|certificate|password|link|window|licen[cs]e|trial"
    r"|contract|offer"
    r"|meeting|webinar|office|backup|schedule)\s+(?:\w+\s+){0,3}$",
)
SAID_OF_NOBODY = _any(r"\b(?:nothing|nobody|no\s+one|none\s+of\s+\w+|no\s+\w+)\s*$")
GETS = _any(
    r"^\W*(?:\w+ly\s+|also\s+|then\s+)*(?:have|get|hear|receive|see|find"
    r"|know|be\s+(?:able|contacted|updated|informed|notified|called|given|sent))\b"
)
MENDED = _any(
    r"^\W*(?:\w+ly\s+)?be\s+(?:fully\s+)?(?:fixed|restored|ready|back|available|upgraded|migrated"
    r"|resolved|refunded"
    r"|shipped|sent|delivered|processed|renewed|raised|unlocked|enabled|reset|replaced|credited)\b",
    r"^\W*(?:arrive|ship)\b",
)
NO_DEED = _any(
    r"^\W*(?:\w+ly\s+)?(?:not|never|no|need|see\b(?!\s+to)|only\s+be|have\s+to|expire|lapse|cease"
    r"|run\s+out)\b",
    r"^\W*(?:\w+ly\s+)?be\s+(?:no|un\w+|closed|out|away|back\s+from\s+(?:\w+\s+)?(?:leave|holidays?"
    r"|vacation)|off|offline|asleep|read[- ]only|down|logged"
    r"|locked|disabled"
    r"|deleted|removed|suspended|charged|billed|interrupted|required|due|travell?ing"
    r"|on\s+(?:\w+\s+)?(?:leave|holiday|vacation)"
    r"|in\s+(?:an?\s+|the\s+)?(?:\w+\s+)?(?:meetings?|training|transit))\b",
)
"""What follows "will" where nothing is promised: refusals, absences, what befalls the customer."""
HOLDS = _any(
    r"^\W*(?:\w+ly\s+)?(?:be\s+)?(?:keep|leave|hold|stay|remain|continue|monitor(?:ing)?|watch(?:ing)?"
    r"|online|around|here|available|reachable|on\s+(?:shift|duty|call))\b.*\b(?:until|till|for|through"
    r"|over)\W*$",
    r"^\W*(?:\w+ly\s+)?(?:be\s+)?(?:monitor(?:ing)?|watch(?:ing)?)(?:\s+(?:it|this|them))?\W*$",
)
"""A state kept up until a time is not a word or a thing by that time."""

_DO = (
    r"call|ring|phone|check|send|write|report|deliver|publish|provide|release|ship|deploy|push|start"
    r"|finish|talk"
    r"|speak|meet|reconvene|flip|switch|owe|visit|contact|update|mail|e-?mail|text|ping|post|confirm"
    r"|review|present"
)
_DOES = (
    r"calls|rings|phones|checks|sends|writes|reports|delivers|publishes|provides|releases|ships|deploys"
    r"|pushes|flips"
    r"|switches|owes|visits|contacts|updates|mails|e-?mails|texts|pings|posts|confirms|presents"
)
_OUR_TURN = (
    r"(?:deliver|publish|provide|release|ship|reconvene|owe\s+you|meet|speak|talk"
    r"|(?:call|ring|phone|text|mail|e-?mail|ping|update|contact)\s+you|check\s+(?:in\s+)?(?:with|back)"
    r"|(?:come|get|go|report|circle|check|write|call)\s+back|follow\s+up|hand\s+(?:it\s+|this\s+)?over"
    r"|touch\s+base|share|return"
    r"|(?:resume|restore|install|upload|restart|roll\s+out|finish|swap|replace|repair|fix)\s+(?:the|it"
    r"|this|your|our)"
    r"|(?:write|send|report)\s+(?:to\s+)?(?:you|it|them)|(?:deploy|push|send)\s+(?:the|it|out)|then\s+\w+)"
)
OUR_WORDS = _any(
    r"\b(?:i\s+am|i['’]m|we\s+are|we['’]re)\s+(?:\w+ly\s+|still\s+|now\s+|also\s+)?(?:going\s+to"
    r"|planning|aiming"
    r"|targeting|looking\s+to|calling|ringing|phoning|sending|writing\s+to|shipping|deploying|releasing"
    r"|rolling"
    r"|pushing|expecting|back\b|due\b|on\s+track|working\s+towards?|meeting\b|on\s+it\b|pulling"
    r"|bringing|getting|flying|driving|coming|heading|uploading|installing|swapping|restarting)",
    r"^\W*(?:calling|ringing|phoning|sending|shipping|pushing|deploying|uploading|checking\s+back"
    r"|writing\s+back)\b",
    r"\b(?:i|we)(?:['’]d)?\s+(?:now\s+|still\s+|fully\s+|do\s+)?(?:expect|aim|plan|intend|promise"
    r"|commit|undertake|anticipate"
    r"|estimate|guarantee|target)\b",
    r"\b(?:and|so)\s+(?:expect|aim|plan)\b",
    r"\byou\s+should\s+see\b",
    r"^\W*(?:do\s+)?expect(?!\s+(?:some\s+|a\s+|an\s+|brief\s+|short\s+)*(?:downtime|interrupt|outage"
    r"|delay|slow))",
    r"\blet\s+(?:me|us)\s+(?!know|have)\w+",
    r"\blet['’]s\s+(?!see|hope|say|assume|wait|not\b|be\b|look\b)\w+",
    r"\byou\s+(?:can|may|should)\s+(?:also\s+|then\s+)?(?:expect|count|look\s+forward)\b",
    r"\byou\s+(?:can|may|should)\s+(?:also\s+|then\s+)?(?:have|hear|get|receive)(?!\s+\w+(?:ed|en)\b)",
    r"\b(?<!you )should\s+(?:now\s+|then\s+|also\s+|all\s+)?(?:be\s+(?:fixed|ready|back|available|done"
    r"|out|live|resolved"
    r"|restored|completed?|finished|able|in|with|deployed|released|there)"
    r"|have\s+(?:an?|the|it|this|that|news|more|something|your)|know|hear|get|arrive|land)\b",
    r"\b(?:give|allow)\s+(?:us|me)\s+(?:some\s+|more\s+|the\s+)*(?:until|till|time|an?\b|another|half|\d)",
    r"\bbear\s+with\s+(?:us|me)\s+(?:until|till|for)\b",
    r"\b(?:i|we)(?:['’]ll|\s+will)?\s+(?:just\s+|still\s+|only\s+)?need\s+(?:until|till|another|about"
    r"|a\s+(?:few|couple)|\d)",
    r"\b(?:earliest|soonest|best)\s+(?:that\s+)?(?:i|we)\s+can\b",
    r"\b(?:i|we)\s+can\s+(?:have|deliver|get|promise|(?:give|send|offer|show|let)\s+you)\b",
    r"\bto\s+follow\b",
    rf"\b(?:i|we)\s+(?:also\s+)?{_OUR_TURN}\b",
)
"""Ways of promising other than "will", wherever they stand before the time."""
SOON = _any(
    r"\b(?:arrives?|follows|joins|lands|takes\s+over|hands\s+over|picks\s+(?:this|it)\s+up)\b",
    r"\b(?:goes|go|is\s+going)\s+(?:out|live|into)\b",
    rf"(?<!which )(?<!that )(?<!job )(?<!it )\b(?:{_DOES})\s+(?:you|it\b|this\b|the\b|an?\b|back\b|to\b"
    rf"|today\b|tomorrow\b|on\b|tonight\b)",
    r"\b(?:is|are)\s+(?:now\s+)?(?:joining|arriving|coming|taking\s+over|on\s+(?:the|his|her|their)\s+way)\b",
    r"\b(?:ships|departs|comes\s+(?:back|on\s+site))\b",
    r"\b(?:work|rollout|roll-out|deployment|migration|upgrade|repair|restore|the\s+(?:fix|change))"
    r"\s+(?:starts|begins|resumes|continues)\b",
    r"\bcommitment\s+(?:\w+\s+)?is\b",
)
"""The present tense of a plan: "it ships today", "an engineer joins your bridge in ten minutes"."""
HABIT = _any(
    r"\b(?:every|each|usually|always|normally|typically|daily|generally|nightly|often|whenever"
    r"|by\s+default)\b"
)
EVERY = _any(r"every\b")

_DELIVERY = (
    r"(?:(?:hot)?fix|patch|release|report|answer|update|rca|build|version|refund|replacement|roll-?out"
    r"|deployment"
    r"|change|resolution|restore|restoration|recovery|eta|estimate|delivery|analysis|explanation|view"
    r"|workaround"
    r"|migration|shipment|credit|call|visit|repair|part|unit|disk|ssd|drive|engineer|technician"
    r"|investigation|summary"
    r"|write-?up|patch\w*)"
)
SET_FOR = _any(
    rf"\b(?:{_DELIVERY}|it|that)\b[^,]*\b(?:is|are|now|been|has|and)\s+(?:now\s+|currently\s+"
    rf"|still\s+)?(?:expected"
    r"|planned|scheduled|due|set|on\s+track|targeted|slated|estimated|booked|pencilled\s+in)\b[^,]*$",
    r"\b(?:i|we)(?:\s+have|['’]ve)\s+(?:\w+\s+)?(?:booked|scheduled|planned|arranged|lined\s+up)\b[^,]*$",
    r"\bdue\s+to\s+(?:arrive|be\s+\w+ed|land|finish|complete|ship|go)\b[^,]*$",
    r"\b(?:eta|estimate|(?:next|new|revised|updated)\s+(?:release|update|fix|patch|build|delivery|target|date"
    r"|estimate|time|status\s+update))\b[^,]{0,30}\b(?:is|moves?\s+to|remains|moved\s+to)\s+(?:now\s+"
    r"|about\s+"
    r"|around\s+|on\s+|at\s+|by\s+|in\s+)*$",
    r"^\W*(?:the\s+|our\s+)?(?:expected|estimated|planned|target(?:ed)?"
    r"|anticipated)\s+\w+(?:\s+\w+)?(?:\s+is|:)\s*\W*$",
)
"""Something of ours that is set for a time."""
PLAN = _any(
    r"^\W*(?:so,?\s+)?(?:our|the|my|new|revised|here\s+is\s+the)?\s*(?:new\s+)?(?:plan|timeline"
    r"|next\s+steps?)\b[^:]{0,30}:"
)
FRAGMENT = _any(
    r"^\W*(?:(?:our|the|your|my|new|a|an|current|revised|final|permanent|full|proper|real)\s+)*"
    r"(?:next|further|another)?\s*(?:status\s+|progress\s+|short\s+|written\s+"
    r"|root\s+cause\s+)?(?:update|news|word|answer|view|fix"
    r"|hotfix|patch"
    r"|workaround|explanation|report|reply|eta|build|more|back|call|result|check|rca|status|refund"
    r"|estimate|target|delivery|release|summary|talk|speak|see\s+you)s?\b",
    r"^\W*next\W*$",
)
NEXT_UPDATE = _any(r"\W*(?:our\s+|the\s+)?next\s+update")
VERB = _any(
    r"\b(?:is|was|were|are|am|be|been|has|had|have|said|says|shows|reads|covers|due|need(?:s|ed)?|must|can|do"
    r"|does|did|please|send"
    r"|sent|failed"
    r"|fails|stopped|expired?s?|happens?|happened|came|arrived|started|ran|runs|(?:re)?deployed"
    r"|released|applied"
    r"|installed|received|closed|opened|created|resolved|completed?|given|made|posted|fixed|restored"
    r"|rolled|changed)\b"
)
LEAD_IN = _any(
    r"(?:\b(?:by|until|till|before|than|at|on|for|around|about|in|within|latest|again|of|you)\b|[:,(–-])\W*$"
)
ONLY_TIME = _any(
    r"^(?:\W|\b(?:by|on|at|the|very|latest|around|about|before|say|then|this|make\s+it|ok|okay|sure|yes"
    r"|no|sorry"
    r"|i\s+promise|promised|or\s+sooner|at\s+the\s+latest|latest|another|please|it['’]s|talk|see\s+you"
    r"|speak|to\s+be\s+safe|it\s+is|\w{1,12},)\b)*$"
)
"""All that may stand beside the time in an answer that is nothing but a time."""
SURE = _any(
    r"\banother\b",
    r"^\W*(?:on|by)\b",
    r"\bpromise[ds]?\b",
    r"\blatest\b",
    r"\bby\b",
    r"\d ?[ap]\.?m\b.*\w{3}",
)
ASKED_FOR_TIME = _any(r"\b(?:give|allow)\s+(?:us|me)\b")

# -- what turns a commitment into none --

CONDITION_BEFORE = _any(
    r"\b(?:once(?!\s+(?:an?|per|more|again)\b|\s*$)|as\s+soon\s+as|after(?!\W*$|\s+(?:lunch|breakfast"
    r"|work|that|the\s+(?:call|meeting|break))\b)|would|could|might|may"
    r"|hope|try(?!\s+(?:it\s+)?again))\b",
    r"\bwhen(?:ever)?\b(?!\s+(?:i|we)\b)",
    r"['’]d\s+(?:love|like|rather|prefer)\b",
)
CONDITION = _any(
    r"(?<!even )\b(?:if|unless|assuming|depending)\b",
    r"(?<!be )(?<!is )(?<!are )\bprovided(?=\s+(?:that|you|the|we|it|there|no|\w+\s+(?:is|are|looks))\b)",
)
PAST = _any(r"\b(?:said|promised|told|wrote|was|were|had)\b[^,]*$")
REFUSAL = _any(
    r"\b(?:will|shall|can|am|are|could|do|should)\s*(?:not|n['’]t)\b", r"\bwon['’]t\b", r"\bcan(?:no"
    r"|['’])t\b",
    r"\bunable\b", r"\bnever\b", r"\bnot\s+(?:be|have|expect|plan|promise)\b",
)  # fmt: skip
TOLD_OF_THE_PAST = _any(
    r"(?<!keep )(?<!get )(?<!where )\b(?:you|they|that|which|he|she|it|who)\s+(?:have\s+"
    r"|has\s+)?(?:\w{2,}ed|sent"
    r"|wrote|said|saw|had|got|ran|was"
    r"|were|told|began|came|gave)\b[^,]*$",
    r"\b(?:since|last|ago|earlier)\W*$",
    r"\b(?:outage|incident|failure|crash|call|meeting|log|mail|message|note)s?\s+(?:of|from|on|at)\W*$",
)
PAST_AFTER = _any(r"^\s*(?:\w+ly\s+)?(?:was|were|stopped|did|had|went|broke|(?!need)\w{3,}ed)\b")
TO_THEM = _any(
    r"\blet\s+(?:us|me)\s+(?:know|have)\b",
    r"^\W*(?:send|upload|attach|restart|tell|test|reply|call|contact|open|raise|drain|join|use"
    r"|give)\s+(?:us|me|the|it"
    r"|your|a|an|them)\b(?!\s+(?:until|till|time|some|half|another|an?\b|\d))",
    r"^\W*(?:please|kindly|could\s+you|can\s+you|would\s+you)\b", r"\bplease\b",
    r"\b(?:your|the|its?)\s+(?:\w+\s+){0,3}(?:deadline|due|return|renewal|trial|contract|licen[cs]e(?!\s+key)"
    r"|go-live|launch"
    r"|cut-?over)\b(?!\s+to\s+arrive)[^,]*$",
    r"\bdeadline\b[^,]*$",
)  # fmt: skip
CLOCK_ON_THEM = _any(
    r"\byou\s+(?:must|need\s+to|have\s+to"
    r"|(?:should|can)(?!\s+(?:also\s+|then\s+)?(?:expect|count|have|hear|get|see|receive"
    r"|look\s+forward)))\b[^,]*$",
    r"\byou\s+(?:test|send|confirm|upload|check|restart|apply)\b[^,]*$",
)
TIME_LEADS = _any(
    r"(?:\b(?:by|before|at|on|around|about|within|later\s+than|for|this|next)\b|[,:(])\W*$",
    r"\b(?:in|over)\W*$",
)
DAY_OPENS = _any(
    r"^(?:today|tomorrow|tonight|later|this|next|first|mon|tue|wed|thu|fri|sat|sun|eod|cob|in\s+the)"
)
SAYS_SOMETHING = _any(r"\b(?:i|we|our|us|you|your|is|are|comes|goes|\w{3,}s)\b")
NO_PLAN = _any(
    r"\b(?:was|were|had|did|has|have|been|sent|said|got|saw|came|ran|went|told|wrote|began|became|took"
    r"|\w{2,}ed)\b",
    r"['’](?:ve|s\s+been)\b",
    r"[<>={}|@\[\]\\]",
    r"\byour\s+\w+\s+(?:moves|is|gets|goes)\b",
    r"\byou(?:['’]\w+)?\s+(?!(?:by|at|on|a|an|the|in|within|tomorrow|today|this|again|then|and|to|with"
    r"|next)\b)\w+",
    r"\b(?:they|their|he|she|customers?|users?|must|require[sd]?|needs?|connections?|sessions?"
    r"|timeouts?|expires?|ends?"
    r"|default|licen[cs]e|group|increment\w*|exceeds?|from|what|who|which|why|how|can\s+be|no|not|every"
    r"|only|hours"
    r"|open|office|available|free|valid|window|standby|maintenance|backups?|jobs?|runs?|kept|keeps"
    r"|holiday|leave"
    r"|training|due|deadline|takes?|schedule|when|while|because|since|until|till|between|suit|prefer"
    r"|agenda|risk"
    r"|on\s+(?:call|shift|duty)|think|covers?|spans?|version|support|same|meeting|either|or)\b",
)
"""Words that make a time in the present tense somebody else's, a habit, or a thing of the past."""
NO_LATER = _any(r"^\W*(?:at\s+the\s+(?:very\s+)?(?:latest|outside|longest))\b")
"""Behind a time: it holds whatever else has to happen first."""
AHEAD = _any(r"\bnext\b", r"\b(?:by|until|till|before|than)\W*$")

# -- what is promised --

CANNOT = _any(
    r"\bcan(?:no|['’])t\s+(?:promise|solve|offer|give|do|fix|provide)\b", r"\bnot\s+(?:possible|supported)\b",
    r"\bwill\s+not\s+be\s+able\b", r"\bno\s+(?:supported|safe)\s+way\b", r"\bdoes\s+not\s+exist\b",
    r"\bunable\s+to\b",
)  # fmt: skip
DECISION = _any(
    r"\bwhat\b", r"\bwhether\b", r"\bdecides?\b", r"\bdecision\b", r"\bpossible\b", r"\blet\s+you\s+know\b",
    r"\btell\s+you\b",
)  # fmt: skip
ANSWER = _any(
    r"\bwhat\s+(?:has\s+)?happened\b",
    r"\b(?:explanation|explain|root\s+cause|rca|report(?!\s+back)|answer|findings|analysis|why|the\s+cause|summary"
    r"|results?"
    r"|write-?up)\b",
)
A_WORD = _any(r"\bupdate\b")
UPDATE = _any(
    r"\b(?:update|back|write|call|let\s+you\s+know|tell|keep\s+you|hear|news|contact|ping|reply"
    r"|report\s+back|touch"
    r"|phones?|ring|check|speak|talk|note|mail|e-?mail|line)\b"
)
FIX = _any(
    r"\b(?:fix(?:ed)?|patch|hotfix|workaround|view|deploy(?:ed)?|release[ds]?|build|ready|in\s+place"
    r"|resolved?"
    r"|restored?|available|ship(?:ped)?|deliver(?:ed)?|roll(?:ed)?\s+out|repair(?:ed)?|eta|give\s+you"
    r"|back\s+(?:up|online))\b"
)
