"""All sources: recorded answers, what is asked, and what goes wrong in JSON, CSV and units."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.protocols.prices.documents import recorded

from kwartier.protocols.answers import AnswerError, WallClock
from kwartier.protocols.prices.gather import unit_of
from kwartier.protocols.prices.source import NAMES, PriceSource
from kwartier.protocols.prices.sources import decode, requests_of
from kwartier.protocols.prices.zones import ZONES, zone_of
from kwartier.site.prices import PriceSeries

BRUSSELS = ZoneInfo("Europe/Brussels")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def read(source: PriceSource, raw: bytes | str | Any) -> PriceSeries:
    if isinstance(raw, str):
        raw = raw.encode()
    return decode(source, raw if isinstance(raw, bytes) else json.dumps(raw).encode(), 1.0)


def codes(series: PriceSeries) -> list[str]:
    return [f.code for f in series.faults]


@pytest.mark.parametrize(
    ("source", "name", "start", "quarters", "native_s", "first"),
    [
        (PriceSource(type="energyzero", area="NL"), "energyzero_rest_quarter.json", "2025-12-15T23:00", 96, 900, 0.07994),
        (PriceSource(type="easyenergy", area="NL"), "easyenergy_quarter.json", "2026-04-19T12:00", 5, 900, -0.0021),
        (PriceSource(type="easyenergy", area="NL"), "easyenergy_hour.json", "2026-04-18T22:00", 96, 3600, 0.11549),
        (PriceSource(type="energy-charts", area="DE-LU"), "energycharts_price.json", "2024-12-09T23:00", 192, 3600, 0.09285),
        (PriceSource(type="akkudoktor", area="DE"), "akkudoktor_price.json", "2024-12-09T23:00", 192, 3600, 0.09285),
        (
            PriceSource(type="nordpool", area="SE3", currency="SEK"),
            "nordpool_delivery_period.json", "2024-11-04T23:00", 12, 3600, 0.25073,
        ),
    ],
)  # fmt: skip
def test_recorded_answers(
    source: PriceSource, name: str, start: str, quarters: int, native_s: int, first: float
) -> None:
    found = read(source, recorded(name))
    assert (found.start_s, len(found.eur_per_kwh), found.native_step_s) == (at(start), quarters, native_s)
    assert found.eur_per_kwh[0] == pytest.approx(first)
    assert None not in found.eur_per_kwh
    assert found.faults == ()
    assert found.source == NAMES[source.type]


def test_two_services_that_publish_the_same_auction_agree() -> None:
    one = read(PriceSource(type="energy-charts"), recorded("energycharts_price.json"))
    two = read(PriceSource(type="akkudoktor"), recorded("akkudoktor_price.json"))
    assert one.eur_per_kwh == two.eur_per_kwh


def test_the_older_form_of_easyenergy() -> None:
    entries = [
        {"Timestamp": "2023-01-18T23:00:00+00:00", "TariffUsage": 0.1355, "TariffReturn": 0.112},
        {"Timestamp": "2023-01-19T00:00:00+00:00", "TariffUsage": 0.121, "TariffReturn": 0.1},
    ]
    found = read(PriceSource(type="easyenergy", area="NL"), entries)
    assert found.eur_per_kwh == (0.112,) * 4 + (0.1,) * 4


def test_local_time_that_comes_twice() -> None:
    """easyEnergy writes local time without saying which of the two hours it is: the second one is the later."""
    local = datetime(2026, 10, 25, tzinfo=BRUSSELS).astimezone(UTC)
    entries = []
    for i in range(100):
        ends = [(local + timedelta(minutes=15 * k)).astimezone(BRUSSELS) for k in (i, i + 1)]
        start, end = (e.replace(tzinfo=None).isoformat() + ".0000000" for e in ends)
        entries.append({"from": start, "until": end, "price": i / 1000, "unit": "kWh"})
    found = read(PriceSource(type="easyenergy", area="NL"), {"prices": entries})
    assert found.eur_per_kwh == tuple(i / 1000 for i in range(100))
    assert found.faults == ()


def test_a_spring_day_of_23_hours_in_local_time() -> None:
    local = datetime(2026, 3, 29, tzinfo=BRUSSELS).astimezone(UTC)
    starts = [(local + timedelta(minutes=15 * i)).astimezone(BRUSSELS) for i in range(92)]
    entries = [
        {"from": s.replace(tzinfo=None).isoformat(), "price": i / 1000, "unit": "kWh"}
        for i, s in enumerate(starts)
    ]
    found = read(PriceSource(type="easyenergy", area="NL"), {"prices": entries})
    assert found.eur_per_kwh == tuple(i / 1000 for i in range(92))


def energyzero(**changes: Any) -> Any:
    """Four quarter-hours in which one thing is changed: `value1=...` sets the second price."""
    document = json.loads(recorded("energyzero_rest_quarter.json"))
    document["base"] = document["base"][:4]
    for name, value in changes.items():
        entry = document["base"][int(name[-1])]
        if name.startswith("value"):
            entry["price"]["value"] = value
        else:
            entry[name[:-1]] = value
    return document


@pytest.mark.parametrize(
    ("change", "code", "holes"),
    [
        ({"value1": "NaN"}, "not_a_number", [1]),
        ({"value1": "ten"}, "not_a_number", [1]),
        ({"value1": True}, "not_a_number", [1]),
        ({"value1": None}, "hole", [1]),
        ({"value1": "88.5"}, "implausible", [1]),
        ({"value1": "1e999"}, "not_a_number", [1]),
        ({"start1": "2025-12-15T23:16:00Z"}, "off_grid", [1]),
        ({"start1": "yesterday"}, "bad_time", [1]),
        ({"start1": 17}, "bad_time", [1]),
        ({"end1": "2025-12-16T23:30:00Z"}, "bad_step", [1]),
        ({"start1": "2025-12-16T00:15:00", "end1": "2025-12-16T00:30:00"}, "no_time_zone", []),
        ({"start1": "1999-12-15T23:15:00Z"}, "bad_time", [1]),
    ],
)
def test_a_bad_entry_is_named_and_the_others_count(
    change: dict[str, Any], code: str, holes: list[int]
) -> None:
    found = read(PriceSource(type="energyzero", area="NL"), energyzero(**change))
    assert code in codes(found), found.faults
    assert [i for i, v in enumerate(found.eur_per_kwh) if v is None] == holes
    assert len(found.eur_per_kwh) == 4


def test_order_and_doubles() -> None:
    document = energyzero()
    document["base"].reverse()
    found = read(PriceSource(type="energyzero", area="NL"), document)
    assert codes(found) == ["out_of_order"]
    assert found.eur_per_kwh == read(PriceSource(type="energyzero", area="NL"), energyzero()).eur_per_kwh
    document = energyzero()
    document["base"].append(document["base"][0])
    assert codes(read(PriceSource(type="energyzero", area="NL"), document)) == ["out_of_order"]
    document["base"].append({**document["base"][0], "price": {"value": "0.5"}})
    found = read(PriceSource(type="energyzero", area="NL"), document)
    assert "contradiction" in codes(found)
    assert found.eur_per_kwh[0] == pytest.approx(0.07994)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"<html></html>", "html"),
        (b'\xff\xfe{"base": []}', "undecodable"),
        (b"null", "unknown_form"),
        (b"[]", "unknown_form"),
        (b'{"base": 3}', "unknown_form"),
        (b'{"message": "quota exceeded"}', "refused"),
        (b'{"base": []}', "no_data"),
        (b'{"base": [1, null, "x"]}', "unknown_form"),
        (b"{'base': []}", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"base": ' + b"9" * 10_000 + b"}", "not_json"),
    ],
)
def test_what_is_no_answer_has_a_name(raw: bytes, code: str) -> None:
    with pytest.raises(AnswerError) as refused:
        read(PriceSource(type="energyzero", area="NL"), raw)
    assert refused.value.code == code


def test_json_cut_anywhere_says_so() -> None:
    whole = json.dumps(energyzero()).encode()
    for length in range(1, len(whole)):
        with pytest.raises(AnswerError) as refused:
            read(PriceSource(type="energyzero", area="NL"), whole[:length])
        assert refused.value.code == "truncated", whole[max(0, length - 20) : length]


def test_nord_pool_names_area_and_currency() -> None:
    raw = recorded("nordpool_delivery_period.json")
    with pytest.raises(AnswerError, match="no prices of area 'BE'; it has SE3, SE4"):
        read(PriceSource(type="nordpool", area="BE", currency="SEK"), raw)
    with pytest.raises(AnswerError, match="gives 'SEK', and EUR is wanted"):
        read(PriceSource(type="nordpool", area="SE3"), raw)
    early = json.loads(raw)
    early["areaStates"][0]["state"] = "Preliminary"
    found = read(PriceSource(type="nordpool", area="SE3", currency="SEK"), early)
    assert codes(found) == ["preliminary"]


def test_energy_charts_with_lists_of_two_lengths_and_holes() -> None:
    document = {"unix_seconds": [1733785200, 1733786100, 1733787000, 1733787900], "unit": "EUR / MWh"}
    found = read(PriceSource(type="energy-charts"), {**document, "price": [1, None, 30]})
    assert found.eur_per_kwh == (0.001, None, 0.03)
    assert codes(found) == ["bad_entry", "hole"]
    with pytest.raises(AnswerError, match="unknown unit"):
        read(PriceSource(type="energy-charts"), {**document, "price": [1, 2, 3, 4], "unit": "beans"})


def test_awattar_calls_its_list_data() -> None:
    entry = {"start_timestamp": 1733785200000, "end_timestamp": 1733788800000, "unit": "Eur/MWh"}
    found = read(
        PriceSource(type="awattar", area="AT"), {"object": "list", "data": [{**entry, "marketprice": 92.85}]}
    )
    assert found.eur_per_kwh == (0.09285,) * 4
    with pytest.raises(AnswerError) as refused:
        read(PriceSource(type="awattar", area="AT"), {"object": "list", "data": []})
    assert refused.value.code == "no_data"


# -- Home Assistant and a file --------------------------------------------------------------------------------

HA = PriceSource(type="home-assistant", url="http://ha.local:8123", entity="sensor.nordpool", token="t0ken")


def entity(unit: str | None = "EUR/kWh", **attributes: Any) -> Any:
    return {
        "entity_id": "sensor.x",
        "state": "0.1",
        "attributes": {"unit_of_measurement": unit, **attributes},
    }


def quarters(start: str, *prices: Any) -> list[dict[str, Any]]:
    first = datetime.fromisoformat(start)
    return [
        {
            "start": (first + timedelta(minutes=15 * i)).isoformat(),
            "end": (first + timedelta(minutes=15 * (i + 1))).isoformat(),
            "value": price,
        }
        for i, price in enumerate(prices)
    ]


def test_home_assistant_with_the_attributes_of_nord_pool() -> None:
    today = quarters("2026-01-15T00:00:00+01:00", 0.1, 0.2)
    tomorrow = quarters("2026-01-15T00:30:00+01:00", 0.3, -0.05)
    found = read(HA, entity(raw_today=today, raw_tomorrow=tomorrow, today=[0.1, 0.2], tomorrow_valid=True))
    assert (found.start_s, found.eur_per_kwh) == (at("2026-01-14T23:00"), (0.1, 0.2, 0.3, -0.05))
    assert found.faults == ()
    empty = read(HA, entity(raw_today=today, raw_tomorrow=[], tomorrow_valid=False))
    assert empty.eur_per_kwh == (0.1, 0.2)
    cents = read(
        HA, entity("EUR/kWh", raw_today=quarters("2026-01-15T00:00:00+01:00", 10, 20), price_in_cents=True)
    )
    assert cents.eur_per_kwh == (0.1, 0.2)


def test_home_assistant_with_the_attributes_of_entsoe() -> None:
    today = [
        {"time": "2026-01-15 00:00:00+01:00", "price": 0.1},
        {"time": "2026-01-15 01:00:00+01:00", "price": 0.2},
    ]
    found = read(HA, entity("€/kWh", prices_today=today, prices=[*today, *today]))
    assert found.eur_per_kwh == (0.1,) * 4 + (0.2,) * 4
    assert found.native_step_s == 3600


def test_home_assistant_with_local_time_is_said() -> None:
    found = read(HA, entity(data=quarters("2026-01-15T00:00:00", 0.1, 0.2)))
    assert codes(found) == ["no_time_zone"]
    assert found.start_s == at("2026-01-14T23:00")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (entity(None, prices=quarters("2026-01-15T00:00:00Z", 1)), "add unit: EUR/kWh"),
        (entity("SEK/kWh", prices=quarters("2026-01-15T00:00:00Z", 1)), "not in EUR"),
        (entity(prices=[1, 2, 3]), "no list of prices with a start"),
        ({"message": "Entity not found."}, "Entity not found"),
        ({"state": "unavailable", "attributes": {}}, "unavailable; look at its integration"),
    ],
)
def test_home_assistant_says_what_is_missing(document: Any, words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        read(HA, document)


FILE = PriceSource(type="file", path="prices.csv")


@pytest.mark.parametrize(
    "text",
    [
        "start,eur_per_kwh\n2026-01-15T00:00:00+01:00,0.1\n2026-01-15T00:15:00+01:00,0.2\n",
        "\ufeffStart;eur_per_mwh\r\n2026-01-14T23:00Z;100,0\r\n2026-01-14T23:15Z;200,0\r\n\r\n",
        "utc\teur_per_kwh\n1768431600\t0.1\n1768432500\t0.2\n",
        '[{"start": "2026-01-14T23:00Z", "value": 0.1}, {"start": "2026-01-14T23:15Z", "value": 0.2}]',
        '{"unit": "ct/kWh", "prices": [{"start": 1768431600, "value": 10}, {"start": 1768432500000, "value": 20}]}',
    ],
)
def test_files_in_many_writings(text: str) -> None:
    source = PriceSource(type="file", path="x", unit="EUR/kWh" if text.startswith("[") else None)
    found = read(source, text)
    assert (found.start_s, found.eur_per_kwh, found.faults) == (at("2026-01-14T23:00"), (0.1, 0.2), ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "name the columns start and eur_per_kwh"),
        ("start,price\n2026-01-14T23:00Z,0.1\n", "add unit"),
        ("start,eur_per_kwh\n2026-01-14T23:00Z,nothing\n", "no usable price; row"),
        ("start,eur_per_kwh\n", "no prices for that time"),
        ("\xff".encode("latin-1"), "no text in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(text: str | bytes, words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        read(FILE, text)


# -- what is asked ----------------------------------------------------------------------------------------------

SUMMER = date(2026, 3, 29)


def test_entsoe_is_asked_in_utc_for_days_of_the_market() -> None:
    source = PriceSource(type="entsoe", area="BE", token="s3cret")
    (request,) = requests_of(source, SUMMER, SUMMER + timedelta(days=1))
    assert dict(request.params) == {
        "documentType": "A44",
        "in_Domain": "10YBE----------2",
        "out_Domain": "10YBE----------2",
        "periodStart": "202603282300",
        "periodEnd": "202603302200",
    }
    assert request.secrets == (("securityToken", "s3cret"),)
    for shown in (repr(source), repr(request), request.shown, source.key):
        assert "s3cret" not in shown


def test_sources_that_give_a_day_at_a_time_are_asked_day_by_day() -> None:
    last = SUMMER + timedelta(days=1)
    asked = [
        dict(r.params)["date"] for r in requests_of(PriceSource(type="energyzero", area="NL"), SUMMER, last)
    ]
    assert asked == ["29-03-2026", "30-03-2026"]
    params = [dict(r.params) for r in requests_of(PriceSource(type="nordpool", area="DE"), SUMMER, last)]
    assert [(p["date"], p["deliveryArea"]) for p in params] == [("2026-03-29", "GER"), ("2026-03-30", "GER")]


def test_the_other_requests() -> None:
    (home,) = requests_of(HA, SUMMER, SUMMER)
    assert (home.address, home.bearer) == ("http://ha.local:8123/api/states/sensor.nordpool", "t0ken")
    (charts,) = requests_of(PriceSource(type="energy-charts", area="lu"), SUMMER, SUMMER)
    assert dict(charts.params) == {"bzn": "DE-LU", "start": "2026-03-29", "end": "2026-03-29"}
    (austria,) = requests_of(PriceSource(type="awattar", area="AT"), SUMMER, SUMMER)
    assert austria.url.endswith("awattar.at/v1/marketdata")
    assert dict(austria.params) == {"start": "1774738800000", "end": "1774821600000"}
    assert requests_of(FILE, SUMMER, SUMMER) == ()
    for kind in NAMES:
        source = PriceSource(type=kind, area="DE", url="https://example.org", entity="sensor.x")  # type: ignore[arg-type]
        assert all(r.url.startswith("https://") for r in requests_of(source, SUMMER, SUMMER))


def test_zones_have_codes_of_the_right_length() -> None:
    assert all(len(zone.eic) == 16 for zone in ZONES.values())
    assert zone_of("de") == zone_of("DE-LU")
    assert zone_of("XX") is None


# -- small parts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "factor", "currency"),
    [
        ("Eur/MWh", 0.001, "EUR"), ("EUR / MWh", 0.001, "EUR"), ("€/kWh", 1.0, "EUR"), ("MWH", 0.001, None),
        ("ct/kWh", 0.01, None), ("EURcent/kWh", 0.01, "EUR"), ("SEK/kWh", 1.0, "SEK"), ("kWh", 1.0, None),
    ],
)  # fmt: skip
def test_units(text: str, factor: float, currency: str | None) -> None:
    found = unit_of(text)
    assert found is not None
    assert (found.factor, found.currency) == (factor, currency)


@pytest.mark.parametrize("text", ["", "EUR", "USD/gallon", "W", None, 3])
def test_no_units(text: object) -> None:
    assert unit_of(text) is None


@given(st.integers(946_684_800, 4_102_444_799), st.sampled_from([1, 1000]))
def test_seconds_and_milliseconds_are_told_apart(utc_s: int, scale: int) -> None:
    found = WallClock(BRUSSELS).read(utc_s * scale)
    assert found is not None
    assert found.utc_s == utc_s


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["base", "prices", "data", "values", "start", "price", "value", "attributes", "unit", "from"]),
        inner, max_size=4,
    ),
    max_leaves=15,
)  # fmt: skip


@given(st.sampled_from(sorted(NAMES)), json_values)
def test_any_json_gives_a_series_or_one_kind_of_error(kind: Any, value: Any) -> None:
    source = PriceSource(type=kind, area="BE", unit="EUR/kWh", entity="sensor.x")
    try:
        found = read(source, json.dumps(value).encode())
    except AnswerError:
        return
    assert any(v is not None for v in found.eur_per_kwh)


@given(st.lists(st.one_of(st.none(), st.floats(-0.5, 1.0)), min_size=1, max_size=60), st.integers(0, 40000))
def test_what_goes_in_comes_out(prices: list[float | None], quarter: int) -> None:
    """A list of quarter-hours keeps every price at its place, and every hole is named."""
    start_s = 1_768_431_600 + 900 * quarter
    entries = [{"start": start_s + 900 * i, "value": p} for i, p in enumerate(prices)]
    source = PriceSource(type="file", path="x", unit="EUR/kWh")
    if all(p is None for p in prices):
        with pytest.raises(AnswerError):
            read(source, entries)
        return
    if sum(p is not None for p in prices) == 1 and len(prices) > 1:
        entries = [{**e, "end": e["start"] + 900} for e in entries]  # type: ignore[operator]
    found = read(source, entries)
    step = 4 if len(prices) == 1 else 1
    for i, price in enumerate(prices):
        shown = found.at(start_s + 900 * i)
        assert (shown is None) == (price is None)
        if price is not None:
            assert shown == pytest.approx(price, abs=1e-8)
    known = [v for v in found.eur_per_kwh if v is not None]
    assert len(known) == step * sum(p is not None for p in prices)
