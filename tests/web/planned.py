"""A plan to show on pages: a household's day with sun, prices, a car with a goal and a battery; a PlanSite that holds it."""

import copy
import math
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kwartier.site.reasons import LANGUAGES, Reason, reason
from kwartier.web.live import Document
from kwartier.web.plan import Unfit
from kwartier.web.plan_schemas import GoalChange, OverrideChange

BRUSSELS = ZoneInfo("Europe/Brussels")
STEP_S = 900
MEASURED = 48
PLANNED = 144


def iso(utc_s: float) -> str:
    """ISO 8601 at the site."""
    return datetime.fromtimestamp(utc_s, UTC).astimezone(BRUSSELS).isoformat(timespec="seconds")


def words(en: str, nl: str, fr: str, de: str, code: str = "no_car") -> Document:
    """A reason."""
    return {"code": code, "params": {}, "en": en, "nl": nl, "fr": fr, "de": de}


def spoken(why: Reason) -> Document:
    """A reason of the catalogue."""
    en, nl, fr, de = (why.text(language) for language in LANGUAGES)
    return words(en, nl, fr, de, why.code)


def _hour(at_s: float) -> float:
    local = datetime.fromtimestamp(at_s, UTC).astimezone(BRUSSELS)
    return local.hour + local.minute / 60


def _price(at_s: float) -> float:
    hour = _hour(at_s)
    evening = 0.16 * math.exp(-((hour - 18.5) ** 2) / 4)
    morning = 0.09 * math.exp(-((hour - 8) ** 2) / 3)
    return round(0.19 + evening + morning - 0.09 * math.exp(-((hour - 3) ** 2) / 6), 4)


def _house(at_s: float) -> float:
    hour = _hour(at_s)
    return 320 + 1500 * math.exp(-((hour - 19) ** 2) / 3) + 700 * math.exp(-((hour - 7.5) ** 2) / 2)


def _sun(at_s: float) -> float:
    return -3200 * max(0.0, math.sin((_hour(at_s) - 8) / 9 * math.pi)) if 8 < _hour(at_s) < 17 else 0.0


def planned(document: Document, *, car: str | None = None, guessed: bool = False) -> Document:
    """A plan of the site that shows this document; `car`: the charge point with a goal."""
    point = (
        document["charge_points"][0]
        if car is None
        else next(p for p in document["charge_points"] if p["id"] == car)
    )
    now_s = document["at_s"]
    start_s = int(now_s // STEP_S) * STEP_S - MEASURED * STEP_S
    at = [start_s + i * STEP_S for i in range(MEASURED + PLANNED)]
    charge = {i for i, t in enumerate(at) if i >= MEASURED and 1.75 <= _hour(t) < 4.75 and i < MEASURED + 80}
    give = {i for i, t in enumerate(at) if i > MEASURED and 17.5 <= _hour(t) < 20.5}
    cars = [7400.0 if i in charge else 0.0 for i in range(len(at))]
    battery = [-1300.0 if i in give else 900.0 if 11 <= _hour(t) < 14 else 0.0 for i, t in enumerate(at)]
    house, sun = [round(_house(t), 1) for t in at], [round(_sun(t), 1) for t in at]
    grid = [round(h + s + c + b, 1) for h, s, c, b in zip(house, sun, cars, battery, strict=True)]
    left, right = range(MEASURED), range(MEASURED, len(at))

    def measured(values: list[float]) -> list[float | None]:
        return [v * (1 + 0.18 * math.sin(i)) if i in left else None for i, v in enumerate(values)]

    def ahead(values: list[float]) -> list[float | None]:
        return [v if i in right else None for i, v in enumerate(values)]

    level, pct = [], 42.0
    for i in range(len(at)):
        pct += cars[i] * 0.9 / 4 / 1000 / 60 * 100
        level.append(round(pct, 1) if i >= MEASURED - 8 else None)
    home, pct = [], 55.0
    for value_w in battery:
        pct = min(95.0, max(10.0, pct + value_w / 4 / 1000 / 8 * 100))
        home.append(round(pct, 1))
    first, last = min(charge), max(charge) + 1
    energy = sum(cars) / 4 / 1000
    due_s = at[last] + 2.75 * 3600
    price = [_price(t) for t in at]
    cost = round(sum(cars[i] / 4000 * price[i] for i in charge), 2)
    why = words(
        "Charging at 01:45 because energy costs 11.2 cent then and 33.5 at 18:30; the peak of 3.9 kW is already paid.",
        "Laadt om 01:45 omdat stroom dan 11,2 cent kost en 33,5 om 18:30; de piek van 3,9 kW is al betaald.",
        "Charge à 01:45 car l'électricité coûte alors 11,2 cents et 33,5 à 18:30 ; la pointe de 3,9 kW est déjà payée.",
        "Lädt um 01:45, weil Strom dann 11,2 Cent kostet und 33,5 um 18:30; die Spitze von 3,9 kW ist schon bezahlt.",
    )
    gives = words(
        "Gives in the evening, when energy costs 33.5 cent.",
        "Geeft 's avonds, wanneer stroom 33,5 cent kost.",
        "Donne le soir, quand l'électricité coûte 33,5 cents.",
        "Gibt am Abend, wenn Strom 33,5 Cent kostet.",
    )
    begin = min(give)
    end = begin
    while end in give:
        end += 1
    blocks = [
        block("car-1", point, at[first], at[last], 7400.0, energy, 0.112, cost, why),
        {
            **block("bat-1", {"id": "home", "name": "Home battery"}, at[begin], at[end], -1300.0, -3.9, 0.335, -1.31, gives),
            "kind": "battery", "does": "discharges", "movable": False,
        },
    ]  # fmt: skip
    axis = {
        "start_s": start_s,
        "step_s": STEP_S,
        "now_s": now_s,
        "measured": {
            "grid_w": measured(grid), "house_w": measured(house), "production_w": measured(sun),
            "chargers_w": measured(cars), "battery_w": measured(battery),
        },
        "planned": {
            "grid_w": ahead(grid), "house_w": ahead(house), "production_w": ahead(sun), "chargers_w": ahead(cars),
            "battery_w": ahead(battery),
        },
        "house_band": {
            "low": ahead([v * 0.6 for v in house]), "mid": ahead(house), "high": ahead([v * 1.6 for v in house]),
        },
        "sun_band": {"low": ahead([v * 0.4 for v in sun]), "mid": ahead(sun), "high": ahead([v * 1.3 for v in sun])},
        "import_price": price,
        "export_price": [round(p - 0.14, 4) for p in price],
        "price_known": [not guessed and i < MEASURED + 110 for i in range(len(at))],
        "marginal": price,
        "import_limit_w": [None] * len(at),
        "peak_w": 3900.0,
        "devices": [
            {
                "id": point["id"], "name": point["name"], "kind": "car", "measured_w": measured(cars),
                "planned_w": ahead(cars), "capacity_kwh": 60.0, "level_pct": level,
            },
            {
                "id": "home", "name": "Home battery", "kind": "battery", "measured_w": measured(battery),
                "planned_w": ahead(battery), "capacity_kwh": 8.0, "level_pct": home,
            },
        ],
    }  # fmt: skip
    goals = [goal(p) for p in document["charge_points"]]
    mine = next(g for g in goals if g["charge_point_id"] == point["id"])
    mine |= {
        "mode": "smart", "plugged": True, "set": True, "target": 80.0, "unit": "pct", "at": "07:30", "weekdays": [0, 1, 2, 3, 4],
        "battery_kwh": 60.0, "level_pct": 42.0, "due": iso(due_s), "needs_kwh": round(energy, 2), "planned_kwh": round(energy, 2),
        "missing_kwh": 0.0, "finish": iso(at[last]), "cost_eur": cost, "origin": "hand",
    }  # fmt: skip
    return {
        "at": iso(now_s),
        "status": "planned",
        "version": "7",
        "made_at": iso(now_s - 95),
        "age_s": 95.0,
        "valid_until": iso(now_s + 1800),
        "next_at": iso(now_s + 500),
        "cause": words(
            "A car was plugged in.",
            "Er is een auto aangesloten.",
            "Une voiture a été branchée.",
            "Ein Auto wurde angeschlossen.",
        ),
        "proven": "optimal",
        "gap_eur": 0.01,
        "solve_s": 0.08,
        "notes": [
            words(
                "Prices after tomorrow midnight are guessed from recent days.",
                "Prijzen na morgen middernacht zijn geschat uit de laatste dagen.",
                "Les prix après demain minuit sont estimés d'après les derniers jours.",
                "Preise nach morgen Mitternacht sind aus den letzten Tagen geschätzt.",
            )
        ],
        "prices": {
            "source": "ENTSO-E",
            "age_s": 5400.0,
            "known_until": iso(at[-1]),
            "tariff": "Dynamic, Fluvius West",
        },
        "axis": axis,
        "blocks": blocks,
        "goals": goals,
        "violations": [],
        "cost": {
            "energy_eur": 3.12,
            "peak_eur": 0.0,
            "wear_eur": 0.2,
            "total_eur": 3.32,
            "at_once_eur": 6.48,
        },
        "peak": {"planned_w": 7800.0, "so_far_w": 3900.0, "eur_per_kw": 4.6},
    }


def block(
    name: str,
    point: Document,
    start_s: float,
    end_s: float,
    power_w: float,
    energy_kwh: float,
    price: float,
    cost: float,
    why: Document,
) -> Document:
    """One block of a car."""
    return {
        "id": name, "device_id": point["id"], "name": point["name"], "kind": "car", "does": "charges", "start": iso(start_s),
        "end": iso(end_s), "start_s": int(start_s), "end_s": int(end_s), "power_w": power_w, "energy_kwh": energy_kwh,
        "price_eur_per_kwh": price, "cost_eur": cost, "sun_pct": 0.0, "reason": why, "movable": True, "override_id": None,
    }  # fmt: skip


def goal(point: Document) -> Document:
    """A charge point of which nothing is wanted."""
    return {
        "charge_point_id": point["id"], "name": point["name"], "mode": point["mode"], "plugged": False, "set": False,
        "target": None, "unit": None, "at": None, "weekdays": [], "on": None, "style": "cheapest", "at_once": None,
        "battery_kwh": None, "kwh_per_100km": None, "level_pct": None, "due": None, "needs_kwh": None, "planned_kwh": None,
        "missing_kwh": None, "finish": None, "cost_eur": None, "overrides": [], "origin": None, "event": None,
        "calendar": None,
    }  # fmt: skip


class RecordedPlan:
    """A PlanSite round a plan; remembers what it was asked, and shifts blocks as told."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.asked: list[GoalChange] = []
        self.shifted: list[OverrideChange] = []
        self.events: dict[str, Document] = {}
        """By charge point: the event behind its goal."""

    def summary(self) -> Document:
        """For the live state."""
        shown = ("mode", "target", "unit", "due", "finish", "missing_kwh")
        goals = {g["charge_point_id"]: {k: g[k] for k in shown} for g in self.document["goals"]}
        return {"status": self.document["status"], "version": self.document["version"], "goals": goals}

    async def plan(self) -> Document:
        """As given."""
        return self.document

    def goals(self, *, private: bool = False) -> list[Document]:
        """Of the plan; titles only with `private`, as a real site has it."""
        found: list[Document] = self.document["goals"]
        if self.events:
            found = [g | {"event": self.events.get(g["charge_point_id"]) if private else None} for g in found]
        return found

    def set_goal(self, charge_point_id: str, asked: GoalChange) -> None:
        """Refuses what is larger than the battery."""
        self._fits(asked)
        self.asked.append(asked)
        found = next(g for g in self.goals() if g["charge_point_id"] == charge_point_id)
        found["mode"] = asked.mode or found["mode"]
        if asked.target is not None:
            found |= {
                "set": True,
                "target": asked.target,
                "unit": asked.unit,
                "at": asked.at,
                "weekdays": asked.weekdays,
            }

    def _fits(self, asked: GoalChange) -> None:
        if asked.unit == "pct" and (asked.target or 0) > 100:
            raise Unfit(reason("goal_above_full"))

    def remove_goal(self, charge_point_id: str) -> None:
        """Forgets it."""
        found = next(g for g in self.goals() if g["charge_point_id"] == charge_point_id)
        found |= {"set": False, "target": None, "unit": None}

    async def preview(self, charge_point_id: str, asked: GoalChange) -> Document:
        """The planned blocks, with a warning where more than 95 % is wanted."""
        self._fits(asked)
        found = next(g for g in self.goals() if g["charge_point_id"] == charge_point_id)
        warnings = []
        if (asked.target or 0) > 95:
            warnings = [
                {
                    "code": "unreachable",
                    **{
                        k: v
                        for k, v in words(
                            "4.2 kWh will be missing at 07:30.",
                            "Om 07:30 zal er 4,2 kWh ontbreken.",
                            "Il manquera 4,2 kWh à 07:30.",
                            "Um 07:30 werden 4,2 kWh fehlen.",
                        ).items()
                        if k in LANGUAGES
                    },
                }
            ]
        later = datetime.fromisoformat(self.document["at"]) + timedelta(hours=14)
        return {
            "due": found["due"] or later.isoformat(timespec="seconds"), "needs_kwh": 22.2, "planned_kwh": 22.2, "missing_kwh": 0.0,
            "finish": found["finish"], "cost_eur": 2.49, "at_once_eur": 5.1,
            "blocks": [b for b in self.document["blocks"] if b["kind"] == "car"], "warnings": warnings,
        }  # fmt: skip

    def override(self, asked: OverrideChange) -> list[Document]:
        """Moves the block that begins there."""
        self.shifted.append(asked)
        document = copy.deepcopy(self.document)
        for found in document["blocks"]:
            if (
                found["start_s"] == int(asked.start.timestamp())
                and found["device_id"] == asked.charge_point_id
            ):
                begin_s, end_s = found["start_s"] + asked.shift_s, found["end_s"] + asked.shift_s
                found |= {
                    "start_s": begin_s,
                    "end_s": end_s,
                    "start": iso(begin_s),
                    "end": iso(end_s),
                    "override_id": "o1",
                }
                for g in document["goals"]:
                    if g["charge_point_id"] == asked.charge_point_id:
                        g["overrides"] = [
                            {
                                "id": "o1",
                                "start": iso(begin_s),
                                "end": iso(end_s),
                                "power_w": found["power_w"],
                            }
                        ]
        document["version"] = str(int(document["version"]) + 1)
        self.document = document
        return self._overrides(asked.charge_point_id)

    def give_back(self, charge_point_id: str, override_id: str) -> list[Document]:
        """Forgets them."""
        if override_id not in {"o1", "all"}:
            raise KeyError(f"There is no override {override_id!r}.")
        document = copy.deepcopy(self.document)
        for found in (*document["blocks"], *document["goals"]):
            if found.get("override_id"):
                found["override_id"] = None
            if found.get("charge_point_id") == charge_point_id:
                found["overrides"] = []
        self.document = document
        return self._overrides(charge_point_id)

    def _overrides(self, charge_point_id: str) -> list[Document]:
        found = next(g for g in self.goals() if g["charge_point_id"] == charge_point_id)
        shown: list[Document] = found["overrides"]
        return shown

    async def savings(self) -> Document:
        """A week."""
        now = datetime.fromisoformat(self.document["at"])
        days: list[dict[str, Any]] = [
            {
                "day": (now - timedelta(days=7 - n)).date().isoformat(), "with_eur": round(2.1 + 0.3 * math.sin(n), 2),
                "without_eur": round(3.4 + 0.8 * math.sin(2 * n), 2), "peak_with_w": 3900.0, "peak_without_w": 7200.0 + 100 * n,
            }
            for n in range(7)
        ]  # fmt: skip
        with_eur, without_eur = (round(sum(d[k] for d in days), 2) for k in ("with_eur", "without_eur"))
        return {
            "start": (now - timedelta(days=7)).isoformat(timespec="seconds"), "end": now.isoformat(timespec="seconds"), "days": days,
            "parts": [
                {"key": "energy", "name_en": "Energy", "name_nl": "Energie", "name_fr": "Énergie", "name_de": "Energie", "with_eur": with_eur - 4, "without_eur": without_eur - 8},
                {"key": "peak", "name_en": "Capacity tariff", "name_nl": "Capaciteitstarief", "name_fr": "Tarif capacitaire", "name_de": "Kapazitätstarif", "with_eur": 4.0, "without_eur": 8.0},
            ],
            "with_eur": with_eur, "without_eur": without_eur, "saved_eur": round(without_eur - with_eur, 2),
            "method": [words("Without: each car at full power from the moment it is plugged in.", "Zonder: elke auto op volle kracht vanaf het aansluiten.", "Sans : chaque voiture à pleine puissance dès le branchement.", "Ohne: jedes Auto mit voller Leistung ab dem Anschließen.")],
            "notes": [],
        }  # fmt: skip

    async def forecasts(self) -> Document:
        """Three days of the house."""
        at = [int(self.document["axis"]["start_s"]) - (288 - i) * STEP_S for i in range(288)]
        mid = [round(_house(t), 1) for t in at]
        return {
            "scores": [
                {
                    "name": "house", "used": "edge", "best": "edge", "days": 3,
                    "why": [spoken(reason("forecast_used", way="edge", own_w=212, other_way="yesterday", other_w=260))],
                    "methods": [
                        {"method": "edge", "days": 3, "mae_w": 212.0, "rmse_w": 410.0, "covered_pct": 79.0},
                        {"method": "yesterday", "days": 3, "mae_w": 260.0, "rmse_w": 500.0, "covered_pct": None},
                        {"method": "last_week", "days": 3, "mae_w": 288.0, "rmse_w": 520.0, "covered_pct": None},
                    ], "mae_w": 212.0, "rmse_w": 410.0, "covered_pct": 79.0,
                    "yesterday_mae_w": 260.0, "last_week_mae_w": 288.0, "at_s": at, "low_w": [v * 0.6 for v in mid], "mid_w": mid,
                    "high_w": [v * 1.6 for v in mid], "measured_w": [None if 40 < i < 50 else v * (1 + 0.4 * math.sin(i * 1.7)) for i, v in enumerate(mid)],
                }
            ],
            "notes": [],
        }  # fmt: skip


def with_plan(web: Any, **options: Any) -> Any:
    """The app with a plan in it."""
    web.app.state.plan = RecordedPlan(planned(web.site.document, **options))
    web.site.advance(lambda document: document.update(plan=web.app.state.plan.summary()))
    return web
