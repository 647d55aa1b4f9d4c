"""What Acme adds to Weir."""
