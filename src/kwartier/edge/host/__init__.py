"""The controller as a process: clocks, guardian, supervision, systemd, logs, the web server."""
