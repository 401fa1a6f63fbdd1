"""What a command said: kept in part, counted in full, and made harmless."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime

from triage.model.clean_text import clean

HEAD_LIMIT = 64 * 1024
TAIL_LIMIT = 192 * 1024

_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\Z)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]"  # the short ones
    r"|\x9b[0-?]*[ -/]*[@-~]",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """How a command ended and what is kept of what it said."""

    started_at: datetime
    finished_at: datetime
    exit_code: int | None
    """None when it was ended by us or could not be started; negative for a signal."""
    out: str
    """Standard output, cleaned and redacted: head, a line that counts what is left out, tail."""
    err: str = ""
    """Standard error, likewise."""
    size: int = 0
    """Bytes of both streams together."""
    omitted: int = 0
    """Bytes that were read but not kept."""
    sha256: str = ""
    """Of the whole of standard output; where standard error spoke too, of the first followed by the hash of
    the second."""
    binary: bool = False
    """The output was not text; only its size and hash are kept."""
    redactions: int = 0
    timed_out: bool = False
    cancelled: bool = False
    """A person ended it before it was done."""
    left_background: bool = False
    """The command left processes behind, which were ended."""
    problem: str = ""
    """Why it could not be started; empty when it was."""

    @property
    def text(self) -> str:
        """Both streams for a reader."""
        if not self.err:
            return self.out
        return f"{self.out.rstrip()}\n[standard error]\n{self.err}" if self.out else self.err


@dataclass(frozen=True, slots=True)
class HttpReply(CaptureResult):
    """How a request was answered; ``out`` is the body, ``exit_code`` says nothing."""

    status: int | None = None
    """None when there was no answer."""
    ms: int | None = None
    """From looking up the name to the end of the body, redirects included."""
    cert_days: float | None = None
    """Days until the server's certificate ends; None without TLS."""
    head: str = ""
    """Status line and headers of the answer, redacted."""
    fault: str = ""
    """Why there is none, where that says something: refused, unreachable, a bad certificate."""

    @property
    def text(self) -> str:
        """Head and body for a reader."""
        return "\n\n".join(part for part in (self.fault, self.head, self.out) if part)


@dataclass(slots=True)
class Stream:
    """One output stream: the first bytes, the last bytes, the count and the hash of all."""

    head_limit: int = HEAD_LIMIT
    tail_limit: int = TAIL_LIMIT
    size: int = 0
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.size += len(chunk)
        self.digest.update(chunk)
        room = self.head_limit - len(self.head)
        if room > 0:
            self.head += chunk[:room]
            chunk = chunk[room:]
        if chunk:
            self.tail += chunk
            # Cut only now and then: cutting at every chunk would copy the tail each time.
            if len(self.tail) > 2 * self.tail_limit:
                del self.tail[: -self.tail_limit]

    @property
    def kept(self) -> tuple[bytes, bytes]:
        """The head and the tail."""
        return bytes(self.head), bytes(self.tail[-self.tail_limit :])

    @property
    def omitted(self) -> int:
        """Bytes between head and tail."""
        head, tail = self.kept
        return self.size - len(head) - len(tail)

    @property
    def binary(self) -> bool:
        """Whether this is not text: a zero byte, or much that is not UTF-8."""
        sample = bytes(self.head[:8192])
        if b"\0" in sample:
            return True
        return sample.decode("utf-8", "replace").count("\ufffd") * 10 > len(sample)

    def text(self) -> str:
        """Head and tail as clean text with a line between them that says what is not there."""
        head, tail = self.kept
        shown = printable(head.decode("utf-8", "replace"))
        if not tail:
            return shown
        gap = f"\n[… {self.omitted:,} bytes not kept …]\n" if self.omitted else ""
        return shown + gap + printable(tail.decode("utf-8", "replace"))


def printable(text: str) -> str:
    """``text`` without terminal sequences and with every other control character made visible."""
    return clean(_SEQUENCE.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))
