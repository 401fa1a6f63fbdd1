"""Secrets that do not show themselves, and taking them out of any text."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from html import escape
from typing import NoReturn
from urllib.parse import quote, quote_plus

SHORTEST_REDACTED = 6
"""Values shorter than this are not searched for: they would blot out ordinary words."""

MASK = "***"

_GAP = r"(?:\x1b\[[0-9;:]{0,20}[A-Za-z]|\r?\n[ \t>|]{0,80})?"
"""What a terminal or a quoting mail may put between two characters: a colour, a break and its indentation."""


class Secret:
    """A value that prints as ``***`` everywhere but where `reveal` is called."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


class Redactor:
    """Replaces known secrets in texts, in the forms they travel in.

    As is, base64, URL-encoded, hexadecimal, escaped for JSON, HTML, a shell or Python, and broken over lines.
    """

    def __init__(self, secrets: Iterable[Secret | str] = ()) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._broken: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret | str) -> None:
        """Redact this one too, from now on."""
        value = secret.reveal() if isinstance(secret, Secret) else secret
        if len(value) < SHORTEST_REDACTED:
            return
        self._forms.update(_forms(value))
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(form) for form in longest_first))
        self._broken = re.compile("|".join(_GAP.join(map(re.escape, form)) for form in longest_first))

    def redact(self, text: str) -> str:
        """``text`` with every known secret replaced by ``***``."""
        return self.count(text)[0]

    def count(self, text: str) -> tuple[str, int]:
        """The redacted text and how many places were replaced."""
        if self._pattern is None or self._broken is None:
            return text, 0
        text, whole = self._pattern.subn(MASK, text)
        if "\n" not in text and "\x1b" not in text:
            return text, whole
        text, broken = self._broken.subn(MASK, text)
        return text, whole + broken


def _forms(value: str) -> set[str]:
    """``value`` and its encodings; base64 in the three alignments it can have inside a longer text."""
    raw = value.encode("utf-8", "surrogatepass")
    forms = {value, quote(value, safe=""), quote(value), quote_plus(value)}
    forms |= {
        _lower_escapes(quote(value, safe="")),
        json.dumps(value)[1:-1],
        escape(value),
        repr(value)[1:-1],
    }
    forms |= {value.replace("'", "'\"'\"'"), raw.hex(), raw.hex().upper()}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        # Only the characters that depend on nothing but the secret: neighbours share the outer ones.
        whole = encoded[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
        forms.update({whole, whole.replace("+", "-").replace("/", "_")})
    return {form for form in forms if len(form) >= SHORTEST_REDACTED}


def _lower_escapes(quoted: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)
