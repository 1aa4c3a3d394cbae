"""What people are told about goals, overrides, and what a plan had to do without. Data only; see `site.texts`."""

GOAL_TEXTS: dict[str, dict[str, str]] = {
    # -- refused ---------------------------------------------------------------------------------------
    "goal_above_full": {
        "en": "A battery is full at 100 %. Choose up to that.",
        "nl": "Een batterij is vol bij 100 %. Kies tot daar.",
    },
    "goal_needs_battery": {
        "en": "Per cent needs the size of the car's battery. Fill it in, or choose kWh.",
        "nl": "Procenten vragen de grootte van de batterij van de auto. Vul die in, of kies kWh.",
    },
    "goal_needs_level": {
        "en": "Per cent needs the car's state of charge now: this charging station cannot ask the car. Fill it in, or choose kWh.",
        "nl": "Procenten vragen hoe vol de auto nu is: dit laadstation kan het de auto niet vragen. Vul het in, of kies kWh.",
    },
    "goal_beyond_battery": {
        "en": "{wanted_kwh} kWh does not fit: the car's battery holds {battery_kwh} kWh. Choose less, or correct its size.",
        "nl": "{wanted_kwh} kWh past niet: de batterij van de auto is {battery_kwh} kWh. Kies minder, of verbeter de grootte.",
    },
    "goal_past": {
        "en": "{time} has passed already. Choose a moment that lies ahead.",
        "nl": "{time} is al voorbij. Kies een moment dat nog komt.",
    },
    "goal_no_time": {
        "en": "A goal needs a time by which it is to be reached.",
        "nl": "Een doel heeft een uur nodig waartegen het bereikt moet zijn.",
    },
    "goal_less_than_there": {
        "en": "The car holds {level_pct} % already. Choose more than that.",
        "nl": "De auto heeft al {level_pct} %. Kies meer dan dat.",
    },
    "override_past": {
        "en": "This lies in the past. Only what is still to come can be moved.",
        "nl": "Dit ligt in het verleden. Alleen wat nog komt, kan verschoven worden.",
    },
    "override_beyond_plan": {
        "en": "The plan ends at {time}. Choose a time before that.",
        "nl": "Het plan eindigt om {time}. Kies een uur daarvoor.",
    },
    "override_above": {
        "en": "{name} gives at most {most_kw} kW. Choose up to that.",
        "nl": "{name} geeft hoogstens {most_kw} kW. Kies tot daar.",
    },
    "override_below": {
        "en": "A car does not charge below {least_kw} kW. Choose that or more, or 0.",
        "nl": "Een auto laadt niet onder {least_kw} kW. Kies dat of meer, of 0.",
    },
    "override_nothing": {
        "en": "Nothing is planned there that could be moved.",
        "nl": "Daar is niets gepland dat verschoven kan worden.",
    },
    # -- warned ----------------------------------------------------------------------------------------
    "warn_unreachable": {
        "en": "{missing_kwh} kWh will be missing at {time}: there is room for {planned_kwh} kWh until then. Leave later or ask for less.",
        "nl": "Om {time} zal er {missing_kwh} kWh ontbreken: tot dan is er plaats voor {planned_kwh} kWh. Vertrek later of vraag minder.",
    },
    "warn_beyond_prices": {
        "en": "Prices are known until {time}; what lies after that is guessed, and the plan may still change.",
        "nl": "Prijzen zijn bekend tot {time}; wat daarna komt is geschat, en het plan kan nog veranderen.",
    },
    "warn_no_prices": {
        "en": "No prices are known: the cost is guessed.",
        "nl": "Er zijn geen prijzen bekend: de kost is geschat.",
    },
    "warn_not_plugged": {
        "en": "No car is plugged in. This is what it would come to if one were plugged in now.",
        "nl": "Er hangt geen auto aan. Dit is wat het zou worden als er nu een werd aangesloten.",
    },
    "warn_above_limit": {
        "en": "The limits of the installation leave less than this charge point could give: it charges longer.",
        "nl": "De grenzen van de installatie laten minder toe dan dit laadpunt kan geven: het laadt langer.",
    },
    "warn_new_peak": {
        "en": "To be ready in time the month's peak rises to {peak_kw} kW, which costs {cost} more.",
        "nl": "Om op tijd klaar te zijn stijgt de maandpiek tot {peak_kw} kW, en dat kost {cost} meer.",
    },
    "warn_no_plan": {
        "en": "The planner does not answer now: what it costs is not known yet. The goal counts all the same.",
        "nl": "De planner antwoordt nu niet: wat het kost is nog niet bekend. Het doel telt toch.",
    },
    # -- why a plan was made ---------------------------------------------------------------------------
    "plan_first": {"en": "The first since Kwartier started.", "nl": "Het eerste sinds Kwartier startte."},
    "plan_periodic": {"en": "Made anew as always.", "nl": "Zoals altijd opnieuw gemaakt."},
    "plan_plugged": {"en": "A car was plugged in.", "nl": "Er is een auto aangesloten."},
    "plan_unplugged": {"en": "A car was unplugged.", "nl": "Er is een auto losgemaakt."},
    "plan_wish": {"en": "Somebody changed a wish.", "nl": "Iemand veranderde een wens."},
    "plan_limit": {"en": "A limit changed.", "nl": "Een grens veranderde."},
    "plan_forecast": {
        "en": "The house did not do what was expected.",
        "nl": "Het huis deed niet wat verwacht werd.",
    },
    "plan_prices": {"en": "Prices came or went.", "nl": "Er kwamen of verdwenen prijzen."},
    # -- what it had to do without ---------------------------------------------------------------------
    "note_no_prices": {
        "en": "No prices are known. The plan reckons with the same price all day, so it only spares the peak and uses the sun.",
        "nl": "Er zijn geen prijzen bekend. Het plan rekent de hele dag met dezelfde prijs, en spaart dus alleen de piek en gebruikt de zon.",
    },
    "note_guessed_prices": {
        "en": "Prices are known until {time}; after that they are guessed from the days before.",
        "nl": "Prijzen zijn bekend tot {time}; daarna zijn ze geschat uit de dagen ervoor.",
    },
    "note_prices_lost": {
        "en": "The price source does not answer; all prices from now on are guessed from the days before.",
        "nl": "De prijsbron antwoordt niet; alle prijzen vanaf nu zijn geschat uit de dagen ervoor.",
    },
    "note_no_tariff": {
        "en": "No tariff stands in the site file: {price_ct} cent for all that comes on top of the exchange's price is assumed.",
        "nl": "In het sitebestand staat geen tarief: voor alles wat bij de beursprijs komt is {price_ct} cent aangenomen.",
    },
    "note_no_history": {
        "en": "Kwartier does not know this house yet ({days} days of measurements): the forecast is that of a usual house, with a wide band.",
        "nl": "Kwartier kent dit huis nog niet ({days} dagen metingen): de voorspelling is die van een gewoon huis, met een brede band.",
    },
    "note_no_weather": {
        "en": "No weather forecast: the sun is expected as on the days before.",
        "nl": "Geen weersvoorspelling: de zon wordt verwacht zoals op de dagen ervoor.",
    },
    "note_demo_past": {
        "en": "The days before the demonstration began are made up.",
        "nl": "De dagen voor het begin van de demonstratie zijn verzonnen.",
    },
    # -- why something is planned when it is ----------------------------------------------------------
    "why_hand": {
        "en": "Put here by hand. It gives itself back when it is over or the car leaves.",
        "nl": "Met de hand hier gezet. Het geeft zichzelf terug zodra het voorbij is of de auto vertrekt.",
    },
    "why_fast": {
        "en": "Set to Fast: it charges at once. Smart would wait for cheaper hours.",
        "nl": "Staat op Snel: het laadt meteen. Slim zou op goedkopere uren wachten.",
    },
    "why_sun": {
        "en": "{sun_pct} % of it comes from the roof.",
        "nl": "{sun_pct} % ervan komt van het dak.",
    },
    "why_sun_mode": {
        "en": "Set to Sun: it follows what the roof has left over.",
        "nl": "Staat op Zon: het volgt wat het dak overheeft.",
    },
    # -- forecasts and savings --------------------------------------------------------------------------
    "forecast_soon": {
        "en": "The planner has just begun; look again in a moment.",
        "nl": "De planner is net begonnen; kijk straks opnieuw.",
    },
    "forecast_no_days": {
        "en": "Two whole days of measurements are needed before a forecast can be held against one.",
        "nl": "Er zijn twee volledige dagen metingen nodig voor een voorspelling ernaast gelegd kan worden.",
    },
    "saved_no_days": {
        "en": "No whole day is recorded yet; the first figures stand here tomorrow.",
        "nl": "Er is nog geen volledige dag opgenomen; de eerste cijfers staan hier morgen.",
    },
    "saved_no_prices": {
        "en": "Prices of the market are not known for these days, so the same price was reckoned all day.",
        "nl": "De marktprijzen van deze dagen zijn niet bekend; er is de hele dag met dezelfde prijs gerekend.",
    },
    "saved_method_house": {
        "en": "The house and the sun are as they were measured, quarter-hour by quarter-hour, in both.",
        "nl": "Huis en zon zijn in beide zoals ze gemeten zijn, kwartier per kwartier.",
    },
    "saved_method_cars": {
        "en": "Without Kwartier each car takes the same energy, as fast as its charge point can, from the moment it was plugged in.",
        "nl": "Zonder Kwartier neemt elke auto dezelfde energie, zo snel als zijn laadpunt kan, vanaf het moment dat hij werd aangesloten.",
    },
    "saved_method_battery": {
        "en": "Without Kwartier the battery takes what the roof has left over and gives it to the house, with its own losses; what it holds more or less at the end is valued at the mean price.",
        "nl": "Zonder Kwartier neemt de batterij wat het dak overheeft en geeft het aan het huis, met haar eigen verliezen; wat ze op het einde meer of minder bevat, telt aan de gemiddelde prijs.",
    },
    "saved_method_bill": {
        "en": "Both are billed with the same tariff, peak of the month included: {tariff}.",
        "nl": "Beide worden met hetzelfde tarief afgerekend, de maandpiek inbegrepen: {tariff}.",
    },
    "saved_method_no_tariff": {
        "en": "No tariff stands in the site file: both are reckoned with the market's price plus {price_ct} cent per kWh, without a price for the peak.",
        "nl": "In het sitebestand staat geen tarief: beide zijn berekend met de marktprijs plus {price_ct} cent per kWh, zonder prijs voor de piek.",
    },
    "saved_undelivered": {
        "en": "{energy_kwh} kWh that the cars really got would not have fitted without Kwartier; that is not counted as a saving.",
        "nl": "{energy_kwh} kWh die de auto's echt kregen, had zonder Kwartier niet gepast; dat telt niet als besparing.",
    },
    # -- what the plan cannot keep -----------------------------------------------------------------------
    "broken_car_goal": {
        "en": "{name}: {amount} kWh of what is asked will be missing.",
        "nl": "{name}: van wat gevraagd is, zal {amount} kWh ontbreken.",
    },
    "broken_import_limit": {
        "en": "The connection is expected to be {amount} kW over its limit; cars and batteries are cut before that happens.",
        "nl": "De aansluiting gaat naar verwachting {amount} kW over haar grens; auto's en batterijen worden voor die tijd geremd.",
    },
    "broken_other": {
        "en": "{name}: the plan cannot keep {what} ({amount} {unit}).",
        "nl": "{name}: het plan kan {what} niet houden ({amount} {unit}).",
    },
    "planner_failed": {
        "en": "The planner failed: {what} Cars charge by the rules of their mode; it is started again.",
        "nl": "De planner faalde: {what} Auto's laden volgens de regels van hun stand; hij wordt opnieuw gestart.",
    },
    "planner_back": {"en": "The planner works again.", "nl": "De planner werkt weer."},
    "goal_set": {
        "en": "{name}: {target} by {time} was asked for.",
        "nl": "{name}: {target} tegen {time} is gevraagd.",
    },
    "goal_removed": {"en": "{name}: its goal was removed.", "nl": "{name}: het doel is verwijderd."},
}
