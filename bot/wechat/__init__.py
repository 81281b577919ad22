"""The WeChat channel: incoming messages, replies, and calls to WeChat's API."""
