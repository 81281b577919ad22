-- Claims one due job or timer under a lease. KEYS: due, job (of a timer: the session), life of the shard.
-- ARGV: member, lease (s), 'job' or 'timer'. Returns {attempt, earlier attempts that were surely not taken,
-- sealed job, what the shard lost}, of a timer {sealed session, its version}; nothing if another worker has it
-- or it is finished.
local now = tonumber(redis.call('TIME')[1])
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not due or tonumber(due) > now then return false end
if redis.call('HEXISTS', KEYS[2], 'd') == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return false
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
if ARGV[3] == 'timer' then return redis.call('HMGET', KEYS[2], 'd', 'v') end
local attempt = redis.call('HINCRBY', KEYS[2], 'a', 1)
return { attempt, tonumber(redis.call('HGET', KEYS[2], 's') or '0'), redis.call('HGET', KEYS[2], 'd'),
  redis.call('HGET', KEYS[3], 'lost') or '' }
