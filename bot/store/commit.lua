-- A turn's whole result, or nothing of it. Answers one word: done, conflict, known, late, gone.
-- KEYS: session, delivery, outbox, rate, due, trace, counters, then one key per job in the plan
-- ARGV: plan (JSON), expected version, new version, session, reply, outbox item, trace, then one per new job
-- A delivery is 'p' while its turn is under way, then 'r' and the sealed reply.
local plan = cjson.decode(ARGV[1])
local now = tonumber(redis.call('TIME')[1])

if plan.not_after > 0 and now > plan.not_after then return 'late' end
if (redis.call('HGET', KEYS[1], 'v') or '') ~= ARGV[2] then return 'conflict' end
if plan.delivery == 'new' and redis.call('EXISTS', KEYS[2]) == 1 then return 'known' end
local jobs_from = 8
for i, job in ipairs(plan.jobs) do
  -- finishing a job requires that it still exists; only the current attempt may put it off
  local attempt = redis.call('HGET', KEYS[jobs_from + i - 1], 'a')
  if job.op ~= 'new' and not attempt then return 'gone' end
  if job.op == 'later' and tonumber(attempt) ~= job.attempt then return 'gone' end
end

if plan.forget then redis.call('DEL', KEYS[3], KEYS[6]) end
if ARGV[4] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[5], plan.timer)
else
  redis.call('HSET', KEYS[1], 'v', ARGV[3], 'd', ARGV[4])
  redis.call('EXPIRE', KEYS[1], plan.session_ttl)
  if plan.wake > 0 then
    redis.call('ZADD', KEYS[5], now + plan.wake, plan.timer)
  else
    redis.call('ZREM', KEYS[5], plan.timer)
  end
end

if plan.take > 0 and not plan.forget then redis.call('LTRIM', KEYS[3], plan.take, -1) end
local outbox = ARGV[6]
if plan.delivery == 'new' then
  redis.call('SET', KEYS[2], ARGV[5] == '' and 'p' or 'r' .. ARGV[5], 'EX', plan.delivery_ttl)
elseif plan.delivery == 'answer' then
  -- the waiting request gets it; where that was answered already, the outbox keeps it
  if redis.call('GET', KEYS[2]) == 'p' then
    redis.call('SET', KEYS[2], 'r' .. ARGV[5], 'EX', plan.delivery_ttl)
    outbox = ''
  else
    outbox = ARGV[5]
  end
end
if outbox ~= '' then
  redis.call('RPUSH', KEYS[3], outbox)
  redis.call('EXPIRE', KEYS[3], plan.session_ttl)
end

local fresh = 0
for i, job in ipairs(plan.jobs) do
  local key = KEYS[jobs_from + i - 1]
  if job.op == 'done' then
    redis.call('DEL', key)
    redis.call('ZREM', KEYS[5], job.member)
  elseif job.op == 'later' then
    redis.call('ZADD', KEYS[5], now + job.due, job.member)
  else
    fresh = fresh + 1
    redis.call('HSET', key, 'd', ARGV[7 + fresh], 'a', job.attempt)
    redis.call('ZADD', KEYS[5], now + job.due, job.member)
  end
end

if plan.rated then
  if redis.call('INCR', KEYS[4]) == 1 then redis.call('EXPIRE', KEYS[4], 60) end
end
for name, n in pairs(plan.counts) do redis.call('HINCRBY', KEYS[7], name, n) end
redis.call('EXPIRE', KEYS[7], plan.counts_ttl)
if ARGV[7] ~= '' then
  redis.call('RPUSH', KEYS[6], ARGV[7])
  redis.call('LTRIM', KEYS[6], -plan.trace_keep, -1)
  redis.call('EXPIRE', KEYS[6], plan.trace_ttl)
end
return 'done'
