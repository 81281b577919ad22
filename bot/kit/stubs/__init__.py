"""Services invented for trying things out, and the one table that says which service is which."""
