"""PB4xx: what commands may do. These are hints for authors and readers; consent is what protects."""

from __future__ import annotations

import re
from typing import Literal

from triage.playbook.language.environment import BANNED_ENV, whole_variable
from triage.playbook.language.expression import ROOTS
from triage.playbook.language.reading import Reading
from triage.playbook.language.steps import Check
from triage.playbook.language.template import TemplateError, compile_template
from triage.playbook.language.yaml_nodes import Path, position

_OUR_TEMPLATE = re.compile(r"\{\{\s*(?:" + "|".join(ROOTS) + r")\.")
_CHANGES = re.compile(
    r"\b(?:rm|mv|cp|dd|mkfs\S*|truncate|shred|tee|chmod|chown|kill|pkill|reboot|shutdown)\b|(?<![<>0-9&])>>?(?!\s*(?:/dev/null|&))"
    r"|\bsed\s+-i|\bkubectl\s+(?:delete|apply|patch|scale|edit|exec|rollout|drain|cordon)\b"
    r"|\bsystemctl\s+(?:start|stop|restart|reload|enable|disable)\b|\bservice\s+\S+\s+(?:start|stop|restart)\b"
    r"|\bcurl\b[^|;&\n]*(?:-X\s*(?:POST|PUT|PATCH|DELETE)|--request\s*(?:POST|PUT|PATCH|DELETE)|\s-d\b|--data|\s-T\b|\s-F\b)"
    r"|(?i:\b(?:delete\s+from|drop\s+(?:table|database|index)|truncate\s+table|update\s+\w+\s+set|insert\s+into)\b)"
    r"|\bgit\s+(?:push|commit|reset|clean)\b|\b(?:apt|apt-get|yum|dnf|pip|npm)\s+(?:install|remove|upgrade)\b"
)
_INTERACTIVE = re.compile(
    r"\b(?:sudo|su|doas|vi|vim|nano|less|more|top|htop|ssh-copy-id|passwd|read\s+-\w*p)\b"
)
_ENDLESS = re.compile(
    r"\btail\s+(?:-\S*[fF]|--follow)|\bwatch\s|\bjournalctl\b[^|;&\n]*\s-\S*f|\bping\b(?![^|;&\n]*\s-c)"
)
_SECRET = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]{10,}\.[\w-]{10,}"
    r"|(?i:\b(?:password|passwd|secret|api_?key|token)[ \t]*[=:][ \t]*['\"]?"
    r"(?![\"'$<{*•.\[])[A-Za-z0-9+/_-]{12,})"
)
_SECRET_HINTS = (
    "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "xox", "private key", "eyj",
    "passw", "secret", "api", "token",
)  # fmt: skip
_PIPED_SHELL = re.compile(r"\b(?:curl|wget)\b[^|\n]*\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b")


def check_safety(reading: Reading) -> None:
    """Every check's command, and every text for something that looks like a secret."""
    small = reading.source.text.lower()
    # The pattern is slow and nearly no file holds any of its words.
    hinted = any(hint in small for hint in _SECRET_HINTS)
    for found in _SECRET.finditer(reading.source.text) if hinted else ():
        message = "this looks like a secret"
        advice = "declare a variable of type secret and use it in env:"
        line, column = position(reading.source.text, found.start())
        reading.source.add_at(line, column, "PB406", message, level="warning", advice=advice)
    for index, step in reading.steps:
        if isinstance(step, Check):
            _Safety(reading, ("steps", index), step).check()


class _Safety:
    """The checks of one command."""

    def __init__(self, reading: Reading, base: Path, step: Check) -> None:
        self.source = reading.source
        self.reading = reading
        self.base = base
        self.step = step
        self.text = step.run if isinstance(step.run, str) else " ".join(step.run)

    def _say(
        self, field: str, code: str, message: str, advice: str = "", *,
        level: Literal["error", "warning", "info"] = "warning", offset: int | None = None,
    ) -> None:  # fmt: skip
        self.source.add((*self.base, field), code, message, level=level, advice=advice, offset=offset)

    def check(self) -> None:
        """Add what there is to say."""
        self._templates()
        self._environment()
        step = self.step
        if step.effect == "destructive" and step.confirm != "typed":
            self._say("effect", "PB402", "a destructive command needs confirm: typed", level="error")
        if step.effect == "read_only" and (found := _CHANGES.search(self.text)):
            self._say("effect", "PB403", f"read_only, but {found.group().strip()!r} looks like a change")
        if step.effect != "read_only" and not step.undo:
            self._say(
                "effect", "PB409", "no undo: for a command that changes something", "write undo: none if so"
            )
        self._shell_habits()
        if not step.manual:
            message = "no manual: text, so nobody can do this where the command cannot run"
            self._say("run", "PB411", message)

    def _shell_habits(self) -> None:
        if found := _INTERACTIVE.search(self.text):
            message = f"{found.group()!r} asks for a terminal, which a check does not have"
            self._say("run", "PB404", message)
        if found := _ENDLESS.search(self.text):
            self._say("run", "PB405", f"{found.group().strip()!r} does not end by itself")
        if _PIPED_SHELL.search(self.text):
            self._say("run", "PB408", "a download is run as a program", "download, look, then run")

    def _templates(self) -> None:
        items = [((*self.base, "run"), self.step.run)] if isinstance(self.step.run, str) else [
            ((*self.base, "run", number), item) for number, item in enumerate(self.step.run)
        ]  # fmt: skip
        for path, item in items:
            if found := _OUR_TEMPLATE.search(item):
                advice = 'pass the value through env: and use "$NAME"'
                message = "templates are not allowed inside a command"
                self.source.add(path, "PB401", message, advice=advice, offset=found.start())
            name = whole_variable(item) if not isinstance(self.step.run, str) else ""
            if name and name not in self.step.env:
                self.source.add(path, "PB412", f"{name} is not in env:", advice="declare it there")
            if name and path[-1] == 0 and not self._from_settings(name):
                self.source.add(path, "PB413", "a program's name may only come from config.*")

    def _from_settings(self, name: str) -> bool:
        try:
            gaps = compile_template(self.step.env.get(name, "")).gaps
        except TemplateError:
            return True
        return all(gap.path[0] == "config" for gap in gaps)

    def _environment(self) -> None:
        for name in self.step.env:
            if BANNED_ENV.match(name):
                message = f"{name} cannot be set: it changes which program runs or how"
                self.source.add((*self.base, "env", name), "PB410", message, on="key")
