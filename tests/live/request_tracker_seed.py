"""Write the live tests' tickets into a private Request Tracker: ``request_tracker_seed.py DIR [PLAIN]``.

Three told stories that the tests check word by word, and ``PLAIN`` short ones for volume. Times count back
from now, so the queue looks like a queue of today. Prints the new ticket ids as a JSON list.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
RENAMED_GROUP = "Two hundred people lost their access over night"
UPGRADE = "Upgrade to 7.4 stops at the schema step"
SILENT_EXPORT = "Nightly export writes an empty file"


def _stamp(now: datetime, minutes_ago: float) -> str:
    return (now - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%d %H:%M:%S")


def _event(now: datetime, minutes_ago: float, who: str, what: str, **rest: str) -> dict[str, str]:
    return {"at": _stamp(now, minutes_ago), "who": who, "what": what, **rest}


def stories(now: datetime) -> list[dict[str, object]]:
    """The three tickets that tests know by subject."""
    return [_renamed_group(now), _upgrade(now), _silent_export(now)]


def _renamed_group(now: datetime) -> dict[str, object]:
    customer = "ilse.brandt@fjordline.test"
    return {
        "subject": RENAMED_GROUP,
        "requester": customer,
        "at": _stamp(now, 600),
        "text": "Since the sync at 02:00 our people in the group Field Staff cannot sign in.\n"
        "Nothing else was changed. — Ilse",
        "fields": {
            "Severity": "sev1",
            "Product": "Heron Directory",
            "Version": "7.3.2",
            "Component": "directory sync",
            "Customer": "Fjordline Ferries",
            "Relationship": "customer",
            "Tags": ["access", "sync"],
        },
        "events": [
            _event(now, 585, "noor", "status", to="open"),
            _event(
                now,
                584,
                "noor",
                "reply",
                text="We have your report and are looking. You will hear from us by 10:00 UTC.",
            ),
            _event(
                now, 560, "noor", "note", text="Log shows 'groups deleted 1, created 1' in the 02:00 run."
            ),
            _event(now, 500, "noor", "queue", to="Escalations"),
            _event(
                now,
                499,
                "anneke",
                "note",
                text="Same picture as last spring. Asking engineering for a restore.",
            ),
            _event(now, 480, "system", "owner", to="tomas"),
            _event(
                now, 300, customer, "reply", text="It is past ten and the ferries board at noon. What now?"
            ),
            _event(
                now,
                280,
                "tomas",
                "reply",
                text="The grants are being restored now; we write again within the hour.",
            ),
        ],
    }


def _upgrade(now: datetime) -> dict[str, object]:
    customer = "pavel.nemec@orla.test"
    return {
        "subject": UPGRADE,
        "requester": customer,
        "at": _stamp(now, 2880),
        "text": "The installer has said 'migrating schema 41/57' for three hours.",
        "fields": {
            "Severity": "sev2",
            "Product": "Heron Core",
            "Version": "7.4.0",
            "Component": "installer",
            "Customer": "Orla Instruments",
            "Relationship": "trial",
            "Tags": ["upgrade"],
        },
        "events": [
            _event(
                now, 2800, "noor", "reply", text="Please leave it running; I will ask and come back tomorrow."
            ),
            _event(now, 2700, "noor", "queue", to="Escalations"),
            _event(now, 2600, "system", "owner", to="anneke"),
            _event(now, 1400, "anneke", "status", to="stalled"),
        ],
    }


def _silent_export(now: datetime) -> dict[str, object]:
    return {
        "subject": SILENT_EXPORT,
        "requester": "dana.osei@kestrel.test",
        "at": _stamp(now, 7000),
        "text": "The file is there every morning and has no rows. "
        "Hostile text: \x1b[31mred\x1b[0m [bold]markup[/] \u202eflip",
        "fields": {
            "Severity": "sev3",
            "Product": "Heron Export",
            "Customer": "Kestrel Labs",
            "Tags": [],
        },
        "events": [
            _event(now, 6900, "noor", "queue", to="Escalations"),
            _event(
                now,
                6000,
                "tomas",
                "reply",
                text="The filter was set to a closed year. Clearing it brings the rows back.",
            ),
            _event(now, 5900, "tomas", "status", to="resolved"),
        ],
    }


def plain(now: datetime, number: int) -> dict[str, object]:
    """The ``number``-th short ticket."""
    age = 60 + number * 37
    return {
        "subject": f"Report {number} of slow searches",
        "requester": f"reader{number % 7}@quarry.test",
        "at": _stamp(now, age),
        "text": f"Search number {number} takes half a minute.",
        "fields": {
            "Severity": "sev3",
            "Product": "Heron Search",
            "Customer": "Quarry & Sons",
            "Tags": ["slow"],
        },
        "events": [_event(now, age - 20, "noor", "queue", to="Escalations")],
    }


def main() -> None:
    """Hand the tickets to the Perl side, which writes them as the people in them."""
    home, count = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    now = datetime.now(UTC)
    tickets = stories(now) + [plain(now, number) for number in range(1, count + 1)]
    environment = {
        **os.environ,
        "RT_SITE_CONFIG": str(home / "site.pm"),
        "RT_SITE_CONFIG_DIR": str(home / "site.d"),
    }
    subprocess.run(
        ["perl", "-I/usr/share/request-tracker5/lib", str(HERE / "request_tracker_seed.pl")],
        input=json.dumps(tickets).encode(),
        env=environment,
        check=True,
    )


if __name__ == "__main__":
    main()
