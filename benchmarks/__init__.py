"""Speed and memory, measured by hand and never as a timed test."""
