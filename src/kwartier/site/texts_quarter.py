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
    "quarter_next": {
        "en": "Too little of this quarter-hour's budget is left to begin. Charging starts after {until}, when the next one begins.",
        "nl": "Van het budget van dit kwartier is te weinig over om te beginnen. Het laden begint na {until}, met het volgende kwartier.",
    },
    "contract_limit": {
        "en": "Grid contract of {circuit}: {limit_kw} kW, other load {other_kw} kW, the rest shared by {sharers}. More when the "
        "other load falls.",
        "nl": "Netcontract van {circuit}: {limit_kw} kW, ander verbruik {other_kw} kW, de rest gedeeld door {sharers}. Meer zodra "
        "het andere verbruik daalt.",
    },
    "contract_no_room": {
        "en": "The grid contract of {circuit} leaves too little to charge: {limit_kw} kW, other load {other_kw} kW. Charging waits "
        "until that load falls or it is its turn.",
        "nl": "Het netcontract van {circuit} laat te weinig over om te laden: {limit_kw} kW, ander verbruik {other_kw} kW. Het laden "
        "wacht tot dat verbruik daalt of tot het aan de beurt is.",
    },
    "fuse_hurry": {
        "en": "{circuit} carries more than its fuse stands for long: chargers go to their minimum until it is back under its rating.",
        "nl": "{circuit} voert meer dan zijn zekering lang verdraagt: laders gaan naar hun minimum tot het weer onder de nominale stroom is.",
    },
    "fuse_stop": {
        "en": "{circuit} is still above its fuse's rating: charging stops until it is back under it.",
        "nl": "{circuit} zit nog boven de nominale stroom van zijn zekering: het laden stopt tot het er weer onder is.",
    },
    "fuse_near": {
        "en": "{circuit} has used {margin_pct} % of what its fuse {fuse} stands above its rated current.",
        "nl": "{circuit} heeft {margin_pct} % gebruikt van wat zijn zekering {fuse} boven de nominale stroom verdraagt.",
    },
    "fuse_close": {
        "en": "{circuit} has used {margin_pct} % of what its fuse {fuse} stands above its rated current; at 100 % it may trip.",
        "nl": "{circuit} heeft {margin_pct} % gebruikt van wat zijn zekering {fuse} boven de nominale stroom verdraagt; bij 100 % kan ze "
        "uitschakelen.",
    },
    "fuse_stopped": {
        "en": "{circuit} stays above the rating of its fuse {fuse}: all chargers behind it are told to stop. Look for a load that "
        "is not controlled, or a charger that does not obey.",
        "nl": "{circuit} blijft boven de nominale stroom van zijn zekering {fuse}: alle laders erachter moeten stoppen. Zoek een verbruiker "
        "die niet geregeld wordt, of een lader die niet gehoorzaamt.",
    },
    "fuse_calm": {
        "en": "{circuit} is back under the rating of its fuse {fuse}; charging may go on.",
        "nl": "{circuit} is weer onder de nominale stroom van zijn zekering {fuse}; het laden mag verder.",
    },
    "export_over": {
        "en": "{circuit} feeds back {export_kw} kW, more than the {limit_kw} kW that are allowed. Kwartier cannot turn down solar "
        "panels yet: set the inverter's own limit.",
        "nl": "{circuit} levert {export_kw} kW terug, meer dan de {limit_kw} kW die mogen. Kwartier kan zonnepanelen nog niet "
        "terugregelen: stel de eigen grens van de omvormer in.",
    },
    "export_within": {
        "en": "{circuit} feeds back {export_kw} kW again, within the {limit_kw} kW that are allowed.",
        "nl": "{circuit} levert weer {export_kw} kW terug, binnen de {limit_kw} kW die mogen.",
    },
}
