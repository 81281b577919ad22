-- Delays a job that a bug of ours stopped, or makes it a dead letter after the most failures.
-- KEYS: due, job, dead. ARGV: member, most failures, cause, seconds until the next try.
-- Returns how often it failed, -1 if the job is gone.
if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return -1
end
local now = tonumber(redis.call('TIME')[1])
local failed = redis.call('HINCRBY', KEYS[2], 'b', 1)
if failed >= tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[3], ARGV[1], now .. ' ' .. ARGV[3])
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[4]), ARGV[1])
end
return failed
