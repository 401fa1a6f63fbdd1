"""Which questions an investigation is asked: the path through the script, and where the work goes on."""

from __future__ import annotations

from dataclasses import replace

from triage.model.investigation import Investigation
from triage.retrospective import script as scripts
from triage.retrospective.conditions import skipped
from triage.retrospective.script import Prompt


def path(investigation: Investigation) -> list[Prompt]:
    """The prompts of the mode that this case is asked, and before them what was answered at night."""
    script = scripts.script(investigation.mode)
    own = {one.id for one in script.prompts}
    earlier = [
        one
        for one in scripts.script("quick").prompts
        if one.id not in own and one.id in investigation.answers
    ]
    asked = [one for one in script.prompts if not skipped(one, investigation)]
    shown = [*earlier, *asked]
    others = {one.id for one in shown}
    beside = [
        one
        for one in scripts.known().values()
        if one.id in investigation.answers and one.id not in others and not skipped(one, investigation)
    ]
    return [replace(one, ask=_asked(one, investigation)) for one in (*shown, *beside)]


def on_path(investigation: Investigation, prompt: Prompt) -> Prompt:
    """``prompt`` as the script of the mode has it, which may ask for fewer rows."""
    own = next((one for one in scripts.script(investigation.mode).prompts if one.id == prompt.id), prompt)
    return replace(own, ask=_asked(own, investigation))


def first_open(investigation: Investigation, asked: list[Prompt]) -> str:
    """Where the work goes on: at what comes after the last answer, or before it at a required one left out.

    An optional question that was passed by is not asked again.
    """
    locked = investigation.facts_locked_at is not None
    done = [one.id in investigation.answers or (one.writes == "lock" and locked) for one in asked]
    # What was answered beside the script of the mode stands behind it and tells nothing of how far it got.
    script = {one.id for one in scripts.script(investigation.mode).prompts}
    last = max((at for at, one in enumerate(asked) if done[at] and one.id in script), default=-1)
    still_open = (one.id for at, one in enumerate(asked) if not done[at] and (one.required or at > last))
    return next(still_open, "")


def _asked(prompt: Prompt, investigation: Investigation) -> str:
    if prompt.ask_by:
        return prompt.ask_by.get(investigation.classification.excuse_claimed, prompt.ask)
    return prompt.ask
