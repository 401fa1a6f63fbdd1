"""Documents for the outside name nobody who speaks for a side."""

from __future__ import annotations

from dataclasses import replace

from tests.tui.fake_registers import investigation
from triage.cli.documents import without_who_speaks
from triage.cli.investigation_verbs import document
from triage.cli.output import plain
from triage.model.investigation import Investigation, InvestigationView, Party, PromptView

NAME = "mara.venn"


def asked() -> Investigation:
    return replace(
        investigation(),
        parties=(Party("engineering", rep=NAME),),
        answers={"Q5": [{"kind": "engineering", "rep": NAME}]},
        drafts={"Q5": f'{{"rows": [{{"rep": "{NAME}"}}]}}', "Q3": "212 people"},
    )


def test_neither_parties_nor_answers_nor_drafts_tell_who_speaks() -> None:
    rows = [{"kind": "engineering", "rep": NAME}]
    prompt = PromptView("Q5", "facts", "Who else saw this?", "rows", value=rows, draft=NAME, prefill=rows)
    view = InvestigationView(asked(), prompt, (), (), 0)
    for held in (document(view, None), without_who_speaks(plain(asked()))):
        assert NAME not in str(held)
        assert held["parties"][0]["kind"] == "engineering"
        assert held["drafts"] == {"Q3": "212 people"}
