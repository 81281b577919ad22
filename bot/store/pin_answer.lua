-- Pins the answer that nothing can be done now: WeChat shows the first answer to a delivery, so that answers to
-- its repetitions, earlier or later, are never seen.
-- KEYS: delivery, unconfirmed, outbox, session, claimed by a push, window, due. ARGV: sealed answer, seconds it is
-- kept, the delivery's name, seconds the outbox is kept, the push's member ('' if nothing is pushed).
local was = redis.call('GET', KEYS[1]) or ''
local held = string.sub(was, 2)
-- nothing comes back after a deletion that left no session, and what was moved to the outbox is there already
local open = redis.call('EXISTS', KEYS[4]) == 1 and not redis.call('LPOS', KEYS[3], held)
if string.sub(was, 1, 1) == 'h' and open then
  redis.call('RPUSH', KEYS[3], held)
  redis.call('EXPIRE', KEYS[3], ARGV[4])
  if redis.call('HGET', KEYS[2], 'd') == ARGV[3] then redis.call('DEL', KEYS[2]) end
  -- a push that is being sent keeps its lease, and checks again by itself
  local claim = redis.call('EXISTS', KEYS[5]) + redis.call('HEXISTS', KEYS[6], 'claim') > 0
  if ARGV[5] ~= '' and not (claim and redis.call('ZSCORE', KEYS[7], ARGV[5])) then
    redis.call('ZADD', KEYS[7], redis.call('TIME')[1] + 1, ARGV[5])
  end
end
redis.call('SET', KEYS[1], 'r' .. ARGV[1], 'EX', ARGV[2])
