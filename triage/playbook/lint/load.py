"""From the text of a file to a playbook that can be run, or to everything that is wrong with it."""

from __future__ import annotations

from datetime import date

from triage.model.run import Diagnostic
from triage.playbook.language.reading import assemble, read_text
from triage.playbook.language.steps import Playbook
from triage.playbook.lint.checks import check_all


def load_text(
    text: str, path: str, today: date | None = None
) -> tuple[Playbook | None, tuple[Diagnostic, ...]]:
    """The playbook in ``text`` and all that was found, in the order of the file.

    The playbook is None when anything found is an error. ``path`` is only for messages, and its name for
    the id; ``today`` lets the review date be judged. Never raises, whatever the text holds.
    """
    reading = read_text(text, path)
    check_all(reading, today)
    return assemble(reading), reading.source.sorted()


def load_bytes(
    raw: bytes, path: str, today: date | None = None
) -> tuple[Playbook | None, str, tuple[Diagnostic, ...]]:
    """`load_text` for the bytes of a file; the text is empty when they are not UTF-8."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        found = Diagnostic(path, line, column, "error", "PB002", "not UTF-8", "save the file as UTF-8")
        return None, "", (found,)
    playbook, diagnostics = load_text(text, path, today)
    return playbook, text, diagnostics
