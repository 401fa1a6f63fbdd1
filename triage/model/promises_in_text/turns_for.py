"""Turns of phrase beside which a time is promised (arranged, said for certain) or planned.

Each group says why; the notation is that of `words`.
"""

from __future__ import annotations

from collections.abc import Mapping

from triage.model.promises_in_text.words import Turns

LISTS: Mapping[str, str] = {
    "adverb": (
        r"(?:\w+ly |also |now |still |then |just |already |currently |all |both |do )*"
    ),
    "to_be": (
        r"(?:(?<!\blet)'(?:s|re|m)|\b(?:is|are|am|be))"
    ),
    "have": (
        r"(?:\b(?:have|has)|'(?:ve|s)) (?:\w+ly |also |now |still |then |just |already |currently |all "
        "|both |do )*"
    ),
    "arranged": (
        "(?:re-?)?(?:scheduled|booked|arranged)"
    ),
    "not_for_them": (
        r"(?! (?:in )?(?:(?:an?|my|some|the|two|three|our) )?(?:[\w-]+ ){0,2}(?:leave|holidays?|vacation"
        r"|days? off|off|rooms?|desk|table|flights?|hotel|pto)\b)"
    ),
    "delivery": (
        r"(?:hot\s?fix|fix|patch|release|version|report|answer|update|rca|build|refund|replacement"
        "|roll-?out|deployment|change|resolution|restoration|restore|recovery|eta|etr|estimate|delivery"
        "|analysis|explanation|view|workaround|migration|shipment|credit|call|visit|repair|part|parts"
        "|unit|disk|drive|board|psu|engineer|technician|specialist|colleague|courier|investigation"
        "|summary|write-?up|upgrade|install(?:ation)?|cut-?over|fail-?over|failback|switch(?:over)?"
        "|maintenance|work|swap|backfill|rebuild|reindex|completion|closure|ga|feature|key|licen[cs]e "
        "key|correction|team|tam|sme|someone|somebody|it|that|this|which|what you asked|session"
        r"|follow-?up|review|next \w+|he|she)s?"
    ),
    "done_with": (
        r"(?:\w+ed|re-\w+|sent|done|given|put|built|found|made|known|shown|told|set|out|back|gone|run"
        "|written|taken|brought|cut)"
    ),
    "routine": (
        "occurrence|failure|attempt|retry|try|batch|job|cycle|billing|payment|invoice|run|execution|backup"
        "|renewal|charge|sync|export|import|window|time|scan|shift|poll|sprint|audit|interval"
    ),
    "irregular": (
        "(?:was|were|had|did|saw|ran|went|got|sent|wrote|told|found|came|took|made|met|kept|held|began"
        "|gave|lost|knew|thought|felt|left|heard|spoke|brought|built|caught|said|broke|fell|stood|rose"
        "|became|led)"
    ),
}  # fmt: skip
"""What the turns name in ``<...>``."""
COMMITTED: Turns = {
    "An invitation sent is a meeting arranged.": (
        r"\b(?:(?:i|we)(?:'ve| have)? (?:just |now |also )?sent|sending) (?:you |out |over )?(?:an?|the"
        r"|your) (?:[\w-]+ ){0,2}(?:invite|invitation|dial-?in|meeting request|appointment) for\b",
    ),
    "A colleague whom we have asked to get in touch, or to come.": (
        r"\b(?:i|we)(?:'ve| have)? (?:just |also |now |already )?(?:asked|told|got|instructed|arranged for"
        r"|lined up|briefed) (?!(?:you|your|the (?:vendor|supplier|bank|carrier|manufacturer|customer))\b)"
        r"(?:\w+ ){1,4}?to (?:\w+ly )?(?:ring|call|phone|contact|e-?mail|write|get (?:back|in touch)|be in"
        r" touch|send you|visit|come|bring|deliver|drop|update you|reply|answer|reach out)\b",
    ),
    "What stands as arranged.": (
        r"\b(?:was|were|has been|have been|got) (?:moved|brought|pushed|shifted|put) (?:up|back|forward|out)"
        r"(?:(?: (?:to|for|until))? (?:the )?(?=@)|(?=\W*$))",
        r"\b(?:is|are|'s) (?:now |all |still )?(?:fixed|down|set|in the diary|confirmed"
        r"|locked in) for (?:the )?(?=@|\w+day\b)",
        r"\b(?:is|are|stays|remains) (?:still |all |now )?(?:going ahead|locked in|booked in|set in stone"
        r"|a go\b"
        r"|good to go)\b",
    ),
    "A visit or call confirmed.": (
        r"\bconfirming (?:your|our|the) (?:[\w-]+ ){0,3}(?:visit|install\w*|appointment|slot|call"
        r"|delivery|booking|meeting|session|migration|upgrade|cut-?over)\b[^,@]{0,20} (?:for|on|at) "
        "(?:the )?(?=@)",
    ),
    "What had to be moved has a new time.": (
        r"\b(?:had|have) to (?:push|move|postpone|shift|re-?schedule|re-?book)\b",
    ),
    "Slots, visits and dates given, kept or moved: what is arranged for a time to come is promised.": (
        r"\b(?:i|we)(?:'ve| have) (?:\w+ )?(?:queued|teed up|slotted|lined up|put|cleared|blocked|locked"
        r"|freed|saved|moved|timed|set)\b[^,@]{0,30}\b(?:for|to|on) (?:the )?(?=@)",
        r"\b(?:given|offered|assigned) (?:us|me) (?:an?|the) (?:[\w-]+ ){0,2}(?:slot|window|appointment"
        r"|date)\b",
        r"<have>(?:diari[sz]ed|noted|marked|flagged|earmarked|reserved)\b[^,]{0,30}\bfor (?:the )?(?=@)",
        r"<have>(?:committed|promised|agreed|<arranged>(?! (?:an?|the|some|planned) (?:\w+ "
        r")?(?:maintenance|downtime|outage)\b)|planned|lined up|pencilled|put (?:you|us|it|this|him"
        r"|her)\b|set (?:a|an|up|ourselves|myself)\s)<not_for_them>",
        r"<have>(?:blocked|reserved|set aside|kept|held|got)\b[^,]{0,30}\b(?:slot|seat|call|visit|session"
        r"|appointment|place|technician|engineer|one|for you)\b",
        r"<have>(?:moved|postponed|pushed|brought|rolled) (?:your|the|this|it)\b[^,]{0,30}?\b(?:to|until"
        "|forward to|back to) (?:the )?(?=@)",
    ),
    'The same in the passive, and without "have".': (
        r"\b(?:eta|etr|estimate|date|target|fix|release|delivery|slot|visit|start)\b[^,]{0,30}?\b(?:has"
        r"|have) (?:now )?(?:been )?(?:slipped|moved|shifted|changed|revised|pushed)\b[^,]{0,20}?\b(?:to"
        "|from|until) (?:the )?(?=@)",
        r"\b(?:has|have) been <adverb>(?:<arranged>|agreed|confirmed|pencilled|set|fixed|moved|postponed"
        r"|pushed(?: back)?|brought forward|reserved) (?:in )?(?:for|to|on|at|until)\b[^,]{0,30}?(?=@)",
        r"(?:^\W*|\b(?:i|we) )(?:put|got) (?:in )?your (?:slot|visit|appointment|call|session|upgrade"
        r"|migration)\b",
        r"(?:^\W*|\b(?:i|we) )<arranged> (?:in )?your \w+",
        r"(?:^\W*|\b(?:i|we) )(?:<arranged>|put|got|pencilled) (?:in )?(?:you|us|him|her|(?:the"
        r"|an?) (?:technician|engineer|courier|call|visit|slot|appointment|session|pick-?up|specialist))\b",
    ),
}  # fmt: skip
FIRM: Turns = {
    "The future tense.": (
        r"'ll\b",
        r"\b(?:will|shall)\b",
        r"\bgonna\b",
    ),
    "The future of those who go to, aim to, are due to.": (
        "<to_be> <adverb>(?:going|about|aiming|planning|looking|set|due|scheduled|expected|committed|on "
        r"(?:track|course)) to\b",
        r"(?:'(?:re|m)|\b(?:are|am)) <adverb>(?:targeting|expecting|back\b)",
    ),
    '"Should" is how a delivery is announced.': (
        r"\b(?:should|ought to)\b",
    ),
    "Verbs and nouns of promising, aiming and estimating.": (
        r"(?<!as )(?<!was )\b(?:expects?|aims?|plans?|intends?|promises?|commits?|undertakes?"
        r"|anticipates?|estimates?|guarantees?|targets?|endeavou?rs?|vows?|pledges?) (?!is\b|are\b|to "
        r"hear)(?=to\b|that\b|the\b|an?\b|it\b|this\b|you\b|our\b|we\b|your\b|on\b|for\b|\w+ing\b"
        r"|having\b|completion\b|resolution\b|closure\b|news\b|more\b|full\b|results?\b|@|by\b)",
        r"\b(?:aim|goal|plan|target|intention|expectation) (?:is|remains)\b",
    ),
    "What they may do from then on.": (
        r"\byou can (?:also |then |now )?(?:[\w-]+ ){1,5}?(?:from|as of|as from|starting) (?:the )?(?=@)",
    ),
    "What they may count on.": (
        r"^\W*(?:so |and |but )*(?:please )?(?:do |you can )?(?:expect|count on|rely on)\b(?! (?:some |a "
        "|an |brief |short )*(?:downtime|interrupt|outage|delay|slow))",
        r"\byou (?:can|may|should) (?:also |then |now |soon )?(?:expect|count|rely|look forward|hold|have"
        r"|hear|get|receive|see|find|know|be)\b",
    ),
    "What is asked of their patience, or proposed to both, has its answer at the time told.": (
        r"\blet me (?!know|have|watch|observe|monitor|keep|see\b|sleep)\w+",
        r"\blet's (?!see|hope|say|assume|wait|not\b|be\b|look\b)\w+",
        r"\b(?:give|allow|grant) (?:us|me|it)(?= (?:@|until|till|some|an?\b|another|one\b|two\b|just"
        r"|about|the|time))(?! (?:an?|the|some|another) (?:\w+ ){0,2}(?:feedback|answer|reply|sign|call"
        r"|ring|shout|note|update|hint|list))|\bgimme\b",
        r"\bbear with (?:us|me)\b|\bbe patient\b|\b(?:hold|hang) on\b|\b(?:hang|sit) tight\b|\bstay "
        r"tuned\b",
        r"\bstay with us\b",
    ),
    "Time needed is time after which it is there.": (
        r"\b(?:i|we|they|he|she|engineers?|team|colleagues?|ops|devs?) <adverb>(?:needs?|requires?) "
        "(?=until|till|another|about|@|a (?:few|couple))",
        r"\b(?:i|we|he|she) can do (?:is|now is)\b",
        r"<to_be> <adverb>looking at (?:the )?(?=@)",
        r"\byou (?:can|may) (?!(?:try|check|test|restart)\b)(?:\w+ ){1,4}again\b",
        r"\bbest (?:guess|estimate) (?:is|would be)\b",
        r"^\W*(?:so |and )?plan (?:for|on|with)\b",
        r"\byou(?:'re| are) (?:also |then )?(?:getting|receiving|hearing)\b",
    ),
    "How long they have to allow for it, and what a tracking says.": (
        r"\ballow(?: for)?(?: about| up to| until| till| another| around)? (?=@)",
        r"\b(?:tracking|ups|fedex|dhl|dpd|gls|usps|hermes|royal mail|carrier|courier|tracker|schedule)"
        r" (?:now |currently )?(?:shows?|says?|has|gives|lists?|states?) (?:it |an? |the |them )*(?:\w+ed )?"
        r"(?:for )?(?:deliver(?:y|ed)|arriv\w+|eta|due|landing)\b",
        r"^\W*(?:so )?(?:figure|call it|make that)(?: on)? (?=@)",
        r"\bi(?:'d| would) say (?:(?!(?:it|they|you|he|she|was|were)\b)\w+ ){0,3}?(?:by |on |at )?(?=@)",
    ),
    "What can be had at the earliest, or can be done.": (
        r"\b(?:earliest|soonest|best) (?:that )?(?:i|we) can\b",
        r"\b(?:i|we|they|she|he) can <adverb>(?:have|deliver|get|promise|provide|supply|call|ship|finish"
        r"|deploy|restore|send|join|squeeze|fit|be (?:there|back|with|ready|on (?:the|your) \w+)|(?:give"
        r"|offer|show|let|tell|bring) you)\b",
    ),
    'Short forms: "report to follow", "back by 5", "Friday it is".': (
        r"\bto (?:follow|come)\b",
        r"^\W*(?:and |so |be )?(?:right )?back (?:to you\b|with (?:you|more|an?|news)\b|online|soon|@"
        r"|in\b|at\b|by\b)",
        r"^\W*(?:done|ready|live|finished|completed?|back(?: online)?|in place|fixed|restored) (?:@|(?:by"
        r"|before|in|within|no later)\b)",
        r"^\W*(?:calling(?! (?:it|this|that)\b)|ringing|phoning|sending|shipping|pushing|deploying"
        r"|uploading|checking back"
        "|writing back|arriving|joining|coming|visiting|rolling|restoring|publishing|delivering"
        "|releasing|installing|swapping|migrating|(?:re-?)?(?:starting|running|booting|building|indexing"
        "|playing|processing|issuing|deploying|testing|enabling)(?= (?:the|your|this|that|it|all|both"
        r"|our)\b)|(?:moving|switching|patching|failing|cutting|escalating|handing|picking|raising"
        "|applying|resuming|kicking|mailing|posting|pinging|submitting|filing|refunding|crediting"
        "|dispatching|bringing|taking|doing|adding|fixing|replacing|upgrading|rotating|meeting"
        r"|speaking)(?= (?:the|your|this|that|it|you|off|over|up|all|our|a|an|with|to)\b)|returning"
        r"|updating)\b",
        r"\bcommitment (?:\w+ )?is\b",
        r"\bcommit to\b",
        r"(?<=@) it is\b(?! \w)",
    ),
}  # fmt: skip
PLANNED: Turns = {
    "Appointments that stand or move.": (
        r"\b(?:appointment|visit|slot|session|call|meeting|pick-?up)\b[^,]{0,40}?\bis (?:now |hereby "
        r")?(?:noted|confirmed|booked|fixed|reserved)\b",
        r"\b(?:call|meeting|visit|session|appointment|slot|start|delivery|release|it) (?:now )?moves? "
        r"(?:from|to)\b",
    ),
    "Deliveries expected, planned or booked.": (
        r"\b<delivery>\b[^,]{0,40}?(?:<to_be>|\bbeen|\bhas|\bnow) <adverb>(?:expected|planned|scheduled"
        "|due|set|on track|targeted|slated|estimated|booked|pencilled in|foreseen|lined up|confirmed|on "
        r"the roadmap|in the works|earmarked)\b",
        r"^\W*(?:(?!(?:i|we|you|he|she|they|it|was|were|been|your|no)\b)[\w-]+ ){1,4}(?:expected|planned"
        "|scheduled|targeted) (?:(?:at|by|on|for|around|before|within|in) )?(?=@)",
        r"^\W*(?:(?!(?:i|we|you|he|she|they|it|was|were|had|has|have|is|are|been|your|not)\b)[\w-]+ "
        r"){1,2}\w{2,}ed (?:by|before|within) (?=@)",
        r"^\W*(?:planned|scheduled|expected|estimated|targeted|eta|etr)\b",
        r"^\W*(?:(?!(?:i|we|you|he|she|they|it|was|were|been|your|no|is|are|not)\b)[\w-]+ ){0,4}(?:coming"
        "|following|arriving|landing|shipping|dropping|opening) (?:up )?(?:(?:at|by|on|around|before) "
        ")?(?=@)",
        r"^\W*(?:and |but )?(?:is|are) <adverb>(?:due|expected|scheduled|planned|set|booked)\b",
    ),
    "What gets done, and the next of a series.": (
        r"\b(?:it|this|that|they|everything|[a-z]{3,}) gets? (?:\w+ed|done|sent|built|rebuilt)\b",
        r"\b(?:slot|appointment|visit|delivery|arrival|transport|roll-?out|cut-?over|go-?live|deployment"
        r"|release)\b[^,@]{0,30} (?:is|are) (?:now )?(?:on |at |for |set for |confirmed for )?(?=@)",
        r"\b(?:is|are|remains?|stays?) (?:still )?(?:on|set|good) for (?:the )?(?=@)",
        r"^\W*looking forward to (?:our|the|speaking|talking|seeing|meeting|catching)\b",
        r"\b(?:eta|etr|estimate|(?:next|new|revised|updated) (?:etr|release|update|fix|patch|build|delivery"
        "|target|date|estimate|time|one|status update|eta)|(?:target|release|delivery|completion) date"
        r"|next (?!(?:\w+ ){0,2}(?:<routine>)s?\b)(?:\w+ ){1,3})\b[^,]{0,30}?\b(?:is|are|moves? to"
        r"|remains|moved to)\b",
    ),
    'The present of what is under way: "sending it tonight", "the team is rolling it out".': (
        r"(?:\b(?:i|we|he|she|they|engineers?|technicians?|colleagues?|team|specialists?|someone|somebody"
        "|manager|lead|fix|patch|hotfix|release|build|update|part|unit|replacement|disk|courier|driver"
        r"|[a-z]+ing)\b\s*|^\W*\w+ |^\W*(?:and |but |so )?(?:the|an?|our) [\w\s-]{1,40}?\s)(?:is|are|am"
        "|'(?:s|re|m)) <adverb>(?!(?:working|waiting|running|having|seeing|experiencing|hoping|looking"
        "|thinking|wondering|asking|getting|investigating|during|monitoring|watching|missing|failing"
        "|using|travell?ing|something|anything|nothing|everything|being|trying|closing|closed|keeping"
        r"|leaving|staying)\b)\w+ing\b",
    ),
    'The present as a future: "I call you at five", "the part arrives on Monday", "Ravi takes over".': (
        r"\b(?:i|we) <adverb>(?!\w+ly\b)(?!(?:will|shall|would|could|should|can|may|might|must|am|are|was"
        "|were|had|have|has|did|do|not|need|see|saw|ran|went|got|sent|wrote|told|found|came|took|made"
        "|met|kept|held|began|gave|lost|knew|thought|felt|left|read|put|heard|spoke|understood"
        "|understand|brought|built|caught|know|think|believe|want|hope|wish|guess|doubt|work|live|like"
        "|prefer|look|refer|use|notice|wonder|regret|appreciate|thank|apologi[sz]e|agree|receive|get(?! "
        r"(?:you|it|this|that|him|her|them)\b)|became|began|fell|broke|stood|rose|led|observe|monitor"
        "|watch|keep|leave|wait|stay|remain|assume|suspect|feel|remember|recommend|suggest|ask|request"
        "|require|offer|close|and|or|both|also|all|ever|already|just|only|even|in|at|on|to|usually"
        "|normally|typically|generally|always|often|never|mean|say|said|run|started|start|received|try"
        "|expect|aim|plan|depend|love|hear|learnt|learned|don't|didn't|couldn't|s|d|ll|ve|m"
        r"|re)\b(?!-))(?!\w+ed\b)\w+",
        r"\b(?:he|she|they|who|crew|installer|electrician|driver|engineers?|technicians?|colleagues?|team"
        "|specialists?|courier|driver|fix|patch|hotfix|release|build|rollout|roll-out|deployment"
        "|migration|upgrade|repair|part|unit|replacement|disk|drive|delivery|maintenance|work|restore"
        "|backfill|update|report|technician|version|correction|refund|it|pick-?up|collection|van|truck"
        "|lorry|parcel|package|box|order|card|letter|cheque|check|payment"
        "|payout|loaner|device|laptop|router|modem|plumber|fitter|inspector|surveyor|trainer|adjuster"
        "|assessor"
        r"|sync|script|re-?run|crane|kit|meter|voucher|tickets) <adverb>(?:arrives?|appears?"
        "|follows?|joins?|lands?|ships?|takes? over|hands? over|picks?|goes|go|comes?|reach(?:es)?|hits?"
        "|rides?|begins?|starts?|resumes?|continues?|departs?|calls?|rings?|phones?|sends?|delivers?"
        "|completes?|finish(?:es)?|leaves (?:our|the)|rolls?|publish(?:es)?|visits?|deploys?|installs?"
        r"|brings?|gives?|updates?|contacts?|reports?|returns?)\b(?<!they start)(?<!team starts)(?<!he "
        "starts)(?<!she starts)(?<!they begin)",
        r"\b(?:hits?|lands? in) your\b",
        r"\b(?:he|she|they|who|driver|courier|engineer|technician|fitter|crew|van|truck|colleague)(?:'s"
        r"|'re| is| are) "
        r"(?:still |now |only |just |about |roughly |around )*(?=@)",
        r"\byou become (?:it|(?:the|your|our) [\w-]+(?: [\w-]+)?) (?:till|until|by|on|from|in|at"
        r"|before) (?=@)",
        r"\b(?:i|we) get (?:(?:it|them|this|that|the \w+|your \w+) )?(?:over |out |back )?to you\b",
        r"\bcomes (?:to (?:you|your)|out to|over|round|by(?! the))\b|\bdrops (?=(?:on |this |next )?@)",
        r"\b(?:documents?|papers?|certificates?|contract|policy|vouchers?|invoice|statement|letters?"
        r"|parcels?|boxes"
        r"|parts|goods|money|rest|remainder|balance) (?:(?:then )?(?:comes?|follows?|arrives?"
        r"|goes?(?: out)?|ships?"
        r"|leaves?|lands?|reach(?:es)?))\b",
        r"\b(?:arrives?|follows|joins|lands|ships|rides|goes (?:out|up|off|in(?= @)|live|into|to (?:you|your"
        r"|prod\w*))|(?<!shift )takes over|(?<!shift )hands over|comes (?:back|on site)|picks (?:this|it) "
        "up|(?:calls|rings|phones|sends|mails|contacts|updates|gives|owes|visits|delivers|meets|fetches"
        "|joins|collects"
        r"|helps|trains|drives|brings|drops|takes|shows) (?:you|it"
        r"|this)|owe you|(?:one|update|report|answer) comes)\b",
        r"(?-i:\b(?!Service|Support|Office|The|Your|Our|An?|This|That|My|No|Next|Any|Its?"
        "|Their)[A-Z][a-z]+) <adverb>(?:arrives|follows|joins|takes|hands|picks|goes|comes|starts|calls"
        "|rings|phones|sends|writes|brings|gives|updates|contacts|reports|returns|visits|drives|looks"
        r"|checks)\b",
    ),
    "What they receive, from where they stand.": (
        r"\byou (?:have|get|receive|find) (?:with|together with|by|on|at|before|in|within) (?:the )?(?=@)",
        r"\byou (?:get|receive) (?:it )?with (?:the|your|our)\b",
        r"(?<!that )(?<!so )\byou have (?:it|(?:my|our|the|an?|your) (?:[\w-]+ ){0,2}?(?:answer|reply"
        r"|update|report|result|quote"
        r"|news|money|refund|decision|numbers?|figures?|draft|offer|parts?|word|version|replacement|file|list"
        r"|contract|documents?|confirmation|certificate)s?)\b",
        r"\b(?:it|script|fix|correction|re-?run|re-?sync|sync|payment run) runs (?:again )?(?:on |at "
        r"|this |by )?"
        r"(?:the )?(?=@)",
        r"\byou (?:hear|get|receive) (?:back\b|(?:[\w-]+ ){0,4}from (?:me|us)\b|feedback\b|news\b|(?:it"
        r"|an?|the|our|my|your|his|her|their|this)\b)",
    ),
    "Bookings, returns of services and handings-over.": (
        r"\b(?:feature|connector|integration|module|product|portal|service) (?:enters|launches|opens)\b",
        r"\b(?:is|are) (?:back )?with you (?:(?:by|on|before|at|from) )?(?:the )?(?=@)",
        r"\bleaves? (?:our|the) (?:house|warehouse|depot|dock|factory|building|workshop)\b",
        r"\b(?:release|build|patch|update|version|deploy|hotfix) (?:has|contains|includes|carries|brings) "
        r"(?:it|this|that|the)\b",
        r"<to_be> <adverb>(?<!fully )(?:(?:re-?)?booked|re-?scheduled|re-?arranged)\b(?! (?:up|out|solid))",
        r"\b(?:it|this)(?:'s| is) (?:going (?:out|live|back|to (?:you|production))|coming|shipping|being "
        r"\w+ed)\b",
        r"(?<!shift )\b(?:take|takes) over\b",
        r"\b(?:service|site|system|platform|line|portal|app|cluster|access|connection|network|node"
        r"|server)s? (?:is|are) <adverb>(?:expected|due) (?:to be )?back\b",
        r"\b(?:is|are|gets?) <adverb>(?:being )?<done_with>\b[^,]{0,40}?\b(?:by (?:me|us|the undersigned"
        "|(?:our|my) (?!system|scanner|schedul|job|monitor|server|software|platform|bot|backup"
        r"|robot)\w+)|to you\b(?! by the (?:system|scheduler|job)))",
        r"\b(?:(?:they|colleagues|engineers) (?:answer|reply to|write to|inform|call|ring)|answers"
        r"|replies to|writes to|informs|notifies) you\b",
        r"(?<!\bto )\b(?:reach(?:es)? (?:you|your)|kicks? off)\b",
    ),
}  # fmt: skip
