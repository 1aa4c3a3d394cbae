"""The catalogue of reasons and messages: code -> language -> words. Data only.

Every text says what is so and, where a person can do something or wait for something, what would
change it. Parameters stand in braces; `site.reasons` fills them in.
"""

from kwartier.site.texts_advice import ADVICE_TEXTS
from kwartier.site.texts_alarms import ALARM_TEXTS
from kwartier.site.texts_fire import FIRE_TEXTS
from kwartier.site.texts_forecasts import FORECAST_TEXTS
from kwartier.site.texts_goals import GOAL_TEXTS
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
        "fr": "Kwartier vient de démarrer et n'a pas encore de nouvelles de cette borne.",
        "de": "Kwartier ist gerade gestartet und hat von diesem Ladepunkt noch nichts gehört.",
    },
    "no_car": {
        "en": "No car is plugged in.",
        "nl": "Er is geen auto aangesloten.",
        "fr": "Aucune voiture n'est branchée.",
        "de": "Es ist kein Auto angeschlossen.",
    },
    "off_by_user": {
        "en": "Switched off by hand. Choose Fast to charge.",
        "nl": "Met de hand uitgezet. Kies Snel om te laden.",
        "fr": "Arrêtée à la main. Choisissez Rapide pour charger.",
        "de": "Von Hand ausgeschaltet. Zum Laden Schnell wählen.",
    },
    "charger_fault": {
        "en": "The charge point reports a fault (state {state}). Look at its own display.",
        "nl": "Het laadpunt meldt een storing (toestand {state}). Kijk op zijn eigen scherm.",
        "fr": "La borne signale un défaut (état {state}). Regardez son propre écran.",
        "de": "Der Ladepunkt meldet eine Störung (Zustand {state}). Schauen Sie auf seine eigene Anzeige.",
    },
    "charger_inoperative": {
        "en": "The charge point is set to inoperative by its own back office.",
        "nl": "Het laadpunt is door zijn eigen beheerder buiten dienst gezet.",
        "fr": "La borne est mise hors service par son propre gestionnaire.",
        "de": "Der Ladepunkt ist von seinem eigenen Betreiber außer Betrieb gesetzt.",
    },
    "charger_silent": {
        "en": "The charge point has not answered for {age_s}. Until it does, {reserved_a} A is reserved for it.",
        "nl": "Het laadpunt antwoordt al {age_s} niet. Zolang blijft er {reserved_a} A voor gereserveerd.",
        "fr": "La borne ne répond pas depuis {age_s}. En attendant, {reserved_a} A lui restent réservés.",
        "de": "Der Ladepunkt antwortet seit {age_s} nicht. So lange bleiben {reserved_a} A für ihn reserviert.",
    },
    "charger_disobeys": {
        "en": "It draws {draw_a} A, more than it was told. It is counted as other load and told the least "
        "until it obeys. Have the charge point looked at.",
        "nl": "Het neemt {draw_a} A, meer dan het mag. Het telt als ander verbruik en krijgt het minste "
        "tot het gehoorzaamt. Laat het laadpunt nakijken.",
        "fr": "Elle prend {draw_a} A, plus que permis. Elle compte comme autre consommation et reçoit le minimum jusqu'à ce "
        "qu'elle obéisse. Faites vérifier la borne.",
        "de": "Er nimmt {draw_a} A, mehr als erlaubt. Er zählt als übriger Verbrauch und bekommt das Mindeste, bis er "
        "gehorcht. Lassen Sie den Ladepunkt prüfen.",
    },
    "user_limit": {
        "en": "Limited to {limit_a} A by hand.",
        "nl": "Met de hand begrensd op {limit_a} A.",
        "fr": "Limité à {limit_a} A à la main.",
        "de": "Von Hand auf {limit_a} A begrenzt.",
    },
    "user_limit_too_low": {
        "en": "The limit set by hand, {limit_a} A, is below the {min_a} A that a car needs. Raise it to charge.",
        "nl": "De met de hand gezette grens, {limit_a} A, is lager dan de {min_a} A die een auto nodig heeft. Zet ze hoger om te laden.",
        "fr": "La limite fixée à la main, {limit_a} A, est inférieure aux {min_a} A qu'il faut à une voiture. Augmentez-la pour charger.",
        "de": "Die von Hand gesetzte Grenze, {limit_a} A, liegt unter den {min_a} A, die ein Auto braucht. Zum Laden höher stellen.",
    },
    "charger_max": {
        "en": "At the most that this charge point gives, {max_a} A.",
        "nl": "Op het hoogste dat dit laadpunt geeft, {max_a} A.",
        "fr": "Au maximum que donne cette borne, {max_a} A.",
        "de": "Auf dem Höchstwert, den dieser Ladepunkt gibt, {max_a} A.",
    },
    "car_takes_less": {
        "en": "The car takes {draw_a} A by itself; the rest is lent to others and comes back when it asks.",
        "nl": "De auto neemt zelf {draw_a} A; de rest is uitgeleend en komt terug zodra hij erom vraagt.",
        "fr": "La voiture ne prend d'elle-même que {draw_a} A ; le reste est prêté à d'autres et revient dès qu'elle le demande.",
        "de": "Das Auto nimmt von sich aus {draw_a} A; der Rest ist verliehen und kommt zurück, sobald es ihn verlangt.",
    },
    "car_idle": {
        "en": "The car is connected but takes nothing: full, or waiting by itself. {min_a} A stays ready for it.",
        "nl": "De auto is aangesloten maar neemt niets: vol, of hij wacht zelf. Er staat {min_a} A voor hem klaar.",
        "fr": "La voiture est branchée mais ne prend rien : pleine, ou elle attend d'elle-même. {min_a} A restent prêts pour elle.",
        "de": "Das Auto ist angeschlossen, nimmt aber nichts: voll, oder es wartet von sich aus. {min_a} A stehen für es bereit.",
    },
    "circuit_limit": {
        "en": "{circuit} is full on L{phase}: {limit_a} A allowed ({source}), {other_a} A other load, "
        "shared by {sharers} cars. More when other load drops or a car leaves.",
        "nl": "{circuit} zit vol op L{phase}: {limit_a} A toegelaten ({source}), {other_a} A ander verbruik, "
        "gedeeld door {sharers} auto's. Meer zodra ander verbruik daalt of een auto vertrekt.",
        "fr": "{circuit} est au maximum sur L{phase} : {limit_a} A permis ({source}), {other_a} A d'autre consommation, "
        "partagés par {sharers} voitures. Plus dès que l'autre consommation baisse ou qu'une voiture part.",
        "de": "{circuit} ist auf L{phase} voll: {limit_a} A erlaubt ({source}), {other_a} A übriger Verbrauch, geteilt "
        "durch {sharers} Autos. Mehr, sobald der übrige Verbrauch sinkt oder ein Auto abfährt.",
    },
    "circuit_limit_alone": {
        "en": "{circuit} is full on L{phase}: {limit_a} A allowed ({source}), {other_a} A other load. "
        "More when other load drops.",
        "nl": "{circuit} zit vol op L{phase}: {limit_a} A toegelaten ({source}), {other_a} A ander verbruik. "
        "Meer zodra ander verbruik daalt.",
        "fr": "{circuit} est au maximum sur L{phase} : {limit_a} A permis ({source}), {other_a} A d'autre consommation. "
        "Plus dès que l'autre consommation baisse.",
        "de": "{circuit} ist auf L{phase} voll: {limit_a} A erlaubt ({source}), {other_a} A übriger Verbrauch. Mehr, sobald "
        "der übrige Verbrauch sinkt.",
    },
    "circuit_no_room": {
        "en": "Waiting: {circuit} has no {min_a} A free on L{phase} ({limit_a} A allowed, {other_a} A other load). "
        "Starts when there is room or at its turn.",
        "nl": "Wacht: {circuit} heeft geen {min_a} A vrij op L{phase} ({limit_a} A toegelaten, {other_a} A ander verbruik). "
        "Begint zodra er plaats is of bij zijn beurt.",
        "fr": "En attente : {circuit} n'a pas {min_a} A de libre sur L{phase} ({limit_a} A permis, {other_a} A d'autre "
        "consommation). Commence dès qu'il y a de la place ou à son tour.",
        "de": "Wartet: {circuit} hat auf L{phase} keine {min_a} A frei ({limit_a} A erlaubt, {other_a} A übriger "
        "Verbrauch). Beginnt, sobald Platz ist oder wenn er an der Reihe ist.",
    },
    "safe_current": {
        "en": "Meter {meter} is lost: all cars behind {circuit} share its safe current of {safe_a} A. "
        "More once the meter is back.",
        "nl": "Meter {meter} is weg: alle auto's achter {circuit} delen de veilige stroom van {safe_a} A. "
        "Meer zodra de meter terug is.",
        "fr": "Le compteur {meter} ne répond plus : toutes les voitures derrière {circuit} se partagent le courant sûr de "
        "{safe_a} A. Plus dès que le compteur est revenu.",
        "de": "Zähler {meter} ist ausgefallen: Alle Autos hinter {circuit} teilen sich den sicheren Strom von {safe_a} A. "
        "Mehr, sobald der Zähler zurück ist.",
    },
    "safe_no_room": {
        "en": "Waiting: meter {meter} is lost and the safe current of {circuit}, {safe_a} A, is used up by others.",
        "nl": "Wacht: meter {meter} is weg en de veilige stroom van {circuit}, {safe_a} A, is op.",
        "fr": "En attente : le compteur {meter} ne répond plus et le courant sûr de {circuit}, {safe_a} A, est pris par d'autres.",
        "de": "Wartet: Zähler {meter} ist ausgefallen und der sichere Strom von {circuit}, {safe_a} A, ist vergeben.",
    },
    "safe_narrowed": {
        "en": "Meter {meter} is lost while {circuit} is limited to {limit_a} A ({source}): only {safe_a} A is sure to fit, "
        "and all cars behind it share that. More once the meter is back.",
        "nl": "Meter {meter} is weg terwijl {circuit} begrensd is tot {limit_a} A ({source}): alleen {safe_a} A past zeker, en "
        "alle auto's erachter delen dat. Meer zodra de meter terug is.",
        "fr": "Le compteur {meter} ne répond plus alors que {circuit} est limité à {limit_a} A ({source}) : seuls {safe_a} A "
        "passent à coup sûr, et toutes les voitures en aval se les partagent. Plus dès que le compteur est revenu.",
        "de": "Zähler {meter} ist ausgefallen, während {circuit} auf {limit_a} A begrenzt ist ({source}): Sicher passen nur "
        "{safe_a} A, und alle Autos dahinter teilen sie sich. Mehr, sobald der Zähler zurück ist.",
    },
    "safe_narrowed_no_room": {
        "en": "Waiting: meter {meter} is lost while {circuit} is limited to {limit_a} A ({source}); without it only {safe_a} A "
        "is sure to fit, which is too little or used up by others.",
        "nl": "Wacht: meter {meter} is weg terwijl {circuit} begrensd is tot {limit_a} A ({source}); zonder meter past zeker "
        "alleen {safe_a} A, en dat is te weinig of al op.",
        "fr": "En attente : le compteur {meter} ne répond plus alors que {circuit} est limité à {limit_a} A ({source}) ; sans "
        "lui, seuls {safe_a} A passent à coup sûr, ce qui est trop peu ou déjà pris par d'autres.",
        "de": "Wartet: Zähler {meter} ist ausgefallen, während {circuit} auf {limit_a} A begrenzt ist ({source}); ohne ihn passen "
        "sicher nur {safe_a} A, und das ist zu wenig oder schon vergeben.",
    },
    "held_stale": {
        "en": "Held at {current_a} A: meter {meter} is late, so nothing is raised until it speaks again.",
        "nl": "Blijft op {current_a} A: meter {meter} is laat, dus niets gaat omhoog tot hij weer spreekt.",
        "fr": "Reste à {current_a} A : le compteur {meter} est en retard, donc rien n'augmente avant sa prochaine mesure.",
        "de": "Bleibt auf {current_a} A: Zähler {meter} ist verspätet, deshalb steigt nichts, bis er sich wieder meldet.",
    },
    "rising": {
        "en": "Rising step by step to {target_a} A.",
        "nl": "Stijgt stap voor stap naar {target_a} A.",
        "fr": "Monte pas à pas vers {target_a} A.",
        "de": "Steigt Schritt für Schritt auf {target_a} A.",
    },
    "waiting_for_decrease": {
        "en": "Waits for other cars to come down first; then rises to {target_a} A.",
        "nl": "Wacht tot andere auto's gezakt zijn; stijgt dan naar {target_a} A.",
        "fr": "Attend que d'autres voitures descendent d'abord ; monte ensuite à {target_a} A.",
        "de": "Wartet, bis andere Autos gesunken sind; steigt dann auf {target_a} A.",
    },
    "resting": {
        "en": "Was stopped for lack of room; there is room again, it starts in {in_s} s.",
        "nl": "Was gestopt bij gebrek aan plaats; er is weer plaats, over {in_s} s start hij.",
        "fr": "Arrêtée faute de place ; il y en a de nouveau, elle démarre dans {in_s} s.",
        "de": "War aus Platzmangel gestoppt; jetzt ist wieder Platz, Start in {in_s} s.",
    },
    # -- why a share of one allocation is what it is (`kwartier allocate`) -------------------------------
    "share_own_maximum": {
        "en": "the charger's own maximum of {max_a} A",
        "nl": "het eigen maximum van de lader, {max_a} A",
        "fr": "le maximum propre de la borne, {max_a} A",
        "de": "das eigene Maximum der Ladestation, {max_a} A",
    },
    "share_zero_maximum": {
        "en": "the charger's own maximum is 0 A",
        "nl": "het eigen maximum van de lader is 0 A",
        "fr": "le maximum propre de la borne est 0 A",
        "de": "das eigene Maximum der Ladestation ist 0 A",
    },
    "share_never": {
        "en": "the charger's own maximum of {max_a} A is below its minimum of {min_a} A",
        "nl": "het eigen maximum van de lader, {max_a} A, ligt onder zijn minimum van {min_a} A",
        "fr": "le maximum propre de la borne, {max_a} A, est sous son minimum de {min_a} A",
        "de": "das eigene Maximum der Ladestation, {max_a} A, liegt unter ihrem Minimum von {min_a} A",
    },
    "share_full": {
        "en": "circuit '{circuit}' is full on L{phase}: {limit_a} A limit, {base_a} A other load, "
        "shared by {sharers} chargers",
        "nl": "kring '{circuit}' zit vol op L{phase}: grens {limit_a} A, {base_a} A ander verbruik, "
        "gedeeld door {sharers} laders",
        "fr": "le circuit '{circuit}' est au maximum sur L{phase} : limite {limit_a} A, {base_a} A d'autre consommation, "
        "partagés par {sharers} bornes",
        "de": "Stromkreis '{circuit}' ist auf L{phase} voll: Grenze {limit_a} A, {base_a} A übriger Verbrauch, geteilt "
        "durch {sharers} Ladestationen",
    },
    "share_full_alone": {
        "en": "circuit '{circuit}' is full on L{phase}: {limit_a} A limit, {base_a} A other load, and this charger",
        "nl": "kring '{circuit}' zit vol op L{phase}: grens {limit_a} A, {base_a} A ander verbruik, en deze lader",
        "fr": "le circuit '{circuit}' est au maximum sur L{phase} : limite {limit_a} A, {base_a} A d'autre consommation, et cette borne",
        "de": "Stromkreis '{circuit}' ist auf L{phase} voll: Grenze {limit_a} A, {base_a} A übriger Verbrauch, und diese Ladestation",
    },
    "share_no_room": {
        "en": "circuit '{circuit}' has no room on L{phase} for the minimum of {min_a} A: {limit_a} A limit, "
        "{base_a} A other load, chargers that go first: {sharers}",
        "nl": "kring '{circuit}' heeft op L{phase} geen plaats voor het minimum van {min_a} A: grens {limit_a} A, "
        "{base_a} A ander verbruik, laders die voorgaan: {sharers}",
        "fr": "le circuit '{circuit}' n'a pas de place sur L{phase} pour le minimum de {min_a} A : limite {limit_a} A, "
        "{base_a} A d'autre consommation, bornes qui passent avant : {sharers}",
        "de": "Stromkreis '{circuit}' hat auf L{phase} keinen Platz für das Minimum von {min_a} A: Grenze {limit_a} A, "
        "{base_a} A übriger Verbrauch, Ladestationen mit Vorrang: {sharers}",
    },
    "share_base_load": {
        "en": "circuit '{circuit}' is over its limit on L{phase} without any charger: {limit_a} A limit, "
        "{base_a} A other load",
        "nl": "kring '{circuit}' zit op L{phase} ook zonder laders boven zijn grens: grens {limit_a} A, "
        "{base_a} A ander verbruik",
        "fr": "le circuit '{circuit}' dépasse sa limite sur L{phase} même sans aucune borne : limite {limit_a} A, {base_a} "
        "A d'autre consommation",
        "de": "Stromkreis '{circuit}' liegt auf L{phase} auch ohne Ladestationen über seiner Grenze: Grenze {limit_a} A, "
        "{base_a} A übriger Verbrauch",
    },
    # -- messages --------------------------------------------------------------------------------------
    "meter_warning": {
        "en": "Communication warning for meter {meter}",
        "nl": "Communicatiewaarschuwing voor meter {meter}",
        "fr": "Avertissement de communication pour le compteur {meter}",
        "de": "Kommunikationswarnung für Zähler {meter}",
    },
    "meter_error": {
        "en": "Communication error for meter {meter}",
        "nl": "Communicatiefout voor meter {meter}",
        "fr": "Erreur de communication pour le compteur {meter}",
        "de": "Kommunikationsfehler für Zähler {meter}",
    },
    "meter_connected": {
        "en": "Meter {meter} connected via {address}",
        "nl": "Meter {meter} verbonden via {address}",
        "fr": "Compteur {meter} connecté via {address}",
        "de": "Zähler {meter} verbunden über {address}",
    },
    "charge_point_silent": {
        "en": "Charge point {name} does not answer at {address}",
        "nl": "Laadpunt {name} antwoordt niet op {address}",
        "fr": "La borne {name} ne répond pas à {address}",
        "de": "Ladepunkt {name} antwortet nicht auf {address}",
    },
    "charge_point_connected": {
        "en": "Charge point {name} connected via {address}",
        "nl": "Laadpunt {name} verbonden via {address}",
        "fr": "Borne {name} connectée via {address}",
        "de": "Ladepunkt {name} verbunden über {address}",
    },
    "charge_point_disobeys": {
        "en": "Charge point {name} draws {draw_a} A while {allowed_a} A is allowed; it is counted as other load",
        "nl": "Laadpunt {name} neemt {draw_a} A terwijl {allowed_a} A mag; het telt als ander verbruik",
        "fr": "La borne {name} prend {draw_a} A alors que {allowed_a} A sont permis ; cela compte comme autre consommation",
        "de": "Ladepunkt {name} nimmt {draw_a} A, erlaubt sind {allowed_a} A; das zählt als übriger Verbrauch",
    },
    "device_fault": {
        "en": "{device}: {what}",
        "nl": "{device}: {what}",
        "fr": "{device} : {what}",
        "de": "{device}: {what}",
    },
    "limit_formula_stuck": {
        "en": "The limit of {circuit} is a formula that has no answer now ({why}); until it has, {else_a} A is allowed there",
        "nl": "De grens van {circuit} is een formule die nu geen antwoord geeft ({why}); tot dan is daar {else_a} A toegelaten",
        "fr": "La limite de {circuit} est une formule qui n'a pas de réponse pour l'instant ({why}) ; d'ici là, {else_a} A y sont permis",
        "de": "Die Grenze von {circuit} ist eine Formel, die jetzt kein Ergebnis hat ({why}); bis dahin sind dort {else_a} A erlaubt",
    },
    "limit_formula_answers": {
        "en": "The limit of {circuit} follows its formula again",
        "nl": "De grens van {circuit} volgt weer zijn formule",
        "fr": "La limite de {circuit} suit de nouveau sa formule",
        "de": "Die Grenze von {circuit} folgt wieder ihrer Formel",
    },
    "started": {
        "en": "Kwartier started",
        "nl": "Kwartier gestart",
        "fr": "Kwartier a démarré",
        "de": "Kwartier gestartet",
    },
    "recording_stopped": {
        "en": "Not recorded: {problem}",
        "nl": "Niet opgeslagen: {problem}",
        "fr": "Non enregistré : {problem}",
        "de": "Nicht gespeichert: {problem}",
    },
    "recording_resumed": {
        "en": "Recording again",
        "nl": "Er wordt weer opgeslagen",
        "fr": "L'enregistrement a repris",
        "de": "Es wird wieder gespeichert",
    },
    "recording_disk_full": {
        "en": "The disk with {path} is full: readings, decisions and quarter-hours are not being recorded. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Free space there; what waits is then written.",
        "nl": "De schijf met {path} is vol: metingen, beslissingen en kwartieren worden niet opgeslagen. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Maak er plaats; wat wacht wordt dan geschreven.",
        "fr": "Le disque contenant {path} est plein : mesures, décisions et quarts d'heure ne sont pas enregistrés. "
        "{quarters} quarts d'heure attendent en mémoire et {dropped} données sont perdues. Libérez de la place ; ce "
        "qui attend sera alors écrit.",
        "de": "Die Platte mit {path} ist voll: Messwerte, Entscheidungen und Viertelstunden werden nicht gespeichert. "
        "{quarters} Viertelstunden warten im Speicher und {dropped} Einträge sind verloren. Schaffen Sie dort Platz; "
        "was wartet, wird dann geschrieben.",
    },
    "recording_read_only": {
        "en": "{path} cannot be written: readings, decisions and quarter-hours are not being recorded. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Make the folder writable; what waits is then written.",
        "nl": "{path} kan niet geschreven worden: metingen, beslissingen en kwartieren worden niet opgeslagen. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Maak de map schrijfbaar; wat wacht wordt dan geschreven.",
        "fr": "Impossible d'écrire {path} : mesures, décisions et quarts d'heure ne sont pas enregistrés. {quarters} quarts "
        "d'heure attendent en mémoire et {dropped} données sont perdues. Rendez le dossier accessible en écriture ; "
        "ce qui attend sera alors écrit.",
        "de": "{path} kann nicht geschrieben werden: Messwerte, Entscheidungen und Viertelstunden werden nicht gespeichert. "
        "{quarters} Viertelstunden warten im Speicher und {dropped} Einträge sind verloren. Machen Sie den Ordner "
        "beschreibbar; was wartet, wird dann geschrieben.",
    },
    "recording_locked": {
        "en": "Another program holds {path}: readings, decisions and quarter-hours are not being recorded. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Close that program; what waits is then written.",
        "nl": "Een ander programma houdt {path} vast: metingen, beslissingen en kwartieren worden niet opgeslagen. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Sluit dat programma; wat wacht wordt dan geschreven.",
        "fr": "Un autre programme tient {path} : mesures, décisions et quarts d'heure ne sont pas enregistrés. {quarters} "
        "quarts d'heure attendent en mémoire et {dropped} données sont perdues. Fermez ce programme ; ce qui attend "
        "sera alors écrit.",
        "de": "Ein anderes Programm hält {path} fest: Messwerte, Entscheidungen und Viertelstunden werden nicht "
        "gespeichert. {quarters} Viertelstunden warten im Speicher und {dropped} Einträge sind verloren. Schließen "
        "Sie dieses Programm; was wartet, wird dann geschrieben.",
    },
    "recording_newer": {
        "en": "{path} was written by a newer Kwartier: readings, decisions and quarter-hours are not being recorded. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Install that version or name another file in historian.path.",
        "nl": "{path} is geschreven door een nieuwere Kwartier: metingen, beslissingen en kwartieren worden niet opgeslagen. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Installeer die versie of noem een ander bestand in historian.path.",
        "fr": "{path} a été écrit par une version plus récente de Kwartier : mesures, décisions et quarts d'heure ne sont "
        "pas enregistrés. {quarters} quarts d'heure attendent en mémoire et {dropped} données sont perdues. Installez "
        "cette version ou indiquez un autre fichier dans historian.path.",
        "de": "{path} wurde von einem neueren Kwartier geschrieben: Messwerte, Entscheidungen und Viertelstunden werden "
        "nicht gespeichert. {quarters} Viertelstunden warten im Speicher und {dropped} Einträge sind verloren. "
        "Installieren Sie diese Version oder nennen Sie in historian.path eine andere Datei.",
    },
    "recording_failed": {
        "en": "{path} cannot be written ({detail}): readings, decisions and quarter-hours are not being recorded. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Look at the disk.",
        "nl": "{path} kan niet geschreven worden ({detail}): metingen, beslissingen en kwartieren worden niet opgeslagen. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Kijk de schijf na.",
        "fr": "Impossible d'écrire {path} ({detail}) : mesures, décisions et quarts d'heure ne sont pas enregistrés. "
        "{quarters} quarts d'heure attendent en mémoire et {dropped} données sont perdues. Vérifiez le disque.",
        "de": "{path} kann nicht geschrieben werden ({detail}): Messwerte, Entscheidungen und Viertelstunden werden nicht "
        "gespeichert. {quarters} Viertelstunden warten im Speicher und {dropped} Einträge sind verloren. Prüfen Sie "
        "die Platte.",
    },
    "recording_state_failed": {
        "en": "The state beside {path} cannot be saved ({detail}): a restart would resume from an older one. "
        "{quarters} quarter-hours wait in memory and {dropped} items are lost. Look at the disk.",
        "nl": "De toestand naast {path} kan niet bewaard worden ({detail}): een herstart zou van een oudere vertrekken. "
        "{quarters} kwartieren wachten in het geheugen en {dropped} gegevens zijn verloren. Kijk de schijf na.",
        "fr": "L'état à côté de {path} ne peut pas être sauvegardé ({detail}) : un redémarrage repartirait d'un état plus "
        "ancien. {quarters} quarts d'heure attendent en mémoire et {dropped} données sont perdues. Vérifiez le "
        "disque.",
        "de": "Der Zustand neben {path} kann nicht gesichert werden ({detail}): Ein Neustart würde von einem älteren "
        "ausgehen. {quarters} Viertelstunden warten im Speicher und {dropped} Einträge sind verloren. Prüfen Sie die "
        "Platte.",
    },
    "recording_moved_aside": {
        "en": "The history in {path} was damaged ({detail}). It was kept as {aside} and a new one begun, "
        "with {quarters} quarter-hours and {entries} journal entries saved from it; charts begin anew.",
        "nl": "De geschiedenis in {path} was beschadigd ({detail}). Ze is bewaard als {aside} en een nieuwe is begonnen, "
        "met {quarters} kwartieren en {entries} journaalregels die eruit gered zijn; grafieken beginnen opnieuw.",
        "fr": "L'historique dans {path} était endommagé ({detail}). Il est gardé sous {aside} et un nouveau est commencé, "
        "avec {quarters} quarts d'heure et {entries} lignes de journal qui en ont été sauvés ; les graphiques "
        "repartent de zéro.",
        "de": "Der Verlauf in {path} war beschädigt ({detail}). Er ist als {aside} aufbewahrt und ein neuer begonnen, mit "
        "{quarters} Viertelstunden und {entries} Journaleinträgen, die daraus gerettet sind; die Diagramme beginnen "
        "neu.",
    },
    "recording_caught_up": {
        "en": "Recording again after {minutes} minutes; what waited is written, {dropped} items were lost.",
        "nl": "Er wordt weer opgeslagen na {minutes} minuten; wat wachtte is geschreven, {dropped} gegevens gingen verloren.",
        "fr": "L'enregistrement a repris après {minutes} minutes ; ce qui attendait est écrit, {dropped} données sont perdues.",
        "de": "Es wird nach {minutes} Minuten wieder gespeichert; was wartete, ist geschrieben, {dropped} Einträge gingen verloren.",
    },
    "wish_off": {
        "en": "{name} switched off by hand",
        "nl": "{name} met de hand uitgezet",
        "fr": "{name} : mis sur Arrêt à la main",
        "de": "{name} von Hand ausgeschaltet",
    },
    "wish_fast": {
        "en": "{name} set to Fast by hand",
        "nl": "{name} met de hand op Snel gezet",
        "fr": "{name} : mis sur Rapide à la main",
        "de": "{name} von Hand auf Schnell gestellt",
    },
    "wish_limited": {
        "en": "{name} set to Fast by hand, at most {limit_a} A",
        "nl": "{name} met de hand op Snel gezet, hoogstens {limit_a} A",
        "fr": "{name} : mis sur Rapide à la main, {limit_a} A au plus",
        "de": "{name} von Hand auf Schnell gestellt, höchstens {limit_a} A",
    },
    **ADVICE_TEXTS,
    **ALARM_TEXTS,
    **FIRE_TEXTS,
    **FORECAST_TEXTS,
    **GOAL_TEXTS,
    **HEALTH_TEXTS,
    **PHASES_TEXTS,
    **PLAN_TEXTS,
    **PROOF_TEXTS,
    **QUARTER_TEXTS,
    **TURNS_TEXTS,
}
