"""The Redis store: everything durable; every value derived from a resident is sealed."""
