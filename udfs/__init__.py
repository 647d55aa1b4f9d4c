"""Weir's functions: the engine and its parts. Only the files that declare Flink functions import pyflink."""

DISTRIBUTION = "weir-flink"
