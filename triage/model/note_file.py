"""A text that travels with an internal note as a file."""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST_FILE = 512 * 1024
"""Characters of one file; of a longer text the two ends go, with the number left out between them."""
LONGEST_NAME = 80
NAMELESS = "evidence.txt"
PLAIN_TEXT = "text/plain"
"""The only kind there is; always UTF-8."""
_READS_AS_TEXT = frozenset(
    {".txt", ".log", ".csv", ".json", ".md", ".yaml", ".yml", ".out", ".err", ".trace"}
)


@dataclass(frozen=True, slots=True)
class NoteFile:
    """One file. It is text, because nothing else can be searched for secrets, and it is whole in here: any
    machine that has the operation can send it.
    """

    name: str
    """As `file_name` gives it."""
    media_type: str
    text: str
    as_typed: str = ""
    """The text before what looks like a secret was masked in ``text``; never sent. Empty if nothing was."""
    masked: tuple[str, ...] = ()
    """What was masked, a line each, for a person at this machine."""

    @property
    def content(self) -> bytes:
        """What is sent: the text in UTF-8."""
        return self.text.encode("utf-8", "replace")

    @property
    def size(self) -> int:
        """Bytes of `content`."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        """Of `content`, in hex: whoever has the file can tell that it is this one."""
        import hashlib  # loads OpenSSL, which nothing needs before the first frame

        return hashlib.sha256(self.content).hexdigest()

    @property
    def caption(self) -> str:
        """The line of the note that names it."""
        return f"Attached: {self.name}, {self.size:,} bytes, sha256 {self.sha256}"


def file_name(wanted: str) -> str:
    """``wanted`` (a path, or any words) as a name that every helpdesk keeps as it is; `NAMELESS` for none.

    Plain letters, digits, dots, hyphens and underscores only: one helpdesk spoils all others. What a
    browser would run rather than show gets another ending.
    """
    import unicodedata  # a table of a megabyte, for the few who send a file

    last = wanted.replace("\\", "/").rstrip("/").rpartition("/")[2]
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    words = re.sub(r"-*\.-*", ".", re.sub(r"[^\w.-]+", "-", plain, flags=re.ASCII)).strip("-.")
    if not words:
        return NAMELESS
    stem, dot, ending = words.rpartition(".")
    if not dot or f".{ending.lower()}" not in _READS_AS_TEXT:
        stem, ending = words, "txt"
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
