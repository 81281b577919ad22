-- Reads what a turn needs, in one round trip; writes nothing.
-- KEYS: session, delivery, outbox, rate, revision pointer, recording, tape, unconfirmed, life, remembered,
--   maintenance, claimed by a push
local now = redis.call('TIME')
-- 0: not recorded; else one more than the recording's items
local taped, pushing = 0, 0
if redis.call('EXISTS', KEYS[6], KEYS[12]) > 0 then -- hardly ever: one question for both
  taped = redis.call('EXISTS', KEYS[6]) == 1 and redis.call('LLEN', KEYS[7]) + 1 or 0
  pushing = redis.call('EXISTS', KEYS[12])
end
local unconfirmed = redis.call('HMGET', KEYS[8], 'd', 'r')
local life = redis.call('HMGET', KEYS[9], 'epochs', 'beat', 'lost')
local held = redis.call('MGET', KEYS[2], KEYS[4], KEYS[5]) -- delivery, rate, revision pointer
local session = redis.call('HMGET', KEYS[1], 'v', 'd', 'b')
return {
  tonumber(now[1]),
  tonumber(now[2]), -- microseconds
  session[1] or '',
  session[2] or '',
  held[1] or '',
  redis.call('LRANGE', KEYS[3], 0, -1),
  tonumber(held[2] or '0'),
  held[3] or '',
  taped,
  unconfirmed[1] or '',
  unconfirmed[2] or '',
  life[1] or '',
  tonumber(life[2] or '0'),
  life[3] or '',
  redis.call('HGETALL', KEYS[10]),
  session[3] or '',
  redis.call('HVALS', KEYS[11]),
  pushing,
}
