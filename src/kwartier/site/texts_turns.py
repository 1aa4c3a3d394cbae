"""The texts about charge points that disobey, about turns, starts and departures; part of `texts.TEXTS`."""

TURNS_TEXTS: dict[str, dict[str, str]] = {
    # -- why a charge point may draw what it may draw -------------------------------------------------
    "charger_disabled": {
        "en": "Told 0 A because it drew more than it was told (now {draw_a} A). It gets a try once it has drawn "
        "nothing for a minute, or its car leaves.",
        "nl": "Krijgt 0 A omdat het meer nam dan het mocht (nu {draw_a} A). Het krijgt een nieuwe kans als het een "
        "minuut niets neemt, of als zijn auto vertrekt.",
    },
    "charger_trying": {
        "en": "At {min_a} A on trial, because it drew more than it was told before. Its full share again when it "
        "keeps to that.",
        "nl": "Op proef met {min_a} A, omdat het eerder meer nam dan het mocht. Weer zijn volle deel als het zich "
        "daaraan houdt.",
    },
    "charger_barred": {
        "en": "Told 0 A: it ignored its limit {tries} times. Unplug the car, or switch Off and Fast again; have the "
        "charge point looked at.",
        "nl": "Krijgt 0 A: het hield zich {tries} keer niet aan zijn grens. Trek de stekker van de auto uit, of zet "
        "Uit en weer Snel; laat het laadpunt nakijken.",
    },
    "group_cut": {
        "en": "Stopped: {culprit} ignores its limit and overloads {circuit}. Goes on when {culprit} is quiet, or is "
        "switched off at its breaker.",
        "nl": "Gestopt: {culprit} negeert zijn grens en overbelast {circuit}. Gaat verder als {culprit} rustig is, of "
        "aan zijn automaat wordt uitgezet.",
    },
    "group_returning": {
        "en": "{culprit} no longer overloads {circuit}: the charge points there return one by one.",
        "nl": "{culprit} overbelast {circuit} niet meer: de laadpunten daar komen een voor een terug.",
    },
    "turn_in": {
        "en": "Waiting: its turn comes in about {in_min} min. {circuit} has not {min_a} A on L{phase} for all cars at "
        "once, so they take turns. Sooner when a car leaves, later when other load rises.",
        "nl": "Wacht: aan de beurt over ongeveer {in_min} min. {circuit} heeft op L{phase} geen {min_a} A voor alle "
        "auto's tegelijk, dus komen ze om beurten. Vroeger als een auto vertrekt, later als ander verbruik stijgt.",
    },
    "probing": {
        "en": "Offered {offer_a} A for a minute because the car does not begin with less; then its fair share.",
        "nl": "Krijgt een minuut {offer_a} A aangeboden omdat de auto met minder niet begint; dan zijn eerlijk deel.",
    },
    "departure": {
        "en": "Goes first: it needs {left_kwh} kWh more by its departure, at least {need_a} A all the time.",
        "nl": "Gaat voor: hij heeft nog {left_kwh} kWh nodig voor hij vertrekt, de hele tijd minstens {need_a} A.",
    },
    # -- messages --------------------------------------------------------------------------------------
    "obedience_disabled": {
        "en": "Charge point {name} draws {draw_a} A against its orders and is told 0 A now",
        "nl": "Laadpunt {name} neemt {draw_a} A tegen zijn opdracht en krijgt nu 0 A",
    },
    "obedience_cut": {
        "en": "Charge point {name} draws {draw_a} A although it is told 0 A, and {circuit} is over its limit: all other "
        "charging behind {circuit} is stopped. Switch {name} off at its breaker.",
        "nl": "Laadpunt {name} neemt {draw_a} A hoewel het 0 A krijgt, en {circuit} zit boven zijn grens: al het andere "
        "laden achter {circuit} is gestopt. Zet {name} uit aan zijn automaat.",
    },
    "obedience_released": {
        "en": "Charge point {name} draws nothing any more: charging behind {circuit} returns one by one",
        "nl": "Laadpunt {name} neemt niets meer: het laden achter {circuit} komt een voor een terug",
    },
    "obedience_calm": {
        "en": "Charge point {name} still ignores its limit, but {circuit} is under its limit: the others there share what is left",
        "nl": "Laadpunt {name} negeert zijn grens nog, maar {circuit} zit onder zijn grens: de anderen daar delen wat er over is",
    },
    "obedience_trying": {
        "en": "Charge point {name} gets a try at {min_a} A",
        "nl": "Laadpunt {name} krijgt een kans met {min_a} A",
    },
    "obedience_believed": {
        "en": "Charge point {name} keeps to its limit again",
        "nl": "Laadpunt {name} houdt zich weer aan zijn grens",
    },
    "obedience_barred": {
        "en": "Charge point {name} ignored its limit {tries} times: it gets nothing until its car leaves or somebody switches it off",
        "nl": "Laadpunt {name} negeerde zijn grens {tries} keer: het krijgt niets tot zijn auto vertrekt of iemand het uitzet",
    },
    "departure_raised": {
        "en": "{name} goes first now: it needs {left_kwh} kWh by its departure, at least {need_a} A",
        "nl": "{name} gaat nu voor: hij heeft {left_kwh} kWh nodig voor hij vertrekt, minstens {need_a} A",
    },
    "departure_met": {
        "en": "{name} has time enough again for what it needs, or has it",
        "nl": "{name} heeft weer tijd genoeg voor wat hij nodig heeft, of heeft het al",
    },
}
