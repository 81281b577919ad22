-- Records that an answer is on its way to WeChat. KEYS: unconfirmed. ARGV: its delivery.
if redis.call('HGET', KEYS[1], 'd') == ARGV[1] then redis.call('DEL', KEYS[1]) end
