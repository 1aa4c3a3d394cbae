"""Services on the internet: prices and weather. What they say is advice: nothing that protects waits for them."""
