"""What is told of a time by the words around it, whatever the verb does; the notation is that of `words`."""

from __future__ import annotations

from triage.model.promises_in_text.words import pattern

CUT = pattern(
    r"\s*(?:,(?!\d\d\d\b)|:(?!\d)|[()\[\]])\s*",
    " [–—-] ",
    r" (?=(?:and|or(?! (?:before|earlier|sooner|so\b))|but|so|(?<!will )(?<!shall )(?<!ll )then(?!\W*$)"
    r"|while|although|though|because|whereas|as soon as|once(?! (?:per|more|again|every)\b)|when|whenever"
    "|who|which|whether|(?<!after )(?<!before )(?<!by )(?<!like )(?<!of )that(?= (?:i|we|you|he|she|it"
    "|they|there|the|an?|our|your|his|their|this|no|will|are|was|were|has|have|had|can|should|could"
    r"|would|may|might|\w+ed|\w+s|\w+ (?:will|is|are|was|were|has|have|can))\b)(?! (?:is|day|same|time"
    r"|week|by)\b)|why|how|where|what)\b)",
    "(?<!right)(?<!straight)(?<!directly)(?<!shortly)(?<!immediately)(?<!soon) (?=(?:before(?= (?:your"
    r"|they|their) )|after(?! (?:that|it|this)\b)(?! (?:tonight|today|tomorrow|\w+day)'s \w)|since|until"
    r"|till)\b(?! (?:the )?@))",
    r"^\s*(?=(?:once|when|after|as soon as)\b(?! (?:the )?@))",
)  # fmt: skip
"""Where one clause ends and the next begins."""
UPON = pattern(
    r"^\W*(?:before(?= (?:your|they|their) )|as soon as|once|when|whenever|after|since|until|till"
    r"|while)\b(?! (?:the )?@)(?! (?:tonight|today|tomorrow|\w+day)'s \w)",
)
"""A clause that says when or since when: nothing is promised in it."""
AFTER = pattern(r"^\W*after\b")
"""An event of a day told, by which something may be promised: "after stand-up tomorrow, and I write then"."""
EMBEDDED = pattern(r"^\W*(?:where|whether|why|how|what(?! (?:i|we) can do is\b)|who|if)\b")
"""An object clause: "I will tell you where we stand tomorrow" tells tomorrow."""
THAT = pattern(r"^\W*that\b")
"""What was said, thought or doubted: "we doubt that it ships on Friday"."""
RELATIVE = pattern(r"^\W*(?:who|which|that|because)\b")
"""A clause that only tells more of what stands before it."""
OPENS = pattern(
    r"^\W*(?:(?:so|and|then|now|well|ok|okay|yes|no|sure|not|first|by|on|at|before|in|from|until|till"
    "|around|about|within|over|the|latest|let'?s say|say|make it|no later than|or|again|hi|hey|thanks"
    r"|sorry|later|early|some\s?time|starting|as of|after)\b\W*)*$",
)  # fmt: skip
"""All that may stand before a time at the head of its clause."""
SOCIAL = pattern(
    r"\b(?:thanks|thank|sorry|apologi[sz]e|apologies|happy|enjoy|congratulations|welcome|good)\b",
)  # fmt: skip
"""Thanks, apologies and good wishes carry days along: "enjoy your weekend"."""
BACKWARDS = pattern(
    r"\blast\s*$",
    r"\b(?:since|as of|instead of|dated|(?<!window )(?<!slot )(?<!time )(?<!eta )(?<!estimate )(?<!target )of"
    r")\s*(?:the |last )?$",
    r"(?<!next )(?<!close this )\b(?:outage|incident|failure|crash|log|logs|batch|job|attempt|retry|backup"
    r"|mail|message"
    r"|note|error|errors|spike|deploy|alert|dump|trace|run(?!s\b)|letter|email|screenshot)s? (?:of|from|on|at"
    r"|around)\s*(?:the )?$",
)  # fmt: skip
"""Behind these a time says which thing of the past is meant: "the log of Monday"."""
AWAY_FROM = pattern(
    r"(?<=\w )(?<!slipped )(?<!moved )(?<!shifted )(?<!changed )(?<!moves )(?<!move )from (?:the |our "
    "|your |my |last )*$",
)
"""Points back where no verb of the future stands before it: "from 13:00 you will …" begins something."""
THING_FROM = pattern(
    r"\b(?:data|files?|records?|entr(?:y|ies)|results?|numbers?|figures?|orders?|transactions?|events?"
    "|samples?|cop(?:y|ies)|state|tickets?|replies|snapshots?|traffic|metrics|graphs?|version|changes?"
    "|calls?|reports?|comments?|updates?|voicemails?|e?mails?|messages?|notes?|questions?|feedback"
    "|meetings?|recordings?) from (?:the |our |your |my |last )*$",
)
"""A thing of an earlier time."""
THEIR_EVENT = pattern(
    r"\b(?:your|their|customer'?s?) (?:[\w-]+ ){0,3}(?:deadline|due date|renewal|trial|contract|launch"
    "|go-?live|cut-?over|meeting|deadline|release|demo|audit|window|event|presentation) (?:is |on |at "
    "|of |for |in )*$",
    r"\bdeadline (?:is |on |at |of )*$",
)  # fmt: skip
"""A date of theirs."""
ARRANGING = pattern(r"(?<!you )\b(?:scheduled|booked|arranged|moved|postponed|rescheduled) your\b")
"""An event of theirs that we set the time of."""
AMONG_US = pattern(
    r"^\W*(?:\w+ly |also |then |now |just )*(?:meet|discuss|sit down|huddle|get together|convene|debrief"
    "|be meeting|be discussing|(?:call|ring|phone|ask|chase|ping) (?:them|him|her)|(?:talk|speak) (?:to"
    r"|with) (?!you)\w+)\b(?!.*\byou\b)",
)  # fmt: skip
"""Talks among ourselves: the customer hears of them later."""
AT_AN_EVENT = pattern(
    r"\b(?:in|at|during|after|before|for) (?:the|our|a|my) (?:[\w-]+ ){0,2}(?:call|meeting|stand-?up|sync"
    "|review|board|committee|session|conference|workshop|planning) (?:on|at) (?:the )?$",
)  # fmt: skip
"""A time that only says which of our meetings is meant."""
WORKS = pattern(
    r"\b(?:rule|network|config\w*|firewall|dns|planned|scheduled|routine|routing|cabling) changes?\b",
    r"\b(?:maintenance|downtime|interruptions?|patching|read[- ]only|restarts|outages?|wave \d+"
    r"|fail-?over test|works? window|(?:planned|scheduled|routine) (?:\w+ )?works?|unreachable"
    r"|unavailab\w+|not (?:be )?(?:available|reachable))\b",
    r"\b(?:performing|perform|carrying out|carry out|degraded)\b",
    r"\b(?:takes?|taking) place\b|\b(?:undergo|be (?:carried out|performed))\b|\b(?:is|are) (?:\w+ly "
    r")?(?:planned|scheduled)\b",
)  # fmt: skip
"""Works announced: from when to when they last is a fact, and no word to the customer."""
FROM = pattern(r"@\s*(?:to|until|till|-|–|and)\s*(?:the )?$")
"""A time right before the one looked at: both make a stretch."""
TO = pattern(r"^\s*(?:to|until|till|-|–)\s*(?:the )?@")
"""A time right behind the one looked at: both make a stretch."""
OF_A_NOUN = pattern(
    "^ (?!(?:and|or|but|so|at|by|on|in|to|with|for|as|your|our|my|the|via|from|if|when|then|is|are|will"
    "|latest|max|sharp|local|we|i|you|it|they|once|after|before|until|because|for|works|at|again|instead"
    r"|too|onwards?|please|already|which|that|who)\b)\w",
)  # fmt: skip
"""A noun right behind a time: "the 16:00 run"."""
CARRIED = pattern(
    r"\b(?:lands?|arrives?|goes|go|comes?|come|ships?|leaves?|rides?|will|ll|travels?|flies|is"
    r"|are)\b[^,]{0,40}"
    r"\b(?:with|on|in|by) (?:the|our) $",
)
CARRIER = pattern(
    r"^ (?:batch|run|flight|van|courier|truck|ferry|post|collection|round|file|shuttle|plane|bus|pick-?up)\b"
)
"""What carries a thing to them, right behind a time: "it lands with the 14:00 batch"."""
OF_OURS = pattern(
    "^ (?:bridge|call|sync|slot|train|deploy|deployment|release|push|invoice|statement|bill|stand-?up"
    r"|checkpoint|update)\b",
)
"""A meeting of ours right behind a time: "on the 16:00 call"."""
NOUN_AHEAD = pattern(r"\b(?:the|a|an|your|this|that|last|each|every) $")
"""An article right before a time."""
HABIT = pattern(
    r"\bworks? (?:\w+ )?hours\b|\b(?:office|opening|support|business|working) hours (?:are|is)\b",
    r"\b(?:repl(?:y|ies)|respond|answer|acknowledge|process|back)\b[^,]{0,20}\b(?:all|any|every|each) "
    r"(?:\w+ )?(?:e-?mails?|tickets?|requests?|enquir\w+|inquir\w+|quer(?:y|ies)|messages?|cases?"
    r"|calls?)\b",
    r"\b(?:tickets|requests|cases|incidents|e-?mails|enquiries|queries) are (?:\w+ly )?(?:answered"
    r"|handled|processed|resolved|worked on|dealt with)\b",
    r"\b(?:usually|always|normally|typically|generally|(?<!\ba )(?<!the )nightly(?! (?:build|image"
    r"|release))|often|whenever|by default|as a rule|on average|in most cases|as usual)\b",
)  # fmt: skip
"""What happens as a rule is no word for this time."""
COUNTED = pattern(
    r"^ (?:of|from|after|upon|following) (?:the|your|his|her|its|their|our|my|this|that|you|we|being)\b",
)
"""Behind a length of time: it is counted from something yet to come, "within five days of his visit"."""
CONFIRMS = pattern(
    r"(?:^|[.!,:\n(—–-]|\b(?:ok|okay|all|that's|is))\s*(?:booked|confirmed|perfect|agreed|noted|deal"
    r"|scheduled|all set|sorted|approved|rescheduled|rebooked|ok noted|great|super|lovely|brilliant)\W*$",
)
"""An arrangement that both have come to, right before a time: "Booked! Thursday the 24th at 2pm"."""
UPON_RECEIPT = pattern(
    "^ (?:of|from|after|upon|following) (?:the |your |its |their )?(?:receipt|receiv|getting|confirm"
    "|approv|reply|response|arrival|go-?ahead)",
)  # fmt: skip
"""A time counted from something of theirs that has yet to come: "within two hours of receipt"."""
PAYABLE = pattern(r"^\W*(?:due|payable|dated) (?:\w+ ){0,2}@")
"""A date on a bill."""
ISSUED_THEN = pattern(
    r"^\W*which (?:is|are|gets?|goes|go|comes?) (?:then )?(?:\w+ed|sent|out|built|given|live|written|run)\b",
)
"""When a thing comes out with which they get what is promised: "the invoice, which is sent on Monday"."""
WHEN_IT_IS = pattern(r"^\W*when (?!(?:you|your|they|was|were)\b)\w")
"""What comes at the time told right before it: "until Thursday, when the patch will be there"."""
EVERY_OTHER = pattern(r"\bevery (?:other|second|third) $")
"""A day of which only every second counts: which one is not said."""
EVERY = pattern(
    r"\b(?:every|each) (?:other |second |third |few )?$",
    r"^\W*(?:each|every|any) \w+",
)  # fmt: skip
"""A time that comes again and again."""
BACK = pattern(r"^\W*(?:and )?(?:i(?:'m| am) )?back\b(?! (?:to|with)\b)")
"""Back from being away."""
ABSENT = pattern(
    r"\b(?:in (?:an? )?(?:\w+ )?(?:training|meetings?|transit|workshops?)|on (?:leave|holidays?|vacation"
    "|pto|a (?:plane|course))|out|away|off|travell?ing|at a (?:conference|fair)|not (?:in|at|here)"
    r"|close[sd]?|closing|finish|leave|leaving|sign(?:ing)? off|log(?:ging)? off)\b",
)  # fmt: skip
"""One who is away and comes back promises nothing."""
PURPOSE = pattern(r"^\W*so (?:that )?(?!i\b|we\b|far\b)\w+")
"""What a deed is for: "I will start it tonight, so your users are not touched"."""
WE = pattern(r"\b(?:i|we)\s*$")
"""One of us right before the verb."""
OUR_CLAUSE = pattern(
    r"^\W*(?:and |on @+ )?(?:i|we|he|she|our|my|deadline|the (?:team|board|committee|crew))\b",
)  # fmt: skip
"""A clause about us."""
AND = pattern(r"^\W*(?:and|so|then)\b")
"""A clause that goes on."""
LATEST = pattern(r"^\W*(?:(?:at the|the) (?:very )?(?:latest|outside|longest)|latest|max\b|tops\b)")
"""Behind a time: it is the last moment."""
AHEAD = pattern(
    r"\bnext\b",
    r"\b(?:by|until|till|before|than|eta\W*(?:is)?|etr\W*)\s*$",
)  # fmt: skip
"""Before a bare clock time: it is one to come."""
DURING = pattern(r"\b(?:over|during|throughout|through|across) (?:the )?$")
"""Before a time: it is the stretch in which something is worked on."""
SHARPENS = pattern(
    r"^\W*(?:so |and )*(?:i'd say|i would say|i expect|expect|probably|say|make it|that is|i\.e\.|meaning"
    r"|call it|more (?:precisely|exactly)|to be (?:precise|exact)|should be|roughly|around|about)\b",
)
"""A sentence that says a time told before it more closely."""
ON_ITS_WAY = pattern(
    r"\b(?:out for delivery|on (?:its|the|his|her|their) way|in transit|shipped|dispatched|en route"
    r"|on the (?:truck|van|road)|left (?:our|the|\w+))\b",
)
"""Something that travels to them: what stands behind it is when it comes."""
THERE_BY = pattern(
    r"^\W*(?:and )?(?:it's |is )?(?:due|arriving|expected|eta|landing|there|with you)?(?: in)?\W*"
    r"(?:(?:by|at|on|around|about|before|within|no later than|the)\W+)*$",
)
"""All that may stand between "on its way," and the time at which it comes."""
SUITS = pattern(
    r"^\W*(?:(?:yes|ok|okay|sure|great|perfect|then) )*(?:on )?@+ (?:is|'s|would be|works|suits|sounds)\b"
    r"(?: (?:me|us|all|fine|good|great|perfect|ok|okay|for|here|too|well|then))*\W*$",
)
"""A time that they proposed and we find good."""
REACHES_THEM = pattern(
    r"\b(?:it|they) (?:goes|go) (?:out|off)\b|\b(?:goes|go) to you\b|\b(?:is|are) (?:back )?with you\b"
    r"|\bwe (?:send|ship|deliver|pay)\b|\bleaves? (?:our|the)\b|\bfollows?\b|\bpicks (?:it|this|that) up\b"
    r"|\b(?:card|order|box|parcel|unit|part) ships\b"
    r"|(?<!that )\byou (?:get|have|receive)\b",
)
"""A thing said to reach them, as firmly as with "will"."""
HABIT_ASIDE = pattern(
    r",\s*(?:which|that) (?:usually|normally|typically|generally|always|often) [^,.;]*",
    r"\((?:usually|normally|typically|generally)[^)]*\)",
)
"""What a thing does as a rule, told beside what it will do this time."""
DOES_TOO = pattern(r"^\W*(?:and|then) (?!(?:you|your|they|he|she|it|the|by|at|on|in|until|till|over)\b)\w")
"""Goes on with a deed of the one who acts in the clause before it: "and post a summary"."""
MORE_CLOSELY = pattern(
    r"\b(?:let'?s (?:say|make it|call it)|make (?:it|that)|or rather|that is|i\.e\.|namely|in other words"
    r"|which is|meaning|latest|no later than|the (?:first|next)(?: one)?)(?: \w+){0,2} $",
)  # fmt: skip
"""Before a time: it replaces the one told before it."""
LEANS = pattern(
    r"\b(?:right|straight|directly|immediately|shortly|soon) after(?:wards?)?\b(?! \w+ing)",
    r"\bafterwards?\b",
    r"\b(?:after|before) (?:that|it|this)\b",
    r"\b(?:i|we|he|she|they|you)(?:'ll| will)? then\b",
    r"\bthen (?:i|we|he|she|they)(?:'ll| will)\b",
    r"\bthen (?:i|we) (?:write|call|ring|mail|email|send|tell|inform|phone|update|let you|come back"
    r"|get back)\b",
    r"\bbefore (?:i|we) (?:finish|leave|go(?! live)|sign off|log off|clock off|hand over|head (?:off|out"
    r"|home)|close)\b",
    r"^\W*(?:so )?you(?:'ll| will| should) be (?:\w+ )?(?:on|in|able|back|good|fine)\b.*\b(?:in time"
    r"|well before)\b",
    r"\bthen (?:also )?\w+ (?:back )?(?:to )?you\b",
    r"\bby then\b",
    r"(?<!until )(?<!from )\bthen\W*$",
)  # fmt: skip
"""Words that point back to a time told before."""
THEN_DOES = pattern(
    r"^\W*(?:and )?then (?:also )?(?:inform|tell|report|write|update|call|ring|send|let|get back|come "
    r"back|revert|mail|share|give|provide)\b(?=.*\byou\b)",
)
"""A word to them right behind a time told: "we watch it until noon and then tell you"."""
BY_THEN = pattern(r"\bby then\b")
"""The time told before as the last moment."""
SOMEBODY = pattern(
    r"\b(?:i|we|you|he|she|they|our|my|let's|colleagues?|team)\b",
    r"\bwill (?:have been|be) \w+",
    r"(?-i:\b[A-Z][a-z]+ (?:will|is)\b)",
)  # fmt: skip
"""Somebody acts, or something is done."""
DONE = pattern(
    r"^(?!.*\b(?:your|customers?|users?) [\w\s-]{1,30}(?:is|are) (?!done|back|ready|live|up|whole"
    r"|fixed))(?!.*\b(?:payable|required|needed|expired)\b).*(?:\b(?:is|are)|'(?:s|re)) (?:(?!open"
    r"|available|free|closed|valid|due|kept|on call|here|there|in the office)\w+)",
)  # fmt: skip
"""A state told as if it were reached: "it is done by Friday"."""
