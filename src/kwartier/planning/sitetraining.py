"""What the night's training does: gradient boosting learns the house, once without the last days, to be scored on them, and once
with them, to be used. For a process of its own, with the extra `ml`."""

from itertools import pairwise
from zoneinfo import ZoneInfo

from kwartier.planning.forecast import ml
from kwartier.planning.forecast.laying import LoadHistory
from kwartier.planning.siteproblem import array, series
from kwartier.planning.sitescores import midnights
from kwartier.planning.situation import STEP_S, DayCourse, HousePast, Trained


def train_house(past: HousePast) -> Trained:
    """Train twice; some seconds for two months, half a minute for a year. Raises `ml.ExtraMissing` without the extra, `ValueError` with
    less than `ml.LEAST_DAYS` before the days to be scored."""
    zone, seen = ZoneInfo(past.zone), array(past.house_w)
    cuts = midnights(past.house_start_s, len(seen), past.days, zone)
    if len(cuts) < 2:
        raise ValueError("no whole day to score a trained model on: use the edge model until then")

    def before(step: int) -> tuple[LoadHistory, int]:
        return LoadHistory(past.house_start_s, STEP_S, seen[:step]), past.house_start_s + step * STEP_S

    history, at_s = before(cuts[0])
    trial = ml.train(history, now_s=at_s, zone=zone)
    courses = []
    for first, last in pairwise(cuts):
        history, at_s = before(first)
        band = trial.predict(history, now_s=at_s, steps=last - first, zone=zone)
        courses.append(
            DayCourse(start_s=at_s, low_w=series(band.low), mid_w=series(band.mid), high_w=series(band.high))
        )
    history, at_s = before(cuts[-1])
    model = ml.train(history, now_s=at_s, zone=zone)
    return Trained(made_s=at_s, model=model.save(), courses=tuple(courses))
