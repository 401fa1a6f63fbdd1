"""Opening the desk for one verb and closing it again, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from triage.cli import output
from triage.cli.options import globals_of
from triage.desk.desk import Desk
from triage.desk.opening import open_desk

T = TypeVar("T")


def at_desk(context: typer.Context, work: Callable[[Desk], Awaitable[T]]) -> T:
    """The result of ``work`` on the desk of the profile that the call names."""

    async def with_desk() -> T:
        desk = await open_desk(globals_of(context).profile)
        try:
            if desk.told:
                output.narrate(desk.told)
            return await work(desk)
        finally:
            await desk.aclose()

    return asyncio.run(with_desk())
