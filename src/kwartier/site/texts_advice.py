"""The texts of modes, of plans as the loop takes them, and of batteries; part of `texts.TEXTS`."""

ADVICE_TEXTS: dict[str, dict[str, str]] = {
    "wish_sun": {
        "en": "{name} set to Sun by hand",
        "nl": "{name} met de hand op Zon gezet",
    },
    "wish_smart": {
        "en": "{name} set to Smart by hand",
        "nl": "{name} met de hand op Slim gezet",
    },
    # -- sun --------------------------------------------------------------------------------------------
    "sun_charges": {
        "en": "Charging on the sun: {surplus_kw} kW would else be fed back.",
        "nl": "Laadt op de zon: anders ging er {surplus_kw} kW naar het net.",
    },
    "sun_waits": {
        "en": "Waiting for sun: {surplus_kw} kW is left over, {need_kw} kW is needed. Choose Fast to charge at once.",
        "nl": "Wacht op zon: er is {surplus_kw} kW over, er is {need_kw} kW nodig. Kies Snel om meteen te laden.",
    },
    "sun_starts_in": {
        "en": "The sun gives enough, {surplus_kw} kW. Charging starts in {in_s} s if it stays so.",
        "nl": "De zon geeft genoeg, {surplus_kw} kW. Het laden begint over {in_s} s als dat zo blijft.",
    },
    "sun_stops_in": {
        "en": "The sun gives {surplus_kw} kW, too little for the least of {need_kw} kW. Charging stops in {in_s} s unless it comes back.",
        "nl": "De zon geeft {surplus_kw} kW, te weinig voor het minste van {need_kw} kW. Het laden stopt over {in_s} s als ze niet terugkomt.",
    },
    "sun_unknown": {
        "en": "The meter of the grid connection does not say what is left over of the sun. Charging on it waits for the meter.",
        "nl": "De meter van de netaansluiting zegt niet wat er van de zon overblijft. Het laden daarop wacht op de meter.",
    },
    # -- smart ------------------------------------------------------------------------------------------
    "plan_charges": {
        "en": "As planned until {until}: {plan_kw} kW.",
        "nl": "Volgens plan tot {until}: {plan_kw} kW.",
    },
    "plan_more": {
        "en": "Above the plan of {plan_kw} kW until {until}: {extra_kw} kW of what was planned from the grid is not used.",
        "nl": "Boven het plan van {plan_kw} kW tot {until}: {extra_kw} kW van wat van het net gepland was, blijft over.",
    },
    "plan_waits": {
        "en": "Waits as planned until {until}, when energy costs {then_cents} instead of {now_cents} cents per kWh.",
        "nl": "Wacht volgens plan tot {until}, als energie {then_cents} in plaats van {now_cents} cent per kWh kost.",
    },
    "plan_waits_until": {
        "en": "Waits as planned until {until}. Choose Fast to charge at once.",
        "nl": "Wacht volgens plan tot {until}. Kies Snel om meteen te laden.",
    },
    "plan_done": {
        "en": "Nothing more is planned for this car. Set a goal, or choose Fast to charge at once.",
        "nl": "Voor deze auto is er niets meer gepland. Stel een doel in, of kies Snel om meteen te laden.",
    },
    "plan_new_car": {
        "en": "This car is not in the plan yet: it charges until the next plan is made.",
        "nl": "Deze auto staat nog niet in het plan: hij laadt tot het volgende plan er is.",
    },
    "rules_now": {
        "en": "There is no plan in force: it charges now, so that nothing is missed.",
        "nl": "Er is geen geldig plan: hij laadt nu, zodat er niets gemist wordt.",
    },
    "rules_cheap": {
        "en": "There is no plan in force; this is one of the cheapest hours known before {until}.",
        "nl": "Er is geen geldig plan; dit is een van de goedkoopste bekende uren voor {until}.",
    },
    "rules_waits": {
        "en": "There is no plan in force; it waits for a cheaper hour, from {until} on.",
        "nl": "Er is geen geldig plan; hij wacht op een goedkoper uur, vanaf {until}.",
    },
    "rules_rate": {
        "en": "There is no plan in force: {need_kw} kW now brings {left_kwh} kWh in time for {until}.",
        "nl": "Er is geen geldig plan: {need_kw} kW nu brengt {left_kwh} kWh op tijd tegen {until}.",
    },
    "minimum_first": {
        "en": "First the {minimum_kwh} kWh that this car is always to have.",
        "nl": "Eerst de {minimum_kwh} kWh die deze auto altijd moet hebben.",
    },
    "override_power": {
        "en": "By hand: at most {power_kw} kW until {until}.",
        "nl": "Met de hand: hoogstens {power_kw} kW tot {until}.",
    },
    "override_waits": {
        "en": "By hand: waits until {until}.",
        "nl": "Met de hand: wacht tot {until}.",
    },
    # -- batteries --------------------------------------------------------------------------------------
    "battery_starting": {
        "en": "Kwartier has just started and has not heard this battery yet.",
        "nl": "Kwartier is net gestart en heeft deze batterij nog niet gehoord.",
    },
    "battery_silent": {
        "en": "The battery has not answered for {age_s}. Until it does, {reserved_kw} kW is reserved for it.",
        "nl": "De batterij antwoordt al {age_s} niet. Zolang blijft er {reserved_kw} kW voor gereserveerd.",
    },
    "battery_silent_told": {
        "en": "No answer from battery {name} ({address}); {reserved_kw} kW stays reserved for it.",
        "nl": "Geen antwoord van batterij {name} ({address}); er blijft {reserved_kw} kW voor gereserveerd.",
    },
    "battery_connected": {
        "en": "Battery {name} answers ({address}).",
        "nl": "Batterij {name} antwoordt ({address}).",
    },
    "battery_fault": {
        "en": "The battery reports that it cannot work ({state}). Look at its own display.",
        "nl": "De batterij meldt dat ze niet kan werken ({state}). Kijk op haar eigen scherm.",
    },
    "battery_soc_unknown": {
        "en": "The battery does not tell how full it is: it is left alone at 0 W.",
        "nl": "De batterij zegt niet hoe vol ze is: ze blijft op 0 W.",
    },
    "battery_blind": {
        "en": "The meter {meter} is not heard, so the battery is told 0 W until it is back.",
        "nl": "De meter {meter} wordt niet gehoord, dus de batterij krijgt 0 W tot hij terug is.",
    },
    "battery_stopped": {
        "en": "{circuit} may carry nothing now ({source}): the battery is told 0 W.",
        "nl": "{circuit} mag nu niets voeren ({source}): de batterij krijgt 0 W.",
    },
    "battery_house": {
        "en": "Covers what the house needs: nothing is taken from the grid.",
        "nl": "Dekt wat het huis nodig heeft: er komt niets van het net.",
    },
    "battery_sun": {
        "en": "Takes the {surplus_kw} kW of sun that are left over.",
        "nl": "Neemt de {surplus_kw} kW zon die over is.",
    },
    "battery_idle": {
        "en": "Nothing is left over and nothing is needed.",
        "nl": "Er is niets over en niets nodig.",
    },
    "battery_planned_charge": {
        "en": "Charges {plan_kw} kW as planned until {until}.",
        "nl": "Laadt {plan_kw} kW volgens plan tot {until}.",
    },
    "battery_planned_discharge": {
        "en": "Gives as planned until {until}: the grid is held at {grid_kw} kW.",
        "nl": "Levert volgens plan tot {until}: het net blijft op {grid_kw} kW.",
    },
    "battery_held": {
        "en": "Keeps its {soc_pct} % for later, as planned.",
        "nl": "Houdt haar {soc_pct} % voor later, volgens plan.",
    },
    "battery_peak": {
        "en": "Helps to keep this quarter-hour under {target_kw} kW.",
        "nl": "Helpt om dit kwartier onder {target_kw} kW te houden.",
    },
    "battery_empty": {
        "en": "At {soc_pct} %, the least that it is left with.",
        "nl": "Op {soc_pct} %, het minste dat erin blijft.",
    },
    "battery_reserve": {
        "en": "At {soc_pct} %: what is left is kept against peaks.",
        "nl": "Op {soc_pct} %: wat overblijft, is voor pieken.",
    },
    "battery_full": {
        "en": "Full at {soc_pct} %.",
        "nl": "Vol op {soc_pct} %.",
    },
    "battery_makes_room": {
        "en": "Charges {left_kw} kW at most: {circuit} has no more room beside the cars and the other load.",
        "nl": "Laadt hoogstens {left_kw} kW: {circuit} heeft naast de auto's en het andere verbruik niet meer plaats.",
    },
    "battery_quarter_full": {
        "en": "Charges {left_kw} kW at most, so that this quarter-hour stays under {target_kw} kW.",
        "nl": "Laadt hoogstens {left_kw} kW, zodat dit kwartier onder {target_kw} kW blijft.",
    },
    "battery_export_limit": {
        "en": "Gives {left_kw} kW at most, so that {circuit} does not feed back too much.",
        "nl": "Levert hoogstens {left_kw} kW, zodat {circuit} niet te veel teruglevert.",
    },
}
