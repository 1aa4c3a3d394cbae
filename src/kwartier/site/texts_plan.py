"""The texts about what a plan does and why; part of `texts.TEXTS`. The figures come from `planning.reasons`."""

PLAN_TEXTS: dict[str, dict[str, str]] = {
    # -- drawing power now -----------------------------------------------------------------------------
    "plan_sun": {
        "en": "Runs on the sun: the panels give {sun_kw} kW, more than the house needs.",
        "nl": "Draait op zon: de panelen geven {sun_kw} kW, meer dan het huis nodig heeft.",
    },
    "plan_negative": {
        "en": "Now, because a kWh from the grid costs less than nothing: {price_ct} cent.",
        "nl": "Nu, omdat een kWh van het net minder dan niets kost: {price_ct} cent.",
    },
    "plan_cheap": {
        "en": "Now, because a kWh costs {price_ct} cent, and {later_ct} at {dear_at}.",
        "nl": "Nu, omdat een kWh {price_ct} cent kost, en {later_ct} om {dear_at}.",
    },
    "plan_cheap_peak_paid": {
        "en": "Now, because a kWh costs {price_ct} cent, and {later_ct} at {dear_at}; the month's peak of {peak_kw} kW is paid anyway.",
        "nl": "Nu, omdat een kWh {price_ct} cent kost, en {later_ct} om {dear_at}; de maandpiek van {peak_kw} kW is toch al betaald.",
    },
    "plan_now_as_good": {
        "en": "Now: a kWh costs {price_ct} cent, and waiting makes it no cheaper.",
        "nl": "Nu: een kWh kost {price_ct} cent, en wachten maakt het niet goedkoper.",
    },
    "plan_at_once": {
        "en": "At once, up to the least charge of {kwh} kWh; after that by price.",
        "nl": "Meteen, tot de minimumlading van {kwh} kWh; daarna volgens de prijs.",
    },
    "plan_departure": {
        "en": "Now, or the car is not ready at {leaves_at}.",
        "nl": "Nu, anders is de auto niet klaar om {leaves_at}.",
    },
    "plan_heat_needed": {
        "en": "Now, or it gets colder than {low_c} °C.",
        "nl": "Nu, anders wordt het kouder dan {low_c} °C.",
    },
    # -- waiting ---------------------------------------------------------------------------------------
    "plan_waits": {
        "en": "Waits until {next_at}: that is in time, and costs no more.",
        "nl": "Wacht tot {next_at}: dat is op tijd, en kost niet meer.",
    },
    "plan_waits_price": {
        "en": "Waits until {next_at}, when a kWh costs {next_ct} cent; one more now would cost {price_ct}.",
        "nl": "Wacht tot {next_at}, als een kWh {next_ct} cent kost; een meer nu zou {price_ct} kosten.",
    },
    "plan_waits_sun": {
        "en": "Waits for the sun, about {next_at}.",
        "nl": "Wacht op de zon, rond {next_at}.",
    },
    "plan_waits_peak": {
        "en": "Waits until {next_at}: a kWh more now would raise the month's peak above {peak_kw} kW and cost {cost_ct} cent of it.",
        "nl": "Wacht tot {next_at}: een kWh meer nu zou de maandpiek boven {peak_kw} kW brengen en daarvan {cost_ct} cent kosten.",
    },
    "plan_car_done": {
        "en": "Done: {kwh} kWh charged, as wished.",
        "nl": "Klaar: {kwh} kWh geladen, zoals gewenst.",
    },
    "plan_car_short": {
        "en": "{missing_kwh} kWh of the wish will be missing: time, power or limits do not allow more.",
        "nl": "Van de wens zal {missing_kwh} kWh ontbreken: tijd, vermogen of grenzen laten niet meer toe.",
    },
    # -- the battery -----------------------------------------------------------------------------------
    "plan_battery_sun": {
        "en": "Stores the sun that the house does not need.",
        "nl": "Bewaart de zon die het huis niet nodig heeft.",
    },
    "plan_battery_charges": {
        "en": "Charges at {price_ct} cent a kWh for {dear_at}, when a kWh is worth {later_ct}.",
        "nl": "Laadt aan {price_ct} cent per kWh voor {dear_at}, als een kWh {later_ct} waard is.",
    },
    "plan_battery_final": {
        "en": "Charges at {price_ct} cent a kWh, to be as full at the end of the plan as it should be.",
        "nl": "Laadt aan {price_ct} cent per kWh, om aan het eind van het plan zo vol te zijn als moet.",
    },
    "plan_battery_peak": {
        "en": "Gives power to keep the month's peak at {peak_kw} kW.",
        "nl": "Geeft stroom om de maandpiek op {peak_kw} kW te houden.",
    },
    "plan_battery_sells": {
        "en": "Sells at {price_ct} cent a kWh.",
        "nl": "Verkoopt aan {price_ct} cent per kWh.",
    },
    "plan_battery_gives": {
        "en": "Gives power, because a kWh from the grid costs {price_ct} cent.",
        "nl": "Geeft stroom, omdat een kWh van het net {price_ct} cent kost.",
    },
    "plan_battery_reserve": {
        "en": "Keeps {kwh} kWh for what the forecast may get wrong.",
        "nl": "Houdt {kwh} kWh achter de hand voor wat de voorspelling fout kan hebben.",
    },
    "plan_battery_keeps": {
        "en": "Keeps its energy for {next_at}, when a kWh is worth {later_ct} cent.",
        "nl": "Bewaart haar energie voor {next_at}, als een kWh {later_ct} cent waard is.",
    },
}
