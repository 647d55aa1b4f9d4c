"""The segment job over a real Kafka broker: how fast, how late, how it grows, and what memory it takes."""
