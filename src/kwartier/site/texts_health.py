"""The texts about the controller's own health, part of `texts.TEXTS`."""

HEALTH_TEXTS: dict[str, dict[str, str]] = {
    # -- the second meter of a circuit -----------------------------------------------------------------
    "meter_backup_takes_over": {
        "en": "{backup} stands in for {meter}, which is late or lost. Charging goes on by its values.",
        "nl": "{backup} neemt het over van {meter}, die te laat of weg is. Het laden gaat door op zijn waarden.",
    },
    "meter_backup_ends": {
        "en": "{backup} no longer stands in for {meter}.",
        "nl": "{backup} neemt het niet langer over van {meter}.",
    },
    "web_failed": {
        "en": "The dashboard does not start. Charging is steered all the same. The log says why; mend it and start "
        "Kwartier again.",
        "nl": "Het dashboard start niet. Het laden wordt gewoon gestuurd. Het logboek zegt waarom; herstel het en start "
        "Kwartier opnieuw.",
    },
    "clock_forward": {
        "en": "The clock of this machine was set forward by {by_s} s. Limits and deadlines do not follow it, and "
        "quarter-hours follow the meter's clock where it has one.",
        "nl": "De klok van deze machine werd {by_s} s vooruit gezet. Grenzen en termijnen volgen haar niet, en kwartieren "
        "volgen de klok van de meter als die er een heeft.",
    },
    "clock_back": {
        "en": "The clock of this machine was set back by {by_s} s. Limits and deadlines do not follow it, and "
        "quarter-hours follow the meter's clock where it has one.",
        "nl": "De klok van deze machine werd {by_s} s achteruit gezet. Grenzen en termijnen volgen haar niet, en kwartieren "
        "volgen de klok van de meter als die er een heeft.",
    },
    "clock_unsure": {
        "en": "The clock of this machine differs by {by_s} s from that of {meter}. Set one of them right: the quarter-hours "
        "follow the meter, prices and plans follow this machine.",
        "nl": "De klok van deze machine verschilt {by_s} s van die van {meter}. Zet een van beide juist: de kwartieren "
        "volgen de meter, prijzen en plannen volgen deze machine.",
    },
    "clock_agrees": {
        "en": "The clock of this machine agrees with that of {meter} again.",
        "nl": "De klok van deze machine komt weer overeen met die van {meter}.",
    },
}  # fmt: skip
