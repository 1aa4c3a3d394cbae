"""The texts of the fire and emergency input, part of `texts.TEXTS`."""

FIRE_TEXTS: dict[str, dict[str, str]] = {
    # -- why a charge point may draw nothing -----------------------------------------------------------
    "stopped_fire": {
        "en": "Fire alarm ({input}): charging is stopped. Once the input is quiet a person on site resets it.",
        "nl": "Brandalarm ({input}): het laden is gestopt. Als de ingang weer rustig is, reset iemand ter plaatse.",
    },
    "stopped_emergency": {
        "en": "Emergency stop ({input}): charging is stopped. Once the input is quiet a person on site resets it.",
        "nl": "Noodstop ({input}): het laden is gestopt. Als de ingang weer rustig is, reset iemand ter plaatse.",
    },
    "stopped_input_lost": {
        "en": "{input} cannot be read, which counts as an alarm: charging is stopped. Mend the input; then a person on site "
        "resets it.",
        "nl": "{input} is niet te lezen en dat telt als alarm: het laden is gestopt. Herstel de ingang; daarna reset iemand "
        "ter plaatse.",
    },
    "stopped_input_unheard": {
        "en": "{input} has not been heard since the start: charging waits until it says that all is quiet.",
        "nl": "{input} is sinds de start niet gehoord: het laden wacht tot hij zegt dat alles rustig is.",
    },
    "stopped_returning": {
        "en": "{input} is over: charge points return one by one, {before} before this one.",
        "nl": "{input} is voorbij: de laadpunten komen een voor een terug, nog {before} voor dit.",
    },
    # -- messages --------------------------------------------------------------------------------------
    "fire_alarm": {
        "en": "Fire alarm ({input}): {count} charge points are stopped",
        "nl": "Brandalarm ({input}): {count} laadpunten worden gestopt",
    },
    "emergency_alarm": {
        "en": "Emergency stop ({input}): {count} charge points are stopped",
        "nl": "Noodstop ({input}): {count} laadpunten worden gestopt",
    },
    "input_lost": {
        "en": "{input} cannot be read for {silent_s} s, which counts as an alarm: {count} charge points are stopped. "
        "Look at its wiring and power.",
        "nl": "{input} is {silent_s} s niet te lezen en dat telt als alarm: {count} laadpunten worden gestopt. "
        "Kijk de bedrading en voeding na.",
    },
    "input_unheard": {
        "en": "{input} was not heard within {silent_s} s after the start: {count} charge points stay stopped until it is",
        "nl": "{input} is binnen {silent_s} s na de start niet gehoord: {count} laadpunten blijven gestopt tot dat gebeurt",
    },
    "input_quiet_again": {
        "en": "{input} is quiet again; charging stays stopped until a person on site resets it",
        "nl": "{input} is weer rustig; het laden blijft gestopt tot iemand ter plaatse reset",
    },
    "input_reset": {
        "en": "{input} reset by {name} ({role}): {why}. Charge points return one by one, one each {every_s} s.",
        "nl": "{input} gereset door {name} ({role}): {why}. De laadpunten komen een voor een terug, om de {every_s} s een.",
    },
    "input_first_quiet": {
        "en": "{input} is heard and quiet; charge points return one by one, one each {every_s} s",
        "nl": "{input} is gehoord en rustig; de laadpunten komen een voor een terug, om de {every_s} s een",
    },
    "input_over": {
        "en": "{input}: all charge points may run again",
        "nl": "{input}: alle laadpunten mogen weer werken",
    },
    "input_state_lost": {
        "en": "What was remembered of {input} is damaged, so it counts as an alarm: check the site, then reset it",
        "nl": "Wat onthouden was van {input} is beschadigd en telt dus als alarm: kijk de site na en reset dan",
    },
    "latch_not_saved": {
        "en": "The latch of the fire and emergency inputs is not on disk ({why}): a restart would forget it. Look at the disk.",
        "nl": "De vergrendeling van de brand- en noodingangen staat niet op schijf ({why}): een herstart zou ze vergeten. "
        "Kijk de schijf na.",
    },
    "input_test_begun": {
        "en": "{input}: test without cut begun by {name}, for at most {longest_s} s. A real alarm stops nothing meanwhile "
        "until the test ends.",
        "nl": "{input}: test zonder uitschakeling begonnen door {name}, hoogstens {longest_s} s. Een echt alarm stopt intussen "
        "niets tot de test eindigt.",
    },
    "input_test_seen": {
        "en": "{input}: the test alarm arrived after {after_s} s; nothing is cut",
        "nl": "{input}: het testalarm kwam aan na {after_s} s; er wordt niets uitgeschakeld",
    },
    "input_test_passed": {
        "en": "{input}: test passed, alarm and quiet both arrived; the input protects again",
        "nl": "{input}: test geslaagd, alarm en rust kwamen allebei aan; de ingang beschermt weer",
    },
    "input_test_failed": {
        "en": "{input}: test failed, no alarm arrived. The input protects again, but have its wiring looked at.",
        "nl": "{input}: test mislukt, er kwam geen alarm aan. De ingang beschermt weer, maar laat de bedrading nakijken.",
    },
    # -- refusals --------------------------------------------------------------------------------------
    "reset_not_needed": {
        "en": "{input} holds no alarm, so there is nothing to reset.",
        "nl": "{input} houdt geen alarm vast, er is dus niets te resetten.",
    },
    "reset_while_alarm": {
        "en": "{input} says alarm, or did so less than {quiet_s} s ago. Reset it once it is quiet.",
        "nl": "{input} zegt alarm, of deed dat minder dan {quiet_s} s geleden. Reset als hij rustig is.",
    },
    "reset_while_lost": {
        "en": "{input} cannot be read, so nobody knows whether it is quiet. Mend it first.",
        "nl": "{input} is niet te lezen, dus niemand weet of hij rustig is. Herstel hem eerst.",
    },
    "reset_nobody": {
        "en": "Say who resets {input}, in which role and why.",
        "nl": "Zeg wie {input} reset, in welke rol en waarom.",
    },
    "test_not_now": {
        "en": "A test of {input} can begin only while it is quiet and nothing is stopped.",
        "nl": "Een test van {input} kan alleen beginnen als hij rustig is en niets gestopt is.",
    },
    "test_none": {
        "en": "No test of {input} runs.",
        "nl": "Er loopt geen test van {input}.",
    },
    "test_nobody": {
        "en": "Say who tests {input}.",
        "nl": "Zeg wie {input} test.",
    },
}  # fmt: skip
