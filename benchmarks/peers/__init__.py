"""What a user would take instead, each behind the same four steps; see ``benchmarks.side_by_side``."""
