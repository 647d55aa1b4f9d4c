"""Weir's jobs: sources, topology, sinks and the command line."""

DISTRIBUTION = "weir-flink"
