"""The texts of the fire and emergency input, part of `texts.TEXTS`."""

FIRE_TEXTS: dict[str, dict[str, str]] = {
    # -- why a charge point may draw nothing -----------------------------------------------------------
    "stopped_fire": {
        "en": "Fire alarm ({input}): charging is stopped. Once the input is quiet a person on site resets it.",
        "nl": "Brandalarm ({input}): het laden is gestopt. Als de ingang weer rustig is, reset iemand ter plaatse.",
        "fr": "Alarme incendie ({input}) : la charge est arrêtée. Quand l'entrée est calme, une personne sur place la réarme.",
        "de": "Brandalarm ({input}): Das Laden ist gestoppt. Ist der Eingang ruhig, setzt ihn jemand vor Ort zurück.",
    },
    "stopped_emergency": {
        "en": "Emergency stop ({input}): charging is stopped. Once the input is quiet a person on site resets it.",
        "nl": "Noodstop ({input}): het laden is gestopt. Als de ingang weer rustig is, reset iemand ter plaatse.",
        "fr": "Arrêt d'urgence ({input}) : la charge est arrêtée. Quand l'entrée est calme, une personne sur place la réarme.",
        "de": "Not-Halt ({input}): Das Laden ist gestoppt. Ist der Eingang ruhig, setzt ihn jemand vor Ort zurück.",
    },
    "stopped_input_lost": {
        "en": "{input} cannot be read, which counts as an alarm: charging is stopped. Mend the input; then a person on site "
        "resets it.",
        "nl": "{input} is niet te lezen en dat telt als alarm: het laden is gestopt. Herstel de ingang; daarna reset iemand "
        "ter plaatse.",
        "fr": "{input} est illisible, ce qui compte comme une alarme : la charge est arrêtée. Réparez l'entrée ; ensuite "
        "une personne sur place la réarme.",
        "de": "{input} ist nicht lesbar, das zählt als Alarm: Das Laden ist gestoppt. Beheben Sie den Fehler am Eingang; "
        "danach setzt ihn jemand vor Ort zurück.",
    },
    "stopped_input_unheard": {
        "en": "{input} has not been heard since the start: charging waits until it says that all is quiet.",
        "nl": "{input} is sinds de start niet gehoord: het laden wacht tot hij zegt dat alles rustig is.",
        "fr": "Aucun signal de {input} depuis le démarrage : la charge attend que l'entrée dise que tout est calme.",
        "de": "Von {input} kam seit dem Start kein Signal: Das Laden wartet, bis der Eingang sagt, dass alles ruhig ist.",
    },
    "stopped_returning": {
        "en": "{input} is over: charge points return one by one, {before} before this one.",
        "nl": "{input} is voorbij: de laadpunten komen een voor een terug, nog {before} voor dit.",
        "fr": "{input} : c'est fini. Les bornes reviennent une à une, encore {before} avant celle-ci.",
        "de": "{input} ist vorbei: Die Ladepunkte kommen einer nach dem anderen zurück, noch {before} vor diesem.",
    },
    # -- messages --------------------------------------------------------------------------------------
    "fire_alarm": {
        "en": "Fire alarm ({input}): {count} charge points are stopped",
        "nl": "Brandalarm ({input}): {count} laadpunten worden gestopt",
        "fr": "Alarme incendie ({input}) : {count} bornes sont arrêtées",
        "de": "Brandalarm ({input}): {count} Ladepunkte werden gestoppt",
    },
    "emergency_alarm": {
        "en": "Emergency stop ({input}): {count} charge points are stopped",
        "nl": "Noodstop ({input}): {count} laadpunten worden gestopt",
        "fr": "Arrêt d'urgence ({input}) : {count} bornes sont arrêtées",
        "de": "Not-Halt ({input}): {count} Ladepunkte werden gestoppt",
    },
    "input_lost": {
        "en": "{input} cannot be read for {silent_s} s, which counts as an alarm: {count} charge points are stopped. "
        "Look at its wiring and power.",
        "nl": "{input} is {silent_s} s niet te lezen en dat telt als alarm: {count} laadpunten worden gestopt. "
        "Kijk de bedrading en voeding na.",
        "fr": "{input} est illisible depuis {silent_s} s, ce qui compte comme une alarme : {count} bornes sont arrêtées. "
        "Vérifiez son câblage et son alimentation.",
        "de": "{input} ist seit {silent_s} s nicht lesbar, das zählt als Alarm: {count} Ladepunkte werden gestoppt. Prüfen "
        "Sie Verkabelung und Stromversorgung.",
    },
    "input_unheard": {
        "en": "{input} was not heard within {silent_s} s after the start: {count} charge points stay stopped until it is",
        "nl": "{input} is binnen {silent_s} s na de start niet gehoord: {count} laadpunten blijven gestopt tot dat gebeurt",
        "fr": "Aucun signal de {input} dans les {silent_s} s après le démarrage : {count} bornes restent arrêtées d'ici là",
        "de": "Von {input} kam {silent_s} s nach dem Start noch kein Signal: {count} Ladepunkte bleiben so lange gestoppt",
    },
    "input_quiet_again": {
        "en": "{input} is quiet again; charging stays stopped until a person on site resets it",
        "nl": "{input} is weer rustig; het laden blijft gestopt tot iemand ter plaatse reset",
        "fr": "{input} est de nouveau calme ; la charge reste arrêtée jusqu'à ce qu'une personne sur place réarme",
        "de": "{input} ist wieder ruhig; das Laden bleibt gestoppt, bis jemand vor Ort zurücksetzt",
    },
    "input_reset": {
        "en": "{input} reset by {name} ({role}): {why}. Charge points return one by one, one each {every_s} s.",
        "nl": "{input} gereset door {name} ({role}): {why}. De laadpunten komen een voor een terug, om de {every_s} s een.",
        "fr": "{input} : réarmement par {name} ({role}) : {why}. Les bornes reviennent une à une, une toutes les {every_s} s.",
        "de": "{input} zurückgesetzt von {name} ({role}): {why}. Die Ladepunkte kommen einer nach dem anderen zurück, alle "
        "{every_s} s einer.",
    },
    "input_first_quiet": {
        "en": "{input} is heard and quiet; charge points return one by one, one each {every_s} s",
        "nl": "{input} is gehoord en rustig; de laadpunten komen een voor een terug, om de {every_s} s een",
        "fr": "{input} répond et tout est calme ; les bornes reviennent une à une, une toutes les {every_s} s",
        "de": "{input} meldet sich und ist ruhig; die Ladepunkte kommen einer nach dem anderen zurück, alle {every_s} s einer",
    },
    "input_over": {
        "en": "{input}: all charge points may run again",
        "nl": "{input}: alle laadpunten mogen weer werken",
        "fr": "{input} : toutes les bornes peuvent à nouveau fonctionner",
        "de": "{input}: alle Ladepunkte dürfen wieder arbeiten",
    },
    "input_state_lost": {
        "en": "What was remembered of {input} is damaged, so it counts as an alarm: check the site, then reset it",
        "nl": "Wat onthouden was van {input} is beschadigd en telt dus als alarm: kijk de site na en reset dan",
        "fr": "Ce qui était mémorisé de {input} est endommagé et compte donc comme une alarme : vérifiez le site, puis réarmez",
        "de": "Was von {input} gemerkt war, ist beschädigt und zählt daher als Alarm: Prüfen Sie die Anlage, dann zurücksetzen",
    },
    "latch_not_saved": {
        "en": "The latch of the fire and emergency inputs is not on disk ({why}): a restart would forget it. Look at the disk.",
        "nl": "De vergrendeling van de brand- en noodingangen staat niet op schijf ({why}): een herstart zou ze vergeten. "
        "Kijk de schijf na.",
        "fr": "Le verrouillage des entrées incendie et d'urgence n'est pas sur le disque ({why}) : un redémarrage "
        "l'oublierait. Vérifiez le disque.",
        "de": "Die Verriegelung der Brand- und Noteingänge steht nicht auf der Platte ({why}): Ein Neustart würde sie "
        "vergessen. Prüfen Sie die Platte.",
    },
    "input_test_begun": {
        "en": "{input}: test without cut begun by {name}, for at most {longest_s} s. A real alarm stops nothing meanwhile "
        "until the test ends.",
        "nl": "{input}: test zonder uitschakeling begonnen door {name}, hoogstens {longest_s} s. Een echt alarm stopt intussen "
        "niets tot de test eindigt.",
        "fr": "{input} : test sans coupure commencé par {name}, pour {longest_s} s au plus. D'ici la fin du test, une vraie "
        "alarme n'arrête rien.",
        "de": "{input}: Test ohne Abschaltung begonnen von {name}, höchstens {longest_s} s. Ein echter Alarm stoppt bis zum "
        "Ende des Tests nichts.",
    },
    "input_test_seen": {
        "en": "{input}: the test alarm arrived after {after_s} s; nothing is cut",
        "nl": "{input}: het testalarm kwam aan na {after_s} s; er wordt niets uitgeschakeld",
        "fr": "{input} : l'alarme de test est arrivée après {after_s} s ; rien n'est coupé",
        "de": "{input}: Der Testalarm kam nach {after_s} s an; nichts wird abgeschaltet",
    },
    "input_test_passed": {
        "en": "{input}: test passed, alarm and quiet both arrived; the input protects again",
        "nl": "{input}: test geslaagd, alarm en rust kwamen allebei aan; de ingang beschermt weer",
        "fr": "{input} : test réussi, l'alarme et le calme sont arrivés ; l'entrée protège de nouveau",
        "de": "{input}: Test bestanden, Alarm und Ruhe kamen beide an; der Eingang schützt wieder",
    },
    "input_test_failed": {
        "en": "{input}: test failed, no alarm arrived. The input protects again, but have its wiring looked at.",
        "nl": "{input}: test mislukt, er kwam geen alarm aan. De ingang beschermt weer, maar laat de bedrading nakijken.",
        "fr": "{input} : test raté, aucune alarme n'est arrivée. L'entrée protège de nouveau, mais faites vérifier son câblage.",
        "de": "{input}: Test nicht bestanden, es kam kein Alarm an. Der Eingang schützt wieder, aber lassen Sie die Verkabelung prüfen.",
    },
    # -- refusals --------------------------------------------------------------------------------------
    "reset_not_needed": {
        "en": "{input} holds no alarm, so there is nothing to reset.",
        "nl": "{input} houdt geen alarm vast, er is dus niets te resetten.",
        "fr": "{input} ne retient aucune alarme, il n'y a donc rien à réarmer.",
        "de": "{input} hält keinen Alarm, es gibt also nichts zurückzusetzen.",
    },
    "reset_while_alarm": {
        "en": "{input} says alarm, or did so less than {quiet_s} s ago. Reset it once it is quiet.",
        "nl": "{input} zegt alarm, of deed dat minder dan {quiet_s} s geleden. Reset als hij rustig is.",
        "fr": "{input} dit alarme, ou l'a fait il y a moins de {quiet_s} s. Réarmez quand l'entrée est calme.",
        "de": "{input} meldet Alarm, oder tat es vor weniger als {quiet_s} s. Zurücksetzen, sobald der Eingang ruhig ist.",
    },
    "reset_while_lost": {
        "en": "{input} cannot be read, so nobody knows whether it is quiet. Mend it first.",
        "nl": "{input} is niet te lezen, dus niemand weet of hij rustig is. Herstel hem eerst.",
        "fr": "{input} est illisible, donc personne ne sait si l'entrée est calme. Réparez-la d'abord.",
        "de": "{input} ist nicht lesbar, daher weiß niemand, ob der Eingang ruhig ist. Beheben Sie zuerst den Fehler.",
    },
    "reset_nobody": {
        "en": "Say who resets {input}, in which role and why.",
        "nl": "Zeg wie {input} reset, in welke rol en waarom.",
        "fr": "Dites qui réarme {input}, dans quel rôle et pourquoi.",
        "de": "Sagen Sie, wer {input} zurücksetzt, in welcher Rolle und warum.",
    },
    "test_not_now": {
        "en": "A test of {input} can begin only while it is quiet and nothing is stopped.",
        "nl": "Een test van {input} kan alleen beginnen als hij rustig is en niets gestopt is.",
        "fr": "Un test de {input} ne peut commencer que si l'entrée est calme et que rien n'est arrêté.",
        "de": "Ein Test von {input} kann nur beginnen, wenn der Eingang ruhig ist und nichts gestoppt ist.",
    },
    "test_none": {
        "en": "No test of {input} runs.",
        "nl": "Er loopt geen test van {input}.",
        "fr": "Aucun test de {input} n'est en cours.",
        "de": "Es läuft kein Test von {input}.",
    },
    "test_nobody": {
        "en": "Say who tests {input}.",
        "nl": "Zeg wie {input} test.",
        "fr": "Dites qui teste {input}.",
        "de": "Sagen Sie, wer {input} testet.",
    },
}  # fmt: skip
