"""ENTSO-E documents written by hand for the tests, and the recorded answers."""

from collections.abc import Mapping
from pathlib import Path

CAPTURES = Path(__file__).parents[2] / "captures/prices"
NAMESPACE = "urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3"


def recorded(name: str) -> bytes:
    return (CAPTURES / name).read_bytes()


def period(start: str, end: str, prices: Mapping[int, object], resolution: str = "PT15M") -> str:
    points = "".join(
        f"<Point><position>{place}</position><price.amount>{price}</price.amount></Point>"
        for place, price in prices.items()
    )
    return (
        f"<Period><timeInterval><start>{start}</start><end>{end}</end></timeInterval>"
        f"<resolution>{resolution}</resolution>{points}</Period>"
    )


def time_series(
    *periods: str, curve: str = "A03", sequence: int | None = None, currency: str = "EUR", unit: str = "MWH"
) -> str:
    name = "classificationSequence_AttributeInstanceComponent.position"
    told = "" if sequence is None else f"<{name}>{sequence}</{name}>"
    return (
        f"<TimeSeries><mRID>{sequence or 1}</mRID><currency_Unit.name>{currency}</currency_Unit.name>"
        f"<price_Measure_Unit.name>{unit}</price_Measure_Unit.name>{told}<curveType>{curve}</curveType>"
        f"{''.join(periods)}</TimeSeries>"
    )


def publication(*series: str, namespace: str = NAMESPACE) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Publication_MarketDocument xmlns="{namespace}">'
        f"<type>A44</type>{''.join(series)}</Publication_MarketDocument>"
    ).encode()
