-- Ends a claim. KEYS: due, outbox, claimed, reminder, window, unconfirmed.
-- ARGV: member, claim's id, items sent, messages sent, seconds until the next try (0: hold the rest until the
-- resident writes), seconds the outbox is kept, '1' if nothing can be pushed until then, mark of the last item
-- with a notice ('': none), when the windows ended as the claim saw them.
if redis.call('HGET', KEYS[5], 'claim') ~= ARGV[2] then return 'gone' end
redis.call('HDEL', KEYS[5], 'claim')
local now = tonumber(redis.call('TIME')[1])
redis.call('LTRIM', KEYS[3], tonumber(ARGV[3]), -1)
for _ = 1, redis.call('LLEN', KEYS[3]) do
  redis.call('LPUSH', KEYS[2], redis.call('RPOP', KEYS[3]))
end
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('EXPIRE', KEYS[2], ARGV[6]) end
local ends = redis.call('HMGET', KEYS[5], 'message', 'tap')
local opened = (ends[1] or '') .. ' ' .. (ends[2] or '') ~= ARGV[9] -- the resident wrote meanwhile
local sent = tonumber(ARGV[4])
for _, kind in ipairs({ 'tap', 'message' }) do -- the short window's messages first, as in window.py
  local w = redis.call('HMGET', KEYS[5], kind, kind .. '_left')
  if tonumber(w[1] or '0') > now then
    local used = math.min(sent, tonumber(w[2] or '0'))
    if used > 0 then redis.call('HINCRBY', KEYS[5], kind .. '_left', -used) end -- Redis 7.0 refuses a -0
    sent = sent - used
  end
end
if ARGV[7] == '1' and not opened then redis.call('HDEL', KEYS[5], 'message', 'message_left', 'tap', 'tap_left') end
if ARGV[8] ~= '' then
  redis.call('HSET', KEYS[5], 'noticed', ARGV[8])
  redis.call('EXPIRE', KEYS[5], ARGV[6])
end
if redis.call('EXISTS', KEYS[2], KEYS[4], KEYS[6]) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
elseif opened then
  redis.call('ZADD', KEYS[1], now + 1, ARGV[1])
elseif tonumber(ARGV[5]) > 0 then
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[5]), ARGV[1])
else
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return 'done'
