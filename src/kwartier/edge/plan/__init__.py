"""The slow loop at the site: what the planner is asked, its process, its plan as people see it."""
