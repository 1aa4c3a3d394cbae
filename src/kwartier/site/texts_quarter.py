"""The texts of limits on power: sums of phases and the quarter-hour budget; part of `texts.TEXTS`."""

QUARTER_TEXTS: dict[str, dict[str, str]] = {
    # -- shares, where the sum of a circuit's phases is bounded (`kwartier allocate`) --------------------
    "share_total_full": {
        "en": "circuit '{circuit}' is full over its phases together: {limit_a} A limit, {base_a} A other load, "
        "shared by {sharers} chargers",
        "nl": "kring '{circuit}' zit vol over de fasen samen: grens {limit_a} A, {base_a} A ander verbruik, "
        "gedeeld door {sharers} laders",
    },
    "share_total_no_room": {
        "en": "circuit '{circuit}' has no room for the minimum of {need_a} A over the phases together: {limit_a} A "
        "limit, {base_a} A other load, chargers that go first: {sharers}",
        "nl": "kring '{circuit}' heeft geen plaats voor het minimum van {need_a} A over de fasen samen: grens {limit_a} A, "
        "{base_a} A ander verbruik, laders die voorgaan: {sharers}",
    },
    "share_total_base_load": {
        "en": "circuit '{circuit}' is over its limit for the phases together without any charger: {limit_a} A limit, "
        "{base_a} A other load",
        "nl": "kring '{circuit}' zit ook zonder laders boven zijn grens voor de fasen samen: grens {limit_a} A, "
        "{base_a} A ander verbruik",
    },
}
