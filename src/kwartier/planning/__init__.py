"""The slow loop: tariffs, forecasts and the plan (problem in, plan out)."""
