"""What our account lacks in Jira, by name: permissions, and the scopes of a token from OAuth.

https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.helpdesk.answer import Forbidden, expecting_an_api, page_name
from triage.helpdesk.jira.site import JiraSite
from triage.helpdesk.shape import Record, expecting, line, record
from triage.model.errors import HelpdeskFailed, NotFound

GATEWAY = "api.atlassian.com"
"""Tokens from OAuth go through here, to ``/ex/jira/SITE``; it tells their scopes."""
_PERMISSIONS = {
    "BROWSE_PROJECTS": "issues cannot be seen; have Browse Projects granted",
    "ADD_COMMENTS": "notes cannot be written; have Add Comments granted",
    "EDIT_ISSUES": "fields and labels cannot be changed; have Edit Issues granted",
    "TRANSITION_ISSUES": "the status cannot be changed; have Transition Issues granted",
}
_SCOPES = {
    "read:jira-work": "issues cannot be read",
    "read:jira-user": "nobody can be looked up",
    "write:jira-work": "nothing can be written",
    "read:servicedesk-request": "the queues of the service desk cannot be listed",
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What the account may do, as far as the site tells."""

    may_comment: bool
    trouble: tuple[str, ...]


async def our_user(site: JiraSite) -> Record:
    """The account behind the token. Raises `HelpdeskFailed`, which names a scope that it takes to be told."""
    try:
        with expecting_an_api():
            return await site.me()
    except HelpdeskFailed:
        for scope, words in _missing(await _scopes(site)).items():
            if scope == "read:jira-user":
                raise HelpdeskFailed(words, where=page_name(site.transport.base)) from None
        raise


async def rights_of(site: JiraSite) -> Rights:
    """What is lacking, each in words with what to grant."""
    scopes = _missing(await _scopes(site))
    missing = tuple(scopes.values())
    may_write = "write:jira-work" not in scopes
    query = {"permissions": ",".join(_PERMISSIONS)} if site.cloud else None
    try:
        answer = record(await site.read("mypermissions", query), "the permissions")
    except (Forbidden, NotFound):
        unread = "the permissions cannot be read; a token from OAuth needs the scope read:jira-work"
        return Rights(may_write, missing or (unread,))
    with expecting("the permissions"):
        held = {name: answer["permissions"][name]["havePermission"] is True for name in _PERMISSIONS}
    lacking = tuple(words for name, words in _PERMISSIONS.items() if not held[name])
    return Rights(held["ADD_COMMENTS"] and may_write, missing + lacking)


def _missing(scopes: frozenset[str] | None) -> dict[str, str]:
    """Scopes that are missing, each with what does not work without it and what to do."""
    # Scopes of the finer kind, like read:issue:jira, stand for themselves.
    if scopes is None or any(one.endswith(":jira") for one in scopes):
        return {}
    todo = "add it to the app and sign in again"
    return {
        scope: f"{what}: the token lacks the scope {scope}; {todo}"
        for scope, what in _SCOPES.items()
        if scope not in scopes
    }


async def _scopes(site: JiraSite) -> frozenset[str] | None:
    """The scopes of our token for this site; None where nobody tells them."""
    base = site.transport.base
    if base.host != GATEWAY:
        return None
    number = base.path.strip("/").rpartition("/")[2]
    try:
        told = await site.transport.read(f"{base.scheme}://{GATEWAY}/oauth/token/accessible-resources")
    except (HelpdeskFailed, NotFound):
        return None
    with expecting("the scopes of the token"):
        return frozenset(
            line(scope) for row in told if line(row["id"]) == number for scope in row.get("scopes") or ()
        )
