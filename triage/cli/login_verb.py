"""``login``: signing in to a helpdesk with OAuth."""

from __future__ import annotations

import sys
import webbrowser

import typer

from triage.cli import output
from triage.cli.options import Globals, globals_of
from triage.desk.signing_in import Person, log_in

Json = typer.Option(False, "--json", help="One JSON document.")


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("login")(login)


def login(
    context: typer.Context,
    browser: bool = typer.Option(True, "--browser/--no-browser", help="Open a browser on this machine."),
    wait: float = typer.Option(300.0, "--wait", min=1.0, help="Seconds to wait for the sign-in."),
    json: bool = Json,
) -> None:
    """Sign in to the profile's helpdesk with OAuth, and keep the tokens.

    Over ssh, sign in anywhere and paste the address the browser ends at, even if it shows no page.
    """
    asked = globals_of(context)
    done = log_in(asked.profile, at_terminal(asked, browser=browser), wait_s=wait)
    if json:
        output.document(done)
        return
    output.line(f"Signed in to {done.helpdesk} as {done.account}; kept in {done.kept_in}")
    if done.renewable_until is not None:
        day = f"{done.renewable_until:%d %B %Y}"
        output.line(f"Triage renews it by itself; not used until {day}, it ends")


def at_terminal(asked: Globals, *, browser: bool = True) -> Person:
    """The person at this terminal, if there is one."""

    def show(words: str) -> None:
        output.narrate(words)
        if words.startswith("http"):
            output.narrate("Sign in there." + (" Or paste the address it ends at:" if asked.may_ask else ""))

    return Person(
        show=show,
        browse=webbrowser.open if browser and asked.may_ask else None,
        pasted=sys.stdin.readline if asked.may_ask else None,
    )
