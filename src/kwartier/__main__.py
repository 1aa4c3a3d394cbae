"""`python -m kwartier`."""

from kwartier.cli import main

main()
