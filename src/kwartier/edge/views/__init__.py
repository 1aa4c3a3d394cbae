"""The running site as the web, the API and the metrics see it."""
