"""Turns of phrase beside which a time is no promise: refused, doubted, asked for, told of others, or over.

Each group says why; the notation is that of `words`.
"""

from __future__ import annotations

from triage.model.promises_in_text.words import Turns

REFUSED: Turns = {
    "A negated verb takes back whatever time stands beside it.": (
        r"\b(?:will|shall|can|could|do|does|did|is|are|am|have|has|should|would|may|might"
        r"|need)\s*(?:\w+ly |also |yet )?(?:not\b(?! only\b)|n't\b)",
        r"\b(?:won|can)'t\b",
        r"\bcannot\b",
        r"'(?:m|re|s) not\b",
        r"\bunable\b",
        r"\bnever\b",
    ),
    "So does a thing that is said not to be there: no date, no estimate.": (
        r"\b(?:no|without|any(?! time (?:from|on|between|after|before|until)\b)) (?:firm |clear )?(?:eta"
        r"|date|fix|update|plans?|time|news|promises?"
        r"|guarantees?|way|estimate|intention|commitment)\b",
    ),
    "Words that refuse or doubt without a negation.": (
        r"\bneither\b",
        r"\bnor\b",
        r"\bnot before\b",
        r"\brefuse\b",
        r"\bdoubt\b",
        r"\btoo (?:early|soon) to\b",
        r"\bunlikely\b",
        r"\brather than\b",
        r"\binstead of\b(?! (?:the )?@)",
    ),
    "Nobody and nothing do nothing for anyone.": (
        r"^\W*(?:nothing|nobody|no one)\b",
    ),
}  # fmt: skip
TOLD: Turns = {
    "What the customer said or announced is no word of ours.": (
        r"\b(?:contract|sla|agreement|policy|law|terms|regulations?|manual|documentation|docs) (?:states?"
        r"|says?|requires?|gives?|allows?|provides?|specif(?:y|ies)|foresees?)\b",
        r"\b(?:customers?|clients?|users?|you|your [\w-]+) (?:also |have |has )?(?:informed|told|said"
        r"|wrote|mentioned|announced|says?|tells?)\b",
    ),
    "What we said once is the past, kept or not.": (
        r"\b(?:i|we) (?:had |have |also |once )*(?:said|told|wrote|promised|thought|hoped|expected"
        r"|planned|mentioned|announced|aimed|meant|estimated)\b",
    ),
    "Plans of the past.": (
        r"\b(?:was|were|been) (?:\w+ly )?(?:told|promised|expecting|hoping|supposed|meant|planning"
        r"|going)\b",
        r"\b(?:was|were|had been) (?:\w+ly )?(?:planned|due|expected|scheduled)\b",
    ),
    "What they asked for, want or know already.": (
        r"(?<!let )\byou (?:\w+ly )?(?:asked|said|wrote|told|want(?:ed)?|expect(?:ed)?|requested|know"
        r"|mentioned)\b",
        r"\b(?:promised|had promised|told you)\b(?!\W*$)",
    ),
    'What should have been, or is only acknowledged: "we understand".': (
        r"\bshould (?:already )?have (?:been|\w+ed)\b(?! (?:the|your|a)\b)",
        r"\bsupposed to\b",
        r"\b(?:i|we)(?: am| are|'m|'re)? (?:do |fully |completely |well )*(?:understand|aware|know)\b",
    ),
}  # fmt: skip
ASKED: Turns = {
    "A request politely put.": (
        r"\b(?:please|kindly|pls|plz)\b(?! (?:to )?(?:note|find|accept|wait|hold|excuse|expect|be \w+ed"
        "|be aware|be patient|(?:allow|give|grant) (?:us|me)|allow (?:for )?(?:up to |about |until )?@"
        "|(?:bear|stay) with|rest assured|look (?:out"
        "|for)))",
        r"\b(?:can|could|will|would|may) (?:you|we|i) (?:please|kindly)\b",
        r"^\W*(?:can|could|would) you\b",
    ),
    "What they have to do, or may.": (
        r"\byou(?:'ll| will| would)? (?:must|(?:only |just |still |also )?(?:need|have|want) to|should(?! "
        "(?:also |then |now |soon )?(?:expect|have|hear|get|see|receive|find|know|be (?:back|able|fine"
        r"|good)))|ought to|had better)\b",
        r"(?:^|\b(?:and|so|but|then|also|now|meantime|meanwhile|until|if|that"
        r"|@))\W*you can\b(?! (?:[\w-]+ ){1,5}?(?:from|as of|starting) (?:the )?@)(?! (?:\w+ "
        r"){1,4}again\b)(?! (?:also |then |safely )?(?:expect|count|rely|look forward|reckon|hold|have"
        "|hear))",
        r"\bneed(?:s|ed)? (?:you\b|your\b|this from|that from|it from|the [\w ]{1,40}? from|from you)",
    ),
    "What we need from them.": (
        r"\bneed the\b",
        r"\blet (?:us|me) (?:know|have)\b(?!\W*$)",
        r"(?:^\W*(?:and )?|\byou |\bto |\bplease )(?:tell|inform|advise) (?:us|me)\b",
        r"\b(?:grateful|appreciate|ask you|asking you|request you|request that|remind you|make sure|be "
        r"sure to|remember to|ensure|want you|expect (?:you\b|your)|(?<!get )(?<!have )(?<!receive "
        ")(?<!with )(?<!see )(?<!find )your (?:reply|answer|confirmation))",
    ),
    "What we would be glad of.": (
        r"\blook(?:ing)? forward to (?:hear|your|receiv)",
        r"\bmust\b",
        r"\b(?:users?|customers?|clients?|passengers?|people|everyone|everybody|admins?|staff|anyone"
        r"|nobody) should\b(?! (?:also |then |now |soon |no longer )?(?:see|have|hear|get|receive|find"
        r"|notice|feel|be|know)\b)",
    ),
    "What has to be, whoever demands it.": (
        r"\b(?:customers?|clients?|users?|they|he|she|boss|management|board)\b[^,]{0,20}\b(?:asks?|wants?"
        r"|needs?(?! @)|requests?|insists?|demands?)\b",
    ),
}  # fmt: skip
COMMANDED: Turns = {
    'The bare verb that opens a sentence; behind a promise it goes on with it: "and send it by noon".': (
        r"^\W*(?:and |then |so |just |do |don't )*(?:send|upload|attach|restart|tell|test|reply|contact"
        "|open|raise|drain|join|use|try|wait|give|avoid|keep|provide|confirm|choose|pick|upgrade|update "
        "(?:your|the)|check|stop|run|apply|install|reboot|return|hold|take|put|mark|bring|leave|read"
        "|follow|move|get|save|submit|sign|pay|renew|rotate|migrate|call (?:us|me)|come|have (?:a|your)"
        r"|enjoy|remember)\b(?! (?:us|me|it) (?:until|till|time|some|half|another|an?\b|@))(?!')(?! "
        r"(?:back|up|in)\W*@)",
    ),
}  # fmt: skip
HEDGED: Turns = {
    "A verb in the conditional leaves the way out open.": (
        r"\b(?:might|could|would)\b",
        r"\bmay\b(?! (?:expect|count|rely|look forward|also expect)\b)(?!\s*\d)",
        r"'d (?:love|like|rather|prefer|be|hope|have|need|want|expect)\b",
    ),
    'A hope or a guess is worth nothing at the hour it names; an "educated guess" is given as an estimate.': (
        r"\b(?:hope|hopes|hoping|hoped|hopefully|wish|maybe|perhaps|possibly|ideally|unsure|unclear|think"
        "|thinks|(?<!a )(?<!first )(?<!best )(?<!rough )(?<!educated )guess|reckon|suppose|assume"
        r"|presume|fingers crossed|depends?|depending)\b",
    ),
    "Luck, doubt and trying.": (
        r"\bwith (?:a (?:bit|little) of |any )?luck\b",
        r"\bnot sure\b",
        r"(?<!another )(?<!a )\b(?:try|trying|tries)\b(?! (?:it |this |that |you |him |her |them |the \w+ "
        r")?again\b)",
        r"\bbest case\b",
    ),
}  # fmt: skip
PAST: Turns = {
    "Verbs in the past tense.": (
        r"\b<irregular>\b",
        r"\b(?:has|have|'ve|had) <adverb>(?:been|\w+ed|seen|sent|written|found|gone|done|had|made|got"
        r"|taken|given|run|put|come)\b",
        r"(?:'(?:ve|s been)\b)",
        r"\b(?:i|we|you|they|he|she|it|which|that|who) (?:\w+ly )?(?!need|feed|speed|proceed|exceed"
        r"|embed)\w{2,}ed\b",
    ),
    'A participle without its auxiliary: "Fix deployed at 09:45".': (
        r"^\W*(?:[\w-]+ ){1,5}(?<!be )(?<!is )(?<!are )(?<!a )(?<!an )(?<!the )(?<!our )(?<!your )(?<!re "
        ")(?!need|feed|speed|proceed|exceed|embed|expected|planned|scheduled|corrected|revised|updated"
        r"|detailed|requested|promised|related|affected|shared|dedicated|fixed\b(?= by)|unit"
        r"|indeed)\w{3,}ed (?:at|on|in|from|by|this|to|back|for|@)",
    ),
    "Words that point back.": (
        r"\b(?:ago|yesterday|last (?:night|week|month|time))\b",
        r"\b(?:stopped|failed|crashed|happened|occurred|deployed|fixed|restarted|opened|closed|received"
        "|reached|started|posted|released|resolved) (?:at|on|@)",
    ),
}  # fmt: skip
STATE: Turns = {
    "Being, having and meaning only tell.": (
        r"<to_be>(?!\w)",
        r"\b(?:has|have|means|keeps?|says|needs?|wants?)\b",
    ),
}  # fmt: skip
