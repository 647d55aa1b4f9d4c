"""A real Kafka broker and a real schema registry, for tests and for the example. They listen on this machine only."""
