"""The texts of what is wrong now, and of who has taken note; part of `texts.TEXTS`."""

ALARM_TEXTS: dict[str, dict[str, str]] = {
    "alarm_fire": {
        "en": "Fire alarm ({input}): {count} charge points are stopped.",
        "nl": "Brandalarm ({input}): {count} laadpunten zijn gestopt.",
    },
    "alarm_emergency": {
        "en": "Emergency stop ({input}): {count} charge points are stopped.",
        "nl": "Noodstop ({input}): {count} laadpunten zijn gestopt.",
    },
    "alarm_input_lost": {
        "en": "{input} cannot be read, which counts as an alarm: {count} charge points are stopped.",
        "nl": "{input} is niet te lezen en dat telt als alarm: {count} laadpunten zijn gestopt.",
    },
    "alarm_input_unheard": {
        "en": "{input} has not been heard since the start: {count} charge points wait for it.",
        "nl": "{input} is sinds de start niet gehoord: {count} laadpunten wachten erop.",
    },
    "alarm_input_testing": {
        "en": "A test of {input} runs: an alarm stops nothing now.",
        "nl": "Er loopt een test van {input}: een alarm stopt nu niets.",
    },
    "alarm_meter_safe": {
        "en": "Meter {meter} is lost. All cars behind {circuit} share the safe current of {current_a} A until it is back.",
        "nl": "Meter {meter} is weg. Alle auto's achter {circuit} delen de veilige stroom van {current_a} A tot hij terug is.",
    },
    "alarm_meter_lost": {
        "en": "Meter {meter} is lost. What it measures is not known; no limit depends on it.",
        "nl": "Meter {meter} is weg. Wat hij meet is niet bekend; geen grens hangt ervan af.",
    },
    "alarm_point_silent": {
        "en": "{name} does not answer. Room stays reserved for what it may draw by itself.",
        "nl": "{name} antwoordt niet. Er blijft plaats voorzien voor wat het uit zichzelf kan nemen.",
    },
    "alarm_point_fault": {
        "en": "{name} reports a fault (state {state}).",
        "nl": "{name} meldt een fout (toestand {state}).",
    },
    "alarm_point_disobeys": {
        "en": "{name} draws more than it is told. What it takes is counted as other load.",
        "nl": "{name} neemt meer dan het mag. Wat het neemt telt als ander verbruik.",
    },
    "alarm_over_limit": {
        "en": "{circuit} carries {load_a} A on L{phase}, above its limit of {limit_a} A.",
        "nl": "{circuit} voert {load_a} A op L{phase}, boven de grens van {limit_a} A.",
    },
    "alarm_not_recording": {
        "en": "Measurements and decisions are not being recorded: {problem}",
        "nl": "Metingen en beslissingen worden niet opgeslagen: {problem}",
    },
    "alarm_battery_silent": {
        "en": "{name} does not answer. What it may take by itself stays reserved, and nobody counts on what it gives.",
        "nl": "{name} antwoordt niet. Wat ze uit zichzelf kan nemen, blijft gereserveerd, en niemand rekent op wat ze levert.",
    },
    "alarm_battery_fault": {
        "en": "{name} reports that it cannot work ({state}).",
        "nl": "{name} meldt dat ze niet kan werken ({state}).",
    },
    "alarm_proof_failed": {
        "en": "The fail-safe proof does not hold: without Kwartier more may flow than a fuse carries ({count} findings).",
        "nl": "Het bewijs zonder Kwartier houdt niet stand: dan kan meer vloeien dan een zekering draagt ({count} punten).",
    },
    "alarm_acknowledged": {
        "en": "{name} has taken note of the alarm about {device} of {at}",
        "nl": "{name} heeft kennis genomen van het alarm over {device} van {at}",
    },
}  # fmt: skip
