"""What can go wrong on the wire, in words a person can act on."""

from __future__ import annotations

import httpx

from triage.helpdesk.answer import Again, page_name
from triage.model.errors import HelpdeskFailed


def unreachable(error: BaseException, url: httpx.URL) -> HelpdeskFailed:
    """What went wrong on the wire, in our own words: a library's may quote the header with the token.

    A certificate, or a request that HTTP cannot carry, is not worth another try.
    """
    where = page_name(url)
    words = _causes(error)
    if "CERTIFICATE_VERIFY_FAILED" in words or "certificate" in words.lower():
        return HelpdeskFailed("its certificate cannot be verified", where=where,
                              do="Set ca_file in the profile if it has its own authority")  # fmt: skip
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Again("no complete answer in time", where=where, do="Check the network, then try again")
    if isinstance(error, httpx.ConnectError):
        return _no_connection(words, where)
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
        return Again("the connection ended in the middle of the answer", where=where, do="Try again")
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return HelpdeskFailed("the request cannot be put into HTTP", where=where,
                              do="Look for stray characters in token, account and url")  # fmt: skip
    return Again("the connection failed", where=where, do="Check the network, then try again")


def _no_connection(words: str, where: str) -> Again:
    if any(
        sign in words for sign in ("Name or service not known", "getaddrinfo", "nodename", "name resolution")
    ):
        return Again(
            "there is no server of this name", where=where, do="Check the url of the profile, or the network"
        )
    if "SSL" in words or "TLS" in words:
        return Again(
            "no encrypted connection could be made", where=where, do="Check https and the port in the url"
        )
    return Again("nothing answers there", where=where, do="Is the helpdesk running, and the url right?")


def _causes(error: BaseException | None) -> str:
    words = []
    while error is not None:
        words.append(str(error))
        error = error.__cause__ or error.__context__
    return " / ".join(words)
