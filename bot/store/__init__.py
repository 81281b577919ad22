"""Redis: everything durable, every value that derives from a resident sealed."""
