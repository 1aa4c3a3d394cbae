"""Alarms and proofs to show on pages: the real book round a list of lines, and a proof that a test writes."""

from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from kwartier.edge.alarms import AlarmBook
from kwartier.historian.noted import Noted
from kwartier.site.errors import StorageError
from kwartier.site.reasons import LANGUAGES, Reason, reason
from kwartier.site.setpoints import Level, Message
from kwartier.web.live import Document


class Lines:
    """The part of the historian that the book asks: lines in memory."""

    def __init__(self) -> None:
        self.lines: list[Noted] = []
        self.unreadable = False

    def add(self, at_s: float, level: Level, device_id: str, why: Reason) -> str:
        """One more line; its id."""
        message = Message(at_s=0.0, level=level, device_id=device_id, reason=why)
        self.lines.append(Noted(seq=len(self.lines) + 1, at_s=at_s, message=message))
        return f"m{len(self.lines)}"

    def noted(
        self, limit: int, *, before: int | None, levels: Collection[str], device_id: str | None
    ) -> list[Noted]:
        """As `Historian.noted`."""
        if self.unreadable:
            raise StorageError("the history in /x cannot be read: disk I/O error")
        found = [
            line
            for line in reversed(self.lines)
            if (before is None or line.seq < before)
            and line.message.level in levels
            and device_id in {None, line.message.device_id}
        ]
        return found[:limit]


def book(clock: Any, document: Document, lines: Lines | None = None, proof_problems: int = 0) -> AlarmBook:
    """The real book of a site that shows this document."""
    kept = lines or Lines()

    def tell(message: Message) -> None:
        kept.add(clock.utc_s(), message.level, message.device_id, message.reason)

    made = AlarmBook(
        kept,  # type: ignore[arg-type]  # all that it asks of a historian
        clock=clock,
        zone=ZoneInfo("Europe/Brussels"),
        names={d["id"]: d["name"] for d in (*document["meters"], *document["charge_points"])},
        tell=tell,
        proof_problems=lambda: proof_problems,
    )
    document["alarms"] = made.look(document)
    return made


def lines_of_a_week(document: Document, count: int = 120) -> Lines:
    """Messages of every level, of several devices, an hour apart, one of them with a person's name."""
    lines = Lines()
    meter, points = document["meters"][0], document["charge_points"]
    for number in range(count):
        at_s = document["at_s"] - 3600.0 * (count - number)
        point = points[number % len(points)]
        if number % 9 == 4:
            lines.add(at_s, "error", meter["id"], reason("meter_error", meter=meter["name"]))
        elif number % 3 == 1:
            lines.add(
                at_s,
                "warning",
                point["id"],
                reason("charge_point_silent", name=point["name"], address="10.0.0.4"),
            )
        else:
            lines.add(at_s, "info", point["id"], reason("wish_fast", name=point["name"]))
    lines.add(
        document["at_s"] - 600,
        "info",
        "panel",
        reason("input_reset", input="Panel", name="Ann Peeters", role="manager", why="toast", every_s=10),
    )
    return lines


class RecordedProof:
    """A ProofSite: shows a document and counts how often it was asked to prove."""

    def __init__(self, document: Document | None) -> None:
        self.document = document
        self.asked = 0

    def newest(self) -> Document | None:
        """The document."""
        return self.document

    async def prove(self) -> Document:
        """Notes it."""
        self.asked += 1
        self.document = self.document or proven()
        return self.document


def proven(ok: bool = True, circuits: int = 2) -> Document:
    """A proof of a few circuits; not `ok`: the last one is too small and one charger tells nothing."""
    problems = (
        [] if ok else [_words("Board 1 could carry 104 A"), _words("What Bay 3 falls back to is not known")]
    )
    return {
        "at": "2026-11-21T06:15:00+01:00",
        "again_at": "2026-11-22T06:15:00+01:00",
        "ok": ok,
        "circuits": [_proven(n, ok or n < circuits - 1) for n in range(circuits)],
        "problems": problems,
        "notes": [_words("Bay 4 says that it falls back to 0 A")],
    }


def _proven(number: int, ok: bool) -> Document:
    total_a = 72.0 if ok else 104.0
    rows = [
        {
            "case": case,
            "phases": [phase],
            "chargers": [{"current_a": 6.0, "count": 5}],
            "chargers_a": 30.0,
            "base_a": None if not ok and phase == 3 else total_a - 30,
            "total_a": None if not ok and phase == 3 else total_a,
            "limit_a": 100.0,
            "source": "fuse",
            "ok": ok,
        }
        for case in ("alone", "meter_lost")
        for phase in (1, 2, 3)
    ]
    return {
        "id": f"b{number}",
        "name": f"Board {number}",
        "level": number,
        "recorded_days": None if number % 2 else 3.2,
        "rows": rows,
    }


def _words(text: str) -> Document:
    return {"code": "proof_over", "params": {}, **dict.fromkeys(LANGUAGES, text)}
