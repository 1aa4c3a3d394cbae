"""The texts of limits on power: sums of phases and the quarter-hour budget; part of `texts.TEXTS`."""

QUARTER_TEXTS: dict[str, dict[str, str]] = {
    # -- shares, where the sum of a circuit's phases is bounded (`kwartier allocate`) --------------------
    "share_total_full": {
        "en": "circuit '{circuit}' is full over its phases together: {limit_a} A limit, {base_a} A other load, "
        "shared by {sharers} chargers",
        "nl": "kring '{circuit}' zit vol over de fasen samen: grens {limit_a} A, {base_a} A ander verbruik, "
        "gedeeld door {sharers} laders",
        "fr": "le circuit '{circuit}' est au maximum sur l'ensemble de ses phases : limite {limit_a} A, {base_a} A d'autre "
        "consommation, partagés par {sharers} bornes",
        "de": "Stromkreis '{circuit}' ist über alle Phasen zusammen voll: Grenze {limit_a} A, {base_a} A übriger Verbrauch, "
        "geteilt durch {sharers} Ladestationen",
    },
    "share_total_no_room": {
        "en": "circuit '{circuit}' has no room for the minimum of {need_a} A over the phases together: {limit_a} A "
        "limit, {base_a} A other load, chargers that go first: {sharers}",
        "nl": "kring '{circuit}' heeft geen plaats voor het minimum van {need_a} A over de fasen samen: grens {limit_a} A, "
        "{base_a} A ander verbruik, laders die voorgaan: {sharers}",
        "fr": "le circuit '{circuit}' n'a pas de place pour le minimum de {need_a} A sur l'ensemble des phases : limite "
        "{limit_a} A, {base_a} A d'autre consommation, bornes qui passent avant : {sharers}",
        "de": "Stromkreis '{circuit}' hat über die Phasen zusammen keinen Platz für das Minimum von {need_a} A: Grenze "
        "{limit_a} A, {base_a} A übriger Verbrauch, Ladestationen mit Vorrang: {sharers}",
    },
    "share_total_base_load": {
        "en": "circuit '{circuit}' is over its limit for the phases together without any charger: {limit_a} A limit, "
        "{base_a} A other load",
        "nl": "kring '{circuit}' zit ook zonder laders boven zijn grens voor de fasen samen: grens {limit_a} A, "
        "{base_a} A ander verbruik",
        "fr": "le circuit '{circuit}' dépasse sa limite pour l'ensemble des phases même sans aucune borne : limite "
        "{limit_a} A, {base_a} A d'autre consommation",
        "de": "Stromkreis '{circuit}' liegt auch ohne Ladestationen über seiner Grenze für die Phasen zusammen: Grenze "
        "{limit_a} A, {base_a} A übriger Verbrauch",
    },
    # -- the quarter-hour budget ------------------------------------------------------------------------
    "quarter_budget": {
        "en": "Quarter-hour budget: {left_kw} kW left for charging until {until}, to stay under {target_kw} kW.",
        "nl": "Kwartierbudget: nog {left_kw} kW om te laden tot {until}, om onder {target_kw} kW te blijven.",
        "fr": "Budget du quart d'heure : encore {left_kw} kW pour charger jusqu'à {until}, pour rester sous {target_kw} kW.",
        "de": "Viertelstundenbudget: noch {left_kw} kW zum Laden bis {until}, um unter {target_kw} kW zu bleiben.",
    },
    "quarter_base_over": {
        "en": "The other load alone takes this quarter-hour to {ends_kw} kW, above {target_kw} kW. Charging waits "
        "until {until}, or until that load falls.",
        "nl": "Het andere verbruik alleen brengt dit kwartier op {ends_kw} kW, boven {target_kw} kW. Het laden wacht "
        "tot {until}, of tot dat verbruik daalt.",
        "fr": "L'autre consommation seule porte ce quart d'heure à {ends_kw} kW, au-dessus de {target_kw} kW. La charge "
        "attend jusqu'à {until}, ou que cette consommation baisse.",
        "de": "Der übrige Verbrauch allein bringt diese Viertelstunde auf {ends_kw} kW, über {target_kw} kW. Das Laden "
        "wartet bis {until}, oder bis dieser Verbrauch sinkt.",
    },
    "quarter_overrun": {
        "en": "This quarter-hour ends at {used_kw} kW or more, above {target_kw} kW, whatever happens now. Charging waits "
        "until {until} so as not to raise it further.",
        "nl": "Dit kwartier eindigt op {used_kw} kW of meer, boven {target_kw} kW, wat er ook gebeurt. Het laden wacht "
        "tot {until} om het niet verder te verhogen.",
        "fr": "Ce quart d'heure finit à {used_kw} kW ou plus, au-dessus de {target_kw} kW, quoi qu'il arrive. La charge "
        "attend jusqu'à {until} pour ne pas l'élever davantage.",
        "de": "Diese Viertelstunde endet bei {used_kw} kW oder mehr, über {target_kw} kW, was auch geschieht. Das Laden "
        "wartet bis {until}, um sie nicht weiter zu erhöhen.",
    },
    "quarter_unknown": {
        "en": "The meter has not told of this quarter-hour yet. Charging waits, so that no new peak is set unseen.",
        "nl": "De meter heeft nog niets over dit kwartier verteld. Het laden wacht, zodat er ongezien geen nieuwe piek komt.",
        "fr": "Le compteur n'a encore rien dit de ce quart d'heure. La charge attend, pour qu'aucune nouvelle pointe ne passe inaperçue.",
        "de": "Der Zähler hat noch nichts über diese Viertelstunde gesagt. Das Laden wartet, damit keine neue Spitze unbemerkt entsteht.",
    },
    "quarter_next": {
        "en": "Too little of this quarter-hour's budget is left to begin. Charging starts after {until}, when the next one begins.",
        "nl": "Van het budget van dit kwartier is te weinig over om te beginnen. Het laden begint na {until}, met het volgende kwartier.",
        "fr": "Il reste trop peu du budget de ce quart d'heure pour commencer. La charge commence après {until}, avec le suivant.",
        "de": "Vom Budget dieser Viertelstunde ist zu wenig übrig, um zu beginnen. Das Laden beginnt nach {until}, mit der nächsten.",
    },
    "contract_limit": {
        "en": "Grid contract of {circuit}: {limit_kw} kW, other load {other_kw} kW, the rest shared by {sharers}. More when the "
        "other load falls.",
        "nl": "Netcontract van {circuit}: {limit_kw} kW, ander verbruik {other_kw} kW, de rest gedeeld door {sharers}. Meer zodra "
        "het andere verbruik daalt.",
        "fr": "Contrat réseau de {circuit} : {limit_kw} kW, autre consommation {other_kw} kW, le reste partagé par "
        "{sharers}. Plus dès que l'autre consommation baisse.",
        "de": "Netzvertrag von {circuit}: {limit_kw} kW, übriger Verbrauch {other_kw} kW, der Rest geteilt durch {sharers}. "
        "Mehr, sobald der übrige Verbrauch sinkt.",
    },
    "contract_no_room": {
        "en": "The grid contract of {circuit} leaves too little to charge: {limit_kw} kW, other load {other_kw} kW. Charging waits "
        "until that load falls or it is its turn.",
        "nl": "Het netcontract van {circuit} laat te weinig over om te laden: {limit_kw} kW, ander verbruik {other_kw} kW. Het laden "
        "wacht tot dat verbruik daalt of tot het aan de beurt is.",
        "fr": "Le contrat réseau de {circuit} laisse trop peu pour charger : {limit_kw} kW, autre consommation {other_kw} "
        "kW. La charge attend que cette consommation baisse ou que vienne son tour.",
        "de": "Der Netzvertrag von {circuit} lässt zu wenig zum Laden übrig: {limit_kw} kW, übriger Verbrauch {other_kw} "
        "kW. Das Laden wartet, bis dieser Verbrauch sinkt oder es an der Reihe ist.",
    },
    "fuse_hurry": {
        "en": "{circuit} carries more than its fuse stands for long: chargers go to their minimum until it is back under its rating.",
        "nl": "{circuit} voert meer dan zijn zekering lang verdraagt: laders gaan naar hun minimum tot het weer onder de nominale stroom is.",
        "fr": "Il passe par {circuit} plus que son fusible ne supporte longtemps : les bornes descendent à leur minimum "
        "jusqu'au retour sous le courant nominal.",
        "de": "{circuit} führt mehr, als seine Sicherung lange aushält: Ladestationen gehen auf ihr Minimum, bis der "
        "Nennstrom wieder unterschritten ist.",
    },
    "fuse_stop": {
        "en": "{circuit} is still above its fuse's rating: charging stops until it is back under it.",
        "nl": "{circuit} zit nog boven de nominale stroom van zijn zekering: het laden stopt tot het er weer onder is.",
        "fr": "{circuit} est encore au-dessus du courant nominal de son fusible : la charge s'arrête jusqu'au retour en dessous.",
        "de": "{circuit} liegt noch über dem Nennstrom seiner Sicherung: Das Laden stoppt, bis er wieder unterschritten ist.",
    },
    "fuse_near": {
        "en": "{circuit} has used {margin_pct} % of what its fuse {fuse} stands above its rated current.",
        "nl": "{circuit} heeft {margin_pct} % gebruikt van wat zijn zekering {fuse} boven de nominale stroom verdraagt.",
        "fr": "{circuit} a utilisé {margin_pct} % de ce que son fusible {fuse} supporte au-dessus du courant nominal.",
        "de": "{circuit} hat {margin_pct} % dessen verbraucht, was seine Sicherung {fuse} über dem Nennstrom aushält.",
    },
    "fuse_close": {
        "en": "{circuit} has used {margin_pct} % of what its fuse {fuse} stands above its rated current; at 100 % it may trip.",
        "nl": "{circuit} heeft {margin_pct} % gebruikt van wat zijn zekering {fuse} boven de nominale stroom verdraagt; bij 100 % kan ze "
        "uitschakelen.",
        "fr": "{circuit} a utilisé {margin_pct} % de ce que son fusible {fuse} supporte au-dessus du courant nominal ; à "
        "100 % il peut couper.",
        "de": "{circuit} hat {margin_pct} % dessen verbraucht, was seine Sicherung {fuse} über dem Nennstrom aushält; bei "
        "100 % kann sie auslösen.",
    },
    "fuse_stopped": {
        "en": "{circuit} stays above the rating of its fuse {fuse}: all chargers behind it are told to stop. Look for a load that "
        "is not controlled, or a charger that does not obey.",
        "nl": "{circuit} blijft boven de nominale stroom van zijn zekering {fuse}: alle laders erachter moeten stoppen. Zoek een verbruiker "
        "die niet geregeld wordt, of een lader die niet gehoorzaamt.",
        "fr": "{circuit} reste au-dessus du courant nominal de son fusible {fuse} : toutes les bornes derrière reçoivent "
        "l'ordre d'arrêter. Cherchez un consommateur non piloté, ou une borne qui n'obéit pas.",
        "de": "{circuit} bleibt über dem Nennstrom seiner Sicherung {fuse}: Alle Ladestationen dahinter müssen stoppen. "
        "Suchen Sie einen Verbraucher, der nicht gesteuert wird, oder eine Ladestation, die nicht gehorcht.",
    },
    "fuse_calm": {
        "en": "{circuit} is back under the rating of its fuse {fuse}; charging may go on.",
        "nl": "{circuit} is weer onder de nominale stroom van zijn zekering {fuse}; het laden mag verder.",
        "fr": "{circuit} est de nouveau sous le courant nominal de son fusible {fuse} ; la charge peut continuer.",
        "de": "{circuit} liegt wieder unter dem Nennstrom seiner Sicherung {fuse}; das Laden darf weitergehen.",
    },
    "export_over": {
        "en": "{circuit} feeds back {export_kw} kW, more than the {limit_kw} kW that are allowed. Kwartier cannot turn down solar "
        "panels yet: set the inverter's own limit.",
        "nl": "{circuit} levert {export_kw} kW terug, meer dan de {limit_kw} kW die mogen. Kwartier kan zonnepanelen nog niet "
        "terugregelen: stel de eigen grens van de omvormer in.",
        "fr": "{circuit} injecte {export_kw} kW, plus que les {limit_kw} kW permis. Kwartier ne peut pas encore réduire les "
        "panneaux solaires : réglez la limite propre de l'onduleur.",
        "de": "{circuit} speist {export_kw} kW ein, mehr als die erlaubten {limit_kw} kW. Kwartier kann Solaranlagen noch "
        "nicht abregeln: Stellen Sie die eigene Grenze des Wechselrichters ein.",
    },
    "export_within": {
        "en": "{circuit} feeds back {export_kw} kW again, within the {limit_kw} kW that are allowed.",
        "nl": "{circuit} levert weer {export_kw} kW terug, binnen de {limit_kw} kW die mogen.",
        "fr": "{circuit} injecte de nouveau {export_kw} kW, dans les {limit_kw} kW permis.",
        "de": "{circuit} speist wieder {export_kw} kW ein, innerhalb der erlaubten {limit_kw} kW.",
    },
}
