"""Diagnostics of WeChat and the installation, for `shebao doctor`, `shebao menu` and the console."""
