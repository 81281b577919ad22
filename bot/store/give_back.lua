-- Delays a claimed job that was not tried, without counting the attempt; nothing if the attempt is over, so that
-- a request that is sent twice takes one away once. KEYS: due, job. ARGV: member, attempt, seconds.
if redis.call('HGET', KEYS[2], 'a') ~= ARGV[2] then return end
redis.call('HINCRBY', KEYS[2], 'a', -1)
redis.call('ZADD', KEYS[1], 'XX', tonumber(redis.call('TIME')[1]) + tonumber(ARGV[3]), ARGV[1])
