"""For all tests: a property has no deadline, for a busy machine is no mistake of the code; Ctrl-C reaches programs under test."""

import signal

from hypothesis import settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what runs behind it (`make test &`) deaf to Ctrl-C, and every program that a test starts would be too.
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("patient", deadline=None)
if settings.get_current_profile_name() == "default":  # not "ci", nor that of scripts/mutate.py
    settings.load_profile("patient")
