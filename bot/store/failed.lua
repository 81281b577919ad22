-- Delays a job that a bug of ours stopped, or makes it a dead letter after the most failures.
-- KEYS: due, job, dead. ARGV: member, most failures, cause, seconds until the next try.
-- Returns how many attempts failed, -1 if the job is gone; a request that is sent twice counts one attempt once.
if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return -1
end
local now = tonumber(redis.call('TIME')[1])
local attempt = redis.call('HGET', KEYS[2], 'a')
if redis.call('HGET', KEYS[2], 'f') ~= attempt then redis.call('HINCRBY', KEYS[2], 'b', 1) end
redis.call('HSET', KEYS[2], 'f', attempt)
local failed = tonumber(redis.call('HGET', KEYS[2], 'b'))
if failed >= tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[3], ARGV[1], now .. ' ' .. ARGV[3])
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[4]), ARGV[1])
end
return failed
