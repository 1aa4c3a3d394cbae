"""What the plan needs beyond its own horizon."""
