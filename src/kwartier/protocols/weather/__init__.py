"""Weather forecasts and solar estimates: answers of services into checked series, without I/O."""
