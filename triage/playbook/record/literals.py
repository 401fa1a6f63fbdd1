"""What belongs to one case only, found in a recording and replaced by what stands for it in every case.

What looks like a secret is masked first: a draft is made to be handed round.

In texts that a run fills in, the ticket's own fields become gaps; everywhere else plain words. A command gets
its values through the environment, so there a literal becomes a variable of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.config.secret_scan import find_secrets, mask_secrets
from triage.model.case import CaseFacts
from triage.model.clean_text import clean
from triage.model.recorded import Replacement
from triage.playbook.language.context import TICKET_NAMES

_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}"
_ENDINGS = (
    r"(?:ya?ml|json|py|sh|log|txt|csv|md|conf|cfg|ini|xml|html?|pem|crt|key|sql|gz|zip|har|stdout|stderr)"
)
_KINDS = (
    ("address", r"[\w.+-]+@" + _HOST, "an address"),
    ("host", rf"(?!\S+\.{_ENDINGS}\b){_HOST}(?=[/:\s'\",;)]|$)", "the host"),
    ("ip", r"\d{1,3}(?:\.\d{1,3}){3}", "the address"),
    (
        "time",
        r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z| UTC|[+-]\d{2}:?\d{2})?",
        "the time",
    ),
    ("date", r"\d{4}-\d{2}-\d{2}", "the day"),
    ("id", r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "the id"),
    ("ticket", r"[A-Z][A-Z0-9]{1,9}-\d{3,}", "another ticket"),
    ("number", r"\d{6,}", "the number"),
)
_PATTERNS = [(name, re.compile(rf"(?<![\w.-]){pattern}(?![\w-])"), words) for name, pattern, words in _KINDS]
_FIELDS = (
    ("key", "this ticket"), ("customer", "the customer"), ("requester", "the person who wrote"),
    ("assignee", "the person on it"), ("url", "the ticket's page"), ("product_version", "the version"),
)  # fmt: skip
_NEEDED = ("key", "customer", "requester", "product_version")
"""Fields a run can fill in; the others become words."""
_SINGLE_QUOTED = re.compile(r"'[^']*'")


@dataclass(slots=True)
class Literals:
    """The literals of one case, and every replacement made so far."""

    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Literal to the name of the ticket's field and plain words for it."""
    replaced: list[Replacement] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    """Literal to the variable that commands take it from."""
    prompts: dict[str, str] = field(default_factory=dict)
    """Variable to what is asked for it; empty for one that the ticket gives."""

    @classmethod
    def of(cls, *cases: CaseFacts) -> Literals:
        """The literals of the tickets' fields; hosts, dates and ids are found by their form."""
        found: dict[str, tuple[str, str]] = {}
        for name, words in _FIELDS:
            for facts in cases:
                value = str(getattr(facts.ticket, name) or "").strip()
                if len(value) > 2:
                    found.setdefault(value, (name, words))
        for name in (event.actor.strip() for facts in cases for event in facts.timeline):
            if len(name) > 2:
                found.setdefault(name, ("person", "a person"))
        return cls(found)

    def in_text(self, text: str, place: str, *, filled: bool) -> str:
        """``text`` for every case; with ``filled`` a run fills in gaps there."""
        text = self._masked(text, place)
        # What only looks like a gap was never ours.
        text = (_FOREIGN if filled else _OPENING).sub("{ {", clean(text).replace("\t", "    "))
        for literal in sorted(self.fields, key=len, reverse=True):
            name, words = self.fields[literal]
            gap = f'{{{{ ticket.{name} | default("{words}") }}}}'
            text = self._put(text, literal, gap if filled and name in _NEEDED else words, place)
        for _, pattern, words in _PATTERNS:
            for literal in dict.fromkeys(found.group() for found in pattern.finditer(_outside_gaps(text))):
                text = self._put(text, literal, words, place)
        return text

    def in_command(
        self, run: str | Sequence[str], env: dict[str, str], place: str
    ) -> tuple[str | list[str], dict[str, str]]:
        """A command whose literals come from its environment, and that environment."""
        env = {name: self.in_value(self._masked(value, place), place) for name, value in env.items()}
        if isinstance(run, str):
            return self._in_script(self._masked(run, place), env, place), env
        items = [self._masked(item, place) for item in run]
        return [self._in_item(item, number, env, place) for number, item in enumerate(items)], env

    def _masked(self, text: str, place: str) -> str:
        """``text`` without what looks like a secret; of that the list shows the beginning only."""
        hits = find_secrets(text)
        self.replaced += [Replacement(hit.shown(text), f"[masked: {hit.kind}]", place) for hit in hits]
        return mask_secrets(text, hits)

    def in_value(self, value: str, place: str) -> str:
        """A value of the environment, or an address, whose literals come from variables."""
        for literal in self._literals(_outside_gaps(value)):
            value = self._put(value, literal, f"{{{{ vars.{self._variable(literal)} }}}}", place)
        return value

    def _in_item(self, item: str, number: int, env: dict[str, str], place: str) -> str:
        """An argument that is a value as a whole; one that begins with ``-`` could pass for an option."""
        value = self.in_value(item, place) if number and not item.startswith("-") else item
        if value == item:
            return item
        name = next((one for one, known in env.items() if known == value), f"VALUE_{len(env) + 1}")
        env[name] = value
        return f"${name}"

    def _in_script(self, script: str, env: dict[str, str], place: str) -> str:
        quoted = " ".join(_SINGLE_QUOTED.findall(script))
        for literal in self._literals(script):
            variable = self._variable(literal)
            name = variable.upper()
            if literal in quoted:
                # Nothing is filled in between single quotes; the literal stays, and the author sees it.
                continue
            env[name] = f"{{{{ vars.{variable} }}}}"
            script = self._put(script, literal, f"${{{name}}}", place)
        return script

    def _literals(self, text: str) -> list[str]:
        of_ticket = [one for one in sorted(self.fields, key=len, reverse=True) if _bounded(one).search(text)]
        by_form = [found.group() for _, pattern, _ in _PATTERNS for found in pattern.finditer(text)]
        return list(dict.fromkeys([*of_ticket, *by_form]))

    def _variable(self, literal: str) -> str:
        """The variable that stands for ``literal`` in commands."""
        if literal in self.variables:
            return self.variables[literal]
        if literal in self.fields:
            stem, words = self.fields[literal]
        else:
            stem, words = next(
                (name, words) for name, pattern, words in _PATTERNS if pattern.fullmatch(literal)
            )
        name, number = stem, 2
        while name in self.prompts:
            name, number = f"{stem}_{number}", number + 1
        self.variables[literal] = name
        self.prompts[name] = words[0].upper() + words[1:]
        return name

    def ticket_field(self, variable: str) -> str:
        """The field of the ticket that gives ``variable``; empty when a person is asked."""
        literal = next(one for one, name in self.variables.items() if name == variable)
        name = self.fields[literal][0] if literal in self.fields else ""
        return name if name in TICKET_NAMES else ""

    def _put(self, text: str, literal: str, by: str, place: str) -> str:
        parts = _GAPS.split(text)
        done = [part if _GAP.fullmatch(part) else _bounded(literal).sub(lambda _: by, part) for part in parts]
        changed = "".join(done)
        if changed != text:
            made = Replacement(literal, by, place)
            if made not in self.replaced:
                self.replaced.append(made)
        return changed


_GAP = re.compile(r"\{\{[^{}]*\}\}")
_OPENING = re.compile(r"\{\{")
_FOREIGN = re.compile(rf"\{{\{{(?! (?:ticket\.(?:{'|'.join(TICKET_NAMES)})|config\.[\w.]+) \}}\}})")
_GAPS = re.compile(r"(\{\{[^{}]*\}\})")


def _outside_gaps(text: str) -> str:
    return _GAP.sub(" ", text)


def _bounded(literal: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(literal)}(?![\w-])")
