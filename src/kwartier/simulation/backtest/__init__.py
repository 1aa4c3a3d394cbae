"""Plan and control over recorded data, against the perfect-foresight optimum."""
