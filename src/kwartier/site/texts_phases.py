"""The texts of phase imbalance and of switching between one phase and three, part of `texts.TEXTS`."""

PHASES_TEXTS: dict[str, dict[str, str]] = {
    # -- why a charge point may draw what it may draw --------------------------------------------------
    "imbalance": {
        "en": "{circuit}: L{phase} may carry {limit_a} A more than L{against}, no more. More when L{against} carries more, "
        "or L{phase} less.",
        "nl": "{circuit}: L{phase} mag {limit_a} A meer dragen dan L{against}, niet meer. Meer zodra L{against} meer draagt, "
        "of L{phase} minder.",
    },
    "imbalance_no_room": {
        "en": "Waiting: with {min_a} A on L{phase} {circuit} would carry over {limit_a} A more there than on L{against}. "
        "Starts when L{against} carries more, or L{phase} less.",
        "nl": "Wacht: met {min_a} A op L{phase} zou {circuit} daar meer dan {limit_a} A boven L{against} dragen. "
        "Begint zodra L{against} meer draagt, of L{phase} minder.",
    },
    "switching_phases": {
        "en": "Changing to charge on {phases} phase(s), which fits better now. Stands still for about half a minute.",
        "nl": "Gaat over op laden op {phases} fase(n), dat past nu beter. Staat ongeveer een halve minuut stil.",
    },
    # -- answers of `kwartier allocate` ----------------------------------------------------------------
    "share_imbalance": {
        "en": "L{phase} of circuit '{circuit}' lies {limit_a} A above L{against}, the most it may",
        "nl": "L{phase} van kring '{circuit}' ligt {limit_a} A boven L{against}, het meeste dat mag",
    },
    "share_imbalance_no_room": {
        "en": "with the minimum of {min_a} A L{phase} of circuit '{circuit}' would lie over {limit_a} A above L{against}",
        "nl": "met het minimum van {min_a} A zou L{phase} van kring '{circuit}' meer dan {limit_a} A boven L{against} liggen",
    },
    # -- messages --------------------------------------------------------------------------------------
    "phases_switched": {
        "en": "{name} charges on {phases} phase(s) from now on",
        "nl": "{name} laadt voortaan op {phases} fase(n)",
    },
    "phases_not_stopped": {
        "en": "{name} cannot change to {phases} phase(s): it still draws current while told to stop. Try {tries} of {most}.",
        "nl": "{name} kan niet naar {phases} fase(n): er loopt nog stroom terwijl het moet stoppen. Poging {tries} van {most}.",
    },
    "phases_not_confirmed": {
        "en": "{name} was told to use {phases} phase(s) and does not say that it does. Try {tries} of {most}.",
        "nl": "{name} moest naar {phases} fase(n) en zegt niet dat het zo is. Poging {tries} van {most}.",
    },
    "phases_given_up": {
        "en": "{name} does not change its phases and is left on all of them. Look whether its installer has allowed "
        "switching; it is tried again after {again_h} hours.",
        "nl": "{name} verandert niet van fasen en blijft op alle fasen. Kijk of de installateur het schakelen heeft "
        "toegestaan; over {again_h} uur volgt een nieuwe poging.",
    },
}
