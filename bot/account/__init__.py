"""What `shebao doctor`, `shebao menu` and the console look at, at WeChat and around it."""
