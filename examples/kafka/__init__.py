"""The orders example over Kafka: a broker with its doors locked, a topic for each segment, and the job between them."""
