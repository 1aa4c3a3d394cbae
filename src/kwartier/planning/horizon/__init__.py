"""What the plan needs beyond its own horizon: the month's peak as a state with a value, surprises, guessed prices."""

from kwartier.planning.horizon.advice import advice_of
from kwartier.planning.horizon.night import PastStay, learn_night
from kwartier.planning.horizon.peak_value import ClosedPeak, peak_curve
from kwartier.planning.horizon.problem import car_task, problem_of
from kwartier.planning.horizon.state import HorizonState, PluggedCar, Prices
from kwartier.planning.horizon.surprises import Surprises, learn_surprises
from kwartier.planning.horizon.traces import with_sessions

__all__ = [
    "ClosedPeak",
    "HorizonState",
    "PastStay",
    "PluggedCar",
    "Prices",
    "Surprises",
    "advice_of",
    "car_task",
    "learn_night",
    "learn_surprises",
    "peak_curve",
    "problem_of",
    "with_sessions",
]
