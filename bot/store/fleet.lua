-- Announces a living process, and returns all of them. KEYS: fleet.
-- ARGV: the process, its announcement (JSON), seconds that this is valid, then ring and key for every ring
-- that has no sealing key yet, or whose key it changes ('ring', 'key', 'from').
-- Returns the time, then fields and values: `p:<process>` with the time and the JSON, `seals:<ring>` with a key.
local now = tonumber(redis.call('TIME')[1])
redis.call('HSET', KEYS[1], 'p:' .. ARGV[1], now .. ' ' .. ARGV[2])
for i = 4, #ARGV, 3 do
  local field = 'seals:' .. ARGV[i]
  if (redis.call('HGET', KEYS[1], field) or '') == ARGV[i + 2] then
    redis.call('HSET', KEYS[1], field, ARGV[i + 1])
  end
end
local all, found = redis.call('HGETALL', KEYS[1]), { tostring(now) }
for i = 1, #all, 2 do
  local at = tonumber(string.match(all[i + 1], '^(%d+) ') or '0')
  if string.sub(all[i], 1, 2) == 'p:' and at < now - tonumber(ARGV[3]) then
    redis.call('HDEL', KEYS[1], all[i])
  else
    found[#found + 1] = all[i]
    found[#found + 1] = all[i + 1]
  end
end
return found
