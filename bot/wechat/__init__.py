"""WeChat's side of the bot: what comes in, what goes out, and the calls to WeChat's own API."""
