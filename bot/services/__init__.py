"""External services: the HTTP adapter to a real bureau, outlets, picture codes and check limits."""
