"""The site file: models, JSON schema, errors that tell the cure, configuration -> site.

`load(path)` reads a file or raises; `inspect(path)` tells everything that is wrong with it; `to_site` turns
what was read into the vocabulary that all other rooms speak.
"""

from kwartier.config.building import Station, device_options, limit_formulas, set_urls, stations, to_site
from kwartier.config.limits import LimitFormula
from kwartier.config.loading import Inspection, SiteFileError, inspect, load
from kwartier.config.measurements import formula_values
from kwartier.config.models import SiteConfig
from kwartier.config.problems import Problem

__all__ = [
    "Inspection",
    "LimitFormula",
    "Problem",
    "SiteConfig",
    "SiteFileError",
    "Station",
    "device_options",
    "formula_values",
    "inspect",
    "limit_formulas",
    "load",
    "set_urls",
    "stations",
    "to_site",
]
