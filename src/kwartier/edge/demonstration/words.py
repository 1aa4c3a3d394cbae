"""French and German of the demonstration, by what they belong to. English and Dutch stand beside what they name."""

from collections.abc import Mapping

STORIES: Mapping[str, Mapping[str, str]] = {
    "household": {
        "fr": (
            "Une maison avec du soleil, une batterie, deux voitures et un contrat dynamique derrière 40 A, qui reste sous la "
            "pointe que ce mois a déjà et planifie selon le prix : la voiture de gauche doit être pleine à 90 % à 7 h 30, celle "
            "de droite est pressée. Les télégrammes du compteur, le compteur des panneaux, l'onduleur de la batterie, la borne "
            "de recharge et les prix sont simulés ; chaque octet passe par les vrais pilotes."
        ),
        "de": (
            "Ein Haus mit Sonne, einer Batterie, zwei Autos und einem dynamischen Vertrag hinter 40 A, das unter der Spitze "
            "bleibt, die dieser Monat schon hat, und nach dem Preis plant: Das linke Auto soll bis 7:30 Uhr zu 90 % voll sein, "
            "das rechte hat es eilig. Die Telegramme des Zählers, der Zähler der Solaranlage, der Wechselrichter der Batterie, "
            "die Ladestation und die Preise sind simuliert; jedes Byte läuft durch die echten Treiber."
        ),
    },
    "carpark": {
        "fr": (
            "Un bureau avec 24 points de charge derrière 250 A, deux tableaux et quatre groupes. Tant que le compteur est "
            "perdu, toutes les voitures partagent 80 A et chargent à tour de rôle. Le compteur et les douze bornes sont "
            "simulés ; chaque octet passe par les vrais pilotes."
        ),
        "de": (
            "Ein Büro mit 24 Ladepunkten hinter 250 A, zwei Verteilern und vier Gruppen. Solange der Zähler weg ist, teilen "
            "alle Autos 80 A und laden der Reihe nach. Der Zähler und die zwölf Stationen sind simuliert; jedes Byte läuft "
            "durch die echten Treiber."
        ),
    },
}
FAULTS: Mapping[str, Mapping[str, str]] = {
    "grid_meter": {
        "fr": "Débrancher le compteur",
        "de": "Den Stecker des Zählers ziehen",
        "mend_fr": "Rebrancher le compteur",
        "mend_de": "Den Zähler wieder einstecken",
    },
    "station": {
        "fr": "Débrancher le câble réseau de {station}",
        "de": "Das Netzwerkkabel {station} ziehen",
        "mend_fr": "Rebrancher {station}",
        "mend_de": "Das Netzwerkkabel {station} wieder einstecken",
    },
    "battery": {
        "fr": "Faire taire la batterie",
        "de": "Die Batterie verstummen lassen",
        "mend_fr": "Laisser la batterie parler de nouveau",
        "mend_de": "Die Batterie wieder sprechen lassen",
    },
    "fire_panel": {
        "fr": "Déclencher l'alarme incendie",
        "de": "Den Brandalarm auslösen",
        "mend_fr": "Terminer l'alarme incendie",
        "mend_de": "Den Brandalarm beenden",
    },
    "car": {
        "fr": "Débrancher la première voiture",
        "de": "Das erste Auto abstecken",
        "mend_fr": "Rebrancher la voiture",
        "mend_de": "Das Auto wieder anstecken",
    },
    "prices": {
        "fr": "Retirer les prix",
        "de": "Die Preise wegnehmen",
        "mend_fr": "Rendre les prix",
        "mend_de": "Die Preise zurückbringen",
    },
}
"""What a visitor can try, by its id, and what mends it."""
STATIONS: Mapping[str, Mapping[str, str]] = {
    "household": {"fr": "la borne de recharge", "de": "der Ladestation"},
    "carpark": {"fr": "la borne des places 1 et 2", "de": "der Station der Plätze 1 und 2"},
}
"""The station whose cable can be pulled, as the sentences above need it (German: whose)."""


def of_fault(fault_id: str, site: str) -> dict[str, str]:
    """Texts by the field of the live document in which they stand. Raises KeyError for a fault without words."""
    return {
        key: text.format(station=STATIONS[site][key.removeprefix("mend_")])
        for key, text in FAULTS[fault_id].items()
    }


def of_story(site: str) -> dict[str, str]:
    """The same for the story of a demonstration."""
    return {f"story_{language}": text for language, text in STORIES[site].items()}
