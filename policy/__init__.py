"""Weir's policy: the language, its loader, and the compiler to a plan. Imports neither udfs nor jobs nor pyflink."""

DISTRIBUTION = "weir-flink"
