"""What every answer of the embedded helpdesk draws on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from triage.demo.records import Records
from triage.demo.refusal import Refusal, not_found

LARGEST_ID = 2**63 - 1
RATE_LIMIT = 100_000
"""Requests a minute: more than one client on loopback can make."""
COMMENT_LIMIT = 65_535


@dataclass(frozen=True, slots=True)
class Settings:
    """How this helpdesk behaves."""

    token: str
    """The one token it accepts, as bearer or as ``email/token:TOKEN``."""
    lag_s: float = 0.0
    """Changes younger than this many seconds are left out of the incremental export; Zendesk's own is 60."""
    rate_limit: int = RATE_LIMIT
    """Requests a minute before it answers 429."""
    comment_limit: int = COMMENT_LIMIT
    """Longest comment in characters; a longer one is refused."""
    export_limit: int = RATE_LIMIT
    """Requests a minute to the incremental exports before they answer 429; Zendesk's own is 10."""


@dataclass(frozen=True, slots=True)
class HelpdeskState:
    """The rows, the settings and the clock (Unix seconds)."""

    records: Records
    settings: Settings
    now: Callable[[], float]


def state_of(request: Request) -> HelpdeskState:
    """The helpdesk that answers ``request``."""
    return cast("HelpdeskState", request.app.state.helpdesk)


def caller_of(request: Request) -> int:
    """The id of the user behind the credentials."""
    return cast("int", request.state.caller)


def number(text: str) -> int:
    """An id from an address. Raises a 404 `Refusal` when it cannot be one."""
    if text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST_ID:
        return int(text)
    raise not_found()


def numbers(request: Request, largest: int = 100) -> list[int]:
    """The ids of ``?ids=1,2,3``. Raises a 400 `Refusal` for none, too many, or what is no number."""
    given = [part.strip() for part in request.query_params.get("ids", "").split(",") if part.strip()]
    if not given or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in given):
        raise Refusal(400, "InvalidValue", "ids must be a comma-separated list of ids")
    if len(given) > largest:
        raise Refusal(400, "InvalidValue", f"at most {largest} ids may be asked for")
    return list(dict.fromkeys(int(part) for part in given))
