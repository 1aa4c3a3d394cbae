"""The plant, scenarios, faults, the runner, and emulators that speak bytes."""
