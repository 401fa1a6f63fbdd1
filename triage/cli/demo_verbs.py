"""``demo`` and ``demo serve``: the embedded helpdesk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.cli.open_screen import OpenScreen
from triage.cli.options import globals_of
from triage.desk.desk import Desk
from triage.desk.setting_up import NewProfile, demo_home, write_profile

PROFILE = "demo"
T = TypeVar("T")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    demo_app = typer.Typer(help="The embedded helpdesk; nothing leaves the machine.", rich_markup_mode=None)
    demo_app.callback(invoke_without_command=True)(demo)
    demo_app.command("serve")(serve)
    app.add_typer(demo_app, name="demo")


def demo(
    context: typer.Context,
    reset: bool = typer.Option(False, "--reset", help="Forget everything done in the demo and start again."),
    seed: int = typer.Option(1, "--seed", help="Which week to make up."),
    with_investigations: bool = typer.Option(
        False, "--with-investigations", help="With three finished investigations, their notes and letters."
    ),
) -> OpenScreen | None:
    """The screen on the embedded helpdesk."""
    if context.invoked_subcommand is not None:
        return None
    from triage.demo.child import start_demo

    home = demo_home()
    if reset:
        _forget(home)
    running = ExitStack()
    helpdesk = start_demo(home / "helpdesk", seed=seed)
    running.callback(helpdesk.stop)
    try:
        token = home / "token"
        output_private(token, helpdesk.token)
        write_profile(
            NewProfile(
                name=PROFILE,
                helpdesk="zendesk",
                url=helpdesk.url,
                auth="bearer",
                token_file=str(token),
                queue="view:Escalated to engineering",
            ),
            default=False,
        )
        if not (home / "first-pull").exists():
            output.narrate("Setting up the demo: one week of cases …", quiet=globals_of(context).quiet)
            _first_pull(context)
            (home / "first-pull").touch()
        if with_investigations:
            _finish_cases(context)
    except BaseException:
        running.close()
        raise
    return OpenScreen(PROFILE, kept_open=running)


def _first_pull(context: typer.Context) -> None:
    async def work(desk: Desk) -> None:
        await desk.sync.run()

    _at_demo_desk(context, work)


def _finish_cases(context: typer.Context) -> None:
    """Investigate the worked cases for real and send their notes to the embedded helpdesk."""
    from triage.demo.finished_cases import read_finished

    examples = read_finished()
    output.narrate(f"Investigating {len(examples)} cases …", quiet=globals_of(context).quiet)

    async def work(desk: Desk) -> tuple[str, ...]:
        made = await desk.examples.work_out(examples)
        if made:
            await desk.sync.run()
        return made

    for name in _at_demo_desk(context, work):
        output.narrate(f"  {name}: triage --profile {PROFILE} report {name}", quiet=globals_of(context).quiet)


def _at_demo_desk(context: typer.Context, work: Callable[[Desk], Awaitable[T]]) -> T:
    context.find_root().obj = replace(globals_of(context), profile=PROFILE)
    return at_desk(context, work)


def _forget(home: Path) -> None:
    from triage.desk.setting_up import forget_profile_data

    forget_profile_data(PROFILE, home)


def output_private(path: Path, text: str) -> None:
    """Write a small file that only its owner may read."""
    from triage.desk.export import write_private

    write_private(path, text)


def serve(
    port: int = typer.Option(0, "--port", min=0, max=65535, help="0 picks a free one."),
    tickets: int = typer.Option(
        0, "--tickets", min=0, max=1_000_000, help="Make up this many instead of the week."
    ),
    seed: int = typer.Option(1, "--seed", help="Which week to make up."),
    faults: Path | None = typer.Option(None, "--faults", help="YAML schedule of faults to inject."),
    home: Path | None = typer.Option(None, "--home", help="Where it keeps its state."),
    reset: bool = typer.Option(False, "--reset", help="Start again."),
) -> None:
    """Only the embedded helpdesk, over HTTP on loopback. The first line is JSON: url, token, pid."""
    from triage.demo.serve import serve as run_server

    run_server(
        home or demo_home() / "helpdesk", port=port, tickets=tickets, seed=seed, faults=faults, reset=reset
    )
