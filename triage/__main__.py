"""The door: a bare ``triage`` opens the screen, anything else goes to the command line.

Nothing else is imported at the top, so that ``triage --version`` costs what starting Python costs.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
"""As `typing.TYPE_CHECKING`, whose import would cost more than everything else here together."""

if TYPE_CHECKING:
    from triage.cli.open_screen import OpenScreen


def main() -> int:
    """Run the program; returns the exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from triage import __version__

        sys.stdout.write(f"triage {__version__}\n")
        return 0
    profile = _screen_profile(arguments)
    if profile is not None:
        return _first_screen(profile or None)
    from triage.cli.program import run

    return _after(run(arguments))


def _screen_profile(arguments: list[str]) -> str | None:
    """The profile name when the words ask for the screen (empty for the default), else None."""
    if not arguments:
        return ""
    if len(arguments) == 2 and arguments[0] == "--profile":
        return arguments[1]
    return None


def _first_screen(profile: str | None) -> int:
    """The screen; where nothing is set up yet, the choice of what to do first."""
    from triage.tui.start import run

    code = run(profile)
    if code is None:
        from triage.cli.first_run import first_run

        return _after(first_run())
    return code


def _after(ended: int | OpenScreen) -> int:
    """The exit code of a verb, once the screen it asked for is closed again."""
    if isinstance(ended, int):
        return ended
    from triage.tui.start import run

    with ended.kept_open:
        return run(ended.profile, ended.place) or 0


if __name__ == "__main__":
    sys.exit(main())
