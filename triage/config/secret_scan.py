"""Finding what looks like a secret in any text, before the text can leave the machine.

Two kinds of rules, in ``secret_rules.toml``. Some secrets say what they are: vendors begin their tokens with
a fixed prefix. The rest is known by its neighbour: a header, a flag, a name such as ``password`` before an
equals sign. A value by itself is never judged by how random it looks: that blots out hashes, ids and disk
sizes, and people switch off what cries at every line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

RULES = Path(__file__).with_name("secret_rules.toml")

_MASK = "[masked:"
_MASKED = re.compile(r"""["'`]?\[masked:[a-z-]+(?:\]["'`.,;:)\]}]*)?""")
"""Our own mark, whole or cut where a rule ends a value at a bracket; what goes on behind it is none."""

SHOWN = 4
"""Leading characters of a secret that may be shown, so that a person can tell which one it is."""


@dataclass(frozen=True, slots=True)
class SecretHit:
    """One place that looks like a secret: ``text[start:end]``."""

    start: int
    end: int
    kind: str
    """What it looks like, in a word or two: ``access key``, ``password``."""

    def shown(self, text: str) -> str:
        """The beginning of it and how long it is, for a person at this machine."""
        value = text[self.start : self.end]
        head = value[: min(SHOWN, len(value) // 3)]
        return f"{' '.join(head.split())}… ({len(value)} characters)"


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    pattern: re.Pattern[str]
    plausible: Callable[[str], bool]


def find_secrets(text: str) -> tuple[SecretHit, ...]:
    """What looks like a secret in ``text``, in order, no two overlapping."""
    kept: list[SecretHit] = []
    for hit in sorted(_all_hits(text), key=lambda hit: (hit.start, -hit.end)):
        if kept and hit.start < kept[-1].end:
            kept[-1] = SecretHit(kept[-1].start, max(kept[-1].end, hit.end), kept[-1].kind)
        else:
            kept.append(hit)
    return tuple(kept)


def mask_secrets(text: str, hits: Iterable[SecretHit] | None = None) -> str:
    """``text`` with each of ``hits`` (all that are found, by default) replaced by ``[masked:kind]``."""
    parts, at = [], 0
    for hit in find_secrets(text) if hits is None else hits:
        parts += [text[at : hit.start], f"{_MASK}{hit.kind.replace(' ', '-')}]"]
        at = hit.end
    return "".join((*parts, text[at:]))


def _all_hits(text: str) -> Iterator[SecretHit]:
    for rule in _rules():
        for match in rule.pattern.finditer(text):
            start, end = match.span("s" if "s" in rule.pattern.groupindex else 0)
            value = text[start:end]
            if value and not _MASKED.fullmatch(value) and rule.plausible(value):
                yield SecretHit(start, end, rule.kind)
    yield from _ends_of_keys(text)


def _ends_of_keys(text: str) -> Iterator[SecretHit]:
    """Private keys whose beginning was cut off, as that of long output is: the lines before their end."""
    done = 0
    for last in _KEY_END.finditer(text):
        start = last.start()
        for line in reversed(text[max(done, start - _LONGEST_KEY) : start].split("\n")[:-1]):
            if not _KEY_LINE.fullmatch(line):
                break
            start -= len(line) + 1
        done = last.end()
        if start < last.start():
            yield SecretHit(max(start, 0), done, "private key")


_KEY_END = re.compile(r"-----END [A-Z ]{0,30}PRIVATE KEY-----")
_KEY_LINE = re.compile(r"[A-Za-z0-9+/=]{1,80}\s{0,3}")
_LONGEST_KEY = 16_384
"""Characters before the end of a key that are looked at."""


@cache
def _written() -> Mapping[str, Any]:
    return tomllib.loads(RULES.read_text(encoding="utf-8"))


@cache
def _words() -> frozenset[str]:
    """Words that speak about a secret and are none."""
    return frozenset(_written()["words"].split())


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            one["kind"],
            re.compile(one["pattern"], re.VERBOSE | (0 if one.get("case") else re.IGNORECASE)),
            _LOOKS[one.get("value", "any")],
        )
        for one in _written()["rule"]
    )


_STANDS_FOR_ONE = re.compile(
    r"""\$\w+$ | \$\{\w | \$\( | %[({]?\w+[)}]?%?$ | \{\{ | <[^>]*>?$
    | \[?(?:masked|redacted|hidden|filtered|removed)(?::[a-z-]*)?\]?$ | [*•x.\#_-]{3,}$
    | (?:your|my|the|some|example|dummy|changeme|placeholder)[-_ ] | \.\.\. | …
    | process\.env | os\.environ | env\. | vault: | ref\+ | arn: | secretref | file:
    | (?:/[\w.-]+){2,}/?$
    | (?:null|none|nil|true|false|undefined)$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Values that only stand where a secret would be."""

_NO_KEY = re.compile(
    r"""/[\w.]+/ | [A-Z]:\\ | \d{4}-\d\d-\d\d | https?:// | [\w.]+\( | sha(?:1|256|512)[:-]
    | [a-z]+(?:[-_.:][a-z]+){1,5}$ | \w+\.(?:\w+\.)*[a-z]{2,6}$
    | (?-i:(?:[a-z0-9_.-]+/){2,}[a-z0-9_.-]*$)""",
    re.IGNORECASE | re.VERBOSE,
)
"""Paths, dates, addresses, calls, digests, host names, and names made of words: ``key: primary-user-id``."""


def _said(value: str) -> bool:
    """A value after ``password``: neither a word about it nor a place holder."""
    bare = value.strip("\"'`,;.()[]{}").casefold()
    return len(bare) >= 4 and bare not in _words() and not _STANDS_FOR_ONE.match(value)


def _key(value: str) -> bool:
    """A value after a name that ordinary words follow too, such as ``token``."""
    if not _said(value) or len(value) < 8 or _NO_KEY.match(value) or "()" in value:
        return False
    plain = value.isalpha() and (value.islower() or value.istitle() or value.isupper())
    return not (plain and len(value) < 24) and not value.replace(".", "").isdigit()


def _mixed(value: str) -> bool:
    """A word that is none of the language: letters with digits or signs, as in ``Winter2026!``."""
    bare = value.rstrip(".!?)")
    odd = any(not c.isalpha() and c not in "-'’" for c in bare)
    return _said(value) and odd and any(c.isalpha() for c in bare)


def _address(value: str) -> bool:
    """``user:password`` of an address."""
    return not _STANDS_FOR_ONE.match(value.partition(":")[2])


_LOOKS: Mapping[str, Callable[[str], bool]] = {
    "any": lambda _: True,
    "said": _said,
    "key": _key,
    "mixed": _mixed,
    "address": _address,
}
