"""For all tests: a property has no deadline, for a busy machine is no mistake of the code."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
if settings.get_current_profile_name() == "default":  # not "ci", nor that of scripts/mutate.py
    settings.load_profile("patient")
