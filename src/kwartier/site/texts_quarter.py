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
    # -- the quarter-hour budget ------------------------------------------------------------------------
    "quarter_budget": {
        "en": "Quarter-hour budget: {left_kw} kW left for charging until {until}, to stay under {target_kw} kW.",
        "nl": "Kwartierbudget: nog {left_kw} kW om te laden tot {until}, om onder {target_kw} kW te blijven.",
    },
    "quarter_base_over": {
        "en": "The other load alone takes this quarter-hour to {ends_kw} kW, above {target_kw} kW. Charging waits "
        "until {until}, or until that load falls.",
        "nl": "Het andere verbruik alleen brengt dit kwartier op {ends_kw} kW, boven {target_kw} kW. Het laden wacht "
        "tot {until}, of tot dat verbruik daalt.",
    },
    "quarter_overrun": {
        "en": "This quarter-hour ends at {used_kw} kW or more, above {target_kw} kW, whatever happens now. Charging waits "
        "until {until} so as not to raise it further.",
        "nl": "Dit kwartier eindigt op {used_kw} kW of meer, boven {target_kw} kW, wat er ook gebeurt. Het laden wacht "
        "tot {until} om het niet verder te verhogen.",
    },
    "quarter_unknown": {
        "en": "The meter has not told of this quarter-hour yet. Charging waits, so that no new peak is set unseen.",
        "nl": "De meter heeft nog niets over dit kwartier verteld. Het laden wacht, zodat er ongezien geen nieuwe piek komt.",
    },
}
