"""The door: a bare ``triage`` opens the screen, anything else goes to the command line.

Nothing else is imported at the top, so that ``triage --version`` costs what starting Python costs.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the program; returns the exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from triage import __version__

        sys.stdout.write(f"triage {__version__}\n")
        return 0
    profile = _screen_profile(arguments)
    if profile is not None:
        return _screen(profile or None)
    from triage.cli.program import OpenScreen, run

    ended = run(arguments)
    if isinstance(ended, OpenScreen):
        with ended.kept_open:
            return _screen(ended.profile)
    return ended


def _screen_profile(arguments: list[str]) -> str | None:
    """The profile name when the words ask for the screen (empty for the default), else None."""
    if not arguments:
        return ""
    if len(arguments) == 2 and arguments[0] == "--profile":
        return arguments[1]
    return None


def _screen(profile: str | None) -> int:
    from triage.tui.start import run

    return run(profile)


if __name__ == "__main__":
    sys.exit(main())
