-- Claims one due job or timer under a lease. KEYS: due, job, life of the shard. ARGV: member,
-- lease (s), 'job' or 'timer'. Returns {attempt, earlier attempts that were surely not taken, sealed job, what
-- the shard lost}; nothing if another worker has it or it is finished.
local now = tonumber(redis.call('TIME')[1])
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not due or tonumber(due) > now then return false end
if ARGV[3] == 'timer' then
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
  return { 0, 0, '' }
end
if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return false
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
local attempt = redis.call('HINCRBY', KEYS[2], 'a', 1)
return { attempt, tonumber(redis.call('HGET', KEYS[2], 's') or '0'), redis.call('HGET', KEYS[2], 'd'),
  redis.call('HGET', KEYS[3], 'lost') or '' }
