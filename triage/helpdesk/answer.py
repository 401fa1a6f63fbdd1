"""An HTTP answer that was read to its end, and what its status means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from triage.helpdesk.origin import shown
from triage.helpdesk.strict_json import MalformedJsonError, parse
from triage.model.clean_text import clean_line
from triage.model.errors import HelpdeskFailed, NotFound, TriageError

LONGEST_PAUSE_S = 900.0
"""A Retry-After beyond this is cut to it."""
DEFAULT_PAUSE_S = 30.0
"""When a helpdesk says "not now" and not how long."""
ON_THE_LOOP = 65_536
"""Bytes; longer bodies are parsed in a thread, so that the screen keeps moving."""
BUSY_PATIENCE = 8
_QUOTED = 200


class Again(HelpdeskFailed):
    """A failure of a reading request that may be tried again."""

    def __init__(
        self, what: str, *, where: str = "", do: str = "", after_s: float | None = None, patience: int = 3
    ) -> None:
        super().__init__(what, where=where, do=do)
        self.after_s = after_s
        """Seconds the helpdesk asked us to wait; None: it did not say."""
        self.patience = patience
        """How many such failures one read puts up with before it gives up."""


class Forbidden(HelpdeskFailed):
    """The token is good, but the account lacks a right (403)."""


class NotUnderstood(HelpdeskFailed):
    """The helpdesk cannot make sense of what we asked (400, 422); `said` is its own explanation."""

    said: tuple[str, ...] = ()


@contextmanager
def expecting_an_api() -> Iterator[None]:
    """Around the first question to a helpdesk, who we are: "no such thing" then means a wrong address."""
    try:
        yield
    except NotFound as error:
        raise HelpdeskFailed(
            "there is no such API at this address", where=error.where,
            do="Is the address right? The url ends before the path of the API; check the account too",
        ) from None  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and the whole body."""

    status: int
    headers: httpx.Headers
    body: bytes
    where: str
    """Host and path that answered."""

    async def document(self) -> Any:
        """The JSON in the body. Raises `HelpdeskFailed` saying what came instead."""
        try:
            if len(self.body) > ON_THE_LOOP:
                return await asyncio.to_thread(parse, self.body)
            return parse(self.body)
        except MalformedJsonError as error:
            raise self._not_json(str(error)) from None

    def _not_json(self, reason: str) -> HelpdeskFailed:
        start = self.body.lstrip()[:1]
        if not start:
            return Again("answered with an empty page", where=self.where, do="Try again in a minute")
        if start == b"<" or "html" in self.headers.get("Content-Type", ""):
            return HelpdeskFailed(
                "answered with a web page where an API should be", where=self.where,
                do="Check the url of the profile, and that no login page or proxy stands before it",
            )  # fmt: skip
        if start in (b"{", b"["):
            return Again(
                f"the answer cannot be read ({reason})",
                where=self.where,
                do="It may have been cut; try again",
            )
        return HelpdeskFailed(
            "answered with something that is no API", where=self.where, do="Check the url of the profile"
        )

    def error_words(self) -> tuple[str, ...]:
        """What the helpdesk says went wrong, cleaned and shortened; empty when it says nothing readable."""
        try:
            found = tuple(_sentences(parse(self.body)))
        except MalformedJsonError:
            found = self._plain_words()
        return tuple(clean_line(sentence)[:_QUOTED] for sentence in found if sentence)

    def _plain_words(self) -> tuple[str, ...]:
        """The first line of a plain text; pages for people say nothing that would fit."""
        if not self.headers.get("Content-Type", "").lower().startswith("text/plain"):
            return ()
        return tuple(self.body[: _QUOTED * 4].decode("utf-8", "replace").strip().splitlines()[:1])

    def trouble(self, rights: str = "") -> TriageError | None:
        """The error this status means for a reading request; None for success.

        ``rights`` says what to have granted where the account may not.
        """
        if 200 <= self.status < 300:
            return None
        if self.status < 400:
            return self._redirected()
        said = self.error_words()
        because = f": {'; '.join(said)}" if said else ""
        if self.status == 401:
            return HelpdeskFailed("the token was not accepted", where=self.where,
                                  do="Check the token and the account, or make a new token")  # fmt: skip
        if self.status == 403:
            return Forbidden(f"the account may not read this{because}", where=self.where,
                             do=rights or "Ask an administrator of the helpdesk for the right")  # fmt: skip
        if self.status in (404, 410):
            return self._missing()
        if self.status == 429 or self.status in (502, 503, 504):
            return self._busy()
        if self.status in (400, 422):
            puzzled = NotUnderstood(f"the helpdesk does not understand us{because}", where=self.where,
                                    do="Check the queue and the url of the profile")  # fmt: skip
            puzzled.said = said
            return puzzled
        return HelpdeskFailed(f"refused the request ({self.status}){because}", where=self.where,
                              do="Check the queue and the url of the profile" if self.status < 500 else
                                 "Look at the helpdesk's own log")  # fmt: skip

    def _redirected(self) -> HelpdeskFailed:
        try:
            target = httpx.URL(self.headers.get("Location", "")).host or "a page of its own"
        except httpx.InvalidURL:
            target = "an unreadable address"
        return HelpdeskFailed(
            f"sent us on to {clean_line(target)} ({self.status}) instead of answering", where=self.where,
            do="Put the final address into the url of the profile; a login page means the token is wrong",
        )  # fmt: skip

    def _missing(self) -> TriageError:
        if self.body.lstrip()[:1] == b"<":
            return HelpdeskFailed("there is no API at this address", where=self.where,
                                  do="Check the url of the profile")  # fmt: skip
        return NotFound("the helpdesk has no such thing", where=self.where,
                        do="Is it the right one, and the url of the profile right?")  # fmt: skip

    def _busy(self) -> Again:
        if self.status == 429:
            return Again("too many requests; the helpdesk asks us to wait", where=self.where,
                         do="Try again later", patience=BUSY_PATIENCE,
                         after_s=retry_after(self.headers, default=None))  # fmt: skip
        return Again(f"the helpdesk is out of order ({self.status})", where=self.where, do="Try again later",
                     after_s=retry_after(self.headers, default=None), patience=BUSY_PATIENCE)  # fmt: skip


def retry_after(
    headers: Mapping[str, str], now: datetime | None = None, default: float | None = DEFAULT_PAUSE_S
) -> float | None:
    """Seconds that ``Retry-After`` asks for, as a number or a date, at most `LONGEST_PAUSE_S`.

    A date is measured against the server's own ``Date``, so a wrong clock here does no harm. A missing,
    negative or unreadable value gives ``default``.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_PAUSE_S)
    at = http_date(text)
    if at is None:
        return default
    seconds = (at - (http_date(headers.get("Date", "")) or now or datetime.now(UTC))).total_seconds()
    return min(seconds, LONGEST_PAUSE_S) if seconds >= 0 else default


def http_date(text: str) -> datetime | None:
    """A date of an HTTP header in UTC; None when it cannot be read."""
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def page_name(url: httpx.URL) -> str:
    """``url`` for an error line."""
    return clean_line(shown(url))


def _sentences(body: Any) -> list[str]:
    """Helpdesks say errors as a message, a title, a list, or a list for each field."""
    if isinstance(body, str):
        return [body]
    if isinstance(body, list):
        return [sentence for item in body[:10] for sentence in _sentences(item)]
    if not isinstance(body, dict):
        return []
    found = []
    for key in ("error", "title", "message", "description"):
        found += _sentences(body[key]) if key in body else []
    details = body.get("details")
    if isinstance(details, dict):
        for field, reasons in list(details.items())[:10]:
            found += [f"{field}: {reason}" for reason in _sentences(reasons)]
    return list(dict.fromkeys(found))
