"""The texts of the fail-safe proof, part of `texts.TEXTS`."""

PROOF_TEXTS: dict[str, dict[str, str]] = {
    "proof_failed": {
        "en": "The daily fail-safe proof failed: were Kwartier to stop now, not every limit would be kept for certain. "
        "Problems: {count}. `kwartier check --probe` shows the arithmetic.",
        "nl": "Het dagelijkse veiligheidsbewijs faalt: viel Kwartier nu uit, dan is niet elke grens zeker. "
        "Problemen: {count}. `kwartier check --probe` toont de berekening.",
    },
    "proof_passed": {
        "en": "The fail-safe proof holds again: without Kwartier every limit would be kept.",
        "nl": "Het veiligheidsbewijs klopt weer: ook zonder Kwartier blijft elke grens bewaard.",
    },
    "proof_over": {
        "en": "Without Kwartier {circuit} could carry {total_a} A on {phases}: {chargers_a} A that its chargers fall back "
        "to by themselves and {base_a} A worst other load. Its limit is {limit_a} A. Lower the safe current that is set "
        "in the chargers.",
        "nl": "Zonder Kwartier kan {circuit} {total_a} A voeren op {phases}: {chargers_a} A waarop de laders zelf "
        "terugvallen en {base_a} A grootste ander verbruik. De grens is {limit_a} A. Verlaag de veilige stroom die in "
        "de laders is ingesteld.",
    },
    "proof_safe_current": {
        "en": "While its meter is lost {circuit} could carry {total_a} A on {phases}: {chargers_a} A safe current and "
        "{base_a} A worst other load. Its limit is {limit_a} A. Lower safe_current_a in the site file.",
        "nl": "Zonder zijn meter kan {circuit} {total_a} A voeren op {phases}: {chargers_a} A veilige stroom en {base_a} A "
        "grootste ander verbruik. De grens is {limit_a} A. Verlaag safe_current_a in het sitebestand.",
    },
    "proof_load_unknown": {
        "en": "What {circuit} carries beside chargers is not known: nothing is recorded of it, and meter {meter} and "
        "all chargers behind it were not heard together.",
        "nl": "Wat {circuit} naast laders voert is niet bekend: er is niets van opgeslagen, en meter {meter} en alle laders "
        "erachter zijn niet samen gehoord.",
    },
    "proof_fallback_unknown": {
        "en": "What {name} falls back to by itself is not known; it counts with its maximum of {max_a} A.",
        "nl": "Waarop {name} zelf terugvalt is niet bekend; het telt met zijn maximum van {max_a} A.",
    },
    "proof_fallback_low": {
        "en": "{name} says that it falls back to {told_a} A; fallback_a in the site file says {configured_a} A. "
        "Lower the safe current that is set in the charger, or write {told_a} in the site file.",
        "nl": "{name} zegt dat het terugvalt op {told_a} A; fallback_a in het sitebestand zegt {configured_a} A. "
        "Verlaag de veilige stroom die in de lader is ingesteld, of schrijf {told_a} in het sitebestand.",
    },
    "proof_fallback_high": {
        "en": "{name} says that it falls back to {told_a} A; the {configured_a} A of fallback_a in the site file is counted.",
        "nl": "{name} zegt dat het terugvalt op {told_a} A; de {configured_a} A van fallback_a in het sitebestand is gerekend.",
    },
    "proof_unreachable": {
        "en": "{name} at {address} gave no reading in {wait_s} s. {what}",
        "nl": "{name} op {address} gaf geen meting in {wait_s} s. {what}",
    },
    "proof_no_timer": {
        "en": "{name} does not tell how long a set-point holds: it may hold the last one for ever. "
        "Set its validity time, or have it checked.",
        "nl": "{name} zegt niet hoe lang een setpoint geldt: het kan het laatste voor altijd houden. "
        "Stel de geldigheidstijd in, of laat het nakijken.",
    },
    "proof_slow_timer": {
        "en": "{name} would hold its last set-point for another {valid_for_s} s, and an overload must be gone in "
        "{longest_s} s. Set its validity time to {longest_s} s or less.",
        "nl": "{name} houdt zijn laatste setpoint nog {valid_for_s} s, en een overbelasting moet binnen {longest_s} s "
        "weg zijn. Stel de geldigheidstijd in op hoogstens {longest_s} s.",
    },
    "proof_write_refused": {
        "en": "{name} did not take a set-point of {current_a} A. {what}",
        "nl": "{name} nam een setpoint van {current_a} A niet aan. {what}",
    },
    "proof_write_ignored": {
        "en": "{name} took a set-point of {current_a} A and does not use it; the one it shows: {shown}. "
        "Check its mode (Socket or SCN) and whether an energy management system may control it.",
        "nl": "{name} nam een setpoint van {current_a} A aan en gebruikt het niet; wat het toont: {shown}. "
        "Kijk na of de modus klopt (Socket of SCN) en of een energiebeheersysteem mag sturen.",
    },
    "proof_write_skipped": {
        "en": "{name}: no set-point was written, because it does not tell what it applies and what it falls back to.",
        "nl": "{name}: er is geen setpoint geschreven, omdat het niet zegt wat het toepast en waarop het terugvalt.",
    },
    "proof_not_written": {
        "en": "Not shown: that these take set-points, and their timer (no set-point is in force): {names}. "
        "--write-test writes each one that never raises anything.",
        "nl": "Niet getoond: dat deze setpoints aannemen, en hun timer (er geldt geen setpoint): {names}. "
        "--write-test schrijft er een die nooit iets verhoogt.",
    },
    "proof_moment": {
        "en": "The other load of {circuit} is that of {seconds} s only, not the worst: nothing is recorded yet. "
        "Prove again after some weeks, or at the busiest moment.",
        "nl": "Het ander verbruik van {circuit} is dat van {seconds} s, niet het grootste: er is nog niets opgeslagen. "
        "Herhaal het bewijs na enkele weken, of op het drukste moment.",
    },
    "proof_short_record": {
        "en": "The other load of {circuit} is the largest of {days} days of record; the worst may be still to come.",
        "nl": "Het ander verbruik van {circuit} is het grootste van {days} dagen; het ergste kan nog komen.",
    },
    "proof_no_record": {
        "en": "The history was not used: {what}",
        "nl": "De geschiedenis is niet gebruikt: {what}",
    },
    "write_test": {
        "en": "Written by kwartier check --write-test; it holds until the charger's own timer ends it.",
        "nl": "Geschreven door kwartier check --write-test; het geldt tot de timer van de lader afloopt.",
    },
}
