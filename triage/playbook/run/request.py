"""What an ``http`` step would send, made complete and given a digest, and whether it may.

Values that stand behind the host are encoded, so that none can become another path or parameter. The host
itself may come from the team's settings or from a variable, never from what a ticket says (PB407).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, urlsplit

from triage.model.run import CommandView, Effect, RequestView
from triage.playbook.language.context import Context
from triage.playbook.language.durations import parse_duration
from triage.playbook.language.expression import UNKNOWN, Scope
from triage.playbook.language.steps import Http
from triage.playbook.language.template import MISSING_MARK, compile_template, value_text
from triage.playbook.run.addresses import listed
from triage.playbook.run.command import MASK, filled_values, poll_words, refusal_by_trust, trust_at
from triage.playbook.run.run_state import RunState
from triage.playbook.run.scope import scope_of

_HOST_ENDS = re.compile(r"[a-z]+://[^/?#]*[/?#]", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")


@dataclass(frozen=True, slots=True)
class Request:
    """A request made complete. ``headers`` hold real values: they never go into an entry or on a screen."""

    effect: ClassVar[Effect] = "read_only"

    step_id: str
    method: str
    url: str
    host: str
    headers: Mapping[str, str]
    masked: frozenset[str]
    """Names in ``headers`` whose values are secret."""
    timeout_s: float
    redact: tuple[str, ...]
    allowed: tuple[str, ...]
    """The team's list of hosts: names, ``*.names`` and addresses."""
    digest: str
    missing: tuple[str, ...] = ()
    problem: str = ""
    """Why it cannot be sent with these values; empty when it can."""

    @property
    def shown_headers(self) -> dict[str, str]:
        """``headers`` for a screen or an entry."""
        return {name: MASK if name in self.masked else value for name, value in self.headers.items()}


def request_of(state: RunState, step: Http, context: Context) -> Request:
    """The request of ``step`` with the values of now."""
    section = state.plan.section_of(step.id)
    url, unknown = _address(step.url, scope_of(state, context, section.prefix))
    headers, masked, missing = filled_values(state, step.id, step.headers, context)
    host, problem = _host_of(url) if not unknown else ("", "")
    unfit = next((name for name, value in headers.items() if not _sendable(value)), "")
    problem = problem or (f"the value of {unfit} cannot be sent" if unfit else "")
    timeout = parse_duration(step.timeout).total_seconds()
    shown = sorted((name, MASK if name in masked else value) for name, value in headers.items())
    what = [section.sha256, step.id, step.method, url, shown, timeout, sorted(masked)]
    digest = hashlib.sha256(json.dumps(what).encode("utf-8", "surrogatepass")).hexdigest()
    return Request(
        step.id, step.method, url, host, headers, frozenset(masked), timeout, step.redact,
        tuple(context.http_allow), digest, (*unknown, *missing), problem,
    )  # fmt: skip


def _address(text: str, scope: Scope) -> tuple[str, tuple[str, ...]]:
    """The address with its gaps filled, and the names that have no value."""
    done, missing = "", []
    for part in compile_template(text).parts:
        if isinstance(part, str):
            done += part
            continue
        value = scope.get(part.path)
        if value is UNKNOWN and part.default is None:
            missing.append(".".join(part.path))
            done += f"{MISSING_MARK}{missing[-1]}]"
            continue
        written = part.default if value is UNKNOWN else value_text(value)
        behind_host = _HOST_ENDS.match(done) is not None
        # A team's own setting may hold a whole path; anything else is one piece of it.
        done += quote(written or "", safe="") if behind_host and part.path[0] != "config" else written or ""
    return done.strip(), tuple(missing)


def _host_of(url: str) -> tuple[str, str]:
    """The host of an address, and why it cannot be used."""
    if _UNFIT.search(url):
        return "", "the address has characters in it that no address has"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", "it is not an address"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "", "an address begins with https:// or http:// and a host"
    if parts.username is not None or parts.password is not None or port == 0:
        return "", "an address may not hold a name or a password"
    return parts.hostname, ""


def _sendable(value: str) -> bool:
    return value.isascii() and value.isprintable() and len(value) <= 8192


def why_not_sent(request: Request, state: RunState, context: Context) -> str:
    """Why ``request`` may not be sent here and now, in one line; empty when it may."""
    if why := refusal_by_trust(state, request.step_id, request.effect, context):
        return why
    if request.missing:
        return "not known: " + ", ".join(request.missing)
    return request.problem


def request_view(state: RunState, step: Http, context: Context) -> CommandView:
    """What a person sees before consenting. A host that the team does not list is asked about once a run."""
    request = request_of(state, step, context)
    reason = why_not_sent(request, state, context)
    known = listed(request.host, request.allowed) or request.host in state.confirmed_hosts
    return CommandView(
        (request.method, request.url), "", request.shown_headers, "", request.timeout_s, "read_only",
        "none" if known else "ask", good_answer(step), "", step.manual or "",
        trust_at(state, step.id, context), not reason, reason, request.digest,
        poll=poll_words(step),
        request=RequestView(step.method, request.url, request.host, listed(request.host, request.allowed)),
    )  # fmt: skip


def good_answer(step: Http) -> str:
    """What counts as a pass, in words."""
    expect = step.expect
    parts = ["status " + " or ".join(map(str, expect.status))]
    parts += [f"the body matches {expect.body_matches}"] if expect.body_matches else []
    parts += [f"{test.path} is {test.equals}" for test in expect.json_]
    parts += [f"within {expect.max_ms} ms"] if expect.max_ms else []
    parts += (
        [f"the certificate is good for {expect.cert_days_min} days"]
        if expect.cert_days_min is not None
        else []
    )
    return " and ".join(parts)
