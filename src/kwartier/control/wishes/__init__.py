"""What people and the plan ask: modes, cards, departures, advice, prices, the sun."""
