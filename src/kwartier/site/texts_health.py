"""The texts about the controller's own health, part of `texts.TEXTS`."""

HEALTH_TEXTS: dict[str, dict[str, str]] = {
    # -- the second meter of a circuit -----------------------------------------------------------------
    "meter_backup_takes_over": {
        "en": "{backup} stands in for {meter}, which is late or lost. Charging goes on by its values.",
        "nl": "{backup} neemt het over van {meter}, die te laat of weg is. Het laden gaat door op zijn waarden.",
        "fr": "{backup} remplace {meter}, qui est en retard ou ne répond plus. La charge continue avec ses valeurs.",
        "de": "{backup} springt für {meter} ein, der verspätet oder ausgefallen ist. Das Laden geht mit den Werten von {backup} weiter.",
    },
    "meter_backup_ends": {
        "en": "{backup} no longer stands in for {meter}.",
        "nl": "{backup} neemt het niet langer over van {meter}.",
        "fr": "{backup} ne remplace plus {meter}.",
        "de": "{backup} springt nicht mehr für {meter} ein.",
    },
    "web_failed": {
        "en": "The dashboard does not start. Charging is steered all the same. The log says why; mend it and start "
        "Kwartier again.",
        "nl": "Het dashboard start niet. Het laden wordt gewoon gestuurd. Het logboek zegt waarom; herstel het en start "
        "Kwartier opnieuw.",
        "fr": "Le tableau de bord ne démarre pas. La charge est pilotée quand même. Le journal dit pourquoi ; réparez et "
        "redémarrez Kwartier.",
        "de": "Die Übersicht startet nicht. Das Laden wird trotzdem gesteuert. Das Protokoll sagt warum; beheben Sie es und "
        "starten Sie Kwartier neu.",
    },
    "clock_forward": {
        "en": "The clock of this machine was set forward by {by_s} s. Limits and deadlines do not follow it, and "
        "quarter-hours follow the meter's clock where it has one.",
        "nl": "De klok van deze machine werd {by_s} s vooruit gezet. Grenzen en termijnen volgen haar niet, en kwartieren "
        "volgen de klok van de meter als die er een heeft.",
        "fr": "L'horloge de cette machine a été avancée de {by_s} s. Les limites et délais ne la suivent pas, et les quarts "
        "d'heure suivent l'horloge du compteur s'il en a une.",
        "de": "Die Uhr dieses Rechners wurde um {by_s} s vorgestellt. Grenzen und Fristen folgen ihr nicht, und "
        "Viertelstunden folgen der Uhr des Zählers, wenn er eine hat.",
    },
    "clock_back": {
        "en": "The clock of this machine was set back by {by_s} s. Limits and deadlines do not follow it, and "
        "quarter-hours follow the meter's clock where it has one.",
        "nl": "De klok van deze machine werd {by_s} s achteruit gezet. Grenzen en termijnen volgen haar niet, en kwartieren "
        "volgen de klok van de meter als die er een heeft.",
        "fr": "L'horloge de cette machine a été reculée de {by_s} s. Les limites et délais ne la suivent pas, et les quarts "
        "d'heure suivent l'horloge du compteur s'il en a une.",
        "de": "Die Uhr dieses Rechners wurde um {by_s} s zurückgestellt. Grenzen und Fristen folgen ihr nicht, und "
        "Viertelstunden folgen der Uhr des Zählers, wenn er eine hat.",
    },
    "clock_unsure": {
        "en": "The clock of this machine differs by {by_s} s from that of {meter}. Set one of them right: the quarter-hours "
        "follow the meter, prices and plans follow this machine.",
        "nl": "De klok van deze machine verschilt {by_s} s van die van {meter}. Zet een van beide juist: de kwartieren "
        "volgen de meter, prijzen en plannen volgen deze machine.",
        "fr": "L'horloge de cette machine diffère de {by_s} s de celle de {meter}. Mettez l'une des deux à l'heure : les "
        "quarts d'heure suivent le compteur, les prix et plans suivent cette machine.",
        "de": "Die Uhr dieses Rechners weicht um {by_s} s von der von {meter} ab. Stellen Sie eine der beiden richtig: Die "
        "Viertelstunden folgen dem Zähler, Preise und Pläne folgen diesem Rechner.",
    },
    "clock_agrees": {
        "en": "The clock of this machine agrees with that of {meter} again.",
        "nl": "De klok van deze machine komt weer overeen met die van {meter}.",
        "fr": "L'horloge de cette machine concorde de nouveau avec celle de {meter}.",
        "de": "Die Uhr dieses Rechners stimmt wieder mit der von {meter} überein.",
    },
}  # fmt: skip
