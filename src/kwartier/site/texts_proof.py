"""The texts of the fail-safe proof, part of `texts.TEXTS`."""

PROOF_TEXTS: dict[str, dict[str, str]] = {
    "proof_failed": {
        "en": "The daily fail-safe proof failed: were Kwartier to stop now, not every limit would be kept for certain. "
        "Problems: {count}. `kwartier check --probe` shows the arithmetic.",
        "nl": "Het dagelijkse veiligheidsbewijs faalt: viel Kwartier nu uit, dan is niet elke grens zeker. "
        "Problemen: {count}. `kwartier check --probe` toont de berekening.",
        "fr": "La preuve de sûreté quotidienne a échoué : si Kwartier s'arrêtait maintenant, toutes les limites ne seraient "
        "pas tenues à coup sûr. Problèmes : {count}. `kwartier check --probe` montre le calcul.",
        "de": "Der tägliche Sicherheitsnachweis ist fehlgeschlagen: Fiele Kwartier jetzt aus, wäre nicht jede Grenze "
        "sicher. Probleme: {count}. `kwartier check --probe` zeigt die Rechnung.",
    },
    "proof_passed": {
        "en": "The fail-safe proof holds again: without Kwartier every limit would be kept.",
        "nl": "Het veiligheidsbewijs klopt weer: ook zonder Kwartier blijft elke grens bewaard.",
        "fr": "La preuve de sûreté tient de nouveau : même sans Kwartier, chaque limite serait tenue.",
        "de": "Der Sicherheitsnachweis stimmt wieder: Auch ohne Kwartier würde jede Grenze eingehalten.",
    },
    "proof_over": {
        "en": "Without Kwartier {circuit} could carry {total_a} A on {phases}: {chargers_a} A that its chargers fall back "
        "to by themselves and {base_a} A worst other load. Its limit is {limit_a} A. Lower the safe current that is set "
        "in the chargers.",
        "nl": "Zonder Kwartier kan {circuit} {total_a} A voeren op {phases}: {chargers_a} A waarop de laders zelf "
        "terugvallen en {base_a} A grootste ander verbruik. De grens is {limit_a} A. Verlaag de veilige stroom die in "
        "de laders is ingesteld.",
        "fr": "Sans Kwartier, il pourrait passer {total_a} A par {circuit} sur {phases} : {chargers_a} A sur lesquels ses "
        "bornes se replient d'elles-mêmes et {base_a} A de plus forte autre consommation. Sa limite est {limit_a} A. "
        "Baissez le courant sûr réglé dans les bornes.",
        "de": "Ohne Kwartier könnte {circuit} {total_a} A auf {phases} führen: {chargers_a} A, auf die seine Ladestationen "
        "von sich aus zurückfallen, und {base_a} A größter übriger Verbrauch. Die Grenze ist {limit_a} A. Senken Sie "
        "den sicheren Strom, der in den Ladestationen eingestellt ist.",
    },
    "proof_safe_current": {
        "en": "While its meter is lost {circuit} could carry {total_a} A on {phases}: {chargers_a} A safe current and "
        "{base_a} A worst other load. Its limit is {limit_a} A. Lower safe_current_a in the site file.",
        "nl": "Zonder zijn meter kan {circuit} {total_a} A voeren op {phases}: {chargers_a} A veilige stroom en {base_a} A "
        "grootste ander verbruik. De grens is {limit_a} A. Verlaag safe_current_a in het sitebestand.",
        "fr": "Sans son compteur, il pourrait passer {total_a} A par {circuit} sur {phases} : {chargers_a} A de courant sûr "
        "et {base_a} A de plus forte autre consommation. Sa limite est {limit_a} A. Baissez safe_current_a dans le "
        "fichier du site.",
        "de": "Ohne seinen Zähler könnte {circuit} {total_a} A auf {phases} führen: {chargers_a} A sicherer Strom und "
        "{base_a} A größter übriger Verbrauch. Die Grenze ist {limit_a} A. Senken Sie safe_current_a in der "
        "Standortdatei.",
    },
    "proof_load_unknown": {
        "en": "What {circuit} carries beside chargers is not known: nothing is recorded of it, and meter {meter} and "
        "all chargers behind it were not heard together.",
        "nl": "Wat {circuit} naast laders voert is niet bekend: er is niets van opgeslagen, en meter {meter} en alle laders "
        "erachter zijn niet samen gehoord.",
        "fr": "Ce qui passe par {circuit} à côté des bornes n'est pas connu : rien n'en est enregistré, et le compteur "
        "{meter} et toutes les bornes derrière lui n'ont pas été entendus ensemble.",
        "de": "Was {circuit} neben Ladestationen führt, ist nicht bekannt: Davon ist nichts aufgezeichnet, und Zähler "
        "{meter} und alle Ladestationen dahinter waren nicht zugleich zu hören.",
    },
    "proof_fallback_unknown": {
        "en": "What {name} falls back to by itself is not known; it counts with its maximum of {max_a} A.",
        "nl": "Waarop {name} zelf terugvalt is niet bekend; het telt met zijn maximum van {max_a} A.",
        "fr": "On ne sait pas sur quoi {name} se replie de soi-même ; compté avec son maximum de {max_a} A.",
        "de": "Worauf {name} von sich aus zurückfällt, ist nicht bekannt; gezählt wird das Maximum von {max_a} A.",
    },
    "proof_fallback_low": {
        "en": "{name} says that it falls back to {told_a} A; fallback_a in the site file says {configured_a} A. "
        "Lower the safe current that is set in the charger, or write {told_a} in the site file.",
        "nl": "{name} zegt dat het terugvalt op {told_a} A; fallback_a in het sitebestand zegt {configured_a} A. "
        "Verlaag de veilige stroom die in de lader is ingesteld, of schrijf {told_a} in het sitebestand.",
        "fr": "{name} dit se replier sur {told_a} A ; fallback_a dans le fichier du site dit {configured_a} A. Baissez le "
        "courant sûr réglé dans la borne, ou écrivez {told_a} dans le fichier du site.",
        "de": "{name} fällt nach eigener Angabe auf {told_a} A zurück; fallback_a in der Standortdatei sagt {configured_a} "
        "A. Senken Sie den sicheren Strom, der in der Ladestation eingestellt ist, oder schreiben Sie {told_a} in die "
        "Standortdatei.",
    },
    "proof_fallback_high": {
        "en": "{name} says that it falls back to {told_a} A; the {configured_a} A of fallback_a in the site file is counted.",
        "nl": "{name} zegt dat het terugvalt op {told_a} A; de {configured_a} A van fallback_a in het sitebestand is gerekend.",
        "fr": "{name} dit se replier sur {told_a} A ; ce sont les {configured_a} A de fallback_a dans le fichier du site qui comptent.",
        "de": "{name} fällt nach eigener Angabe auf {told_a} A zurück; gerechnet sind die {configured_a} A von fallback_a "
        "in der Standortdatei.",
    },
    "proof_unreachable": {
        "en": "{name} at {address} gave no reading in {wait_s} s. {what}",
        "nl": "{name} op {address} gaf geen meting in {wait_s} s. {what}",
        "fr": "{name} à {address} n'a donné aucune mesure en {wait_s} s. {what}",
        "de": "{name} auf {address} gab in {wait_s} s keinen Messwert. {what}",
    },
    "proof_no_timer": {
        "en": "{name} does not tell how long a set-point holds: it may hold the last one for ever. "
        "Set its validity time, or have it checked.",
        "nl": "{name} zegt niet hoe lang een setpoint geldt: het kan het laatste voor altijd houden. "
        "Stel de geldigheidstijd in, of laat het nakijken.",
        "fr": "{name} ne dit pas combien de temps vaut une consigne : la dernière peut rester pour toujours. Réglez sa "
        "durée de validité, ou faites-la vérifier.",
        "de": "{name} sagt nicht, wie lange ein Sollwert gilt: Der letzte kann für immer gehalten werden. Stellen Sie die "
        "Gültigkeitsdauer ein, oder lassen Sie sie prüfen.",
    },
    "proof_slow_timer": {
        "en": "{name} would hold its last set-point for another {valid_for_s} s, and an overload must be gone in "
        "{longest_s} s. Set its validity time to {longest_s} s or less.",
        "nl": "{name} houdt zijn laatste setpoint nog {valid_for_s} s, en een overbelasting moet binnen {longest_s} s "
        "weg zijn. Stel de geldigheidstijd in op hoogstens {longest_s} s.",
        "fr": "{name} garderait sa dernière consigne encore {valid_for_s} s, et une surcharge doit disparaître en "
        "{longest_s} s. Réglez sa durée de validité à {longest_s} s ou moins.",
        "de": "{name} würde den letzten Sollwert noch {valid_for_s} s halten, und eine Überlast muss in {longest_s} s weg "
        "sein. Stellen Sie die Gültigkeitsdauer auf höchstens {longest_s} s.",
    },
    "proof_write_refused": {
        "en": "{name} did not take a set-point of {current_a} A. {what}",
        "nl": "{name} nam een setpoint van {current_a} A niet aan. {what}",
        "fr": "{name} n'a pas accepté une consigne de {current_a} A. {what}",
        "de": "{name} hat einen Sollwert von {current_a} A nicht angenommen. {what}",
    },
    "proof_write_ignored": {
        "en": "{name} took a set-point of {current_a} A and does not use it; the one it shows: {shown}. "
        "Check its mode (Socket or SCN) and whether an energy management system may control it.",
        "nl": "{name} nam een setpoint van {current_a} A aan en gebruikt het niet; wat het toont: {shown}. "
        "Kijk na of de modus klopt (Socket of SCN) en of een energiebeheersysteem mag sturen.",
        "fr": "{name} a accepté une consigne de {current_a} A et ne l'utilise pas ; celle affichée : {shown}. Vérifiez son "
        "mode (Socket ou SCN) et si un système de gestion d'énergie peut la piloter.",
        "de": "{name} hat einen Sollwert von {current_a} A angenommen und nutzt ihn nicht; angezeigt wird: {shown}. Prüfen "
        "Sie den Modus (Socket oder SCN) und ob ein Energiemanagementsystem steuern darf.",
    },
    "proof_write_skipped": {
        "en": "{name}: no set-point was written, because it does not tell what it applies and what it falls back to.",
        "nl": "{name}: er is geen setpoint geschreven, omdat het niet zegt wat het toepast en waarop het terugvalt.",
        "fr": "{name} : aucune consigne n'a été écrite, car la borne ne dit pas ce qu'elle applique ni sur quoi elle se replie.",
        "de": "{name}: Es wurde kein Sollwert geschrieben, weil der Ladepunkt nicht sagt, was er anwendet und worauf er zurückfällt.",
    },
    "proof_not_written": {
        "en": "Not shown: that these take set-points, and their timer (no set-point is in force): {names}. "
        "--write-test writes each one that never raises anything.",
        "nl": "Niet getoond: dat deze setpoints aannemen, en hun timer (er geldt geen setpoint): {names}. "
        "--write-test schrijft er een die nooit iets verhoogt.",
        "fr": "Non montré : que ces bornes acceptent des consignes, ni leur minuterie (aucune consigne n'est en vigueur) : "
        "{names}. --write-test en écrit une à chacune, qui n'augmente jamais rien.",
        "de": "Nicht gezeigt: dass diese Sollwerte annehmen, und ihre Zeitgeber (es gilt kein Sollwert): {names}. "
        "--write-test schreibt jedem einen, der nie etwas erhöht.",
    },
    "proof_moment": {
        "en": "The other load of {circuit} is that of {seconds} s only, not the worst: nothing is recorded yet. "
        "Prove again after some weeks, or at the busiest moment.",
        "nl": "Het ander verbruik van {circuit} is dat van {seconds} s, niet het grootste: er is nog niets opgeslagen. "
        "Herhaal het bewijs na enkele weken, of op het drukste moment.",
        "fr": "L'autre consommation de {circuit} ne couvre que {seconds} s, pas le pire : rien n'est encore enregistré. "
        "Refaites la preuve après quelques semaines, ou au moment le plus chargé.",
        "de": "Der übrige Verbrauch von {circuit} ist nur der von {seconds} s, nicht der größte: Es ist noch nichts "
        "aufgezeichnet. Wiederholen Sie den Nachweis nach einigen Wochen oder zur Zeit der größten Last.",
    },
    "proof_short_record": {
        "en": "The other load of {circuit} is the largest of {days} days of record; the worst may be still to come.",
        "nl": "Het ander verbruik van {circuit} is het grootste van {days} dagen; het ergste kan nog komen.",
        "fr": "L'autre consommation de {circuit} est la plus forte de {days} jours ; le pire peut encore venir.",
        "de": "Der übrige Verbrauch von {circuit} ist der größte von {days} Tagen; das Schlimmste kann noch kommen.",
    },
    "proof_no_record": {
        "en": "The history was not used: {what}",
        "nl": "De geschiedenis is niet gebruikt: {what}",
        "fr": "L'historique n'a pas été utilisé : {what}",
        "de": "Der Verlauf wurde nicht genutzt: {what}",
    },
    "write_test": {
        "en": "Written by kwartier check --write-test; it holds until the charger's own timer ends it.",
        "nl": "Geschreven door kwartier check --write-test; het geldt tot de timer van de lader afloopt.",
        "fr": "Écrit par kwartier check --write-test ; vaut jusqu'à ce que la minuterie de la borne y mette fin.",
        "de": "Geschrieben von kwartier check --write-test; gilt, bis der Zeitgeber der Ladestation abläuft.",
    },
}
