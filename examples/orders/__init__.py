"""The demonstration: a shop's stream of orders, chats, payments and telemetry, and the five readers it is split for."""
