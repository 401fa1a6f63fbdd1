"""``init``, ``profile``, ``doctor`` and ``export``: setting up and looking after."""

from __future__ import annotations

from pathlib import Path

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.cli.login_verb import at_terminal
from triage.cli.options import globals_of
from triage.desk.desk import Desk
from triage.desk.setting_up import NewProfile, SetUp, forget_profile, profile_names, set_up, use_profile
from triage.desk.signing_in import log_in
from triage.model.errors import Invalid

Json = typer.Option(False, "--json", help="One JSON document.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("init")(init)
    profile = typer.Typer(help="Which helpdesk, as whom.", no_args_is_help=True, rich_markup_mode=None)
    profile.command("list")(list_profiles)
    profile.command("use")(use)
    profile.command("remove")(remove)
    app.add_typer(profile, name="profile")
    app.command("doctor")(doctor)
    app.command("export")(export)


def init(
    context: typer.Context,
    helpdesk: str = typer.Option(
        "", "--helpdesk", help="Its name: zendesk, request_tracker, … A wrong one lists what is installed."
    ),
    url: str = typer.Option("", "--url", help="Where it lives, such as https://acme.zendesk.com."),
    queue: str = typer.Option(
        "", "--queue", help="Which tickets are escalated; without it the helpdesk's own idea."
    ),
    account: str = typer.Option("", "--account", help="E-mail or login, where the helpdesk needs one."),
    auth: str = typer.Option(
        "", "--auth", help="oauth, client_credentials, bearer, api_token (Zendesk); token (Request Tracker)."
    ),
    oauth_client: str = typer.Option("", "--oauth-client", help="Identifier of the OAuth client."),
    token_env: str = typer.Option("", "--token-env", help="Environment variable that holds the token."),
    token_file: str = typer.Option("", "--token-file", help="File (0600) that holds the token."),
    token_command: str = typer.Option("", "--token-command", help="Command that prints the token."),
    person: str = typer.Option("", "--person", help="Your name in the docket; without it your login."),
    ca_file: str = typer.Option("", "--ca-file", help="Certificates of your own authority (PEM)."),
    json: bool = Json,
) -> None:
    """Set a profile up, check the token and the queue, and make it the default if it is the first."""
    asked = globals_of(context)
    new = NewProfile(
        name=asked.profile or "",
        helpdesk=helpdesk,
        url=url,
        queue=queue,
        account=account,
        auth=auth,
        oauth_client=oauth_client,
        token_env=token_env,
        token_file=token_file,
        token_command=token_command,
        person=person,
        ca_file=ca_file,
    )
    if asked.may_ask:
        new = _ask(new)
    for name, value in (("--profile", new.name), ("--helpdesk", new.helpdesk), ("--url", new.url)):
        if not value:
            raise Invalid(f"{name} is missing", do="triage init --help shows what is needed")
    done = set_up(new, (lambda name: log_in(name, at_terminal(asked))) if asked.may_ask else None)
    if json:
        output.document(done)
    else:
        _print_set_up(done)


def _ask(new: NewProfile) -> NewProfile:
    from dataclasses import replace

    name = new.name or typer.prompt("Name of the profile", default="work", err=True)
    helpdesk = new.helpdesk or typer.prompt("Helpdesk (zendesk, request_tracker)", err=True)
    url = new.url or typer.prompt("Its address (https://…)", err=True)
    token_env, token_file = new.token_env, new.token_file
    if new.auth != "oauth" and not (token_env or token_file or new.token_command):
        token_env = typer.prompt(
            "Environment variable that holds the token", default="TRIAGE_TOKEN", err=True
        )
    return replace(new, name=name, helpdesk=helpdesk, url=url, token_env=token_env, token_file=token_file)


def _print_set_up(done: SetUp) -> None:
    output.text(f"Profile {done.profile}: {done.helpdesk} at {done.url}, as {done.account}")
    output.text(f"Queue {done.queue}: {done.count}{'' if done.complete else '+'} tickets")
    for example in done.examples:
        output.text(f"  {example}")
    output.text(f"It offers: {'; '.join(done.abilities)}")
    for trouble in done.trouble:
        output.text(f"! {trouble}")
    for note in done.unseen:
        output.text(f"Note: {note}")


def list_profiles(json: bool = Json) -> None:
    """Every profile; the default is marked."""
    names, default = profile_names()
    if json:
        output.document([{"name": name, "default": name == default} for name in names])
    else:
        for name in names:
            output.text(f"{'*' if name == default else ' '} {name}")


def use(name: str) -> None:
    """Make a profile the default."""
    use_profile(name)


def remove(name: str) -> None:
    """Forget a profile's settings. What was recorded on this machine stays."""
    forget_profile(name)


def doctor(
    context: typer.Context,
    rebuild: bool = typer.Option(False, "--rebuild", help="Make every derived table again from the docket."),
    promises_in: str = typer.Option(
        "",
        "--promises-in",
        metavar="ZONE",
        help='The zone of a shared database in which "by 16:00" in a ticket is read, from now on and again.',
    ),
    json: bool = Json,
) -> int:
    """Check settings, database, helpdesk and rights; exit 1 when something fails."""
    from triage.desk.doctor import examine

    lines = examine(globals_of(context).profile, rebuild=rebuild, promises_in=promises_in)
    if json:
        output.document(lines)
    else:
        for line in lines:
            output.text(f"{line.state:8} {line.name}: {line.text}{'. ' + line.do if line.do else ''}")
    return 1 if any(line.state == "failed" for line in lines) else 0


def export(
    context: typer.Context,
    out: Path | None = typer.Option(None, "--out", help="Write here (0600) instead of stdout."),
    ticket: str = typer.Option("", "--ticket", help="Only this case."),
) -> None:
    """Everything recorded here as one JSON document: docket, investigations, causes, runs, writes."""
    import json as jsonlib

    async def work(desk: Desk) -> dict[str, object]:
        return await desk.export(await desk.cases.find(ticket) if ticket else "")

    held = at_desk(context, work)
    if out is None:
        output.document(held)
        return
    from triage.desk.export import write_private

    write_private(out, jsonlib.dumps(output.plain(held), ensure_ascii=True, indent=1) + "\n")
    output.narrate(f"written to {out}", quiet=globals_of(context).quiet)
