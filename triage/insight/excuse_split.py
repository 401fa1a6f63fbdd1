"""What the verdicts would be if every excuse were taken for an answer: what the challenge is worth.

An excuse never sets a verdict. Here it does, on paper only: each case with a claim is taken out of its
verdict, and the difference is what would have been written off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from triage.model.excuse_split import ExcuseSplit
from triage.model.investigation import Investigation

NO_EXCUSE = "none"
LET_HAPPEN = frozenset({"B2", "B3", "B4"})


def excuse_split(investigations: Iterable[Investigation]) -> ExcuseSplit:
    """The split over adopted investigations, as it is and as it would be."""
    adopted = [it.classification for it in investigations if it.adopted_at is not None]
    claimed = [one for one in adopted if one.excuse_claimed != NO_EXCUSE]
    honest = [one for one in adopted if one.excuse_claimed == NO_EXCUSE]
    return ExcuseSplit(
        cases=len(adopted),
        verdicts=dict(Counter(one.verdict for one in adopted)),
        if_accepted=dict(Counter(one.verdict for one in honest)),
        excuses=dict(Counter(one.excuse_claimed for one in claimed).most_common()),
        let_happen=sum(one.code[:2] in LET_HAPPEN for one in adopted if one.verdict == "bug"),
        codes_lost=dict(Counter(one.code for one in claimed).most_common()),
    )
