"""Shebao (社保): a WeChat official account for the social security card."""
