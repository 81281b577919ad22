-- Claims one resident's pending pushes under a lease; one claim at a time.
-- KEYS: due, outbox, claimed, reminder, window, unconfirmed. ARGV: member, lease (s), claim's id, seconds a claim is
-- kept, '1' if messages may be pushed, '1' if a notice may be sent of what cannot be pushed, seconds until an
-- answer counts as unconfirmed.
-- Returns {messages that may be sent, reminder or '', items, mark of the last item with a notice, when the windows
-- end}; nothing if there is nothing to do: not due, nothing pending, or no message may be sent until the resident
-- writes again (their next turn sends it) and all of it has had a notice.
local now = tonumber(redis.call('TIME')[1])
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not due or tonumber(due) > now then return false end
-- a claim that lapsed: its sender died, and may or may not have sent
for _ = 1, redis.call('LLEN', KEYS[3]) do
  redis.call('LPUSH', KEYS[2], redis.call('RPOP', KEYS[3]))
end
-- WeChat has given up asking for this answer
local answered = tonumber(redis.call('HGET', KEYS[6], 'at') or now)
if now - answered >= tonumber(ARGV[7]) then
  redis.call('LPUSH', KEYS[2], redis.call('HGET', KEYS[6], 'r'))
  redis.call('EXPIRE', KEYS[2], ARGV[4])
  redis.call('DEL', KEYS[6])
end
local w = redis.call('HMGET', KEYS[5], 'message', 'message_left', 'tap', 'tap_left')
local left = 0
for i = 1, 3, 2 do
  if tonumber(w[i] or '0') > now then left = left + tonumber(w[i + 1] or '0') end
end
if ARGV[5] ~= '1' then left = 0 end
local ends = (w[1] or '') .. ' ' .. (w[3] or '')
local noticed = redis.call('HGET', KEYS[5], 'noticed') or ''
local last = redis.call('LINDEX', KEYS[2], -1)
if left <= 0 and ARGV[6] == '1' and last and redis.sha1hex(last) ~= noticed then
  redis.call('DEL', KEYS[4])
  redis.call('HSET', KEYS[5], 'claim', ARGV[3])
  redis.call('EXPIRE', KEYS[5], ARGV[4])
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
  return { 0, '', redis.call('LRANGE', KEYS[2], 0, -1), noticed, ends } -- they stay for the next turn
end
if left <= 0 or redis.call('EXISTS', KEYS[2], KEYS[4]) == 0 then
  if redis.call('EXISTS', KEYS[6]) == 1 then -- it may become one
    redis.call('ZADD', KEYS[1], answered + tonumber(ARGV[7]), ARGV[1])
  else
    redis.call('ZREM', KEYS[1], ARGV[1])
  end
  redis.call('DEL', KEYS[4])
  redis.call('HDEL', KEYS[5], 'claim')
  return false
end
local reminder = redis.call('GET', KEYS[4]) or ''
redis.call('DEL', KEYS[4])
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('RENAME', KEYS[2], KEYS[3])
  redis.call('EXPIRE', KEYS[3], ARGV[4])
end
redis.call('HSET', KEYS[5], 'claim', ARGV[3])
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
return { left, reminder, redis.call('LRANGE', KEYS[3], 0, -1), noticed, ends }
