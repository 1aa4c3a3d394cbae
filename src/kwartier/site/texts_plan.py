"""The texts about what a plan does and why; part of `texts.TEXTS`. The figures come from `planning.reasons`."""

PLAN_TEXTS: dict[str, dict[str, str]] = {
    # -- drawing power now -----------------------------------------------------------------------------
    "plan_sun": {
        "en": "Runs on the sun: the panels give {sun_kw} kW, more than the house needs.",
        "nl": "Draait op zon: de panelen geven {sun_kw} kW, meer dan het huis nodig heeft.",
        "fr": "Fonctionne au soleil : les panneaux donnent {sun_kw} kW, plus qu'il n'en faut à la maison.",
        "de": "Läuft mit Sonne: Die Module geben {sun_kw} kW, mehr als das Haus braucht.",
    },
    "plan_negative": {
        "en": "A kWh from the grid costs less than nothing then: {price_ct} cent.",
        "nl": "Een kWh van het net kost dan minder dan niets: {price_ct} cent.",
        "fr": "Un kWh du réseau coûte alors moins que rien : {price_ct} cents.",
        "de": "Eine kWh vom Netz kostet dann weniger als nichts: {price_ct} Cent.",
    },
    "plan_cheap": {
        "en": "A kWh costs {price_ct} cent then, and {later_ct} at {dear_at}.",
        "nl": "Een kWh kost dan {price_ct} cent, en {later_ct} om {dear_at}.",
        "fr": "Un kWh coûte alors {price_ct} cents, et {later_ct} à {dear_at}.",
        "de": "Eine kWh kostet dann {price_ct} Cent, und {later_ct} um {dear_at}.",
    },
    "plan_cheap_peak_paid": {
        "en": "A kWh costs {price_ct} cent then, and {later_ct} at {dear_at}; the month's peak of {peak_kw} kW is paid anyway.",
        "nl": "Een kWh kost dan {price_ct} cent, en {later_ct} om {dear_at}; de maandpiek van {peak_kw} kW is toch al betaald.",
        "fr": "Un kWh coûte alors {price_ct} cents, et {later_ct} à {dear_at} ; la pointe mensuelle de {peak_kw} kW est "
        "payée de toute façon.",
        "de": "Eine kWh kostet dann {price_ct} Cent, und {later_ct} um {dear_at}; die Monatsspitze von {peak_kw} kW ist ohnehin bezahlt.",
    },
    "plan_now_as_good": {
        "en": "Now: a kWh costs {price_ct} cent, and waiting makes it no cheaper.",
        "nl": "Nu: een kWh kost {price_ct} cent, en wachten maakt het niet goedkoper.",
        "fr": "Maintenant : un kWh coûte {price_ct} cents, et attendre ne le rend pas moins cher.",
        "de": "Jetzt: Eine kWh kostet {price_ct} Cent, und Warten macht sie nicht günstiger.",
    },
    "plan_at_once": {
        "en": "At once, up to the least charge of {kwh} kWh; after that by price.",
        "nl": "Meteen, tot de minimumlading van {kwh} kWh; daarna volgens de prijs.",
        "fr": "Tout de suite, jusqu'à la charge minimale de {kwh} kWh ; ensuite selon le prix.",
        "de": "Sofort, bis zur Mindestladung von {kwh} kWh; danach nach Preis.",
    },
    "plan_departure": {
        "en": "Now, or the car is not ready at {leaves_at}.",
        "nl": "Nu, anders is de auto niet klaar om {leaves_at}.",
        "fr": "Maintenant, sinon la voiture n'est pas prête à {leaves_at}.",
        "de": "Jetzt, sonst ist das Auto um {leaves_at} nicht bereit.",
    },
    "plan_heat_needed": {
        "en": "Now, or it gets colder than {low_c} °C.",
        "nl": "Nu, anders wordt het kouder dan {low_c} °C.",
        "fr": "Maintenant, sinon il fera moins de {low_c} °C.",
        "de": "Jetzt, sonst wird es kälter als {low_c} °C.",
    },
    # -- waiting ---------------------------------------------------------------------------------------
    "plan_in_time": {
        "en": "Waits until {next_at}: that is in time, and costs no more.",
        "nl": "Wacht tot {next_at}: dat is op tijd, en kost niet meer.",
        "fr": "Attend jusqu'à {next_at} : c'est à temps, et ne coûte pas plus.",
        "de": "Wartet bis {next_at}: Das ist rechtzeitig und kostet nicht mehr.",
    },
    "plan_waits_price": {
        "en": "Waits until {next_at}, when a kWh costs {next_ct} cent; one more now would cost {price_ct}.",
        "nl": "Wacht tot {next_at}, als een kWh {next_ct} cent kost; een meer nu zou {price_ct} kosten.",
        "fr": "Attend jusqu'à {next_at}, quand un kWh coûte {next_ct} cents ; un de plus maintenant coûterait {price_ct}.",
        "de": "Wartet bis {next_at}, wenn eine kWh {next_ct} Cent kostet; eine mehr jetzt würde {price_ct} kosten.",
    },
    "plan_waits_sun": {
        "en": "Waits for the sun, about {next_at}.",
        "nl": "Wacht op de zon, rond {next_at}.",
        "fr": "Attend le soleil, vers {next_at}.",
        "de": "Wartet auf die Sonne, gegen {next_at}.",
    },
    "plan_waits_peak": {
        "en": "Waits until {next_at}: a kWh more now would raise the month's peak above {peak_kw} kW and cost {cost_ct} cent of it.",
        "nl": "Wacht tot {next_at}: een kWh meer nu zou de maandpiek boven {peak_kw} kW brengen en daarvan {cost_ct} cent kosten.",
        "fr": "Attend jusqu'à {next_at} : un kWh de plus maintenant porterait la pointe mensuelle au-dessus de {peak_kw} kW "
        "et coûterait {cost_ct} cents de pointe.",
        "de": "Wartet bis {next_at}: Eine kWh mehr jetzt würde die Monatsspitze über {peak_kw} kW heben und dafür {cost_ct} Cent kosten.",
    },
    "plan_car_done": {
        "en": "Done: {kwh} kWh charged, as wished.",
        "nl": "Klaar: {kwh} kWh geladen, zoals gewenst.",
        "fr": "Prêt : {kwh} kWh chargés, comme souhaité.",
        "de": "Fertig: {kwh} kWh geladen, wie gewünscht.",
    },
    "plan_car_short": {
        "en": "{missing_kwh} kWh of the wish will be missing: time, power or limits do not allow more.",
        "nl": "Van de wens zal {missing_kwh} kWh ontbreken: tijd, vermogen of grenzen laten niet meer toe.",
        "fr": "Il manquera {missing_kwh} kWh du souhait : le temps, la puissance ou les limites ne permettent pas plus.",
        "de": "Vom Wunsch werden {missing_kwh} kWh fehlen: Zeit, Leistung oder Grenzen lassen nicht mehr zu.",
    },
    # -- the battery -----------------------------------------------------------------------------------
    "plan_battery_sun": {
        "en": "Stores the sun that the house does not need.",
        "nl": "Bewaart de zon die het huis niet nodig heeft.",
        "fr": "Stocke le soleil dont la maison n'a pas besoin.",
        "de": "Speichert die Sonne, die das Haus nicht braucht.",
    },
    "plan_battery_charges": {
        "en": "Charges at {price_ct} cent a kWh for {dear_at}, when a kWh is worth {later_ct}.",
        "nl": "Laadt aan {price_ct} cent per kWh voor {dear_at}, als een kWh {later_ct} waard is.",
        "fr": "Charge à {price_ct} cents le kWh pour {dear_at}, quand un kWh en vaut {later_ct}.",
        "de": "Lädt zu {price_ct} Cent pro kWh für {dear_at}, wenn eine kWh {later_ct} wert ist.",
    },
    "plan_battery_final": {
        "en": "Charges at {price_ct} cent a kWh, to be as full at the end of the plan as it should be.",
        "nl": "Laadt aan {price_ct} cent per kWh, om aan het eind van het plan zo vol te zijn als moet.",
        "fr": "Charge à {price_ct} cents le kWh, pour avoir le niveau voulu à la fin du plan.",
        "de": "Lädt zu {price_ct} Cent pro kWh, um am Ende des Plans so voll zu sein, wie sie soll.",
    },
    "plan_battery_peak": {
        "en": "Gives power to keep the month's peak at {peak_kw} kW.",
        "nl": "Geeft stroom om de maandpiek op {peak_kw} kW te houden.",
        "fr": "Fournit du courant pour tenir la pointe mensuelle à {peak_kw} kW.",
        "de": "Gibt Strom, um die Monatsspitze auf {peak_kw} kW zu halten.",
    },
    "plan_battery_sells": {
        "en": "Sells at {price_ct} cent a kWh.",
        "nl": "Verkoopt aan {price_ct} cent per kWh.",
        "fr": "Vend à {price_ct} cents le kWh.",
        "de": "Verkauft zu {price_ct} Cent pro kWh.",
    },
    "plan_battery_gives": {
        "en": "Gives power, because a kWh from the grid costs {price_ct} cent.",
        "nl": "Geeft stroom, omdat een kWh van het net {price_ct} cent kost.",
        "fr": "Fournit du courant, car un kWh du réseau coûte {price_ct} cents.",
        "de": "Gibt Strom, weil eine kWh vom Netz {price_ct} Cent kostet.",
    },
    "plan_battery_reserve": {
        "en": "Keeps {kwh} kWh for what the forecast may get wrong.",
        "nl": "Houdt {kwh} kWh achter de hand voor wat de voorspelling fout kan hebben.",
        "fr": "Garde {kwh} kWh pour les erreurs de la prévision.",
        "de": "Hält {kwh} kWh zurück für das, worin die Vorhersage irren kann.",
    },
    "plan_battery_keeps": {
        "en": "Keeps its energy for {next_at}, when a kWh is worth {later_ct} cent.",
        "nl": "Bewaart haar energie voor {next_at}, als een kWh {later_ct} cent waard is.",
        "fr": "Garde son énergie pour {next_at}, quand un kWh vaut {later_ct} cents.",
        "de": "Behält ihre Energie für {next_at}, wenn eine kWh {later_ct} Cent wert ist.",
    },
}
