"""The run watch: it reports how each run ended, and measures what no metric of AWS shows."""
