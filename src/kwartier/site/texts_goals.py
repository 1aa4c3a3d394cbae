"""What people are told about goals, overrides, and what a plan had to do without. Data only; see `site.texts`."""

GOAL_TEXTS: dict[str, dict[str, str]] = {
    # -- refused ---------------------------------------------------------------------------------------
    "goal_above_full": {
        "en": "A battery is full at 100 %. Choose up to that.",
        "nl": "Een batterij is vol bij 100 %. Kies tot daar.",
        "fr": "Une batterie est pleine à 100 %. Choisissez jusque-là.",
        "de": "Eine Batterie ist bei 100 % voll. Wählen Sie höchstens das.",
    },
    "goal_needs_battery": {
        "en": "Per cent needs the size of the car's battery. Fill it in, or choose kWh.",
        "nl": "Procenten vragen de grootte van de batterij van de auto. Vul die in, of kies kWh.",
        "fr": "Un pourcentage demande la capacité de la batterie de la voiture. Indiquez-la, ou choisissez kWh.",
        "de": "Prozente brauchen die Größe der Autobatterie. Tragen Sie sie ein, oder wählen Sie kWh.",
    },
    "goal_needs_level": {
        "en": "Per cent needs the car's state of charge now: this charging station cannot ask the car. Fill it in, or choose kWh.",
        "nl": "Procenten vragen hoe vol de auto nu is: dit laadstation kan het de auto niet vragen. Vul het in, of kies kWh.",
        "fr": "Un pourcentage demande le niveau de charge actuel : cette station ne peut pas le demander à la voiture. "
        "Indiquez-le, ou choisissez kWh.",
        "de": "Prozente brauchen den jetzigen Ladestand: Diese Ladestation kann das Auto nicht danach fragen. Tragen Sie "
        "ihn ein, oder wählen Sie kWh.",
    },
    "goal_beyond_battery": {
        "en": "{wanted_kwh} kWh does not fit: the car's battery holds {battery_kwh} kWh. Choose less, or correct its size.",
        "nl": "{wanted_kwh} kWh past niet: de batterij van de auto is {battery_kwh} kWh. Kies minder, of verbeter de grootte.",
        "fr": "{wanted_kwh} kWh n'entrent pas : la batterie de la voiture contient {battery_kwh} kWh. Choisissez moins, ou "
        "corrigez sa capacité.",
        "de": "{wanted_kwh} kWh passen nicht: Die Autobatterie fasst {battery_kwh} kWh. Wählen Sie weniger, oder berichtigen Sie die Größe.",
    },
    "goal_past": {
        "en": "{time} has passed already. Choose a moment that lies ahead.",
        "nl": "{time} is al voorbij. Kies een moment dat nog komt.",
        "fr": "{time} est déjà passé. Choisissez un moment à venir.",
        "de": "{time} ist schon vorbei. Wählen Sie einen Zeitpunkt, der noch kommt.",
    },
    "goal_no_time": {
        "en": "A goal needs a time by which it is to be reached.",
        "nl": "Een doel heeft een uur nodig waartegen het bereikt moet zijn.",
        "fr": "Un objectif a besoin d'une heure pour laquelle il doit être atteint.",
        "de": "Ein Ziel braucht eine Uhrzeit, bis zu der es erreicht sein soll.",
    },
    "goal_less_than_there": {
        "en": "The car holds {level_pct} % already. Choose more than that.",
        "nl": "De auto heeft al {level_pct} %. Kies meer dan dat.",
        "fr": "La voiture a déjà {level_pct} %. Choisissez plus que cela.",
        "de": "Das Auto hat schon {level_pct} %. Wählen Sie mehr als das.",
    },
    "override_past": {
        "en": "This lies in the past. Only what is still to come can be moved.",
        "nl": "Dit ligt in het verleden. Alleen wat nog komt, kan verschoven worden.",
        "fr": "C'est dans le passé. Seul ce qui est à venir peut être déplacé.",
        "de": "Das liegt in der Vergangenheit. Nur was noch kommt, lässt sich verschieben.",
    },
    "override_beyond_plan": {
        "en": "The plan ends at {time}. Choose a time before that.",
        "nl": "Het plan eindigt om {time}. Kies een uur daarvoor.",
        "fr": "Le plan se termine à {time}. Choisissez une heure avant.",
        "de": "Der Plan endet um {time}. Wählen Sie eine Uhrzeit davor.",
    },
    "override_above": {
        "en": "{name} gives at most {most_kw} kW. Choose up to that.",
        "nl": "{name} geeft hoogstens {most_kw} kW. Kies tot daar.",
        "fr": "{name} donne {most_kw} kW au plus. Choisissez jusque-là.",
        "de": "{name} gibt höchstens {most_kw} kW. Wählen Sie höchstens das.",
    },
    "override_below": {
        "en": "A car does not charge below {least_kw} kW. Choose that or more, or 0.",
        "nl": "Een auto laadt niet onder {least_kw} kW. Kies dat of meer, of 0.",
        "fr": "Une voiture ne charge pas sous {least_kw} kW. Choisissez cela ou plus, ou 0.",
        "de": "Ein Auto lädt nicht unter {least_kw} kW. Wählen Sie das oder mehr, oder 0.",
    },
    "override_nothing": {
        "en": "Nothing is planned there that could be moved.",
        "nl": "Daar is niets gepland dat verschoven kan worden.",
        "fr": "Rien n'y est prévu qui puisse être déplacé.",
        "de": "Dort ist nichts geplant, was sich verschieben ließe.",
    },
    # -- warned ----------------------------------------------------------------------------------------
    "warn_unreachable": {
        "en": "{missing_kwh} kWh will be missing at {time}: there is room for {planned_kwh} kWh until then. Leave later or ask for less.",
        "nl": "Om {time} zal er {missing_kwh} kWh ontbreken: tot dan is er plaats voor {planned_kwh} kWh. Vertrek later of vraag minder.",
        "fr": "Il manquera {missing_kwh} kWh à {time} : d'ici là il y a place pour {planned_kwh} kWh. Partez plus tard ou demandez moins.",
        "de": "Um {time} werden {missing_kwh} kWh fehlen: Bis dahin ist Platz für {planned_kwh} kWh. Fahren Sie später los "
        "oder verlangen Sie weniger.",
    },
    "warn_beyond_prices": {
        "en": "Prices are known until {time}; what lies after that is guessed, and the plan may still change.",
        "nl": "Prijzen zijn bekend tot {time}; wat daarna komt is geschat, en het plan kan nog veranderen.",
        "fr": "Les prix sont connus jusqu'à {time} ; la suite est estimée, et le plan peut encore changer.",
        "de": "Preise sind bis {time} bekannt; was danach kommt, ist geschätzt, und der Plan kann sich noch ändern.",
    },
    "warn_no_prices": {
        "en": "No prices are known: the cost is guessed.",
        "nl": "Er zijn geen prijzen bekend: de kost is geschat.",
        "fr": "Aucun prix n'est connu : le coût est estimé.",
        "de": "Es sind keine Preise bekannt: Die Kosten sind geschätzt.",
    },
    "warn_not_plugged": {
        "en": "No car is plugged in. This is what it would come to if one were plugged in now.",
        "nl": "Er hangt geen auto aan. Dit is wat het zou worden als er nu een werd aangesloten.",
        "fr": "Aucune voiture n'est branchée. Voici ce que cela donnerait si une l'était maintenant.",
        "de": "Es ist kein Auto angeschlossen. So wäre es, wenn jetzt eines angeschlossen würde.",
    },
    "warn_above_limit": {
        "en": "The limits of the installation leave less than this charge point could give: it charges longer.",
        "nl": "De grenzen van de installatie laten minder toe dan dit laadpunt kan geven: het laadt langer.",
        "fr": "Les limites de l'installation laissent moins que ce que cette borne pourrait donner : la charge dure plus longtemps.",
        "de": "Die Grenzen der Anlage lassen weniger zu, als dieser Ladepunkt geben könnte: Das Laden dauert länger.",
    },
    "warn_new_peak": {
        "en": "To be ready in time the month's peak rises to {peak_kw} kW, which costs {cost} more.",
        "nl": "Om op tijd klaar te zijn stijgt de maandpiek tot {peak_kw} kW, en dat kost {cost} meer.",
        "fr": "Pour être prêt à temps, la pointe mensuelle monte à {peak_kw} kW, ce qui coûte {cost} de plus.",
        "de": "Um rechtzeitig fertig zu sein, steigt die Monatsspitze auf {peak_kw} kW, und das kostet {cost} mehr.",
    },
    "warn_no_plan": {
        "en": "The planner does not answer now: what it costs is not known yet. The goal counts all the same.",
        "nl": "De planner antwoordt nu niet: wat het kost is nog niet bekend. Het doel telt toch.",
        "fr": "Le planificateur ne répond pas maintenant : le coût n'est pas encore connu. L'objectif compte quand même.",
        "de": "Der Planer antwortet jetzt nicht: Was es kostet, ist noch nicht bekannt. Das Ziel zählt trotzdem.",
    },
    # -- why a plan was made ---------------------------------------------------------------------------
    "plan_first": {
        "en": "The first since Kwartier started.",
        "nl": "Het eerste sinds Kwartier startte.",
        "fr": "Le premier depuis le démarrage de Kwartier.",
        "de": "Der erste, seit Kwartier gestartet ist.",
    },
    "plan_periodic": {
        "en": "Made anew as always.",
        "nl": "Zoals altijd opnieuw gemaakt.",
        "fr": "Refait comme toujours.",
        "de": "Wie immer neu gemacht.",
    },
    "plan_plugged": {
        "en": "A car was plugged in.",
        "nl": "Er is een auto aangesloten.",
        "fr": "Une voiture a été branchée.",
        "de": "Ein Auto wurde angeschlossen.",
    },
    "plan_unplugged": {
        "en": "A car was unplugged.",
        "nl": "Er is een auto losgemaakt.",
        "fr": "Une voiture a été débranchée.",
        "de": "Ein Auto wurde abgesteckt.",
    },
    "plan_wish": {
        "en": "Somebody changed a wish.",
        "nl": "Iemand veranderde een wens.",
        "fr": "Quelqu'un a changé un souhait.",
        "de": "Jemand hat einen Wunsch geändert.",
    },
    "plan_limit": {
        "en": "A limit changed.",
        "nl": "Een grens veranderde.",
        "fr": "Une limite a changé.",
        "de": "Eine Grenze hat sich geändert.",
    },
    "plan_forecast": {
        "en": "The house did not do what was expected.",
        "nl": "Het huis deed niet wat verwacht werd.",
        "fr": "La maison n'a pas fait ce qui était prévu.",
        "de": "Das Haus tat nicht, was erwartet war.",
    },
    "plan_calendar": {
        "en": "A calendar says something new of a car.",
        "nl": "Een agenda zegt iets nieuws over een auto.",
        "fr": "Un agenda dit du nouveau sur une voiture.",
        "de": "Ein Kalender sagt etwas Neues zu einem Auto.",
    },
    "calendar_held": {
        "en": "The calendar of {name} cannot be read. What it said last holds until {time}, then the goals of each week. ({what})",
        "nl": "De agenda van {name} is niet te lezen. Wat hij laatst zei, geldt tot {time}, daarna de wekelijkse doelen. ({what})",
        "fr": "L'agenda de {name} est illisible. Ce qu'il disait vaut jusqu'au {time}, ensuite les objectifs hebdomadaires. ({what})",
        "de": "Der Kalender von {name} ist nicht lesbar. Was er zuletzt sagte, gilt bis {time}, danach die Wochenziele. ({what})",
    },
    "calendar_gone": {
        "en": "The calendar of {name} is not known: the goals of each week hold. ({what})",
        "nl": "De agenda van {name} is niet bekend: de wekelijkse doelen gelden. ({what})",
        "fr": "L'agenda de {name} n'est pas connu : les objectifs hebdomadaires valent. ({what})",
        "de": "Der Kalender von {name} ist nicht bekannt: Die Wochenziele gelten. ({what})",
    },
    "calendar_back": {
        "en": "The calendar of {name} can be read again.",
        "nl": "De agenda van {name} is weer te lezen.",
        "fr": "L'agenda de {name} est de nouveau lisible.",
        "de": "Der Kalender von {name} ist wieder lesbar.",
    },
    "plan_prices": {
        "en": "Prices came or went.",
        "nl": "Er kwamen of verdwenen prijzen.",
        "fr": "Des prix sont arrivés ou ont disparu.",
        "de": "Preise kamen hinzu oder fielen weg.",
    },
    # -- what it had to do without ---------------------------------------------------------------------
    "note_no_prices": {
        "en": "No prices are known. The plan reckons with the same price all day, so it only spares the peak and uses the sun.",
        "nl": "Er zijn geen prijzen bekend. Het plan rekent de hele dag met dezelfde prijs, en spaart dus alleen de piek en gebruikt de zon.",
        "fr": "Aucun prix n'est connu. Le plan compte le même prix toute la journée ; il ménage donc seulement la pointe et "
        "utilise le soleil.",
        "de": "Es sind keine Preise bekannt. Der Plan rechnet den ganzen Tag mit demselben Preis; er schont also nur die "
        "Spitze und nutzt die Sonne.",
    },
    "note_guessed_prices": {
        "en": "Prices are known until {time}; after that they are guessed from the days before.",
        "nl": "Prijzen zijn bekend tot {time}; daarna zijn ze geschat uit de dagen ervoor.",
        "fr": "Les prix sont connus jusqu'à {time} ; ensuite ils sont estimés d'après les jours précédents.",
        "de": "Preise sind bis {time} bekannt; danach sind sie aus den Tagen davor geschätzt.",
    },
    "note_prices_lost": {
        "en": "The price source does not answer; all prices from now on are guessed from the days before.",
        "nl": "De prijsbron antwoordt niet; alle prijzen vanaf nu zijn geschat uit de dagen ervoor.",
        "fr": "La source des prix ne répond pas ; tous les prix à partir de maintenant sont estimés d'après les jours précédents.",
        "de": "Die Preisquelle antwortet nicht; alle Preise ab jetzt sind aus den Tagen davor geschätzt.",
    },
    "note_no_tariff": {
        "en": "No tariff stands in the site file: {price_ct} cent for all that comes on top of the exchange's price is assumed.",
        "nl": "In het sitebestand staat geen tarief: voor alles wat bij de beursprijs komt is {price_ct} cent aangenomen.",
        "fr": "Le fichier du site ne contient pas de tarif : pour tout ce qui s'ajoute au prix de la bourse, {price_ct} cents sont supposés.",
        "de": "In der Standortdatei steht kein Tarif: Für alles, was zum Börsenpreis hinzukommt, sind {price_ct} Cent angenommen.",
    },
    "note_no_history": {
        "en": "Kwartier does not know this house yet ({days} days of measurements): the forecast is that of a usual house, with a wide band.",
        "nl": "Kwartier kent dit huis nog niet ({days} dagen metingen): de voorspelling is die van een gewoon huis, met een brede band.",
        "fr": "Kwartier ne connaît pas encore cette maison ({days} jours de mesures) : la prévision est celle d'une maison "
        "ordinaire, avec une large marge.",
        "de": "Kwartier kennt dieses Haus noch nicht ({days} Tage Messwerte): Die Vorhersage ist die eines gewöhnlichen "
        "Hauses, mit breitem Band.",
    },
    "note_no_weather": {
        "en": "No weather forecast: the sun is expected as on the days before.",
        "nl": "Geen weersvoorspelling: de zon wordt verwacht zoals op de dagen ervoor.",
        "fr": "Pas de prévision météo : le soleil est attendu comme les jours précédents.",
        "de": "Keine Wettervorhersage: Die Sonne wird wie an den Tagen davor erwartet.",
    },
    "note_demo_past": {
        "en": "The days before the demonstration began are made up.",
        "nl": "De dagen voor het begin van de demonstratie zijn verzonnen.",
        "fr": "Les jours d'avant le début de la démonstration sont inventés.",
        "de": "Die Tage vor Beginn der Vorführung sind erfunden.",
    },
    # -- why something is planned when it is ----------------------------------------------------------
    "why_hand": {
        "en": "Put here by hand. It gives itself back when it is over or the car leaves.",
        "nl": "Met de hand hier gezet. Het geeft zichzelf terug zodra het voorbij is of de auto vertrekt.",
        "fr": "Placé ici à la main. Cela s'efface quand c'est fini ou que la voiture part.",
        "de": "Von Hand hierher gelegt. Es gibt sich zurück, wenn es vorbei ist oder das Auto abfährt.",
    },
    "why_fast": {
        "en": "Set to Fast: it charges at once. Smart would wait for cheaper hours.",
        "nl": "Staat op Snel: het laadt meteen. Slim zou op goedkopere uren wachten.",
        "fr": "Sur Rapide : la charge se fait tout de suite. Futé attendrait des heures moins chères.",
        "de": "Auf Schnell gestellt: Es wird sofort geladen. Schlau würde auf günstigere Stunden warten.",
    },
    "why_fast_waits": {
        "en": "Set to Fast, but its least power ({least_kw} kW) does not fit earlier under the {goal_kw} kW that a quarter-hour is kept to.",
        "nl": "Staat op Snel, maar zijn kleinste vermogen ({least_kw} kW) past niet vroeger onder de {goal_kw} kW waaronder een kwartier gehouden wordt.",
        "fr": "Sur Rapide, mais sa puissance minimale ({least_kw} kW) n'entre pas plus tôt sous les {goal_kw} kW auxquels un quart d'heure est tenu.",
        "de": "Auf Schnell, aber seine kleinste Leistung ({least_kw} kW) passt nicht früher unter die {goal_kw} kW, unter denen eine Viertelstunde gehalten wird.",
    },
    "why_fast_after": {
        "en": "Set to Fast: it charges when what was put here by hand is over.",
        "nl": "Staat op Snel: het laadt zodra voorbij is wat hier met de hand gezet werd.",
        "fr": "Sur Rapide : la charge reprend quand ce qui a été placé à la main est fini.",
        "de": "Auf Schnell gestellt: Es wird geladen, sobald vorbei ist, was hier von Hand gesetzt wurde.",
    },
    "why_fast_limits": {
        "en": "Set to Fast: it charges as soon as the limits allow.",
        "nl": "Staat op Snel: het laadt zodra de grenzen het toelaten.",
        "fr": "Sur Rapide : la charge se fait dès que les limites le permettent.",
        "de": "Auf Schnell gestellt: Es wird geladen, sobald die Grenzen es zulassen.",
    },
    "note_battery_silent": {
        "en": "{name} has not been heard for {age_min} minutes. Nothing more is planned out of it than the {sure_kwh} kWh that it surely still holds.",
        "nl": "{name} is al {age_min} minuten niet gehoord. Er wordt niet meer uit gepland dan de {sure_kwh} kWh die er zeker nog in zit.",
        "fr": "{name} ne répond plus depuis {age_min} minutes. Rien n'en est prévu au-delà des {sure_kwh} kWh qui y sont sûrement encore.",
        "de": "{name} wurde seit {age_min} Minuten nicht gehört. Es ist nicht mehr daraus geplant als die {sure_kwh} kWh, die sie sicher noch enthält.",
    },
    "why_sun": {
        "en": "{sun_pct} % of it comes from the roof.",
        "nl": "{sun_pct} % ervan komt van het dak.",
        "fr": "{sun_pct} % viennent du toit.",
        "de": "{sun_pct} % davon kommen vom Dach.",
    },
    "why_sun_mode": {
        "en": "Set to Sun: it follows what the roof has left over.",
        "nl": "Staat op Zon: het volgt wat het dak overheeft.",
        "fr": "Sur Soleil : suit ce qui reste du toit.",
        "de": "Auf Sonne gestellt: folgt dem, was das Dach übrig hat.",
    },
    # -- forecasts and savings --------------------------------------------------------------------------
    "forecast_soon": {
        "en": "The planner has just begun; look again in a moment.",
        "nl": "De planner is net begonnen; kijk straks opnieuw.",
        "fr": "Le planificateur vient de commencer ; revenez dans un instant.",
        "de": "Der Planer hat gerade begonnen; schauen Sie gleich noch einmal.",
    },
    "forecast_no_days": {
        "en": "Two whole days of measurements are needed before a forecast can be held against one.",
        "nl": "Er zijn twee volledige dagen metingen nodig voor een voorspelling ernaast gelegd kan worden.",
        "fr": "Il faut deux jours entiers de mesures avant de pouvoir comparer une prévision à l'un d'eux.",
        "de": "Es braucht zwei volle Tage Messwerte, bevor sich eine Vorhersage mit einem davon vergleichen lässt.",
    },
    "saved_no_days": {
        "en": "No whole day is recorded yet; the first figures stand here tomorrow.",
        "nl": "Er is nog geen volledige dag opgenomen; de eerste cijfers staan hier morgen.",
        "fr": "Aucun jour entier n'est encore enregistré ; les premiers chiffres seront ici demain.",
        "de": "Es ist noch kein voller Tag aufgezeichnet; die ersten Zahlen stehen morgen hier.",
    },
    "saved_no_prices": {
        "en": "Prices of the market are not known for these days, so the same price was reckoned all day.",
        "nl": "De marktprijzen van deze dagen zijn niet bekend; er is de hele dag met dezelfde prijs gerekend.",
        "fr": "Les prix du marché de ces jours ne sont pas connus ; le même prix a été compté toute la journée.",
        "de": "Die Marktpreise dieser Tage sind nicht bekannt; es wurde den ganzen Tag mit demselben Preis gerechnet.",
    },
    "saved_method_house": {
        "en": "The house and the sun are as they were measured, quarter-hour by quarter-hour, in both.",
        "nl": "Huis en zon zijn in beide zoals ze gemeten zijn, kwartier per kwartier.",
        "fr": "La maison et le soleil sont, dans les deux cas, tels que mesurés, quart d'heure par quart d'heure.",
        "de": "Haus und Sonne sind in beiden so, wie sie gemessen wurden, Viertelstunde für Viertelstunde.",
    },
    "saved_method_cars": {
        "en": "Without Kwartier each car takes the same energy, as fast as its charge point can, from the moment it was plugged in.",
        "nl": "Zonder Kwartier neemt elke auto dezelfde energie, zo snel als zijn laadpunt kan, vanaf het moment dat hij werd aangesloten.",
        "fr": "Sans Kwartier, chaque voiture prend la même énergie, aussi vite que sa borne le peut, dès qu'elle est branchée.",
        "de": "Ohne Kwartier nimmt jedes Auto dieselbe Energie, so schnell sein Ladepunkt kann, sobald es angeschlossen ist.",
    },
    "saved_method_battery": {
        "en": "Without Kwartier the battery takes what the roof has left over and gives it to the house, with its own losses; what it holds more or less at the end is valued at the mean price.",
        "nl": "Zonder Kwartier neemt de batterij wat het dak overheeft en geeft het aan het huis, met haar eigen verliezen; wat ze op het einde meer of minder bevat, telt aan de gemiddelde prijs.",
        "fr": "Sans Kwartier, la batterie prend ce qui reste du toit et le donne à la maison, avec ses propres pertes ; ce "
        "qu'elle contient en plus ou en moins à la fin compte au prix moyen.",
        "de": "Ohne Kwartier nimmt die Batterie, was das Dach übrig hat, und gibt es dem Haus, mit ihren eigenen Verlusten; "
        "was sie am Ende mehr oder weniger enthält, zählt zum mittleren Preis.",
    },
    "saved_method_bill": {
        "en": "Both are billed with the same tariff, peak of the month included: {tariff}.",
        "nl": "Beide worden met hetzelfde tarief afgerekend, de maandpiek inbegrepen: {tariff}.",
        "fr": "Les deux sont facturés au même tarif, pointe mensuelle comprise : {tariff}.",
        "de": "Beide sind mit demselben Tarif abgerechnet, Monatsspitze eingeschlossen: {tariff}.",
    },
    "saved_method_no_tariff": {
        "en": "No tariff stands in the site file: both are reckoned with the market's price plus {price_ct} cent per kWh, without a price for the peak.",
        "nl": "In het sitebestand staat geen tarief: beide zijn berekend met de marktprijs plus {price_ct} cent per kWh, zonder prijs voor de piek.",
        "fr": "Le fichier du site ne contient pas de tarif : les deux sont calculés au prix du marché plus {price_ct} cents "
        "par kWh, sans prix pour la pointe.",
        "de": "In der Standortdatei steht kein Tarif: Beide sind mit dem Marktpreis plus {price_ct} Cent pro kWh gerechnet, "
        "ohne Preis für die Spitze.",
    },
    "saved_undelivered": {
        "en": "{energy_kwh} kWh that the cars really got would not have fitted without Kwartier; that is not counted as a saving.",
        "nl": "{energy_kwh} kWh die de auto's echt kregen, had zonder Kwartier niet gepast; dat telt niet als besparing.",
        "fr": "{energy_kwh} kWh que les voitures ont vraiment reçus n'auraient pas trouvé place sans Kwartier ; cela ne "
        "compte pas comme une économie.",
        "de": "{energy_kwh} kWh, die die Autos wirklich bekamen, hätten ohne Kwartier keinen Platz gehabt; das zählt nicht als Ersparnis.",
    },
    # -- what the plan cannot keep -----------------------------------------------------------------------
    "broken_car_goal": {
        "en": "{name}: {amount} kWh of what is asked will be missing.",
        "nl": "{name}: van wat gevraagd is, zal {amount} kWh ontbreken.",
        "fr": "{name} : il manquera {amount} kWh de ce qui est demandé.",
        "de": "{name}: Vom Verlangten werden {amount} kWh fehlen.",
    },
    "broken_import_limit": {
        "en": "The connection is expected to be {amount} kW over its limit; cars and batteries are cut before that happens.",
        "nl": "De aansluiting gaat naar verwachting {amount} kW over haar grens; auto's en batterijen worden voor die tijd geremd.",
        "fr": "Le raccordement devrait dépasser sa limite de {amount} kW ; voitures et batteries sont freinées avant.",
        "de": "Der Anschluss wird voraussichtlich {amount} kW über seiner Grenze liegen; Autos und Batterien werden vorher gedrosselt.",
    },
    "broken_other": {
        "en": "{name}: the plan cannot keep {what} ({amount} {unit}).",
        "nl": "{name}: het plan kan {what} niet houden ({amount} {unit}).",
        "fr": "{name} : le plan ne peut pas tenir {what} ({amount} {unit}).",
        "de": "{name}: Der Plan kann {what} nicht einhalten ({amount} {unit}).",
    },
    "planner_failed": {
        "en": "The planner failed: {what} Cars charge by the rules of their mode; it is started again.",
        "nl": "De planner faalde: {what} Auto's laden volgens de regels van hun stand; hij wordt opnieuw gestart.",
        "fr": "Le planificateur a échoué : {what} Les voitures chargent selon les règles de leur mode ; il est redémarré.",
        "de": "Der Planer ist ausgefallen: {what} Autos laden nach den Regeln ihres Modus; er wird neu gestartet.",
    },
    "planner_back": {
        "en": "The planner works again.",
        "nl": "De planner werkt weer.",
        "fr": "Le planificateur fonctionne de nouveau.",
        "de": "Der Planer arbeitet wieder.",
    },
    "goal_set": {
        "en": "{name}: {target} by {time} was asked for.",
        "nl": "{name}: {target} tegen {time} is gevraagd.",
        "fr": "{name} : {target} pour {time}, demande reçue.",
        "de": "{name}: {target} bis {time} ist verlangt.",
    },
    "goal_removed": {
        "en": "{name}: its goal was removed.",
        "nl": "{name}: het doel is verwijderd.",
        "fr": "{name} : l'objectif est supprimé.",
        "de": "{name}: Das Ziel ist entfernt.",
    },
}
