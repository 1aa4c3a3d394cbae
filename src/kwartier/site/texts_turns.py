"""The texts about charge points that disobey, about turns, starts and departures; part of `texts.TEXTS`."""

TURNS_TEXTS: dict[str, dict[str, str]] = {
    # -- why a charge point may draw what it may draw -------------------------------------------------
    "charger_disabled": {
        "en": "Told 0 A because it drew more than it was told (now {draw_a} A). It gets a try once it has drawn "
        "nothing for a minute, or its car leaves.",
        "nl": "Krijgt 0 A omdat het meer nam dan het mocht (nu {draw_a} A). Het krijgt een nieuwe kans als het een "
        "minuut niets neemt, of als zijn auto vertrekt.",
        "fr": "Reçoit 0 A parce que la borne a pris plus que permis (maintenant {draw_a} A). Elle aura un essai quand elle "
        "n'aura rien pris pendant une minute, ou que sa voiture partira.",
        "de": "Bekommt 0 A, weil der Ladepunkt mehr nahm als erlaubt (jetzt {draw_a} A). Er bekommt einen Versuch, wenn er "
        "eine Minute nichts genommen hat oder sein Auto abfährt.",
    },
    "charger_trying": {
        "en": "At {min_a} A on trial, because it drew more than it was told before. Its full share again when it "
        "keeps to that.",
        "nl": "Op proef met {min_a} A, omdat het eerder meer nam dan het mocht. Weer zijn volle deel als het zich "
        "daaraan houdt.",
        "fr": "À l'essai avec {min_a} A, parce que la borne a pris plus que permis auparavant. De nouveau sa part entière "
        "quand elle s'y tient.",
        "de": "Auf Probe mit {min_a} A, weil der Ladepunkt vorher mehr nahm als erlaubt. Wieder sein voller Anteil, wenn er sich daran hält.",
    },
    "charger_barred": {
        "en": "Told 0 A: it ignored its limit {tries} times. It is tried again each half hour, or when you unplug the car, or switch "
        "Off and Fast again. Have the charge point looked at.",
        "nl": "Krijgt 0 A: het hield zich {tries} keer niet aan zijn grens. Elk half uur een nieuwe proef, of als u de stekker van de auto "
        "uittrekt, of Uit en weer Snel zet. Laat het laadpunt nakijken.",
        "fr": "Reçoit 0 A : la borne a ignoré sa limite {tries} fois. Nouvel essai chaque demi-heure, ou quand vous débranchez la voiture, "
        "ou mettez sur Arrêt puis Rapide. Faites vérifier la borne.",
        "de": "Bekommt 0 A: Der Ladepunkt hat seine Grenze {tries} Mal missachtet. Jede halbe Stunde ein neuer Versuch, oder wenn Sie das Auto "
        "abstecken, oder auf Aus und wieder auf Schnell stellen. Lassen Sie den Ladepunkt prüfen.",
    },
    "group_cut": {
        "en": "Stopped: {culprit} ignores its limit and overloads {circuit}. Goes on when {culprit} is quiet, or is "
        "switched off at its breaker.",
        "nl": "Gestopt: {culprit} negeert zijn grens en overbelast {circuit}. Gaat verder als {culprit} rustig is, of "
        "aan zijn automaat wordt uitgezet.",
        "fr": "Arrêté : {culprit} ignore sa limite et surcharge {circuit}. Reprend quand {culprit} est calme, ou coupé à son disjoncteur.",
        "de": "Gestoppt: {culprit} missachtet seine Grenze und überlastet {circuit}. Geht weiter, wenn {culprit} ruhig ist "
        "oder am Leitungsschutzschalter ausgeschaltet wird.",
    },
    "group_returning": {
        "en": "{culprit} no longer overloads {circuit}: the charge points there return one by one.",
        "nl": "{culprit} overbelast {circuit} niet meer: de laadpunten daar komen een voor een terug.",
        "fr": "{culprit} ne surcharge plus {circuit} : les bornes y reviennent une à une.",
        "de": "{culprit} überlastet {circuit} nicht mehr: Die Ladepunkte dort kommen einer nach dem anderen zurück.",
    },
    "turn_in": {
        "en": "Waiting: its turn comes in about {in_min} min. {circuit} has not {min_a} A on L{phase} for all cars at "
        "once, so they take turns. Sooner when a car leaves, later when other load rises.",
        "nl": "Wacht: aan de beurt over ongeveer {in_min} min. {circuit} heeft op L{phase} geen {min_a} A voor alle "
        "auto's tegelijk, dus komen ze om beurten. Vroeger als een auto vertrekt, later als ander verbruik stijgt.",
        "fr": "En attente : son tour vient dans environ {in_min} min. {circuit} n'a pas {min_a} A sur L{phase} pour toutes "
        "les voitures à la fois, elles passent donc à tour de rôle. Plus tôt si une voiture part, plus tard si "
        "l'autre consommation monte.",
        "de": "Wartet: an der Reihe in etwa {in_min} min. {circuit} hat auf L{phase} keine {min_a} A für alle Autos "
        "zugleich, deshalb wechseln sie sich ab. Früher, wenn ein Auto abfährt, später, wenn der übrige Verbrauch "
        "steigt.",
    },
    "probing": {
        "en": "Offered {offer_a} A for a minute because the car does not begin with less; then its fair share.",
        "nl": "Krijgt een minuut {offer_a} A aangeboden omdat de auto met minder niet begint; dan zijn eerlijk deel.",
        "fr": "Reçoit {offer_a} A pendant une minute parce que la voiture ne commence pas avec moins ; ensuite sa juste part.",
        "de": "Bekommt eine Minute lang {offer_a} A angeboten, weil das Auto mit weniger nicht beginnt; dann seinen gerechten Anteil.",
    },
    "departure": {
        "en": "Goes first: it needs {left_kwh} kWh more by its departure, at least {need_a} A all the time.",
        "nl": "Gaat voor: hij heeft nog {left_kwh} kWh nodig voor hij vertrekt, de hele tijd minstens {need_a} A.",
        "fr": "Passe avant : il lui faut encore {left_kwh} kWh avant son départ, au moins {need_a} A tout le temps.",
        "de": "Hat Vorrang: Bis zur Abfahrt fehlen noch {left_kwh} kWh, das sind die ganze Zeit mindestens {need_a} A.",
    },
    # -- messages --------------------------------------------------------------------------------------
    "obedience_disabled": {
        "en": "Charge point {name} draws {draw_a} A against its orders and is told 0 A now",
        "nl": "Laadpunt {name} neemt {draw_a} A tegen zijn opdracht en krijgt nu 0 A",
        "fr": "La borne {name} prend {draw_a} A contre ses ordres et reçoit maintenant 0 A",
        "de": "Ladepunkt {name} nimmt {draw_a} A gegen die Anweisung und bekommt jetzt 0 A",
    },
    "obedience_cut": {
        "en": "Charge point {name} draws {draw_a} A although it is told 0 A, and {circuit} is over its limit: all other "
        "charging behind {circuit} is stopped. Switch {name} off at its breaker.",
        "nl": "Laadpunt {name} neemt {draw_a} A hoewel het 0 A krijgt, en {circuit} zit boven zijn grens: al het andere "
        "laden achter {circuit} is gestopt. Zet {name} uit aan zijn automaat.",
        "fr": "La borne {name} prend {draw_a} A bien qu'elle reçoive 0 A, et {circuit} dépasse sa limite : toute autre "
        "charge derrière {circuit} est arrêtée. Coupez {name} à son disjoncteur.",
        "de": "Ladepunkt {name} nimmt {draw_a} A, obwohl er 0 A bekommt, und {circuit} liegt über seiner Grenze: Alles "
        "andere Laden hinter {circuit} ist gestoppt. Schalten Sie {name} am Leitungsschutzschalter aus.",
    },
    "obedience_released": {
        "en": "Charge point {name} draws nothing any more: charging behind {circuit} returns one by one",
        "nl": "Laadpunt {name} neemt niets meer: het laden achter {circuit} komt een voor een terug",
        "fr": "La borne {name} ne prend plus rien : les bornes derrière {circuit} reprennent une à une",
        "de": "Ladepunkt {name} nimmt nichts mehr: Die Ladepunkte hinter {circuit} kommen einer nach dem anderen zurück",
    },
    "obedience_calm": {
        "en": "Charge point {name} still ignores its limit, but {circuit} is under its limit: the others there share what is left",
        "nl": "Laadpunt {name} negeert zijn grens nog, maar {circuit} zit onder zijn grens: de anderen daar delen wat er over is",
        "fr": "La borne {name} ignore encore sa limite, mais {circuit} est sous la sienne : les autres s'y partagent ce qui reste",
        "de": "Ladepunkt {name} missachtet seine Grenze noch, aber {circuit} liegt unter seiner Grenze: Die anderen dort "
        "teilen, was übrig ist",
    },
    "obedience_trying": {
        "en": "Charge point {name} gets a try at {min_a} A",
        "nl": "Laadpunt {name} krijgt een kans met {min_a} A",
        "fr": "La borne {name} a droit à un essai à {min_a} A",
        "de": "Ladepunkt {name} bekommt einen Versuch mit {min_a} A",
    },
    "obedience_believed": {
        "en": "Charge point {name} keeps to its limit again",
        "nl": "Laadpunt {name} houdt zich weer aan zijn grens",
        "fr": "La borne {name} respecte de nouveau sa limite",
        "de": "Ladepunkt {name} hält sich wieder an seine Grenze",
    },
    "obedience_barred": {
        "en": "Charge point {name} ignored its limit {tries} times: it gets nothing until its car leaves or somebody switches it off",
        "nl": "Laadpunt {name} negeerde zijn grens {tries} keer: het krijgt niets tot zijn auto vertrekt of iemand het uitzet",
        "fr": "La borne {name} a ignoré sa limite {tries} fois : elle ne reçoit rien avant que sa voiture parte ou que "
        "quelqu'un la mette sur Arrêt",
        "de": "Ladepunkt {name} hat seine Grenze {tries} Mal missachtet: Er bekommt nichts, bis sein Auto abfährt oder "
        "jemand ihn ausschaltet",
    },
    "departure_raised": {
        "en": "{name} goes first now: it needs {left_kwh} kWh by its departure, at least {need_a} A",
        "nl": "{name} gaat nu voor: hij heeft {left_kwh} kWh nodig voor hij vertrekt, minstens {need_a} A",
        "fr": "{name} passe avant maintenant : il lui faut {left_kwh} kWh avant son départ, au moins {need_a} A",
        "de": "{name} hat jetzt Vorrang: bis zur Abfahrt sind {left_kwh} kWh nötig, mindestens {need_a} A",
    },
    "departure_met": {
        "en": "{name} has time enough again for what it needs, or has it",
        "nl": "{name} heeft weer tijd genoeg voor wat hij nodig heeft, of heeft het al",
        "fr": "{name} a de nouveau assez de temps pour ce qu'il lui faut, ou l'a déjà",
        "de": "{name} hat wieder Zeit genug für das, was nötig ist, oder hat es schon",
    },
}
