"""``playbook import|export``: playbooks from and for other programs."""

from __future__ import annotations

from pathlib import Path

import typer

from triage.cli import output
from triage.cli.options import globals_of
from triage.model.errors import Invalid
from triage.model.exchange import ImportReport


def register(playbook: typer.Typer) -> None:
    """Add the verbs to ``triage playbook``."""
    playbook.command("import")(import_playbook)
    playbook.command("export")(export)


def import_playbook(
    context: typer.Context,
    file: Path,
    format: str = typer.Option("", "--format", help="cacao, react or markdown; else by the file's ending."),  # noqa: A002 - the option's name
    out: Path | None = typer.Option(
        None, "--out", help="Folder to write ID.yaml into; else standard output."
    ),
    json: bool = typer.Option(
        False, "--json", help="One JSON document: the report, with the playbook's text."
    ),
) -> int:
    """Make a draft playbook of a file of another format, and say everything that was lost.

    Exit 1 when the file is refused: a loop, a target that is not there, less than half of its steps.
    """
    from triage.desk.playbook_exchange import import_file

    report = import_file(file, format, out)
    if json:
        output.document(report)
    else:
        _print(report, quiet=globals_of(context).quiet)
    return 1 if report.refused else 0


def _print(report: ImportReport, *, quiet: bool) -> None:
    """The playbook on standard output, what happened to it on the other."""
    if not report.refused and not report.path:
        output.text(report.text)
    for loss in () if quiet else report.losses:
        output.narrate(f"{loss.level}: {loss.what} ({loss.place}): {loss.why}")
    for item in () if quiet or report.refused else report.diagnostics:
        if item.level != "info":
            output.narrate(
                f"{item.path}:{item.line}:{item.column}: {item.level}[{item.code}]: {item.message}"
            )
    for why in report.refusals:
        output.error(f"{report.source} is not imported: {why}")
    counts = {
        level: sum(loss.level == level for loss in report.losses)
        for level in ("dropped", "weakened", "assumed")
    }
    said = ", ".join(f"{count} {level}" for level, count in counts.items())
    where = f" in {report.path}" if report.path else ""
    output.narrate(f"{report.kept} of {report.total} steps kept{where}; {said}", quiet=quiet)


def export(
    context: typer.Context,
    playbook: str = typer.Argument(..., help="Id of a playbook, or the path of its file."),
    format: str = typer.Option("cacao", "--format", help="cacao."),  # noqa: A002 - the option's name
) -> None:
    """A playbook as another program reads it; nothing of it is lost on the way back."""
    from triage.desk.playbook_exchange import export_cacao

    if format != "cacao":
        raise Invalid(f"--format {format}", do="Use cacao")
    output.text(export_cacao(globals_of(context).profile, playbook))
