"""Words about forecasts: which one is used and why, and what becomes of the plan without weather. Data only."""

WAYS: dict[str, dict[str, str]] = {
    "edge": {
        "en": "from the house's own past",
        "nl": "uit het eigen verleden van het huis",
        "fr": "d'après le passé de la maison",
        "de": "aus der Vergangenheit des Hauses",
    },
    "temperature": {
        "en": "from its past and the temperature",
        "nl": "uit zijn verleden en de temperatuur",
        "fr": "d'après son passé et la température",
        "de": "aus seiner Vergangenheit und der Temperatur",
    },
    "boosted": {
        "en": "gradient boosting, trained at night",
        "nl": "gradient boosting, 's nachts getraind",
        "fr": "gradient boosting, entraîné la nuit",
        "de": "Gradient Boosting, nachts trainiert",
    },
    "days": {
        "en": "as on the last ten days",
        "nl": "zoals op de laatste tien dagen",
        "fr": "comme les dix derniers jours",
        "de": "wie an den letzten zehn Tagen",
    },
    "weather": {
        "en": "from the weather, corrected by what was measured",
        "nl": "uit het weer, bijgesteld met de metingen",
        "fr": "d'après la météo, corrigée par les mesures",
        "de": "aus dem Wetter, berichtigt durch die Messung",
    },
    "service": {
        "en": "the solar service's, corrected by what was measured",
        "nl": "die van de zonnedienst, bijgesteld met de metingen",
        "fr": "celle du service solaire, corrigée par les mesures",
        "de": "die des Solardienstes, berichtigt durch die Messung",
    },
    "yesterday": {"en": "as yesterday", "nl": "zoals gisteren", "fr": "comme hier", "de": "wie gestern"},
    "last_week": {
        "en": "as a week ago",
        "nl": "zoals een week geleden",
        "fr": "comme il y a une semaine",
        "de": "wie vor einer Woche",
    },
}
"""What each way to forecast is called in a sentence."""

FORECAST_TEXTS: dict[str, dict[str, str]] = {
    "forecast_used": {
        "en": "In use: {way}. Its mean error over these days is {own_w} W; the next best ({other_way}) has {other_w} W.",
        "nl": "In gebruik: {way}. De gemiddelde fout over deze dagen is {own_w} W; de volgende beste ({other_way}) heeft {other_w} W.",
        "fr": "Utilisée : {way}. Son erreur moyenne sur ces jours est de {own_w} W ; la suivante ({other_way}) a {other_w} W.",
        "de": "In Gebrauch: {way}. Ihr mittlerer Fehler über diese Tage ist {own_w} W; die nächstbeste ({other_way}) hat {other_w} W.",
    },
    "forecast_kept": {
        "en": "In use: {way}, with a mean error of {own_w} W. Another one ({other_way}) has {other_w} W; it takes over once it is 3 % "
        "nearer over the last days together, the newest counting most.",
        "nl": "In gebruik: {way}, met een gemiddelde fout van {own_w} W. Een andere ({other_way}) heeft {other_w} W; die neemt over zodra "
        "ze over de laatste dagen samen 3 % dichterbij is, waarbij de nieuwste het meest tellen.",
        "fr": "Utilisée : {way}, avec une erreur moyenne de {own_w} W. Une autre ({other_way}) a {other_w} W ; elle prendra le relais "
        "quand elle sera plus proche de 3 % sur l'ensemble des derniers jours, les plus récents comptant le plus.",
        "de": "In Gebrauch: {way}, mit einem mittleren Fehler von {own_w} W. Eine andere ({other_way}) hat {other_w} W; sie übernimmt, "
        "sobald sie über die letzten Tage zusammen um 3 % näher liegt, wobei die neuesten am meisten zählen.",
    },
    "forecast_first": {
        "en": "In use: {way}, to begin with. After {needed} days on which forecasts could be held against measurements the nearest one is used.",
        "nl": "In gebruik: {way}, om te beginnen. Na {needed} dagen waarop voorspellingen naast metingen gelegd konden worden, wordt de "
        "beste gebruikt.",
        "fr": "Utilisée : {way}, pour commencer. Après {needed} jours où les prévisions ont pu être comparées aux mesures, la plus "
        "proche sera utilisée.",
        "de": "In Gebrauch: {way}, zum Anfang. Nach {needed} Tagen, an denen sich Vorhersagen mit Messungen vergleichen ließen, wird die "
        "beste genommen.",
    },
    "forecast_tried": {
        "en": "Also tried, on {days} of the {needed} days that it takes: {way}.",
        "nl": "Ook geprobeerd, op {days} van de {needed} dagen die daarvoor nodig zijn: {way}.",
        "fr": "Essayée aussi, sur {days} des {needed} jours qu'il faut : {way}.",
        "de": "Auch versucht, an {days} der {needed} Tage, die es dafür braucht: {way}.",
    },
    "plan_forecasts": {
        "en": "Another forecast was nearer on the last days and is used now.",
        "nl": "Een andere voorspelling zat er de laatste dagen dichter bij en wordt nu gebruikt.",
        "fr": "Une autre prévision était plus proche ces derniers jours et sert maintenant.",
        "de": "Eine andere Vorhersage lag in den letzten Tagen näher und wird jetzt genommen.",
    },
    "note_weather_old": {
        "en": "The newest weather forecast is {hours} hours old, too old to go by: the sun is expected as on the days before.",
        "nl": "De nieuwste weersvoorspelling is {hours} uur oud, te oud om op te bouwen: de zon wordt verwacht zoals op de dagen ervoor.",
        "fr": "La dernière prévision météo date de {hours} heures, trop pour s'y fier : le soleil est attendu comme les jours précédents.",
        "de": "Die neueste Wettervorhersage ist {hours} Stunden alt, zu alt, um sich danach zu richten: Die Sonne wird wie an den Tagen davor "
        "erwartet.",
    },
    "note_weather_unused": {
        "en": "The sun is expected as on the days before: the weather forecast has not proved nearer here yet. The page of the forecasts shows by how much.",
        "nl": "De zon wordt verwacht zoals op de dagen ervoor: de weersvoorspelling bleek hier nog niet beter. De pagina met voorspellingen toont "
        "hoeveel het scheelt.",
        "fr": "Le soleil est attendu comme les jours précédents : la prévision météo ne s'est pas encore montrée plus proche ici. La page des "
        "prévisions montre l'écart.",
        "de": "Die Sonne wird wie an den Tagen davor erwartet: Die Wettervorhersage hat sich hier noch nicht als näher erwiesen. Die Seite der "
        "Prognosen zeigt, um wie viel.",
    },
}
