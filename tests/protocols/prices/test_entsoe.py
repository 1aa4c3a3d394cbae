"""ENTSO-E's A44: recorded documents, every trap on its own, and bytes that are none."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.protocols.prices.documents import period, publication, recorded, time_series

from kwartier.protocols.answers import AnswerError
from kwartier.protocols.prices import entsoe
from kwartier.site.prices import PriceSeries

DAY = ("2026-01-14T23:00Z", "2026-01-15T23:00Z")


def decode(raw: bytes, **more: str) -> PriceSeries:
    return entsoe.decode(raw, fetched_at_s=1.0, **more)


def codes(series: PriceSeries) -> list[str]:
    return [f.code for f in series.faults]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_hours_become_quarters_and_left_out_points_repeat() -> None:
    found = decode(recorded("entsoe_BE_60M.xml"))
    assert (found.start_s, len(found.eur_per_kwh), found.native_step_s) == (at("2024-10-07T22:00"), 96, 3600)
    assert found.eur_per_kwh[:5] == (0.06498, 0.06498, 0.06498, 0.06498, 0.05786)
    assert found.faults == ()


def test_quarters_and_hours_in_one_document() -> None:
    found = decode(recorded("entsoe_BE_60M_15M_mix.xml"))
    assert len(found.eur_per_kwh) == 3 * 96
    assert None not in found.eur_per_kwh
    assert len(set(found.eur_per_kwh[52:60])) == 1, "position 57 is left out: it equals 53"


def test_the_first_auction_counts_and_the_other_is_named() -> None:
    found = decode(recorded("entsoe_DE_60M_15M_overlap.xml"))
    assert len(found.eur_per_kwh) == 192
    assert found.eur_per_kwh[:5] == (0.06704, 0.06704, 0.06704, 0.06704, 0.06397)
    assert codes(found) == ["other_auction"]


def test_points_in_any_order_and_beyond_the_interval() -> None:
    found = decode(recorded("entsoe_BE_15M_avg.xml"))
    assert found.eur_per_kwh[:11] == (0.05535, 0.04032, 0.03186, 0.02871, *[0.04422] * 6, 0.02837)
    assert codes(found) == ["out_of_order", "out_of_order", "outside"]


@pytest.mark.parametrize(
    ("interval", "quarters"),
    [(("2026-03-28T23:00Z", "2026-03-29T22:00Z"), 92), (("2026-10-24T22:00Z", "2026-10-25T23:00Z"), 100)],
)
def test_days_of_23_and_25_hours(interval: tuple[str, str], quarters: int) -> None:
    prices = {place: 10 + place for place in range(1, quarters + 1)}
    found = decode(publication(time_series(period(*interval, prices))))
    assert len(found.eur_per_kwh) == quarters
    assert found.eur_per_kwh[-1] == pytest.approx((10 + quarters) / 1000)
    assert found.faults == ()


def test_a_curve_of_all_points_has_holes_where_points_are_missing() -> None:
    prices = {1: 10, 2: 20, 5: 50}
    found = decode(publication(time_series(period(*DAY, prices), curve="A01")))
    assert found.eur_per_kwh == (0.01, 0.02, None, None, 0.05)
    assert codes(found) == ["hole"]
    assert found.faults[0].where == "2026-01-14T23:30Z"


def test_the_same_interval_twice() -> None:
    one = period("2026-01-14T23:00Z", "2026-01-15T00:00Z", {1: 10, 3: 30})
    two = period("2026-01-14T23:00Z", "2026-01-15T00:00Z", {1: 10, 3: 31})
    equal = decode(publication(time_series(one), time_series(one)))
    assert codes(equal) == []
    found = decode(publication(time_series(one), time_series(two)))
    assert found.eur_per_kwh == (0.01, 0.01, 0.03, 0.03)
    assert codes(found) == ["contradiction", "contradiction"]


def test_quarters_count_before_hours_of_one_auction() -> None:
    hour = period("2026-01-14T23:00Z", "2026-01-15T01:00Z", {1: 25, 2: 60}, "PT60M")
    fine = period("2026-01-14T23:00Z", "2026-01-15T00:00Z", {1: 10, 2: 20, 3: 30, 4: 40})
    for order in ((hour, fine), (fine, hour)):
        found = decode(publication(*[time_series(p) for p in order]))
        assert found.eur_per_kwh == (0.01, 0.02, 0.03, 0.04, 0.06, 0.06, 0.06, 0.06)
        assert codes(found) == []


@pytest.mark.parametrize(
    "namespace",
    ["", "urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:0", "urn:entsoe:publication:99"],
)
def test_namespaces_do_not_matter(namespace: str) -> None:
    raw = publication(time_series(period(*DAY, {1: 42})), namespace=namespace)
    assert decode(raw).at(at("2026-01-15T12:00")) == 0.042


def test_prefixed_elements_are_read_too() -> None:
    raw = publication(time_series(period(*DAY, {1: 42}))).decode()
    for name in ("Publication_MarketDocument", "TimeSeries", "Period", "Point"):
        raw = raw.replace(f"<{name}", f"<ns:{name}").replace(f"</{name}", f"</ns:{name}")
    assert decode(raw.replace("xmlns=", "xmlns:ns=").encode()).at(at("2026-01-15T12:00")) == 0.042


@pytest.mark.parametrize(
    ("prices", "code"),
    [
        ({1: 10, 2: "NaN", 3: 10}, "not_a_number"),
        ({1: 10, 2: "ten", 3: 10}, "not_a_number"),
        ({1: 10, 2: 88000, 3: 10}, "implausible"),
        ({1: 10, 2: 10, 97: 10}, "outside"),
        ({1: 10, "two": 10}, "outside"),
    ],
)
def test_a_bad_point_is_named_and_the_others_count(prices: dict[int, object], code: str) -> None:
    found = decode(publication(time_series(period(*DAY, prices, "PT15M"))))
    assert code in codes(found)
    assert found.eur_per_kwh[0] == 0.01


def test_wrong_currency_and_unknown_unit() -> None:
    good = time_series(period(*DAY, {1: 10}))
    swedish = time_series(period(*DAY, {1: 100}), currency="SEK", sequence=1)
    assert codes(decode(publication(good, swedish))) == ["wrong_currency"]
    with pytest.raises(AnswerError, match="'SEK' where EUR is wanted"):
        decode(publication(swedish))
    assert decode(publication(swedish), currency="SEK").currency == "SEK"
    gallons = time_series(period(*DAY, {1: 10}), unit="GALLON")
    assert codes(decode(publication(good, gallons))) == ["wrong_unit"]


def test_a_whole_day_in_the_wrong_unit_is_left_out() -> None:
    per_kwh = {place: 0.08 + place / 10000 for place in range(1, 97)}
    with pytest.raises(AnswerError, match="prices per kWh taken for MWh"):
        decode(publication(time_series(period(*DAY, per_kwh))))
    with pytest.raises(AnswerError, match="MWh, or cents, taken for kWh"):
        decode(publication(time_series(period(*DAY, {1: 3}), unit="KWH")))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("No matching data found for Data item Day-ahead Prices [12.1.D]", "no_data"),
        ("Unauthorized. Missing or invalid security token", "refused"),
        ("The number of instances exceeds the allowed maximum", "refused"),
    ],
)
def test_an_acknowledgement_says_why(text: str, code: str) -> None:
    raw = (
        '<Acknowledgement_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-1:acknowledgementdocument:8:0">'
        f"<Reason><code>999</code><text>{text}</text></Reason></Acknowledgement_MarketDocument>"
    )
    with pytest.raises(AnswerError) as refused:
        decode(raw.encode())
    assert refused.value.code == code
    if code == "refused":
        assert text in str(refused.value)


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<Publication_MarketDocument>&b;</Publication_MarketDocument>"
)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<html><body>Down</body></html>", "html"),
        (b"<!DOCTYPE html><html><p>Down<br></html>", "html"),
        (BOMB.encode(), "unsafe_xml"),
        (BOMB.encode("utf-16"), "unsafe_xml"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "unsafe_xml"),
        (b"<a>" * 100_000, "unsafe_xml"),
        (b'{"error": "no"}', "not_xml"),
        (b"\x00\x01\x02", "not_xml"),
        (b"<Publication_MarketDocument><a></b></Publication_MarketDocument>", "not_xml"),
        (b"<Something_Else/>", "unknown_form"),
        (b"<Publication_MarketDocument/>", "no_data"),
        (b"<a/>" + b" " * 5_000_000, "too_long"),
    ],
)
def test_what_is_no_document_has_a_name(raw: bytes, code: str) -> None:
    with pytest.raises(AnswerError) as refused:
        decode(raw)
    assert refused.value.code == code


def test_a_document_cut_anywhere_is_never_believed() -> None:
    whole = publication(time_series(period(*DAY, {1: 10, 2: 20})))
    for length in range(1, len(whole)):
        with pytest.raises(AnswerError):
            decode(whole[:length])


@given(st.binary(max_size=200))
def test_any_bytes_give_one_kind_of_error(raw: bytes) -> None:
    with pytest.raises(AnswerError):
        decode(raw)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.integers(0, 1200), st.text("0123456789.-NaInZ:T <&\x00é", max_size=8)
        ),
        max_size=6,
    )
)
def test_a_damaged_document_gives_a_series_or_that_error(damages: list[tuple[int, int, str]]) -> None:
    raw = publication(time_series(period(*DAY, dict.fromkeys(range(1, 9), 10)))).decode()
    for kind, place, text in damages:
        cut = place % len(raw)
        raw = raw[:cut] + text + raw[cut + kind :]
    try:
        found = decode(raw.encode())
    except AnswerError:
        return
    assert any(v is not None for v in found.eur_per_kwh)
    assert found.start_s % 900 == 0
    assert all(v is None or abs(v) < 10 for v in found.eur_per_kwh)


def test_what_is_said_of_a_huge_answer_stays_short() -> None:
    """A megabyte in the place of a number, and a hundred thousand bad places."""
    odd = period(*DAY, {1: 10, 2: "9" * 1_000_000}) + period(*DAY, dict.fromkeys(range(97, 5000), 1))
    found = decode(publication(time_series(odd, period("now" * 50_000, "then", {1: 1}))))
    assert found.eur_per_kwh[0] == 0.01
    assert len(found.faults) < 100
    assert max(len(f.where) + len(f.detail) for f in found.faults) < 500
