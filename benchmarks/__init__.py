"""Measurements: the engine on one core, and the segment job beside what a user would run instead."""
