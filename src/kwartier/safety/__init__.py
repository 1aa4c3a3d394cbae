"""The envelope: what each circuit may carry now, and who says so; small, pure, has the last word."""
