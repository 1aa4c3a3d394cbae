"""Every recording we hold, against values that two scripts read from the raw text without a P1 library."""

import csv
import json
import os
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kwartier.protocols.p1 import Telegram, decode, record
from kwartier.protocols.p1.ndjson import JsonLines

OWN = Path(__file__).parents[2] / "data" / "p1"
GIVEN = os.environ.get("KWARTIER_SHARED")
SHARED = (Path(GIVEN) if GIVEN else Path(__file__).parents[4] / "shared") / "data" / "p1"
KEY = bytes.fromhex("AA" * 16)
needs_shared = pytest.mark.skipif(
    not (SHARED / "MANIFEST.csv").is_file(),
    reason=f"NOT TESTED: the 97 shared P1 recordings are not at {SHARED}; set KWARTIER_SHARED to their folder "
    "(the recordings of this repository are tested all the same)",
)

Row = dict[str, str]


def _rows(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _recordings() -> list[Any]:
    own = [
        pytest.param(OWN / row["file"], row, id=f"own-{row['file']}") for row in _rows(OWN / "EXPECTED.csv")
    ]
    rows = _rows(SHARED / "MANIFEST.csv")
    others = [pytest.param(SHARED / row["file"], row, id=row["file"]) for row in rows]
    return own + (others or [pytest.param(SHARED, {}, marks=needs_shared, id="shared")])


def _time(raw: str) -> str | None:
    """What ISO text a raw time must give; None for one that never was."""
    match = re.fullmatch(r"(\d{12})([SWsw]?)", raw)
    if match is None or raw[:6] in ("700101", "000101"):
        return None
    try:
        at = datetime.strptime(match[1], "%y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    if not match[2]:
        return at.replace(tzinfo=None).isoformat()
    return at.replace(tzinfo=timezone(timedelta(hours=2 if match[2] in "Ss" else 1))).isoformat()


STATUS = {
    "crc_ok": [(True, "ok")],
    "no_crc": [(True, "absent")],
    "crc_bad": [(False, "crc_mismatch")],
    "leading_garbage": [(False, "crc_mismatch")],
    "no_end": [(False, "truncated")],
    "fragment": [(False, "no_header")],
}
SPECIAL = {
    "be_flu_50216_lossy_byte_tariff.txt": [(True, "repaired")],
    "nl_v50_truncated_then_good.txt": [(False, "truncated"), (True, "ok")],
    "nl_v50_am550_cut_then_good.txt": [(False, "truncated"), (True, "ok")],
    "nl_garbage_overflow.txt": [(False, "crc_mismatch")],
    "nl_v50_am550_stream_starts_mid.txt": [(False, "no_header"), (True, "ok"), (False, "truncated")],
    "nl_v40_mt382_three_minutes.txt": [(True, "ok"), (False, "crc_mismatch"), (False, "crc_mismatch")],
    "enc_glo_ciphering_t210dr.bin": [(True, "ok")],
}

KWH = {
    "delivered_t1": "energy_import_t1_kwh",
    "delivered_t2": "energy_import_t2_kwh",
    "returned_t1": "energy_export_t1_kwh",
    "returned_t2": "energy_export_t2_kwh",
    "delivered_total": "energy_import_kwh",
    "returned_total": "energy_export_kwh",
}
KW = {
    "power_delivered_kw": "power_import_w",
    "power_returned_kw": "power_export_w",
    "avg_demand_kw": "quarter_demand_w",
    "month_max_kw": "month_peak_w",
}
PLAIN = {f"u_l{n}": f"voltage_l{n}_v" for n in (1, 2, 3)} | {f"i_l{n}": f"current_l{n}_a" for n in (1, 2, 3)}


def _expected(row: Row) -> dict[str, float | str | None]:
    out: dict[str, float | str | None] = {}
    for columns, scale in ((KWH, 1), (KW, 1000), (PLAIN, 1)):
        for column, name in columns.items():
            if row.get(column):
                out[name] = float(Decimal(row[column]) * scale)
    for column in ("tariff", "breaker"):
        if row.get(column):
            out[column] = int(row[column])
    if row.get("month_max_timestamp"):
        out["month_peak_at"] = _time(row["month_max_timestamp"])
    return out


@needs_shared
def test_the_shared_recordings_are_there() -> None:
    """The shared manifest names recordings that exist."""
    rows = _rows(SHARED / "MANIFEST.csv")
    assert len(rows) > 90
    assert all((SHARED / row["file"]).is_file() for row in rows)


@pytest.mark.parametrize(("path", "row"), _recordings())
def test_recording_gives_its_expected_values(path: Path, row: Row) -> None:
    """Verdict, registers, powers, phases, demand, peak, M-Bus and limits are those of the manifest."""
    decoded = decode(path.read_bytes(), key=KEY)
    events = [record(event, path.name) for event in decoded]
    writer = JsonLines(path.name)
    assert [writer.line(event) for event in decoded] == [json.dumps(event) for event in events]
    verdicts = [(event["ok"], event.get("crc", event.get("error"))) for event in events]
    assert verdicts == SPECIAL.get(row["file"], STATUS.get(row["frame_status"]))
    if row["frame_status"] == "multi":
        return
    said = events[0] if events[0]["ok"] else events[0]["values"]
    assert {name: said.get(name) for name in _expected(row)} == _expected(row)
    if not re.fullmatch("[0-9A-F]{24}", row["timestamp"]):
        assert said["timestamp"] == _time(row["timestamp"])
    _check_mbus(said, row)
    _check_limits(said, row)
    if row.get("history_count") and row["country"] != "CH (Groupe E)":  # the count without its list
        assert len(said.get("peak_history", [])) == int(row["history_count"])


def _check_mbus(said: dict[str, Any], row: Row) -> None:
    devices = said["mbus"]
    gas = [device for device in devices if device["kind"] == "gas" and device["unit"] == "m3"]
    if row["gas_m3"]:
        read = [
            (float(value), _time(at), int(channel))
            for value, at, channel in zip(
                *(row[name].split(";") for name in ("gas_m3", "gas_timestamp", "gas_channel")), strict=True
            )
            if float(value) or _time(at)
        ]
        assert [(device["value"], device["at"], device["channel"]) for device in gas] == read
    if row["water_m3"]:
        water = [float(value) for value in row["water_m3"].split(";") if float(value)]
        assert [d["value"] for d in devices if d["kind"] == "water" and d["value"] is not None] == water
    if row["heat_gj"]:
        heat = float(row["heat_gj"].partition("*")[0])
        assert [(d["value"], d["unit"]) for d in devices if d["kind"] == "heat"] == [(heat, "GJ")]


def _check_limits(said: dict[str, Any], row: Row) -> None:
    limit, _, unit = re.sub(r"(?<=\d)(?=k|A)", "*", row["limiter"].replace("*", "")).partition("*")
    if limit and unit != "A":
        off = set(limit.strip("0")) <= {"9", "."}
        assert said["limiter_w"] == (None if off else float(Decimal(limit) * 1000))
    fuse = re.match(r"[\d.]+", row["fuse_a"])
    if fuse:
        assert said["fuse_a"] == (None if fuse[0].startswith("999") else float(fuse[0]))


def _streams() -> list[Any]:
    return [pytest.param(path, id=path.name) for path in sorted((SHARED / "streams").glob("*.txt"))] or [
        pytest.param(SHARED, marks=needs_shared, id="shared")
    ]


@pytest.mark.parametrize("path", _streams())
def test_stream_gives_every_telegram(path: Path) -> None:
    """Offsets, lengths, verdicts and values of each telegram of a capture are those of its table."""
    rows = _rows(path.with_name(path.name + ".expected.csv"))
    decoded = decode(path.read_bytes())
    by_offset = {event.offset: event for event in decoded}
    writer = JsonLines('a "%s" \n')
    assert [writer.line(event) for event in decoded] == [
        json.dumps(record(event, 'a "%s" \n')) for event in decoded
    ]
    for row in rows:
        event = by_offset[int(row["offset"])]
        assert event.length == int(row["bytes"])
        verdict = record(event, "")
        if row["crc_ok"] == "yes":
            assert verdict["crc"] == "ok"
        else:
            assert verdict.get("crc") == "repaired" or verdict["error"] == "crc_mismatch"
        said = verdict if verdict["ok"] else verdict["values"]
        expected = _expected(row)
        expected |= {
            f"power_import_l{n}_w": float(Decimal(row[f"p_l{n}"]) * 1000) for n in (1, 2, 3) if row[f"p_l{n}"]
        }
        assert {name: said.get(name) for name in expected} == expected
        assert said["timestamp"] == _time(row["timestamp"])


@needs_shared
def test_a_long_capture_loses_nothing_to_one_damaged_byte() -> None:
    """In 1000 real seconds with one damaged byte there are 1000 good telegrams, one of them repaired."""
    events = decode((SHARED / "streams" / "be_flu_50216_delta_1hz_1000.txt").read_bytes())
    assert len(events) == 1000
    kinds = [event.crc for event in events if isinstance(event, Telegram)]
    assert (kinds.count("ok"), kinds.count("repaired")) == (999, 1)


def test_own_stream_that_begins_and_ends_in_the_middle() -> None:
    """Two whole telegrams come out of a capture that starts and stops in the middle of others."""
    events = decode((OWN / "nl_v50_am550_mini.txt").read_bytes())
    assert [(event.offset, event.length) for event in events if isinstance(event, Telegram)] == [
        (320, 778),
        (1098, 778),
    ]
    assert [event.error for event in events if not isinstance(event, Telegram)] == ["no_header", "truncated"]
