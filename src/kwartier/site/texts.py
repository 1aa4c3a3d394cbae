"""The catalogue of reasons and messages: code -> language -> words. Data only.

Every text says what is so and, where a person can do something or wait for something, what would
change it. Parameters stand in braces; `site.reasons` fills them in.
"""

from kwartier.site.texts_advice import ADVICE_TEXTS
from kwartier.site.texts_alarms import ALARM_TEXTS
from kwartier.site.texts_fire import FIRE_TEXTS
from kwartier.site.texts_health import HEALTH_TEXTS
from kwartier.site.texts_phases import PHASES_TEXTS
from kwartier.site.texts_plan import PLAN_TEXTS
from kwartier.site.texts_proof import PROOF_TEXTS
from kwartier.site.texts_quarter import QUARTER_TEXTS
from kwartier.site.texts_turns import TURNS_TEXTS

TEXTS: dict[str, dict[str, str]] = {
    # -- why a charge point may draw what it may draw -------------------------------------------------
    "starting": {
        "en": "Kwartier has just started and has not heard this charge point yet.",
        "nl": "Kwartier is net gestart en heeft dit laadpunt nog niet gehoord.",
    },
    "no_car": {
        "en": "No car is plugged in.",
        "nl": "Er is geen auto aangesloten.",
    },
    "off_by_user": {
        "en": "Switched off by hand. Choose Fast to charge.",
        "nl": "Met de hand uitgezet. Kies Snel om te laden.",
    },
    "charger_fault": {
        "en": "The charge point reports a fault (state {state}). Look at its own display.",
        "nl": "Het laadpunt meldt een storing (toestand {state}). Kijk op zijn eigen scherm.",
    },
    "charger_inoperative": {
        "en": "The charge point is set to inoperative by its own back office.",
        "nl": "Het laadpunt is door zijn eigen beheerder buiten dienst gezet.",
    },
    "charger_silent": {
        "en": "The charge point has not answered for {age_s}. Until it does, {reserved_a} A is reserved for it.",
        "nl": "Het laadpunt antwoordt al {age_s} niet. Zolang blijft er {reserved_a} A voor gereserveerd.",
    },
    "charger_disobeys": {
        "en": "It draws {draw_a} A, more than it was told. It is counted as other load and told the least "
        "until it obeys. Have the charge point looked at.",
        "nl": "Het neemt {draw_a} A, meer dan het mag. Het telt als ander verbruik en krijgt het minste "
        "tot het gehoorzaamt. Laat het laadpunt nakijken.",
    },
    "user_limit": {
        "en": "Limited to {limit_a} A by hand.",
        "nl": "Met de hand begrensd op {limit_a} A.",
    },
    "user_limit_too_low": {
        "en": "The limit set by hand, {limit_a} A, is below the {min_a} A that a car needs. Raise it to charge.",
        "nl": "De met de hand gezette grens, {limit_a} A, is lager dan de {min_a} A die een auto nodig heeft. Zet ze hoger om te laden.",
    },
    "charger_max": {
        "en": "At the most that this charge point gives, {max_a} A.",
        "nl": "Op het hoogste dat dit laadpunt geeft, {max_a} A.",
    },
    "car_takes_less": {
        "en": "The car takes {draw_a} A by itself; the rest is lent to others and comes back when it asks.",
        "nl": "De auto neemt zelf {draw_a} A; de rest is uitgeleend en komt terug zodra hij erom vraagt.",
    },
    "car_idle": {
        "en": "The car is connected but takes nothing: full, or waiting by itself. {min_a} A stays ready for it.",
        "nl": "De auto is aangesloten maar neemt niets: vol, of hij wacht zelf. Er staat {min_a} A voor hem klaar.",
    },
    "circuit_limit": {
        "en": "{circuit} is full on L{phase}: {limit_a} A allowed ({source}), {other_a} A other load, "
        "shared by {sharers} cars. More when other load drops or a car leaves.",
        "nl": "{circuit} zit vol op L{phase}: {limit_a} A toegelaten ({source}), {other_a} A ander verbruik, "
        "gedeeld door {sharers} auto's. Meer zodra ander verbruik daalt of een auto vertrekt.",
    },
    "circuit_limit_alone": {
        "en": "{circuit} is full on L{phase}: {limit_a} A allowed ({source}), {other_a} A other load. "
        "More when other load drops.",
        "nl": "{circuit} zit vol op L{phase}: {limit_a} A toegelaten ({source}), {other_a} A ander verbruik. "
        "Meer zodra ander verbruik daalt.",
    },
    "circuit_no_room": {
        "en": "Waiting: {circuit} has no {min_a} A free on L{phase} ({limit_a} A allowed, {other_a} A other load). "
        "Starts when there is room or at its turn.",
        "nl": "Wacht: {circuit} heeft geen {min_a} A vrij op L{phase} ({limit_a} A toegelaten, {other_a} A ander verbruik). "
        "Begint zodra er plaats is of bij zijn beurt.",
    },
    "safe_current": {
        "en": "Meter {meter} is lost: all cars behind {circuit} share its safe current of {safe_a} A. "
        "More once the meter is back.",
        "nl": "Meter {meter} is weg: alle auto's achter {circuit} delen de veilige stroom van {safe_a} A. "
        "Meer zodra de meter terug is.",
    },
    "safe_no_room": {
        "en": "Waiting: meter {meter} is lost and the safe current of {circuit}, {safe_a} A, is used up by others.",
        "nl": "Wacht: meter {meter} is weg en de veilige stroom van {circuit}, {safe_a} A, is op.",
    },
    "held_stale": {
        "en": "Held at {current_a} A: meter {meter} is late, so nothing is raised until it speaks again.",
        "nl": "Blijft op {current_a} A: meter {meter} is laat, dus niets gaat omhoog tot hij weer spreekt.",
    },
    "rising": {
        "en": "Rising step by step to {target_a} A.",
        "nl": "Stijgt stap voor stap naar {target_a} A.",
    },
    "waiting_for_decrease": {
        "en": "Waits for other cars to come down first; then rises to {target_a} A.",
        "nl": "Wacht tot andere auto's gezakt zijn; stijgt dan naar {target_a} A.",
    },
    "resting": {
        "en": "Was stopped for lack of room; there is room again, it starts in {in_s} s.",
        "nl": "Was gestopt bij gebrek aan plaats; er is weer plaats, over {in_s} s start hij.",
    },
    # -- why a share of one allocation is what it is (`kwartier allocate`) -------------------------------
    "share_own_maximum": {
        "en": "the charger's own maximum of {max_a} A",
        "nl": "het eigen maximum van de lader, {max_a} A",
    },
    "share_zero_maximum": {
        "en": "the charger's own maximum is 0 A",
        "nl": "het eigen maximum van de lader is 0 A",
    },
    "share_never": {
        "en": "the charger's own maximum of {max_a} A is below its minimum of {min_a} A",
        "nl": "het eigen maximum van de lader, {max_a} A, ligt onder zijn minimum van {min_a} A",
    },
    "share_full": {
        "en": "circuit '{circuit}' is full on L{phase}: {limit_a} A limit, {base_a} A other load, "
        "shared by {sharers} chargers",
        "nl": "kring '{circuit}' zit vol op L{phase}: grens {limit_a} A, {base_a} A ander verbruik, "
        "gedeeld door {sharers} laders",
    },
    "share_full_alone": {
        "en": "circuit '{circuit}' is full on L{phase}: {limit_a} A limit, {base_a} A other load, and this charger",
        "nl": "kring '{circuit}' zit vol op L{phase}: grens {limit_a} A, {base_a} A ander verbruik, en deze lader",
    },
    "share_no_room": {
        "en": "circuit '{circuit}' has no room on L{phase} for the minimum of {min_a} A: {limit_a} A limit, "
        "{base_a} A other load, chargers that go first: {sharers}",
        "nl": "kring '{circuit}' heeft op L{phase} geen plaats voor het minimum van {min_a} A: grens {limit_a} A, "
        "{base_a} A ander verbruik, laders die voorgaan: {sharers}",
    },
    "share_base_load": {
        "en": "circuit '{circuit}' is over its limit on L{phase} without any charger: {limit_a} A limit, "
        "{base_a} A other load",
        "nl": "kring '{circuit}' zit op L{phase} ook zonder laders boven zijn grens: grens {limit_a} A, "
        "{base_a} A ander verbruik",
    },
    # -- messages --------------------------------------------------------------------------------------
    "meter_warning": {
        "en": "Communication warning for meter {meter}",
        "nl": "Communicatiewaarschuwing voor meter {meter}",
    },
    "meter_error": {
        "en": "Communication error for meter {meter}",
        "nl": "Communicatiefout voor meter {meter}",
    },
    "meter_connected": {
        "en": "Meter {meter} connected via {address}",
        "nl": "Meter {meter} verbonden via {address}",
    },
    "charge_point_silent": {
        "en": "Charge point {name} does not answer at {address}",
        "nl": "Laadpunt {name} antwoordt niet op {address}",
    },
    "charge_point_connected": {
        "en": "Charge point {name} connected via {address}",
        "nl": "Laadpunt {name} verbonden via {address}",
    },
    "charge_point_disobeys": {
        "en": "Charge point {name} draws {draw_a} A while {allowed_a} A is allowed; it is counted as other load",
        "nl": "Laadpunt {name} neemt {draw_a} A terwijl {allowed_a} A mag; het telt als ander verbruik",
    },
    "device_fault": {
        "en": "{device}: {what}",
        "nl": "{device}: {what}",
    },
    "limit_formula_stuck": {
        "en": "The limit of {circuit} is a formula that has no answer now ({why}); until it has, {else_a} A is allowed there",
        "nl": "De grens van {circuit} is een formule die nu geen antwoord geeft ({why}); tot dan is daar {else_a} A toegelaten",
    },
    "limit_formula_answers": {
        "en": "The limit of {circuit} follows its formula again",
        "nl": "De grens van {circuit} volgt weer zijn formule",
    },
    "started": {
        "en": "Kwartier started",
        "nl": "Kwartier gestart",
    },
    "recording_stopped": {
        "en": "Not recorded: {problem}",
        "nl": "Niet opgeslagen: {problem}",
    },
    "recording_resumed": {
        "en": "Recording again",
        "nl": "Er wordt weer opgeslagen",
    },
    "recording_disk_full": {
        "en": "The disk with {path} is full: readings, decisions and quarter-hours are not being recorded. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Free space there; what waits is then written.",
        "nl": "De schijf met {path} is vol: metingen, beslissingen en kwartieren worden niet opgeslagen. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Maak er plaats; wat wacht wordt dan geschreven.",
    },
    "recording_read_only": {
        "en": "{path} cannot be written: readings, decisions and quarter-hours are not being recorded. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Make the folder writable; what waits is then written.",
        "nl": "{path} kan niet geschreven worden: metingen, beslissingen en kwartieren worden niet opgeslagen. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Maak de map schrijfbaar; wat wacht wordt dan geschreven.",
    },
    "recording_locked": {
        "en": "Another program holds {path}: readings, decisions and quarter-hours are not being recorded. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Close that program; what waits is then written.",
        "nl": "Een ander programma houdt {path} vast: metingen, beslissingen en kwartieren worden niet opgeslagen. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Sluit dat programma; wat wacht wordt dan geschreven.",
    },
    "recording_newer": {
        "en": "{path} was written by a newer Kwartier: readings, decisions and quarter-hours are not being recorded. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Install that version or name another file in historian.path.",
        "nl": "{path} is geschreven door een nieuwere Kwartier: metingen, beslissingen en kwartieren worden niet opgeslagen. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Installeer die versie of noem een ander bestand in historian.path.",
    },
    "recording_failed": {
        "en": "{path} cannot be written ({detail}): readings, decisions and quarter-hours are not being recorded. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Look at the disk.",
        "nl": "{path} kan niet geschreven worden ({detail}): metingen, beslissingen en kwartieren worden niet opgeslagen. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Kijk de schijf na.",
    },
    "recording_state_failed": {
        "en": "The state beside {path} cannot be saved ({detail}): a restart would resume from an older one. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Look at the disk.",
        "nl": "De toestand naast {path} kan niet bewaard worden ({detail}): een herstart zou van een oudere vertrekken. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Kijk de schijf na.",
    },
    "recording_moved_aside": {
        "en": "The history in {path} was damaged ({detail}). It was kept as {aside} and a new one begun, "
        "with {quarters} quarter-hours and {entries} journal entries saved from it; charts begin anew.",
        "nl": "De geschiedenis in {path} was beschadigd ({detail}). Ze is bewaard als {aside} en een nieuwe is begonnen, "
        "met {quarters} kwartieren en {entries} journaalregels die eruit gered zijn; grafieken beginnen opnieuw.",
    },
    "recording_caught_up": {
        "en": "Recording again after {minutes} minutes; what waited is written, {dropped} items were lost.",
        "nl": "Er wordt weer opgeslagen na {minutes} minuten; wat wachtte is geschreven, {dropped} gegevens gingen verloren.",
    },
    "wish_off": {
        "en": "{name} switched off by hand",
        "nl": "{name} met de hand uitgezet",
    },
    "wish_fast": {
        "en": "{name} set to Fast by hand",
        "nl": "{name} met de hand op Snel gezet",
    },
    "wish_limited": {
        "en": "{name} set to Fast by hand, at most {limit_a} A",
        "nl": "{name} met de hand op Snel gezet, hoogstens {limit_a} A",
    },
    **ADVICE_TEXTS,
    **ALARM_TEXTS,
    **FIRE_TEXTS,
    **HEALTH_TEXTS,
    **PHASES_TEXTS,
    **PLAN_TEXTS,
    **PROOF_TEXTS,
    **QUARTER_TEXTS,
    **TURNS_TEXTS,
}
