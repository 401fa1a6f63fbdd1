"""The variables of a playbook being made."""

from __future__ import annotations

import re
from typing import Any

from triage.playbook.interop.draft import Draft


class Variables:
    """Names as we spell them, for names as the source spells them."""

    def __init__(self, draft: Draft) -> None:
        self.declared: dict[str, dict[str, Any]] = {}
        """What goes under ``vars:``."""
        self._draft = draft
        self._names: dict[str, str] = {}
        self._saved: set[str] = set()

    def name(self, word: str) -> str:
        """Our name for ``word``; the same for the same word."""
        if word not in self._names:
            stem = re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")[:36] or "value"
            stem = stem if stem[0].isalpha() else f"v_{stem}"[:36]
            name, number = stem, 2
            while name in self._names.values():
                name, number = f"{stem}_{number}", number + 1
            self._names[word] = name
        return self._names[word]

    def known(self, word: str) -> str | None:
        """``vars.NAME`` for a word that is declared or answered somewhere, else None."""
        name = self._names.get(word)
        return f"vars.{name}" if name and (name in self.declared or name in self._saved) else None

    def declare(self, word: str, *, place: str, prompt: str = "", kind: str = "", default: Any = None) -> str:
        """Declare ``word`` and return its name; a second declaration changes nothing."""
        name = self.name(word)
        if name not in self.declared:
            fields: dict[str, Any] = {"type": kind} if kind else {}
            fields["prompt"] = self._draft.line(prompt or f"What is {word}?", place)
            if default is not None:
                fields["default"] = self._draft.line(default, place) if isinstance(default, str) else default
            self.declared[name] = fields
        return name

    def save(self, word: str) -> str:
        """The name of the variable that keeps the answer to a question about ``word``."""
        name = self.name(word)
        self._saved.add(name)
        return name
