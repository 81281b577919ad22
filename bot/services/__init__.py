"""What lies outside: stubs that play the bureau, the HTTP adapter that reaches a real one, outlets, codes."""
