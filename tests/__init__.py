"""The tests: sentences an editor understands, at the edge that a user sees."""
