"""Asking a person to sign in with a browser, and what comes back."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from triage.config.secret import Secret
from triage.helpdesk.oauth.addresses import Addresses
from triage.helpdesk.origin import base_url
from triage.model.clean_text import clean_line
from triage.model.errors import Invalid, Refused

PATH = "/callback"
_UNGUESSABLE = 48
"""Random bytes of state and verifier; RFC 7636 asks for at least 32."""


class OtherAttempt(Refused):
    """It answers a sign-in that somebody else began, or that was begun before."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in. Its answer counts once, for this try only."""

    url: str
    """Where the person signs in."""
    redirect: str
    """Where the browser is sent back to, on this machine."""
    state: Secret
    verifier: Secret


def begin(
    url: str, addresses: Addresses, client: str, port: int, randomness: Callable[[int], bytes]
) -> Attempt:
    """A new try for OAuth client ``client`` of the helpdesk at ``url``, answered on ``port`` here."""
    state, verifier = _text(randomness(_UNGUESSABLE)), _text(randomness(_UNGUESSABLE))
    redirect = f"http://127.0.0.1:{port}{PATH}"
    query = {
        "response_type": "code", "client_id": client, "redirect_uri": redirect, "scope": addresses.scope,
        "state": state, "code_challenge_method": "S256",
        "code_challenge": _text(hashlib.sha256(verifier.encode()).digest()),
    }  # fmt: skip
    page = base_url(url).join(addresses.authorize)
    return Attempt(f"{page}?{urlencode(query)}", redirect, Secret(state), Secret(verifier))


def code_in(address: str, attempt: Attempt) -> str:
    """The code in the address that the browser was sent back to.

    Raises `Refused` for an address that answers another try, or where the person said no, and `Invalid`
    for one that is no answer at all.
    """
    path, given = _parted(address.strip())
    if path != PATH or not given:
        raise Invalid("this is not the address the browser was sent to",
                      do=f"It begins with {attempt.redirect}?")  # fmt: skip
    if not hmac.compare_digest(
        given.get("state", "").encode("utf-8", "replace"), attempt.state.reveal().encode()
    ):
        raise OtherAttempt("this answers another attempt to sign in", do="Begin again: triage login")
    if error := given.get("error"):
        words = clean_line(given.get("error_description", ""))[:200]
        because = f" ({words})" if words else ""
        raise Refused(f"the helpdesk did not let us in: {clean_line(error)[:60]}{because}")
    if not (code := given.get("code")):
        raise Invalid("the address holds no code", do="Copy all of it")
    return code


def _parted(address: str) -> tuple[str, dict[str, str]]:
    """The path and the parameters of ``address``; nothing for what is no address."""
    try:
        parts = urlsplit(address)
        return parts.path, {key: values[0] for key, values in parse_qs(parts.query).items()}
    except ValueError:
        return "", {}


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
