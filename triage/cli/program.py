"""The shell's door: reads the words, runs one verb, turns every ending into an exit code."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from types import ModuleType

import typer
from typer.exceptions import TyperException

from triage.cli import output
from triage.cli.open_screen import OpenScreen
from triage.cli.options import GLOBAL_HELP, split_globals
from triage.model.errors import TriageError

INTERRUPTED = 130
USAGE = 2
BROKEN = 1


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="triage",
        help="On-call escalation triage. A bare `triage` opens the screen.",
        epilog=GLOBAL_HELP,
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_root)
    for verbs in _verb_groups():
        verbs.register(app)
    return app


def _verb_groups() -> tuple[ModuleType, ...]:
    """In the order in which the help lists them."""
    from triage.cli import (
        adapter_verbs,
        attachment_verbs,
        backup_verbs,
        composition_verbs,
        demo_verbs,
        enhancement_verbs,
        evidence_verbs,
        investigation_verbs,
        login_verb,
        party_verbs,
        playbook_verbs,
        profile_verbs,
        promise_verbs,
        queue_verbs,
        recommendation_verbs,
        service_verbs,
        sync_verbs,
        wording_verbs,
    )

    return (
        attachment_verbs,
        evidence_verbs,
        demo_verbs,
        profile_verbs,
        login_verb,
        adapter_verbs,
        queue_verbs,
        sync_verbs,
        backup_verbs,
        playbook_verbs,
        investigation_verbs,
        party_verbs,
        promise_verbs,
        recommendation_verbs,
        enhancement_verbs,
        composition_verbs,
        service_verbs,
        wording_verbs,
    )


def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        from triage import __version__

        output.text(f"triage {__version__}")
        raise typer.Exit


def run(arguments: Sequence[str]) -> int | OpenScreen:
    """Run one verb; the exit code, or the wish to open the screen."""
    try:
        globals_, rest = split_globals(arguments)
        ended = typer.main.get_command(build()).main(
            rest, prog_name="triage", standalone_mode=False, obj=globals_
        )
    except TriageError as problem:
        output.error(str(problem))
        return problem.exit_code
    except typer.Abort:
        return INTERRUPTED
    except TyperException as problem:
        where = getattr(problem, "ctx", None)
        hint = f" Try: {where.command_path} --help" if where is not None else ""
        output.error(_said(problem) + hint)
        return USAGE
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has gone: not an error, but nothing more can be written either.
        output.give_up_output()
        return BROKEN
    except Exception as fault:  # noqa: BLE001 - a fault of ours is one line too; its stack goes to a file
        return _broken(fault)
    if isinstance(ended, OpenScreen):
        return ended
    return ended if isinstance(ended, int) else 0


def _said(problem: TyperException) -> str:
    """The parser's own words for a usage error."""
    words = getattr(problem, "format_message", None)
    return str(words() if words else problem)


def _broken(fault: Exception) -> int:
    from datetime import UTC, datetime

    from triage.desk.crash import failure_line, record_failure
    from triage.desk.places import state_folder

    path = record_failure(fault, state_folder(), datetime.now(UTC))
    sys.stderr.write(failure_line(fault, path) + "\n")
    return BROKEN
