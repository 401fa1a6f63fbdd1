"""``triage doctor``: settings, database, helpdesk and rights, each in one line with what to do."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta, tzinfo

from triage.config.paths import Paths
from triage.config.profiles import OAUTH, NoProfile, load_profile
from triage.config.sign_in import SignInStore
from triage.config.zone import zone_named
from triage.desk.desk import Desk
from triage.desk.helpdesk_facts import helpdesk_lines
from triage.desk.opening import open_desk
from triage.desk.views import CheckLine
from triage.model.errors import TriageError

SOON = timedelta(days=3)
"""A sign-in that ends this soon, unless it is used, is worth a word."""


def examine(profile: str | None, *, rebuild: bool = False, promises_in: str = "") -> tuple[CheckLine, ...]:
    """Every check, in the order in which a fault would show. Raises `Invalid` for an unknown profile or zone.

    ``promises_in`` names a new zone for a shared database; empty to leave it.
    """
    return asyncio.run(_examine(profile, rebuild, zone_named(promises_in) if promises_in else None))


async def _examine(profile: str | None, rebuild: bool, zone: tzinfo | None) -> tuple[CheckLine, ...]:
    lines = [_python()]
    paths = Paths.find()
    try:
        held = load_profile(paths, profile)
    except NoProfile as problem:
        return (*lines, CheckLine("profile", "failed", problem.what, problem.do))
    lines.append(CheckLine("profile", "ok", f"{held.name}: {held.helpdesk} at {held.url}"))
    try:
        desk = await open_desk(held.name)
    except TriageError as problem:
        return (*lines, CheckLine("database", "failed", problem.what, problem.do))
    try:
        lines += [line async for line in _at(desk, rebuild, zone)]
    finally:
        await desk.aclose()
    return tuple(lines)


def _python() -> CheckLine:
    return CheckLine("program", "ok", f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}")


async def _at(desk: Desk, rebuild: bool, zone: tzinfo | None) -> AsyncIterator[CheckLine]:
    database = desk.parts.database
    faults = await database.check()
    yield CheckLine("database", "ok", f"{desk.parts.profile.database}, journal {database.journal}")
    if desk.told:
        yield CheckLine("database", "warning", desk.told)
    for fault in faults:
        yield CheckLine("database", "failed", fault, "Move it aside and restore a backup")
    if zone is not None or database.shared:
        yield await _promise_zone(desk, zone)
    if rebuild:
        from triage.docket.rebuild import rebuild as make_again

        made = await make_again(database, now=desk.parts.now)
        said = (
            f"{made.investigations} investigations, {made.runs} runs, {made.enhancements} enhancement cases, "
            f"{made.queue} queue rows derived again"
        )
        yield CheckLine("rebuild", "ok", said)
    waiting = await desk.outbox.list()
    stuck = [o for o in waiting if o.state in ("conflict", "parked", "rejected")]
    yield CheckLine(
        "outbox",
        "warning" if stuck else "ok",
        f"{len(waiting)} writes not finished, {len(stuck)} wait for a person",
        "triage outbox list" if stuck else "",
    )
    async for line in _helpdesk(desk):
        yield line


async def _promise_zone(desk: Desk, wanted: tzinfo | None) -> CheckLine:
    """In which zone a shared database reads promises, after it was set to ``wanted``."""
    from triage.docket.rebuild import read_again_in

    database = desk.parts.database
    if wanted is not None and not database.shared:
        return CheckLine("promises", "failed", "promises are read in this machine's own zone",
                         "Set zone in the profile")  # fmt: skip
    if wanted is not None:
        await read_again_in(database, wanted)
    said = f"read in {database.zone}, the zone of the shared database; the screens show {desk.profile.zone}"
    return CheckLine("promises", "ok", said)


async def _helpdesk(desk: Desk) -> AsyncIterator[CheckLine]:
    for line in _sign_in_lines(desk):
        yield line
    try:
        helpdesk = await desk.parts.connection.helpdesk()
        account = await desk.parts.connection.account()
    except TriageError as problem:
        yield CheckLine("helpdesk", "failed", str(problem))
        return
    for line in await helpdesk_lines(helpdesk, account, desk.parts.profile.queue):
        yield line


def _sign_in_lines(desk: Desk) -> Iterator[CheckLine]:
    """How long a sign-in that Triage renews by itself will last."""
    profile, now = desk.parts.profile, desk.parts.now()
    if profile.auth not in OAUTH:
        return
    do = f"triage login --profile {profile.name}"
    try:
        kept = SignInStore(profile).load()
    except TriageError as problem:
        yield CheckLine("sign-in", "failed", problem.what, problem.do)
        return
    if kept is None:
        if profile.auth == "oauth":
            yield CheckLine("sign-in", "failed", "nobody has signed in yet", do)
        return
    if kept.renewing:
        yield CheckLine("sign-in", "warning", "a renewal was begun, and its answer is not kept", do)
    ends, until = kept.ends_at, kept.renewable_until
    token = f"the token holds until {ends:%Y-%m-%d %H:%M} UTC" if ends else "the token has no end"
    renewed = f"; renewed by itself, or ends if not used until {until:%Y-%m-%d}" if until else ""
    soon = until is not None and until - now < SOON
    yield CheckLine("sign-in", "warning" if soon else "ok", token + renewed, do if soon else "")
