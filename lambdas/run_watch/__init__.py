"""Watches runs: tells people how each ended, and measures what a metric of AWS does not show."""
