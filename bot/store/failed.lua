-- Delays a job that a bug of ours stopped, or makes it a dead letter after the most failures.
-- KEYS: due, job, dead. ARGV: member, most failures, cause, seconds until the next try, attempt ('' if not known:
-- the current one). Returns how many attempts failed, -1 if the job is gone. A request that is sent twice counts
-- its attempt once; one whose attempt is over leaves the lease of the current one alone.
if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return -1
end
local now = tonumber(redis.call('TIME')[1])
local current = redis.call('HGET', KEYS[2], 'a')
local attempt = ARGV[5] ~= '' and ARGV[5] or current
if redis.call('HGET', KEYS[2], 'f') ~= attempt then redis.call('HINCRBY', KEYS[2], 'b', 1) end
redis.call('HSET', KEYS[2], 'f', attempt)
local failed = tonumber(redis.call('HGET', KEYS[2], 'b'))
if attempt ~= current then return -1 end
if failed >= tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[3], ARGV[1], now .. ' ' .. ARGV[3])
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[4]), ARGV[1])
end
return failed
