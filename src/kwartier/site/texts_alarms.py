"""The texts of what is wrong now, and of who has taken note; part of `texts.TEXTS`."""

ALARM_TEXTS: dict[str, dict[str, str]] = {
    "alarm_fire": {
        "en": "Fire alarm ({input}): {count} charge points are stopped.",
        "nl": "Brandalarm ({input}): {count} laadpunten zijn gestopt.",
        "fr": "Alarme incendie ({input}) : {count} bornes sont arrêtées.",
        "de": "Brandalarm ({input}): {count} Ladepunkte sind gestoppt.",
    },
    "alarm_emergency": {
        "en": "Emergency stop ({input}): {count} charge points are stopped.",
        "nl": "Noodstop ({input}): {count} laadpunten zijn gestopt.",
        "fr": "Arrêt d'urgence ({input}) : {count} bornes sont arrêtées.",
        "de": "Not-Halt ({input}): {count} Ladepunkte sind gestoppt.",
    },
    "alarm_input_lost": {
        "en": "{input} cannot be read, which counts as an alarm: {count} charge points are stopped.",
        "nl": "{input} is niet te lezen en dat telt als alarm: {count} laadpunten zijn gestopt.",
        "fr": "{input} est illisible, ce qui compte comme une alarme : {count} bornes sont arrêtées.",
        "de": "{input} ist nicht lesbar, das zählt als Alarm: {count} Ladepunkte sind gestoppt.",
    },
    "alarm_input_unheard": {
        "en": "{input} has not been heard since the start: {count} charge points wait for it.",
        "nl": "{input} is sinds de start niet gehoord: {count} laadpunten wachten erop.",
        "fr": "Aucun signal de {input} depuis le démarrage : {count} bornes l'attendent.",
        "de": "Von {input} kam seit dem Start kein Signal: {count} Ladepunkte warten darauf.",
    },
    "alarm_input_testing": {
        "en": "A test of {input} runs: an alarm stops nothing now.",
        "nl": "Er loopt een test van {input}: een alarm stopt nu niets.",
        "fr": "Un test de {input} est en cours : une alarme n'arrête rien maintenant.",
        "de": "Ein Test von {input} läuft: Ein Alarm stoppt jetzt nichts.",
    },
    "alarm_meter_safe": {
        "en": "Meter {meter} is lost. All cars behind {circuit} share the safe current of {current_a} A until it is back.",
        "nl": "Meter {meter} is weg. Alle auto's achter {circuit} delen de veilige stroom van {current_a} A tot hij terug is.",
        "fr": "Le compteur {meter} ne répond plus. Toutes les voitures derrière {circuit} se partagent le courant sûr de "
        "{current_a} A jusqu'à son retour.",
        "de": "Zähler {meter} ist ausgefallen. Alle Autos hinter {circuit} teilen sich den sicheren Strom von {current_a} "
        "A, bis er zurück ist.",
    },
    "alarm_meter_lost": {
        "en": "Meter {meter} is lost. What it measures is not known; no limit depends on it.",
        "nl": "Meter {meter} is weg. Wat hij meet is niet bekend; geen grens hangt ervan af.",
        "fr": "Le compteur {meter} ne répond plus. Ce qu'il mesure n'est pas connu ; aucune limite n'en dépend.",
        "de": "Zähler {meter} ist ausgefallen. Was er misst, ist nicht bekannt; keine Grenze hängt davon ab.",
    },
    "alarm_point_silent": {
        "en": "{name} does not answer. Room stays reserved for what it may draw by itself.",
        "nl": "{name} antwoordt niet. Er blijft plaats voorzien voor wat het uit zichzelf kan nemen.",
        "fr": "{name} ne répond pas. De la place reste réservée pour ce que la borne peut prendre d'elle-même.",
        "de": "{name} antwortet nicht. Es bleibt Platz für das reserviert, was der Ladepunkt von sich aus nehmen kann.",
    },
    "alarm_point_fault": {
        "en": "{name} reports a fault (state {state}).",
        "nl": "{name} meldt een fout (toestand {state}).",
        "fr": "{name} signale un défaut (état {state}).",
        "de": "{name} meldet eine Störung (Zustand {state}).",
    },
    "alarm_point_disobeys": {
        "en": "{name} draws more than it is told. What it takes is counted as other load.",
        "nl": "{name} neemt meer dan het mag. Wat het neemt telt als ander verbruik.",
        "fr": "{name} prend plus que permis. Cela compte comme autre consommation.",
        "de": "{name} nimmt mehr als erlaubt. Das zählt als übriger Verbrauch.",
    },
    "alarm_over_limit": {
        "en": "{circuit} carries {load_a} A on L{phase}, above its limit of {limit_a} A.",
        "nl": "{circuit} voert {load_a} A op L{phase}, boven de grens van {limit_a} A.",
        "fr": "{circuit} : {load_a} A sur L{phase}, au-dessus de sa limite de {limit_a} A.",
        "de": "{circuit} führt {load_a} A auf L{phase}, mehr als die Grenze von {limit_a} A.",
    },
    "alarm_not_recording": {
        "en": "Measurements and decisions are not being recorded: {problem}",
        "nl": "Metingen en beslissingen worden niet opgeslagen: {problem}",
        "fr": "Les mesures et décisions ne sont pas enregistrées : {problem}",
        "de": "Messwerte und Entscheidungen werden nicht gespeichert: {problem}",
    },
    "alarm_battery_silent": {
        "en": "{name} does not answer. What it may take by itself stays reserved, and nobody counts on what it gives.",
        "nl": "{name} antwoordt niet. Wat ze uit zichzelf kan nemen, blijft gereserveerd, en niemand rekent op wat ze levert.",
        "fr": "{name} ne répond pas. Ce qu'elle peut prendre d'elle-même reste réservé, et personne ne compte sur ce qu'elle fournit.",
        "de": "{name} antwortet nicht. Was sie von selbst nehmen kann, bleibt reserviert, und niemand rechnet mit dem, was sie liefert.",
    },
    "alarm_battery_fault": {
        "en": "{name} reports that it cannot work ({state}).",
        "nl": "{name} meldt dat ze niet kan werken ({state}).",
        "fr": "{name} signale qu'elle ne peut pas fonctionner ({state}).",
        "de": "{name} meldet, dass sie nicht arbeiten kann ({state}).",
    },
    "alarm_proof_failed": {
        "en": "The fail-safe proof does not hold: without Kwartier more may flow than a fuse carries ({count} findings).",
        "nl": "Het bewijs zonder Kwartier houdt niet stand: dan kan meer vloeien dan een zekering draagt ({count} punten).",
        "fr": "La preuve de sûreté ne tient pas : sans Kwartier, il peut passer plus que ce qu'un fusible supporte ({count} constats).",
        "de": "Der Sicherheitsnachweis hält nicht: Ohne Kwartier kann mehr fließen, als eine Sicherung trägt ({count} Befunde).",
    },
    "alarm_acknowledged": {
        "en": "{name} has taken note of the alarm about {device} of {at}",
        "nl": "{name} heeft kennis genomen van het alarm over {device} van {at}",
        "fr": "{name} a pris connaissance de l'alarme sur {device} de {at}",
        "de": "{name} hat den Alarm zu {device} von {at} zur Kenntnis genommen",
    },
}  # fmt: skip
