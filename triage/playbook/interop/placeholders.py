"""Gaps in a foreign command, turned into environment values: text never stands inside a command.

``<namespace>`` in a runbook is a word to replace, and to a shell a redirection; ``$NAMESPACE`` is a
variable nobody has set; ``__name__:value`` is how CACAO pastes. Each becomes ``"$NAMESPACE"``
with a declared variable.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from triage.playbook.language.environment import BANNED_ENV

_MARKED = re.compile(
    r"'<(?P<alone>[A-Za-z][A-Za-z0-9 _.:/-]{0,50}?)>'"
    r"|(?<![<\w$])<(?P<angle>[A-Za-z][A-Za-z0-9 _.:/-]{0,50}?)>(?!\w)"
    r"|__(?P<cacao>[A-Za-z_][\w-]{0,80}?)__:value\b"
)
_SHELL = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)[^}]*\}|(?P<plain>[A-Za-z_]\w*))")
_SET = re.compile(
    r"(?:^|[\s;&|(])(?:export\s+|local\s+)?([A-Za-z_]\w*)=|\bfor\s+([A-Za-z_]\w*)\s+in\b"
    r"|\bread\s+(?:-\w+\s+)*([A-Za-z_]\w*)"
)
KNOWN_TO_SHELLS = frozenset((
    "HOME", "USER", "PATH", "PWD", "LANG", "TZ", "SHELL", "HOSTNAME", "RANDOM", "LINENO", "SECONDS", "UID",
    "EUID", "PPID", "OLDPWD", "IFS", "BASH",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """A command without gaps, and what it now needs in its environment."""

    text: str
    env: dict[str, str] = field(default_factory=dict)
    """Environment names, each with the name of the variable it is filled from."""
    stuck: tuple[str, ...] = ()
    """Gaps inside single quotes, where a shell would not look for a variable."""


def fill(command: str, variable_for: Callable[[str], str]) -> Filled:
    """``command`` with its gaps as environment values; ``variable_for`` names the variable of a gap."""
    env: dict[str, str] = {}
    stuck: list[str] = []
    parts: list[str] = []
    end, quotes = 0, ""
    for found in _MARKED.finditer(command):
        before = command[end : found.start()]
        parts.append(before)
        quotes = _quotes(before, quotes)
        end = found.end()
        if quotes == "'" or (quotes and found["alone"]):
            stuck.append(found.group())
            parts.append(found.group())
            continue
        name = env_name(found["alone"] or found["angle"] or found["cacao"])
        env[name] = variable_for(found["cacao"] or name.lower())
        parts.append(f"${{{name}}}" if quotes else f'"${{{name}}}"')
    text = "".join([*parts, command[end:]])
    for name in _unset(text) - env.keys():
        safe = name if name.isupper() and not BANNED_ENV.match(name) else env_name(name)
        env[safe] = variable_for(safe.lower())
        text = re.sub(rf"(\$\{{?){name}\b", rf"\g<1>{safe}", text)
    return Filled(text, env, tuple(stuck))


def env_name(word: str) -> str:
    """``word`` as the name of an environment value that a playbook may set."""
    name = re.sub(r"[^A-Z0-9]+", "_", word.upper()).strip("_")[:60] or "VALUE"
    name = name if name[0].isalpha() else f"V_{name}"
    return f"V_{name}" if BANNED_ENV.match(name) or name in KNOWN_TO_SHELLS else name


def _quotes(text: str, state: str) -> str:
    """Which quotation mark is open behind ``text``."""
    skip = False
    for char in text:
        if skip:
            skip = False
        elif char == "\\" and state != "'":
            skip = True
        elif char in "'\"":
            state = "" if state == char else state or char
    return state


def _unset(text: str) -> set[str]:
    """Shell variables that are read and nowhere set."""
    shown = re.sub(r"'[^']*'", "", text)
    read = {found["braced"] or found["plain"] for found in _SHELL.finditer(shown)}
    made = {name for found in _SET.finditer(text) for name in found.groups() if name}
    return {name for name in read if name not in made and name not in KNOWN_TO_SHELLS}
