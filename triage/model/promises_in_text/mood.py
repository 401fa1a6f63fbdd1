"""What the verb of a clause does to a time beside it: promise it, ask for it, doubt it, look back on it.

A clause is read through its marks: auxiliary verbs, verbs of promising, of asking, of doubting, of the past.
Each mark has the one who acts before it, and one mark governs the time. Times stand in a clause as `TIME`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from triage.model.promises_in_text import agent

TIME = "\ue000"
"""Stands for every character of a time expression while a clause is read."""
Mood = Literal["firm", "planned", "state", "past", "refused", "hedged", "asked", "told", "theirs"]
"""``theirs``: a deed of others, that tells a time and promises nothing."""
BLOCKING = frozenset({"refused", "hedged", "asked", "told"})


@dataclass(frozen=True, slots=True)
class Mark:
    """One verb or turn of phrase, and what it does."""

    mood: Mood
    start: int
    end: int


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_ADVERB = (
    r"(?:\w+ly\s+|also\s+|now\s+|still\s+|then\s+|just\s+|already\s+|currently\s+|all\s+|both\s+|do\s+)*"
)
_IS = r"(?:['’](?:s|re|m)|\b(?:is|are|am|be))"

_REFUSED = _any(
    r"\b(?:will|shall|can|could|do|does|did|is|are|am|have|has|should|would|may|might|need)\s*(?:\w+ly\s+"
    r"|also\s+|yet\s+)?(?:not\b(?!\s+only\b)|n['’]t\b)",
    r"\b(?:won|can)['’]t\b",
    r"\bcannot\b",
    r"['’](?:m|re|s)\s+not\b",
    r"\bunable\b",
    r"\bnever\b",
    r"\b(?:no|without|any)\s+(?:firm\s+|clear\s+)?(?:eta|date|fix|update|plans?|time|news|promises?"
    r"|guarantees?|way|estimate|intention|commitment)\b",
    r"\bneither\b",
    r"\bnor\b",
    r"\bnot\s+before\b",
    r"\brefuse\b",
    r"\bdoubt\b",
    r"\btoo\s+(?:early|soon)\s+to\b",
    r"\bunlikely\b",
    r"\brather\s+than\b",
    r"\binstead\s+of\b",
    r"^\W*(?:nothing|nobody|no\s+one)\b",
)  # fmt: skip
_HEDGED = _any(
    r"\b(?:might|could|would)\b",
    r"\bmay\b(?!\s+(?:expect|count|rely|look\s+forward|also\s+expect)\b)(?!\s*\d)",
    r"['’]d\s+(?:love|like|rather|prefer|be|hope|have|need|want|expect)\b",
    r"\b(?:hope|hopes|hoping|hoped|hopefully|wish|maybe|perhaps|possibly|ideally|unsure|unclear|think"
    r"|thinks"
    r"|(?<!a )(?<!first )(?<!best )(?<!rough )(?<!educated )guess"
    r"|reckon|suppose|assume|presume|fingers\s+crossed|depends?|depending)\b",
    r"\bwith\s+(?:a\s+(?:bit|little)\s+of\s+|any\s+)?luck\b",
    r"\bnot\s+sure\b",
    r"(?<!another )(?<!a )\b(?:try|trying|tries)\b(?!\s+(?:it\s+|this\s+|that\s+|the\s+\w+\s+)?again\b)",
    r"\bbest\s+case\b",
)  # fmt: skip
_ASKED = _any(
    r"\b(?:please|kindly|pls|plz)\b(?!\s+(?:to\s+)?(?:note|find|accept|wait|hold|excuse|expect|be\s+\w+ed"
    r"|be\s+aware|be\s+patient|(?:allow|give|grant)\s+(?:us|me)|(?:bear|stay)\s+with|rest\s+assured"
    r"|look\s+(?:out|for)))",
    r"\b(?:can|could|will|would|may)\s+(?:you|we|i)\s+(?:please|kindly)\b",
    r"^\W*(?:can|could|would)\s+you\b",
    r"\byou(?:['’]ll|\s+will|\s+would)?\s+(?:must|(?:only\s+|just\s+|still\s+|also\s+)?(?:need|have"
    r"|want)\s+to|should(?!\s+(?:also\s+|then\s+|now\s+|soon\s+)?(?:expect|have|hear|get|see|receive|find"
    r"|know|be\s+(?:back|able|fine|good)))|ought\s+to|had\s+better)\b",
    r"(?:^|\b(?:and|so|but|then|also|now|meantime|meanwhile|until|if|that"
    r"|\ue000))\W*you\s+can\b(?!\s+(?:also\s+|then\s+|safely\s+)?(?:expect|count|rely|look\s+forward"
    r"|reckon|hold"
    r"|have|hear))",
    r"\bneed(?:s|ed)?\s+(?:you\b|your\b|this\s+from|that\s+from|it\s+from|the\s+[\w ]{1,40}?\s+from"
    r"|from\s+you)",
    r"\bneed\s+the\b",
    r"\blet\s+(?:us|me)\s+(?:know|have)\b(?!\W*$)",
    r"(?:^\W*(?:and\s+)?|\byou\s+|\bto\s+|\bplease\s+)(?:tell|inform|advise)\s+(?:us|me)\b",
    r"\b(?:grateful|appreciate|ask\s+you|asking\s+you|request\s+you|request\s+that|remind\s+you"
    r"|make\s+sure|be\s+sure\s+to|remember\s+to|ensure|want\s+you|expect\s+(?:you\b|your)"
    r"|(?<!get )(?<!have )(?<!receive )(?<!with )(?<!see )(?<!find )your\s+(?:reply|answer|confirmation))",
    r"\blook(?:ing)?\s+forward\s+to\s+(?:hear|your|receiv|speak|see|meet)",
    r"\bmust\b",
    r"\b(?:customers?|clients?|users?|they|he|she|boss|management|board)\b[^,]{0,20}\b(?:asks?|wants?"
    r"|needs?|requests?|insists?|demands?)\b",
)  # fmt: skip
_COMMANDED = _any(
    r"^\W*(?:and\s+|then\s+|so\s+|just\s+|do\s+|don['’]t\s+)*(?:send|upload|attach|restart|tell|test"
    r"|reply|contact|open|raise|drain|join|use|try|wait|give|avoid|keep|provide|confirm|choose|pick"
    r"|upgrade|update\s+(?:your|the)|check|stop|run|apply|install|reboot|return|hold|take|put|mark|bring"
    r"|leave|read|follow|move|get|save|submit|sign|pay|renew|rotate|migrate|call\s+(?:us|me)|come"
    r"|have\s+(?:a|your)|enjoy|remember)\b(?!\s+(?:us|me|it)\s+(?:until|till|time|some|half|another|an?\b"
    r"|\ue000))(?!['’])(?!\s+(?:back|up|in)\W*\ue000)",
)
"""The bare verb that opens a sentence; behind a promise it goes on with it: "and send it by noon"."""
_TOLD = _any(
    r"\b(?:customers?|clients?|users?|you|your\s+[\w-]+)\s+(?:also\s+|have\s+|has\s+)?(?:informed|told"
    r"|said|wrote|mentioned|announced|says?|tells?)\b",
    r"\b(?:i|we)\s+(?:had\s+|have\s+|also\s+|once\s+)*(?:said|told|wrote|promised|thought|hoped|expected"
    r"|planned|mentioned|announced|aimed|meant|estimated)\b",
    r"\b(?:was|were|been)\s+(?:\w+ly\s+)?(?:told|promised|expecting|hoping|supposed|meant|planning"
    r"|going)\b",
    r"\b(?:was|were|had\s+been)\s+(?:\w+ly\s+)?(?:planned|due|expected|scheduled)\b",
    r"(?<!let )\byou\s+(?:\w+ly\s+)?(?:asked|said|wrote|told|want(?:ed)?|expect(?:ed)?|requested|know"
    r"|mentioned)\b",
    r"\b(?:promised|had\s+promised|told\s+you)\b(?!\W*$)",
    r"\bshould\s+(?:already\s+)?have\s+(?:been|\w+ed)\b(?!\s+(?:the|your|a)\b)",
    r"\bsupposed\s+to\b",
    r"\b(?:i|we)(?:\s+am|\s+are|['’]m|['’]re)?\s+(?:do\s+|fully\s+|completely\s+|well\s+)*(?:understand"
    r"|aware|know)\b",
)  # fmt: skip
_HAVE = r"(?:\b(?:have|has)|['’](?:ve|s))\s+" + _ADVERB
_ARRANGED = r"(?:re-?)?(?:scheduled|booked|arranged)"
_NOT_FOR_THEM = (
    r"(?!\s+(?:in\s+)?(?:(?:an?|my|some|the|two|three|our)\s+)?(?:[\w-]+\s+){0,2}(?:leave|holidays?"
    r"|vacation|days?\s+off"
    r"|off|rooms?|desk|table|flights?|hotel|pto)\b)"
)
_COMMITTED = _any(
    _HAVE + rf"(?:committed|promised|agreed|{_ARRANGED}|planned|lined\s+up|pencilled|put\s+(?:you|us|it|this"
    r"|him|her)\b|set\s+(?:a|an|up|ourselves|myself)\s)" + _NOT_FOR_THEM,
    _HAVE + r"(?:blocked|reserved|set\s+aside|kept|held|got)\b[^,]{0,30}\b(?:slot|seat|call|visit|session"
    r"|appointment"
    r"|place|technician|engineer|for\s+you)\b",
    _HAVE + r"(?:moved|postponed|pushed|brought|rolled)\s+(?:your|the|this|it)\b[^,]{0,30}?\b(?:to|until"
    r"|forward\s+to"
    r"|back\s+to)\s+(?:the\s+)?(?=\ue000)",
    r"\b(?:has|have)\s+been\s+"
    + _ADVERB
    + rf"(?:{_ARRANGED}|agreed|confirmed|set|fixed|moved|postponed|pushed"
    r"(?:\s+back)?|brought\s+forward|reserved)\s+(?:in\s+)?(?:for|to|on|at|until)\b[^,]{0,30}?(?=\ue000)",
    rf"(?:^\W*|\b(?:i|we)\s+)(?:{_ARRANGED}|put|got|pencilled)\s+(?:in\s+)?(?:you|us|him|her|your\s+\w+"
    rf"|(?:the|an?)"
    r"\s+(?:technician|engineer|courier|call|visit|slot|appointment|session|pick-?up|specialist))\b",
)
"""Arrangements made: what is arranged for a time to come is promised."""
_FIRM = _any(
    r"['’]ll\b",
    r"\b(?:will|shall)\b",
    r"\bgonna\b",
    _IS + r"\s+" + _ADVERB + r"(?:going|about|aiming|planning|looking|set|due|scheduled|expected"
    r"|committed|on\s+(?:track|course))\s+to\b",
    r"(?:['’](?:re|m)|\b(?:are|am))\s+" + _ADVERB + r"(?:targeting|expecting|back\b)",
    r"\b(?:should|ought\s+to)\b",
    r"(?<!as )(?<!was )\b(?:expects?|aims?|plans?|intends?|promises?|commits?|undertakes?|anticipates?"
    r"|estimates?|guarantees?|targets?|endeavou?rs?|vows?|pledges?)\s+(?!is\b|are\b|to\s+hear)(?=to\b"
    r"|that\b|the\b|an?\b|it\b|this\b|you\b|our\b|we\b|your\b|on\b|for\b|\w+ing\b|having\b|completion\b"
    r"|resolution\b|closure\b|news\b|more\b|full\b|results?\b|\ue000|by\b)",
    r"\b(?:aim|goal|plan|target|intention|expectation)\s+(?:is|remains)\b",
    r"^\W*(?:please\s+)?(?:do\s+|you\s+can\s+)?(?:expect|count\s+on|rely\s+on)\b(?!\s+(?:some\s+|a\s+"
    r"|an\s+|brief\s+|short\s+)*(?:downtime|interrupt|outage|delay|slow))",
    r"\byou\s+(?:can|may|should)\s+(?:also\s+|then\s+|now\s+|soon\s+)?(?:expect|count|rely|look\s+forward"
    r"|hold|have|hear|get|receive|see|find|know|be)\b",
    r"\blet\s+me\s+(?!know|have|watch|observe|monitor|keep|see\b|sleep)\w+",
    r"\blet['’]s\s+(?!see|hope|say|assume|wait|not\b|be\b|look\b)\w+",
    r"\b(?:give|allow|grant)\s+(?:us|me|it)\b",
    r"\bbear\s+with\s+(?:us|me)\b|\bbe\s+patient\b|\b(?:hold|hang)\s+on\b|\b(?:hang|sit)\s+tight\b"
    r"|\bstay\s+tuned\b",
    r"\bstay\s+with\s+us\b",
    r"\b(?:i|we)\s+" + _ADVERB + r"(?:need|require)\s+(?=until|till|another|about|\ue000|a\s+(?:few|couple))",
    r"\b(?:earliest|soonest|best)\s+(?:that\s+)?(?:i|we)\s+can\b",
    r"\b(?:i|we|they|she|he)\s+can\s+" + _ADVERB + r"(?:have|deliver|get|promise|provide|supply|call|ship"
    r"|finish|deploy|restore|send|join|be\s+(?:there|back|with|ready|on\s+(?:the|your)\s+\w+)|(?:give"
    r"|offer|show|let|tell"
    r"|bring)\s+you)\b",
    r"\bto\s+(?:follow|come)\b",
    r"^\W*(?:and\s+|so\s+|be\s+)?(?:right\s+)?back\s+(?:to\s+you\b|with\s+(?:you|more|an?|news)\b|online"
    r"|soon|\ue000|in\b|at\b|by\b)",
    r"^\W*(?:done|ready|live|finished|completed?|back(?:\s+online)?|in\s+place|fixed|restored)\s+(?:by"
    r"|before|in|within|no\s+later)\b",
    r"\bcommitment\s+(?:\w+\s+)?is\b",
    r"\bcommit\s+to\b",
)  # fmt: skip
_DELIVERY = (
    r"(?:hot\s?fix|fix|patch|release|version|report|answer|update|rca|build|refund|replacement|roll-?out"
    r"|deployment|change|resolution|restoration|restore|recovery|eta|etr|estimate|delivery|analysis"
    r"|explanation|view|workaround|migration|shipment|credit|call|visit|repair|part|parts|unit|disk|drive"
    r"|board|psu|engineer|technician|specialist|colleague|courier|investigation|summary|write-?up|upgrade"
    r"|install(?:ation)?|cut-?over|fail-?over|failback|switch(?:over)?|maintenance|work|swap|backfill"
    r"|rebuild|reindex|completion|closure|ga|feature|key|licen[cs]e\s+key|correction|team|tam|sme|someone"
    r"|somebody|it|that|this|which|what\s+you\s+asked|session|follow-?up|review|next\s+\w+|he|she)s?"
)
_DONE_WITH = (
    r"(?:\w+ed|sent|done|given|put|built|found|made|known|shown|told|set|out|back|gone|run|written|taken"
    r"|brought|cut)"
)
_PLANNED = _any(
    rf"\b{_DELIVERY}\b[^,]{{0,40}}?(?:{_IS}|\bbeen|\bhas|\bnow)\s+" + _ADVERB + r"(?:expected|planned"
    r"|scheduled|due|set|on\s+track|targeted|slated|estimated|booked|pencilled\s+in|foreseen|lined\s+up"
    r"|confirmed|on\s+the\s+roadmap|in\s+the\s+works|earmarked)\b",
    r"^\W*(?:(?!(?:i|we|you|he|she|they|it|was|were|been|your|no)\b)[\w-]+\s+){1,4}(?:expected|planned"
    r"|scheduled|targeted)\s+(?:(?:at|by|on|for|around|before|within|in)\s+)?(?=\ue000)",
    r"^\W*(?:(?!(?:i|we|you|he|she|they|it|was|were|had|has|have|is|are|been|your"
    r"|not)\b)[\w-]+\s+){1,2}\w{2,}ed\s+(?:by|before|within)\s+(?=\ue000)",
    r"^\W*(?:planned|scheduled|expected|estimated|targeted|eta|etr)\b",
    r"^\W*(?:and\s+|but\s+)?(?:is|are)\s+" + _ADVERB + r"(?:due|expected|scheduled|planned|set|booked)\b",
    r"\b(?:it|this|that|they|everything|[a-z]{3,})\s+gets?\s+(?:\w+ed|done|sent|built|rebuilt)\b",
    r"\b(?:eta|estimate|(?:next|new|revised|updated)\s+(?:release|update|fix|patch|build|delivery|target"
    r"|date|estimate|time|one|status\s+update|eta)|(?:target|release|delivery|completion)\s+date"
    r"|next\s+(?!(?:attempt|retry|try|batch|job|cycle|billing|payment|invoice|run|execution|backup"
    r"|renewal|charge|sync|export|import|window"
    r"|time)\b)(?:\w+\s+){1,3})\b[^,]{0,30}?\b(?:is|are|moves?\s+to|remains|moved\s+to)\b",
    r"^\W*(?:calling|ringing|phoning|sending|shipping|pushing|deploying|uploading|checking\s+back"
    r"|writing\s+back|arriving|joining|coming|visiting|rolling|restoring|publishing|delivering"
    r"|releasing|installing|swapping|migrating"
    r"|returning|updating)\b",
    r"(?:\b(?:i|we|he|she|they|engineers?|technicians?|colleagues?|team|specialists?|someone|somebody"
    r"|manager|lead|fix|patch|hotfix|release|build|update|part|unit|replacement|disk|courier|driver"
    r"|[a-z]+ing)\b\s*|^\W*\w+\s+|^\W*(?:the|an?|our)\s+[\w\s-]{1,40}?\s)(?:is|are|am|['’](?:s|re|m))\s+"
    + _ADVERB +
    r"(?!(?:working|waiting|running|having|seeing|experiencing|hoping|looking|thinking|wondering|asking"
    r"|getting|investigating|during|monitoring|watching|missing|failing|using|travell?ing|something"
    r"|anything|nothing|everything|being|trying|closing|closed|keeping|leaving|staying)\b)\w+ing\b",
    r"\b(?:i|we)\s+" + _ADVERB +
    r"(?!(?:will|shall|would|could|should|can|may|might|must|am|are|was|were|had|have|has|did|do|not|need"
    r"|see|saw|ran|went|got|sent|wrote|told|found|came|took|made|met|kept|held|began|gave|lost|knew"
    r"|thought|felt|left|read|put|cut|heard|spoke|understood|understand|brought|built|caught|know|think"
    r"|believe|want|hope|wish|guess|doubt|work|live|like|prefer|look|refer|use|notice|wonder|regret"
    r"|appreciate|thank|apologi[sz]e|agree|assume|suspect|feel|remember|recommend|suggest|ask|request"
    r"|require|offer|close|and|or|both|also|all|ever|already|just|only|even|in|at|on|to|usually|normally"
    r"|typically|generally|always|often|never|mean|say|said|run|started|start|received|try|expect|aim"
    r"|plan|depend|love|hear|learnt|learned|don['’]t|didn['’]t|couldn['’]t|s|d|ll|ve|m"
    r"|re)\b(?!-))(?!\w+ed\b)\w+",
    r"\b(?:he|she|they|who|engineers?|technicians?|colleagues?|team|specialists?|courier|driver|fix|patch"
    r"|hotfix|release|build|rollout|roll-out|deployment|migration|upgrade|repair|part|unit|replacement"
    r"|disk|drive|delivery|maintenance|work|restore|backfill|update|report|technician|version|correction"
    r"|refund|it)\s+"
    + _ADVERB +
    r"(?:arrives?|follows?|joins?|lands?|ships?|takes?\s+over|hands?\s+over|picks?|goes|go|comes?"
    r"|reach(?:es)?|hits?|rides?|begins?|starts?|resumes?|continues?|departs?|calls?|rings?|phones?"
    r"|sends?|delivers?|completes?|finish(?:es)?|leaves\s+(?:our|the)|rolls?|publish(?:es)?|visits?"
    r"|deploys?|installs?|brings?|gives?|updates?|contacts?|reports?|returns?)\b",
    r"\b(?:arrives?|follows|joins|lands|ships|goes\s+(?:out|live|into|to\s+(?:you|your|prod\w*))"
    r"|(?<!shift )takes\s+over|(?<!shift )hands\s+over|comes\s+(?:back|on\s+site)|picks\s+(?:this"
    r"|it)\s+up|(?:calls|rings"
    r"|phones|sends|mails|contacts|updates|gives|owes|visits|delivers)\s+(?:you|it|this)|owe\s+you|(?:one"
    r"|update|report|answer)\s+comes)\b",
    r"(?-i:\b(?!Service|Support|Office|The|Your|Our|An?|This|That|My|No|Next|Any|Its?"
    r"|Their)[A-Z][a-z]+)\s+" + _ADVERB + r"(?:arrives|follows|joins|takes|hands|picks|goes|comes|starts"
    r"|calls|rings|phones|sends|writes|brings|gives|updates|contacts|reports|returns|visits|drives|looks"
    r"|checks)\b",
    r"\byou\s+(?:hear|get|receive)\s+(?:back\b|from\s+(?:me|us)\b|(?:it|an?|the|our|my|your|his|her|their|this)\b)",
    _IS + r"\s+" + _ADVERB + r"(?:(?:re-?)?booked|re-?scheduled|re-?arranged)\b",
    r"\b(?:it|this)(?:['’]s|\s+is)\s+(?:going\s+(?:out|live|back|to\s+(?:you|production))|coming"
    r"|shipping|being\s+\w+ed)\b",
    r"(?<!shift )\b(?:take|takes)\s+over\b",
    r"\b(?:service|site|system|platform|line|portal|app|cluster|access|connection|network|node"
    r"|server)s?\s+(?:is|are)"
    r"\s+" + _ADVERB + r"(?:expected|due)\s+(?:to\s+be\s+)?back\b",
    r"\b(?:is|are|gets?)\s+" + _ADVERB + rf"(?:being\s+)?{_DONE_WITH}\b[^,]{{0,40}}?\b(?:by\s+(?:me|us"
    r"|the\s+undersigned"
    r"|(?:our|my)\s+(?!system|scanner|schedul|job|monitor|server|software|platform|bot|backup|robot)\w+)"
    r"|to\s+you\b(?!\s+by\s+the\s+(?:system|scheduler|job)))",
    r"\b(?:(?:they|colleagues|engineers)\s+(?:answer|reply\s+to|write\s+to|inform|call|ring)|answers"
    r"|replies\s+to|writes\s+to"
    r"|informs|notifies)\s+you\b",
    r"\b(?:reach(?:es)?\s+(?:you|your)|kicks?\s+off)\b",
)  # fmt: skip
_STATE = _any(_IS + r"(?!\w)", r"\b(?:has|have|means|keeps?|says|needs?|wants?)\b")
_IRREGULAR = (
    r"(?:was|were|had|did|saw|ran|went|got|sent|wrote|told|found|came|took|made|met|kept|held|began|gave"
    r"|lost|knew|thought|felt|left|heard|spoke|brought|built|caught|said|broke|fell|stood|rose|became|led)"
)
_PAST = _any(
    rf"\b{_IRREGULAR}\b",
    r"\b(?:has|have|['’]ve|had)\s+" + _ADVERB + r"(?:been|\w+ed|seen|sent|written|found|gone|done|had"
    r"|made|got|taken|given|run|put|come)\b",
    r"(?:['’](?:ve|s\s+been)\b)",
    r"\b(?:i|we|you|they|he|she|it|which|that|who)\s+(?:\w+ly\s+)?(?!need|feed|speed|proceed|exceed"
    r"|embed)\w{2,}ed\b",
    r"^\W*(?:[\w-]+\s+){1,5}(?<!be )(?<!is )(?<!are )(?<!a )(?<!an )(?<!the )(?<!our )(?<!your )(?<!re )"
    r"(?!need|feed|speed|proceed|exceed|embed|expected|planned|scheduled|corrected|revised|updated|detailed"
    r"|requested|promised|related|affected|shared|dedicated|fixed\b(?=\s+by)|unit|indeed)\w{3,}ed\s+"
    r"(?:at|on|in|from|by|this|to|back|for|\ue000)",
    r"\b(?:ago|yesterday|last\s+(?:night|week|month|time))\b",
    r"\b(?:stopped|failed|crashed|happened|occurred|deployed|fixed|restarted|opened|closed|received"
    r"|reached|started|posted|released|resolved)\s+(?:at|on|\ue000)",
)  # fmt: skip
_IN_ORDER: tuple[tuple[Mood, re.Pattern[str]], ...] = (
    ("refused", _REFUSED), ("told", _TOLD), ("asked", _ASKED), ("asked", _COMMANDED), ("firm", _COMMITTED),
    ("hedged", _HEDGED), ("firm", _FIRM),
    ("planned", _PLANNED), ("past", _PAST), ("state", _STATE),
)  # fmt: skip


_GROUP = _any(
    r"\s+(?:\w+ly\s+|also\s+|then\s+|all\s+)*(?:be|have|keep|get|leave|see)\b(?:(?:\s+(?:you|it|this|them"
    r"|him|her|everything"
    rf"|everyone|(?:the|your|our|a|an)(?:\s+[\w-]+){{1,3}}?))?(?:\s+been)?(?:\s+\w+ly)?\s+{_DONE_WITH}\b)?"
)
"""The rest of a verb group behind "will": "be sent", "have it fixed", "keep you posted"."""

_OWN_SUBJECT = _any(r"^(?!\W*(?:and|or|but|then)?\W*(?:also\s+|then\s+)?$)")
_BARE = _any(r"^\W*(?:and\s+|or\s+|then\s+)*(?:have|keep|be)$")


def marks(
    clause: str, *, goes_on: bool = False, said_of: str = "", outside: re.Pattern[str] | None = None
) -> list[Mark]:
    """Every mark of a clause, left to right; where two overlap, the one that promises less holds.

    ``goes_on`` says that something was promised before it, so that a bare verb is no command; ``said_of`` is
    the clause before it, whose subject goes on acting in "and will …"; ``outside`` is what the subject looks
    like where others act.
    """
    found: list[Mark] = []
    for mood, pattern in _IN_ORDER:
        if goes_on and pattern is _COMMANDED:
            continue
        for match in pattern.finditer(clause):
            if goes_on and mood == "state" and _BARE.match(clause, 0, match.end()):
                continue
            start, end = match.start(), match.end()
            if not any(one.start < end and start < one.end for one in found):
                deed = _GROUP.match(clause, end) if mood == "firm" else None
                acting = clause[:start] if _OWN_SUBJECT.search(clause[:start]) else agent.subject_of(said_of)
                mine = _by_agent(mood, acting, clause[start:end], clause[end:])
                if mood in ("firm", "planned") and outside and outside.search(acting):
                    mine = "theirs"
                found.append(Mark(mine, start, deed.end() if deed else end))
    return sorted(found, key=lambda one: one.start)


def _by_agent(mood: Mood, before: str, said: str, after: str) -> Mood:
    """``mood`` as it is when the one who acts is not ours, or the deed is none for the customer."""
    if mood not in ("firm", "planned"):
        return mood
    if agent.is_outside(before):
        return "theirs"
    return mood if agent.acts_for_them(before, said, after, firm=mood == "firm") else "state"


def governing(found: list[Mark], at: int) -> Mark | None:
    """The mark of a clause that governs a time at ``at``: the last before it, else the first behind it."""
    before = [one for one in found if one.start < at]
    blocked = [one for one in before if one.mood in BLOCKING]
    if blocked:
        return blocked[-1]
    if not before:
        return found[0] if found else None
    promising = [one for one in before if one.mood in ("firm", "planned")]
    last = before[-1]
    if last.mood == "state" and promising:
        return promising[-1]
    return last
