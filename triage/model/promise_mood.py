"""What the verb of a clause does to a time beside it: promise it, ask for it, doubt it, look back on it.

A clause is read through its marks: auxiliary verbs, verbs of promising, of asking, of doubting, of the past.
Each mark has the one who acts before it, and one mark governs the time. Times stand in a clause as `TIME`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from triage.model import promise_agent as agent

TIME = "\ue000"
"""Stands for every character of a time expression while a clause is read."""
Mood = Literal["firm", "planned", "state", "past", "refused", "hedged", "asked", "told"]
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
    r"\b(?:won|can)['’]t\b", r"\bcannot\b", r"['’](?:m|re|s)\s+not\b", r"\bunable\b", r"\bnever\b",
    r"\b(?:no|without|any)\s+(?:firm\s+|clear\s+)?(?:eta|date|fix|update|plans?|time|news|promises?"
    r"|guarantees?"
    r"|way|estimate|intention|commitment)\b", r"\bneither\b", r"\bnor\b", r"\bnot\s+before\b", r"\brefuse\b",
    r"\bdoubt\b", r"\btoo\s+(?:early|soon)\s+to\b", r"\bunlikely\b", r"\brather\s+than\b",
    r"\binstead\s+of\b",
    r"^\W*(?:nothing|nobody|no\s+one)\b",
)  # fmt: skip
_HEDGED = _any(
    r"\b(?:might|could|would)\b", r"\bmay\b(?!\s+(?:expect|count|rely|look\s+forward"
    r"|also\s+expect)\b)(?!\s*\d)",
    r"['’]d\s+(?:love|like|rather|prefer|be|hope|have|need|want|expect)\b",
    r"\b(?:hope|hopes|hoping|hoped|hopefully|wish|maybe|perhaps|possibly|ideally|unsure|unclear|think|thinks"
    r"|guess|reckon|suppose|depends?|depending)\b",
    r"\bwith\s+(?:a\s+(?:bit|little)\s+of\s+|any\s+)?luck\b", r"\bnot\s+sure\b",
    r"\b(?:try|trying|tries)\b(?!\s+(?:it\s+|this\s+|that\s+|the\s+\w+\s+)?again\b)", r"\bbest\s+case\b",
)  # fmt: skip
_ASKED = _any(
    r"\b(?:please|kindly|pls|plz)\b(?!\s+(?:to\s+)?(?:note|find|accept|wait|hold|excuse|expect|be\s+\w+ed"
    r"|be\s+aware"
    r"|(?:allow|give|grant)\s+(?:us|me)|(?:bear|stay)\s+with|rest\s+assured|look\s+(?:out|for)))",
    r"\b(?:can|could|will|would|may)\s+(?:you|we|i)\s+(?:please|kindly)\b", r"^\W*(?:can|could"
    r"|would)\s+you\b",
    r"\byou(?:['’]ll|\s+will|\s+would)?\s+(?:must|(?:only\s+|just\s+|still\s+|also\s+)?(?:need|have"
    r"|want)\s+to"
    r"|should(?!\s+(?:also\s+|then\s+|now\s+|soon\s+)?(?:expect|have|hear|get|see|receive|find|know|be\s+"
    r"(?:back|able|fine|good)))|ought\s+to|had\s+better)\b",
    r"\byou\s+can\b(?!\s+(?:also\s+|then\s+|safely\s+)?(?:expect|count|rely|look\s+forward|reckon|hold|have"
    r"|hear))",
    r"\bneed(?:s|ed)?\s+(?:you\b|your\b|this\s+from|that\s+from|it\s+from|the\s+[\w ]{1,40}?\s+from"
    r"|from\s+you)",
    r"\bneed\s+the\b", r"\blet\s+(?:us|me)\s+(?:know|have)\b(?!\W*$)", r"\b(?:tell|inform|advise)\s+(?:us"
    r"|me)\b",
    r"\b(?:grateful|appreciate|ask\s+you|asking\s+you|request\s+you|request\s+that|remind\s+you|make\s+sure"
    r"|be\s+sure\s+to|remember\s+to|ensure|want\s+you|expect\s+(?:you\b|your)|your\s+(?:reply|answer"
    r"|confirmation))",
    r"\blook(?:ing)?\s+forward\s+to\s+(?:hear|your|receiv|speak|see|meet)",
    r"\bmust\b",
    r"\b(?:customers?|clients?|users?|they|he|she|boss|management|board)\b[^,]{0,20}\b(?:asks?|wants?"
    r"|needs?|requests?|insists?|demands?)\b",
)  # fmt: skip
_COMMANDED = _any(
    r"^\W*(?:and\s+|then\s+|so\s+|just\s+|do\s+|don['’]t\s+)*(?:send|upload|attach|restart|tell|test"
    r"|reply|contact|open"
    r"|raise|drain|join|use|try|wait|give|avoid|keep|provide|confirm|choose|pick|upgrade|update\s+(?:your"
    r"|the)|check"
    r"|stop|run|apply|install|reboot|return|hold|take|put|mark|bring|leave|read|follow|move|get|save"
    r"|submit|sign"
    r"|pay|renew|rotate|migrate|call\s+(?:us|me)|come|have\s+(?:a|your)|enjoy|remember)\b"
    r"(?!\s+(?:us|me|it)\s+(?:until|till|time|some|half|another|an?\b|\ue000))(?!['’])"
    r"(?!\s+(?:back|up|in)\W*\ue000)",
)
"""The bare verb that opens a sentence; behind a promise it goes on with it: "and send it by noon"."""
_TOLD = _any(
    r"\b(?:i|we)\s+(?:had\s+|have\s+|also\s+|once\s+)*(?:said|told|wrote|promised|thought|hoped|expected"
    r"|planned|mentioned"
    r"|announced|aimed|meant|estimated)\b", r"\b(?:was|were|been)\s+(?:\w+ly\s+)?(?:told|promised"
    r"|expecting|hoping"
    r"|supposed|meant|planned|planning|going|due|expected|scheduled)\b",
    r"(?<!let )\byou\s+(?:\w+ly\s+)?(?:asked|said|wrote|told|want(?:ed)?"
    r"|expect(?:ed)?|requested|know|mentioned)\b",
    r"\b(?:promised|had\s+promised|told\s+you)\b(?!\W*$)", r"\bshould\s+(?:already\s+)?have\s+(?:been"
    r"|\w+ed)\b(?!\s+(?:the|your|a)\b)",
    r"\bsupposed\s+to\b", r"\b(?:i|we)(?:\s+am|\s+are|['’]m|['’]re)?\s+(?:do\s+|fully\s+|completely\s+"
    r"|well\s+)*(?:understand|aware|know)\b",
)  # fmt: skip
_COMMITTED = _any(
    r"(?:\b(?:have|has)|['’](?:ve|s))\s+"
    + _ADVERB
    + r"(?:committed|promised|agreed|scheduled|booked|arranged"
    r"|planned|blocked|reserved|lined\s+up|pencilled|put\s+(?:you|us|it|this)\b|set\s+(?:a|an|up)\s)",
)
_FIRM = _any(
    r"['’]ll\b", r"\b(?:will|shall)\b", r"\bgonna\b",
    _IS + r"\s+" + _ADVERB + r"(?:going|about|aiming|planning|looking|set|due|scheduled|expected|committed"
    r"|on\s+(?:track|course))\s+to\b",
    r"(?:['’](?:re|m)|\b(?:are|am))\s+" + _ADVERB + r"(?:targeting|expecting|back\b)",
    r"\b(?:should|ought\s+to)\b",
    r"(?<!as )(?<!was )\b(?:expects?|aims?|plans?|intends?|promises?|commits?|undertakes?|anticipates?"
    r"|estimates?|guarantees?|targets?|endeavou?rs?|vows?|pledges?)\s+(?!is\b|are\b|to\s+hear)(?=to\b"
    r"|that\b|the\b|an?\b|it\b"
    r"|this\b|you\b|our\b|we\b|your\b|on\b|for\b|\w+ing\b|having\b|completion\b|resolution\b|closure\b|news\b"
    r"|more\b|full\b|results?\b|\ue000|by\b)",
    r"\b(?:aim|goal|plan|target|intention|expectation)\s+(?:is|remains)\b",
    r"^\W*(?:please\s+)?(?:do\s+|you\s+can\s+)?(?:expect|count\s+on|rely\s+on)\b(?!\s+(?:some\s+|a\s+|an\s+"
    r"|brief\s+|short\s+)*(?:downtime|interrupt|outage|delay|slow))",
    r"\byou\s+(?:can|may|should)\s+(?:also\s+|then\s+|now\s+|soon\s+)?(?:expect|count|rely|look\s+forward"
    r"|hold|have|hear|get"
    r"|receive|see|find|know|be)\b",
    r"\blet\s+me\s+(?!know|have)\w+", r"\blet['’]s\s+(?!see|hope|say|assume|wait|not\b|be\b|look\b)\w+",
    r"\b(?:give|allow|grant)\s+(?:us|me|it)\b", r"\bbear\s+with\s+(?:us|me)\b", r"\bstay\s+with\s+us\b",
    r"\b(?:i|we)\s+" + _ADVERB + r"(?:need|require)\s+(?=until|till|another|about|\ue000|a\s+(?:few|couple))",
    r"\b(?:earliest|soonest|best)\s+(?:that\s+)?(?:i|we)\s+can\b",
    r"\b(?:i|we|they|she|he)\s+can\s+" + _ADVERB + r"(?:have|deliver|get|promise|provide|supply|call|ship"
    r"|finish|deploy"
    r"|restore|send|join|be\s+(?:there|back|with|ready)|(?:give|offer|show|let|tell|bring)\s+you)\b",
    r"\bto\s+(?:follow|come)\b",
    r"^\W*(?:and\s+|so\s+|be\s+)?(?:right\s+)?back\s+(?:to\s+you\b|with\s+(?:you|more|an?|news)\b|online"
    r"|soon|\ue000|in\b|at\b|by\b)",
    r"^\W*(?:done|ready|live|finished|completed?|back(?:\s+online)?|in\s+place|fixed|restored)\s+(?:by"
    r"|before|in"
    r"|within|no\s+later)\b",
    r"\bcommitment\s+(?:\w+\s+)?is\b", r"\bcommit\s+to\b",
)  # fmt: skip
_DELIVERY = (
    r"(?:hot\s?fix|fix|patch|release|version|report|answer|update|rca|build|refund|replacement|roll-?out"
    r"|deployment"
    r"|change|resolution|restoration|restore|recovery|eta|etr|estimate|delivery|analysis|explanation|view"
    r"|workaround"
    r"|migration|shipment|credit|call|visit|repair|part|parts|unit|disk|drive|board|psu|engineer"
    r"|technician|specialist"
    r"|colleague|courier|investigation|summary|write-?up|upgrade|install(?:ation)?|cut-?over|fail-?over"
    r"|failback|switch(?:over)?"
    r"|maintenance|work|swap|backfill|rebuild|reindex|completion|closure|ga|feature|key|licen[cs]e\s+key"
    r"|correction"
    r"|team|tam|sme|someone|somebody|it|that|this|which|what\s+you\s+asked|session|follow-?up|review"
    r"|next\s+\w+|he|she)s?"
)
_PLANNED = _any(
    rf"\b{_DELIVERY}\b[^,]{{0,40}}?(?:{_IS}|\bbeen|\bhas|\bnow)\s+" + _ADVERB + r"(?:expected|planned"
    r"|scheduled|due|set"
    r"|on\s+track|targeted|slated|estimated|booked|pencilled\s+in|foreseen|lined\s+up|confirmed"
    r"|on\s+the\s+roadmap|in\s+the\s+works|earmarked)\b",
    r"^\W*(?:planned|scheduled|expected|estimated|targeted|eta|etr)\b",
    r"^\W*(?:and\s+|but\s+)?(?:is|are)\s+" + _ADVERB + r"(?:due|expected|scheduled|planned|set|booked)\b",
    r"\b(?:it|this|that|they|everything|[a-z]{3,})\s+gets?\s+(?:\w+ed|done|sent|built|rebuilt)\b",
    r"\b(?:eta|estimate|(?:next|new|revised|updated)\s+(?:release|update|fix|patch|build|delivery|target|date"
    r"|estimate|time|one|status\s+update|eta)|(?:target|release|delivery|completion)\s+date"
    r"|next\s+(?:\w+\s+){1,3})\b[^,]{0,30}?\b(?:is|are|moves?\s+to|remains|moved\s+to)\b",
    r"^\W*(?:calling|ringing|phoning|sending|shipping|pushing|deploying|uploading|checking\s+back"
    r"|writing\s+back"
    r"|rolling|restoring|publishing|delivering|releasing|installing|swapping|migrating|returning|updating)\b",
    r"(?:\b(?:i|we|he|she|they|engineers?|technicians?|colleagues?|team|specialists?|someone|somebody"
    r"|manager|lead|fix|patch|hotfix"
    r"|release|build|update|part|unit|replacement|disk|courier|driver|[a-z]+ing)\b\s*|^\W*\w+\s+"
    r"|^\W*(?:the|an?|our)\s+[\w\s-]{1,40}?\s)(?:is|are|am|['’](?:s|re|m))\s+"
    + _ADVERB +
    r"(?!(?:working|waiting|running|having|seeing|experiencing|hoping|looking|thinking|wondering|asking"
    r"|getting|investigating|during"
    r"|monitoring|watching|missing|failing|using|travell?ing|something|anything|nothing|everything|being"
    r"|trying|closing|closed|keeping|leaving|staying)\b)"
    r"\w+ing\b",
    r"\b(?:i|we)\s+" + _ADVERB +
    r"(?!(?:will|shall|would|could|should|can|may|might|must|am|are|was|were|had|have|has|did|do|not|need"
    r"|see|saw|ran|went|got"
    r"|sent|wrote|told|found|came|took|made|met|kept|held|began|gave|lost|knew|thought|felt|left|read|put"
    r"|cut|heard|spoke"
    r"|understood|understand|brought|built|caught|know|think|believe|want|hope|wish|guess|doubt|work|live"
    r"|like|prefer|look|refer|use|notice|wonder"
    r"|regret|appreciate|thank|apologi[sz]e|agree|assume|suspect|feel|remember|recommend|suggest|ask"
    r"|request|require|offer"
    r"|close|and|or|both|also|all|ever|already|just|only|even|in|at|on|to|usually|normally|typically"
    r"|generally|always|often|never|mean|say|said|run|started|start"
    r"|received|try|expect|aim|plan|depend|love|hear|learnt|learned|don['’]t|didn['’]t|couldn['’]t|s|d|ll"
    r"|ve|m|re)\b)(?!\w+ed\b)\w+",
    r"\b(?:he|she|they|who|engineers?|technicians?|colleagues?|team|specialists?|courier|driver|fix|patch"
    r"|hotfix|release|build|rollout|roll-out|deployment|migration"
    r"|upgrade|repair|part|unit|replacement|disk|drive|delivery|maintenance|work|restore|backfill|update"
    r"|report|technician|version|correction|refund|it)\s+"
    + _ADVERB +
    r"(?:arrives?|follows?|joins?|lands?|ships?|takes?\s+over|hands?\s+over|picks?|goes|go|comes?"
    r"|reach(?:es)?|hits?|rides?|begins?|starts?|resumes?"
    r"|continues?|departs?|calls?|rings?|phones?|sends?|delivers?|completes?|finish(?:es)?"
    r"|leaves\s+(?:our|the)|rolls?|publish(?:es)?|visits?|deploys?"
    r"|installs?|brings?|gives?|updates?|contacts?|reports?|returns?)\b",
    r"\b(?:arrives?|follows|joins|lands|ships|goes\s+(?:out|live)|takes\s+over|hands\s+over"
    r"|comes\s+(?:back|on\s+site)"
    r"|picks\s+(?:this|it)\s+up|(?:calls|rings|phones|sends|mails|contacts|updates|gives|owes|visits"
    r"|delivers)\s+(?:you|it|this)|owe\s+you|"
    r"(?:one|update|report|answer)\s+comes)\b",
    r"(?-i:\b(?!The|Your|Our|An?|This|That|My|No|Next|Any|Its?"
    r"|Their)[A-Z][a-z]+)\s+" + _ADVERB + r"(?:arrives|follows|joins|takes|hands|picks|goes|comes|starts"
    r"|calls|rings"
    r"|phones|sends|writes|brings|gives|updates|contacts|reports|returns|visits|drives|looks|checks)\b",
    r"\byou\s+(?:hear|get|receive)\s+(?:back\b|from\s+(?:me|us)\b|it\b|an?\b|the\b)",
    r"\b(?:take|takes)\s+over\b",
)  # fmt: skip
_STATE = _any(_IS + r"(?!\w)", r"\b(?:has|have|means|keeps?|says|needs?|wants?)\b")
_IRREGULAR = (
    r"(?:was|were|had|did|saw|ran|went|got|sent|wrote|told|found|came|took|made|met|kept|held|began|gave"
    r"|lost|knew"
    r"|thought|felt|left|heard|spoke|brought|built|caught|said|broke|fell|stood|rose|became|led)"
)
_PAST = _any(
    rf"\b{_IRREGULAR}\b",
    r"\b(?:has|have|['’]ve|had)\s+" + _ADVERB + r"(?:been|\w+ed|seen|sent|written|found|gone|done|had"
    r"|made|got|taken|given"
    r"|run|put|come)\b",
    r"(?:['’](?:ve|s\s+been)\b)",
    r"\b(?:i|we|you|they|he|she|it|which|that|who)\s+(?:\w+ly\s+)?(?!need|feed|speed|proceed|exceed"
    r"|embed)\w{2,}ed\b",
    r"^\W*(?:[\w-]+\s+){1,5}(?<!be )(?<!is )(?<!are )(?<!a )(?<!an )(?<!the )(?<!our )(?<!your )(?<!re )"
    r"(?!need|feed|speed|proceed|exceed|embed|expected|planned|scheduled|corrected|revised|updated"
    r"|detailed|requested|promised|related|affected|shared|dedicated|fixed\b(?=\s+by)|unit"
    r"|indeed)\w{3,}ed\s+(?:at|on|in|from|by|this|to|back|for|\ue000)",
    r"\b(?:ago|yesterday|last\s+(?:night|week|month|time))\b",
    r"\b(?:stopped|failed|crashed|happened|occurred|deployed|fixed|restarted|opened|closed|received"
    r"|reached|started|posted|released|resolved)\s+(?:at|on|\ue000)",
)  # fmt: skip
_IN_ORDER: tuple[tuple[Mood, re.Pattern[str]], ...] = (
    ("refused", _REFUSED), ("told", _TOLD), ("asked", _ASKED), ("asked", _COMMANDED), ("firm", _COMMITTED),
    ("hedged", _HEDGED), ("firm", _FIRM),
    ("planned", _PLANNED), ("past", _PAST), ("state", _STATE),
)  # fmt: skip


_DONE_WITH = (
    r"(?:\w+ed|sent|done|given|put|built|found|made|known|shown|told|set|out|back|gone|run"
    r"|written|taken|brought|cut)"
)
_GROUP = _any(
    r"\s+(?:\w+ly\s+|also\s+|then\s+|all\s+)*(?:be|have|keep|get|leave|see)\b(?:(?:\s+(?:you|it|this|them"
    r"|him|her|everything"
    rf"|everyone|(?:the|your|our|a|an)(?:\s+[\w-]+){{1,3}}?))?(?:\s+been)?(?:\s+\w+ly)?\s+{_DONE_WITH}\b)?"
)
"""The rest of a verb group behind "will": "be sent", "have it fixed", "keep you posted"."""

_BARE = _any(r"^\W*(?:and\s+|or\s+|then\s+)*(?:have|keep|be)$")


def marks(clause: str, *, goes_on: bool = False) -> list[Mark]:
    """Every mark of a clause, left to right; where two overlap, the one that promises less holds.

    ``goes_on`` says that something was promised before it, so that a bare verb is no command.
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
                found.append(Mark(_by_agent(mood, clause, start, end), start, deed.end() if deed else end))
    return sorted(found, key=lambda one: one.start)


def _by_agent(mood: Mood, clause: str, start: int, end: int) -> Mood:
    """``mood`` as it is when the one who acts is not ours, or the deed is none for the customer."""
    if mood not in ("firm", "planned"):
        return mood
    return (
        mood
        if agent.acts_for_them(clause[:start], clause[start:end], clause[end:], firm=mood == "firm")
        else "state"
    )


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


def moods(found: list[Mark]) -> Iterator[Mood]:
    """The moods of ``found``."""
    return (one.mood for one in found)
