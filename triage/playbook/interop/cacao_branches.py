"""CACAO's branches, laid flat: who follows whom once every branch has come back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triage.playbook.interop.cacao_actions import Actions
from triage.playbook.interop.cacao_file import name_of, text_of, ways_of
from triage.playbook.interop.cacao_paths import body_of
from triage.playbook.interop.cacao_terms import VARIABLE, condition_from_cacao
from triage.playbook.interop.draft import STEP_LIMIT, Draft
from triage.playbook.interop.variables import Variables

_OPTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,39}\Z")
_MOST_WAYS = 20
_PROBES = ("check", "http")


@dataclass(frozen=True, slots=True)
class Behind:
    """Where a branch goes on when it meets an end: a step of ours, and what CACAO calls it."""

    step: str
    key: str


class Branches:
    """Gives every CACAO step, with what comes behind its branch, steps of ours."""

    def __init__(
        self, draft: Draft, workflow: Mapping[str, Mapping[str, Any]], variables: Variables, actions: Actions
    ) -> None:
        self.lost = 0
        """Reached steps of which nothing could be kept."""
        self._draft = draft
        self._workflow = workflow
        self._variables = variables
        self._actions = actions
        self._placed: dict[tuple[str, str], str] = {}
        self._waiting: list[tuple[str, Behind | None, str]] = []
        self._end = ""

    def place(self, key: str, behind: Behind | None = None) -> str:
        """The id of our first step for ``key``; its content is made by `fill_all`."""
        while self._workflow[key]["type"] == "start":
            # Loops were refused before, so a chain of starts ends.
            target = self._target(self._workflow[key], "on_completion")
            if not target:
                return self._end_step()
            key = target
        if behind and key == behind.key:
            return behind.step
        if self._workflow[key]["type"] == "end":
            return behind.step if behind else self._end_step(key)
        asked = (key, behind.step if behind else "")
        if asked not in self._placed:
            name = text_of(self._workflow[key], "name") or self._workflow[key]["type"]
            self._placed[asked] = self._draft.step_id(name)
            self._waiting.append((key, behind, self._placed[asked]))
        return self._placed[asked]

    def fill_all(self) -> None:
        """Make the content of everything placed. Refuses what unrolls to more steps than a playbook holds."""
        while self._waiting:
            key, behind, own = self._waiting.pop()
            self._fill(key, behind, own)
            if len(self._draft.steps) > STEP_LIMIT:
                self._draft.refuse(f"its branches unroll to more than {STEP_LIMIT} steps")
                return

    def _end_step(self, key: str = "") -> str:
        if not self._end:
            self._end = self._draft.step_id("done")
            name = text_of(self._workflow.get(key, {}), "name") or "Done"
            place = f"/workflow/{key}" if key else "/workflow"
            self._draft.add("end", name, place, id=self._end, outcome="resolved")
            self._draft.lose("assumed", "outcome: resolved", "CACAO ends do not say how it ended", place)
        return self._end

    def _target(self, step: Mapping[str, Any], way: str) -> str:
        return next((target for name, target in ways_of(step) if name == way), "")

    def _after(self, step: Mapping[str, Any], behind: Behind | None, *ways: str) -> str:
        """Our step for the first of ``ways`` that is there, else what comes behind the branch."""
        for way in ways:
            if target := self._target(step, way):
                return self.place(target, behind)
        return behind.step if behind else self._end_step()

    def _inside(self, step: Mapping[str, Any], behind: Behind | None) -> Behind | None:
        """What comes behind the branches of ``step``."""
        for way in ("on_completion", "on_success"):
            if target := self._target(step, way):
                return Behind(self.place(target, behind), target)
        return behind

    def _fill(self, key: str, behind: Behind | None, own: str) -> None:
        step, place = self._workflow[key], f"/workflow/{key}"
        match step["type"]:
            case "action" | "single":
                self._action(key, step, behind, own)
            case "if-condition":
                self._condition(step, behind, own, place)
            case "switch-condition":
                self._switch(step, behind, own, place)
            case "while-condition":
                self._while(key, step, behind, own, place)
            case "parallel":
                self._parallel(step, behind, own, place)
            case "playbook-action":
                self._other_playbook(step, behind, own, place)
            case _:
                why = "It stood in the source as something that is no step. Look there what it was."
                self._draft.add("instruct", key, place, id=own, text=why, next=self._after(step, behind))

    def _action(self, key: str, step: Mapping[str, Any], behind: Behind | None, own: str) -> None:
        after = self._after(step, behind, "on_completion", "on_success")
        failed = self._target(step, "on_failure")
        on_fail = self.place(failed, behind) if failed else ""
        made = self._actions.steps(key, step)
        if on_fail and made[-1]["kind"] not in _PROBES:
            made.append({
                "kind": "ask", "title": self._draft.title(f"Done: {made[-1]['title']}", key),
                "type": "choice", "allow_unknown": False,
                "options": [{"value": "done", "next": after}, {"value": "failed", "next": on_fail}],
            })  # fmt: skip
        ids = [own, *(self._draft.step_id(f"{own}_{number}") for number in range(2, len(made) + 1))]
        for number, one in enumerate(made):
            last = number + 1 == len(made)
            fields = {"id": ids[number], **one}
            if on_fail and fields["kind"] in _PROBES:
                fields["on_fail"] = on_fail
            if not (last and fields["kind"] == "ask" and "options" in fields):
                fields["next"] = after if last else ids[number + 1]
            self._draft.steps.append(fields)

    def _condition(self, step: Mapping[str, Any], behind: Behind | None, own: str, place: str) -> None:
        inside = self._inside(step, behind)
        true = self._after(step, inside, "on_true")
        false = self._after(step, inside, "on_false")
        condition = text_of(step, "condition")
        title = text_of(step, "name") or condition or "Does it hold?"
        read = condition_from_cacao(condition, self._variables.known) if condition else None
        if read and true != false:
            branches = [{"if": read, "next": true}]
            self._draft.add(
                "decide",
                title,
                place,
                id=own,
                text=self._about(step, place),
                branches=branches,
                otherwise=false,
            )
            return
        why = "it has no condition" if not condition else f"it cannot be decided here: {condition}"
        self._draft.lose("weakened", f"condition {title!r}", f"{why}; the engineer is asked", place)
        text = "\n\n".join(filter(None, (self._about(step, place), condition and f"Condition: {condition}")))
        options = [{"value": "holds", "next": true}, {"value": "does_not_hold", "next": false}]
        self._asked(title, place, own, text, options)

    def _asked(self, title: str, place: str, own: str, text: str, options: list[dict[str, Any]]) -> None:
        self._draft.add("ask", title, place, id=own, text=self._draft.prose(text, place), type="choice",
                        allow_unknown=False, options=options)  # fmt: skip

    def _about(self, step: Mapping[str, Any], place: str) -> str:
        return self._draft.prose(text_of(step, "description"), place)

    def _switch(self, step: Mapping[str, Any], behind: Behind | None, own: str, place: str) -> None:
        inside = self._inside(step, behind)
        cases = {value: self.place(target, inside) for way, target in ways_of(step)
                 if (value := way.removeprefix("cases/")) != way}  # fmt: skip
        otherwise = cases.pop("default", None) or (inside.step if inside else self._end_step())
        if len(cases) > _MOST_WAYS - 1:
            self._draft.refuse(f"switch {name_of(place, step)} has more than {_MOST_WAYS - 1} cases")
            return
        word = text_of(step, "switch")
        found = VARIABLE.match(word)
        known = self._variables.known(found[1]) if found else None
        title = text_of(step, "name") or f"Which case: {word}"
        if known and cases:
            branches = [
                {"if": f"{known} == {value!r}", "next": target, "say": self._draft.line(value, place)}
                for value, target in cases.items()
            ]
            self._draft.add(
                "decide",
                title,
                place,
                id=own,
                text=self._about(step, place),
                branches=branches,
                otherwise=otherwise,
            )
            return
        self._draft.lose(
            "weakened",
            f"switch {title!r}",
            f"{word or 'its value'} is not known here; the engineer is asked",
            place,
        )
        options = [_option(number, value, target) for number, (value, target) in enumerate(cases.items(), 1)]
        self._asked(
            title,
            place,
            own,
            self._about(step, place),
            [*options, {"value": "none_of_these", "next": otherwise}],
        )

    def _while(self, key: str, step: Mapping[str, Any], behind: Behind | None, own: str, place: str) -> None:
        after = self._after(step, behind, "on_completion", "on_success", "on_false")
        body = body_of(self._workflow, key)
        names = [
            name_of(one, inner)
            for one, inner in self._workflow.items()
            if one in body and inner["type"] not in ("start", "end")
        ]
        condition = text_of(step, "condition") or "it is not written when"
        self._draft.lose(
            "weakened",
            f"loop {name_of(key, step)}",
            "a playbook has no loops: its steps stand once, and the engineer goes back",
            place,
        )
        title = text_of(step, "name") or "Repeat while it holds"
        again = self._draft.step_id(f"{own}_again")
        text = f"As long as this holds, go back to {', '.join(names) or 'the step before'}:\n\n{condition}"
        self._draft.add(
            "instruct", f"Again? {title}", place, id=again, text=self._draft.prose(text, place), next=after
        )
        first = self._target(step, "on_true")
        true = self.place(first, Behind(again, key)) if first else again
        options = [{"value": "holds", "next": true}, {"value": "does_not_hold", "next": after}]
        self._asked(title, place, own, f"{self._about(step, place)}\n\nCondition: {condition}", options)

    def _parallel(self, step: Mapping[str, Any], behind: Behind | None, own: str, place: str) -> None:
        inside = self._inside(step, behind)
        goes_on = inside or Behind(self._end_step(), "")
        branches = [target for way, target in ways_of(step) if way.startswith("next_steps/")]
        names = [name_of(one, self._workflow[one]) for one in branches]
        for target in reversed(branches):
            goes_on = Behind(self.place(target, goes_on), target)
        self._draft.lose(
            "weakened", f"parallel steps {', '.join(names)}", "they stand one behind the other", place
        )
        text = "These may be done side by side: " + "; ".join(names) + "."
        title = text_of(step, "name") or "Several things at once"
        self._draft.add(
            "instruct",
            title,
            place,
            id=own,
            text=self._draft.prose(f"{self._about(step, place)}\n\n{text}", place),
            next=goes_on.step,
        )

    def _other_playbook(self, step: Mapping[str, Any], behind: Behind | None, own: str, place: str) -> None:
        name = text_of(step, "playbook_id") or "a playbook it does not name"
        self._draft.lose("weakened", f"playbook {name}", "it is not here; an instruction names it", place)
        text = f"{self._about(step, place)}\n\nRun the playbook {name}."
        after = self._after(step, behind, "on_completion", "on_success")
        failed = self._target(step, "on_failure")
        title = text_of(step, "name") or "Run another playbook"
        if not failed:
            self._draft.add("instruct", title, place, id=own, text=self._draft.prose(text, place), next=after)
            return
        options = [{"value": "done", "next": after}, {"value": "failed", "next": self.place(failed, behind)}]
        self._asked(title, place, own, text, options)


def _option(number: int, value: str, target: str) -> dict[str, Any]:
    if _OPTION.match(value):
        return {"value": value, "next": target}
    return {
        "value": f"case_{number}",
        "label": " ".join(value.split())[:200] or f"case {number}",
        "next": target,
    }
