"""The texts of phase imbalance and of switching between one phase and three, part of `texts.TEXTS`."""

PHASES_TEXTS: dict[str, dict[str, str]] = {
    # -- why a charge point may draw what it may draw --------------------------------------------------
    "imbalance": {
        "en": "{circuit}: L{phase} may carry {limit_a} A more than L{against}, no more. More when L{against} carries more, "
        "or L{phase} less.",
        "nl": "{circuit}: L{phase} mag {limit_a} A meer dragen dan L{against}, niet meer. Meer zodra L{against} meer draagt, "
        "of L{phase} minder.",
        "fr": "{circuit} : le courant sur L{phase} peut dépasser celui de L{against} de {limit_a} A, pas davantage. Plus "
        "dès que L{against} monte, ou que L{phase} baisse.",
        "de": "{circuit}: L{phase} darf {limit_a} A mehr führen als L{against}, nicht mehr. Mehr, sobald L{against} mehr "
        "führt oder L{phase} weniger.",
    },
    "imbalance_no_room": {
        "en": "Waiting: with {min_a} A on L{phase} {circuit} would carry over {limit_a} A more there than on L{against}. "
        "Starts when L{against} carries more, or L{phase} less.",
        "nl": "Wacht: met {min_a} A op L{phase} zou {circuit} daar meer dan {limit_a} A boven L{against} dragen. "
        "Begint zodra L{against} meer draagt, of L{phase} minder.",
        "fr": "En attente : avec {min_a} A sur L{phase}, {circuit} y dépasserait L{against} de plus de {limit_a} A. "
        "Commence dès que L{against} monte, ou que L{phase} baisse.",
        "de": "Wartet: Mit {min_a} A auf L{phase} würde {circuit} dort über {limit_a} A mehr führen als auf L{against}. "
        "Beginnt, sobald L{against} mehr führt oder L{phase} weniger.",
    },
    "switching_phases": {
        "en": "Changing to charge on {phases} phase(s), which fits better now. Stands still for about half a minute.",
        "nl": "Gaat over op laden op {phases} fase(n), dat past nu beter. Staat ongeveer een halve minuut stil.",
        "fr": "Passe à la charge sur {phases} phase(s), mieux adaptée maintenant. Pause d'environ une demi-minute.",
        "de": "Wechselt zum Laden auf {phases} Phase(n), das passt jetzt besser. Steht etwa eine halbe Minute still.",
    },
    # -- answers of `kwartier allocate` ----------------------------------------------------------------
    "share_imbalance": {
        "en": "L{phase} of circuit '{circuit}' lies {limit_a} A above L{against}, the most it may",
        "nl": "L{phase} van kring '{circuit}' ligt {limit_a} A boven L{against}, het meeste dat mag",
        "fr": "L{phase} du circuit '{circuit}' est {limit_a} A au-dessus de L{against}, le maximum permis",
        "de": "L{phase} von Stromkreis '{circuit}' liegt {limit_a} A über L{against}, das ist das Höchste, was erlaubt ist",
    },
    "share_imbalance_no_room": {
        "en": "with the minimum of {min_a} A L{phase} of circuit '{circuit}' would lie over {limit_a} A above L{against}",
        "nl": "met het minimum van {min_a} A zou L{phase} van kring '{circuit}' meer dan {limit_a} A boven L{against} liggen",
        "fr": "avec le minimum de {min_a} A, L{phase} du circuit '{circuit}' serait plus de {limit_a} A au-dessus de L{against}",
        "de": "mit dem Minimum von {min_a} A läge L{phase} von Stromkreis '{circuit}' über {limit_a} A höher als L{against}",
    },
    # -- messages --------------------------------------------------------------------------------------
    "phases_switched": {
        "en": "{name} charges on {phases} phase(s) from now on",
        "nl": "{name} laadt voortaan op {phases} fase(n)",
        "fr": "{name} charge désormais sur {phases} phase(s)",
        "de": "{name} lädt ab jetzt auf {phases} Phase(n)",
    },
    "phases_not_stopped": {
        "en": "{name} cannot change to {phases} phase(s): it still draws current while told to stop. Try {tries} of {most}.",
        "nl": "{name} kan niet naar {phases} fase(n): er loopt nog stroom terwijl het moet stoppen. Poging {tries} van {most}.",
        "fr": "{name} ne peut pas passer à {phases} phase(s) : du courant passe encore malgré l'ordre d'arrêt. Essai {tries} sur {most}.",
        "de": "{name} kann nicht auf {phases} Phase(n) wechseln: Es fließt noch Strom trotz Stopp. Versuch {tries} von {most}.",
    },
    "phases_not_confirmed": {
        "en": "{name} was told to use {phases} phase(s) and does not say that it does. Try {tries} of {most}.",
        "nl": "{name} moest naar {phases} fase(n) en zegt niet dat het zo is. Poging {tries} van {most}.",
        "fr": "{name} devait passer à {phases} phase(s) et ne le confirme pas. Essai {tries} sur {most}.",
        "de": "{name} sollte auf {phases} Phase(n) wechseln und bestätigt es nicht. Versuch {tries} von {most}.",
    },
    "phases_given_up": {
        "en": "{name} does not change its phases and is left on all of them. Look whether its installer has allowed "
        "switching; it is tried again after {again_h} hours.",
        "nl": "{name} verandert niet van fasen en blijft op alle fasen. Kijk of de installateur het schakelen heeft "
        "toegestaan; over {again_h} uur volgt een nieuwe poging.",
        "fr": "{name} ne change pas de phases et reste sur toutes. Vérifiez que l'installateur a permis la commutation ; "
        "nouvel essai dans {again_h} heures.",
        "de": "{name} wechselt die Phasen nicht und bleibt auf allen. Prüfen Sie, ob der Installateur das Umschalten "
        "erlaubt hat; neuer Versuch in {again_h} Stunden.",
    },
}
