"""From a profile to a sign-in that renews itself."""

from __future__ import annotations

from datetime import UTC, datetime

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.config.sign_in import SignInStore
from triage.helpdesk.oauth.addresses import Addresses
from triage.helpdesk.oauth.endpoint import TokenEndpoint
from triage.helpdesk.oauth.session import Session
from triage.model.errors import Invalid


def endpoint_of(profile: Profile, secret: Secret, addresses: Addresses) -> TokenEndpoint:
    """Where ``profile`` gets its tokens; ``secret`` is that of its OAuth client, empty for a public one.

    Raises `Invalid` where the profile names no client.
    """
    if not profile.oauth_client:
        raise Invalid(f"auth is {profile.auth}, and no client is named", where=f"profile {profile.name}",
                      do="Have an administrator make one and set oauth_client to its identifier")  # fmt: skip
    return TokenEndpoint(
        profile.url, addresses, profile.oauth_client, secret, now=_now, ca_file=profile.ca_file
    )


def renewing(profile: Profile, secret: Secret, addresses: Addresses) -> Session:
    """The sign-in of ``profile``. Nothing is asked of the helpdesk yet."""
    return Session(
        SignInStore(profile),
        endpoint_of(profile, secret, addresses),
        for_itself=profile.auth == "client_credentials",
        now=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)
