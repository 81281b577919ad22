-- Writes a turn's whole result, or nothing of it. Returns one word: done, queued (done, but no request waits for
-- the answer any more, so the outbox has it), conflict, known, late, gone.
-- KEYS: 1 session, 2 delivery, 3 outbox, 4 rate, 5 due, 6 trace, 7 counters, 8 window, 9 claimed, 10 reminder,
--   11 evidence, 12 index, 13 questions, 14 recording, 15 tape, 16 unconfirmed, 17 put aside, 18 remembered, 19 day,
--   20 page, 21 evidence where 11 is another's, 22 whose is there, 23 pictures, then one per job in the plan
-- ARGV: 1 plan (JSON), 2 expected version, 3 new version, 4 session, 5 reply, 6 outbox item, 7 trace, 8 the
--   outbox's items that this tells, as they were read, 9 reminder, 10 evidence, 11 question, 12 tape item, then
--   one per new job
-- A delivery is 'p' while its turn is open, then 'r' and the sealed reply, or 'h' and one that is held.
-- Unconfirmed is the last answer that must not be lost, and its delivery, until that delivery's answer is known to
-- be on its way; a turn before that finds it as the outbox's first item.
-- bot/store/packing.py builds KEYS and ARGV, and has SESSION_TTL and the other constants that stand before this
local plan = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = tonumber(time[1])

if plan.not_after > 0 and now + tonumber(time[2]) / 1000000 > plan.not_after then return 'late' end
if (redis.call('HGET', KEYS[1], 'v') or '') ~= ARGV[2] then return 'conflict' end
if plan.delivery == 'new' and redis.call('EXISTS', KEYS[2]) == 1 then return 'known' end
-- what this turn tells: a push may have claimed it or given it back, the page may have shown some of it
local told = plan.unconfirmed == '' and plan.take or plan.take - 1
if told > 0 and table.concat(redis.call('LRANGE', KEYS[3], 0, told - 1)) ~= ARGV[8] then return 'conflict' end
if plan.unconfirmed ~= '' and redis.call('HGET', KEYS[16], 'd') ~= plan.unconfirmed then return 'conflict' end
local jobs_from = 24
for i, job in ipairs(plan.jobs) do
  -- finishing a job requires that it still exists; only the current attempt may delay it, take it back, or say
  -- that it was surely not taken
  local attempt = redis.call('HGET', KEYS[jobs_from + i - 1], 'a')
  local mine = job.sure or job.op == 'later' or job.op == 'back'
  if (job.op == 'done' or mine) and not attempt then return 'gone' end
  if mine and tonumber(attempt) ~= job.attempt then return 'gone' end
end

if plan.forget then
  redis.call('DEL', KEYS[3], KEYS[6], KEYS[8], KEYS[9], KEYS[10], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18])
  redis.call('ZREM', KEYS[5], plan.push)
end
if plan.pictures then redis.call('DEL', KEYS[23]) end
if plan.aside > 0 and not plan.forget then -- it does not open, and a new one replaces it
  redis.call('SET', KEYS[17], redis.call('HGET', KEYS[1], 'd'), 'EX', plan.aside)
end
if ARGV[4] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[5], plan.timer)
elseif plan.beside then -- its form or key is known only to another process: it stays
  redis.call('HSET', KEYS[1], 'v', ARGV[3], 'b', ARGV[4])
  redis.call('EXPIRE', KEYS[1], math.max(SESSION_TTL, redis.call('TTL', KEYS[1])))
else
  redis.call('HSET', KEYS[1], 'v', ARGV[3], 'd', ARGV[4])
  if plan.ends_beside then redis.call('HDEL', KEYS[1], 'b') end
  redis.call('EXPIRE', KEYS[1], SESSION_TTL + plan.wake) -- what is planned for next year outlives a month
  if plan.wake > 0 then
    redis.call('ZADD', KEYS[5], now + plan.wake, plan.timer)
  else
    redis.call('ZREM', KEYS[5], plan.timer)
  end
end

if plan.unconfirmed ~= '' and not plan.forget then
  redis.call('LPUSH', KEYS[3], redis.call('HGET', KEYS[16], 'r'))
  redis.call('EXPIRE', KEYS[3], SESSION_TTL)
  redis.call('DEL', KEYS[16])
end
if plan.take > 0 and not plan.forget then redis.call('LTRIM', KEYS[3], plan.take, -1) end
local result, answered = 'done', plan.holds and 'h' or 'r'
local outbox = ARGV[6]
if plan.delivery == 'new' then
  redis.call('SET', KEYS[2], ARGV[5] == '' and 'p' or answered .. ARGV[5], 'EX', DELIVERY_TTL)
  redis.call('DEL', KEYS[10]) -- a resident who writes needs no reminder
elseif plan.delivery == 'answer' then
  -- the waiting request gets it; if that was answered already, the outbox keeps it
  if redis.call('GET', KEYS[2]) == 'p' then
    redis.call('SET', KEYS[2], answered .. ARGV[5], 'EX', DELIVERY_TTL)
  else
    outbox = ARGV[5]
    result = 'queued'
  end
end
if plan.holds and result == 'done' then
  redis.call('HSET', KEYS[16], 'd', plan.delivery_id, 'r', ARGV[5], 'at', now)
  redis.call('EXPIRE', KEYS[16], SESSION_TTL)
end
if outbox ~= '' then
  redis.call('RPUSH', KEYS[3], outbox)
  redis.call('EXPIRE', KEYS[3], SESSION_TTL)
end

-- customer-service messages that WeChat allows from now on (bot/store/window.py)
if plan.window ~= '' then
  redis.call('HSET', KEYS[8], plan.window, now + plan.window_lasts, plan.window .. '_left', plan.window_left)
  redis.call('EXPIRE', KEYS[8], 172800)
end
if plan.pushes and not plan.forget then
  if ARGV[9] ~= '' then
    local w = redis.call('HMGET', KEYS[8], 'message', 'message_left', 'tap', 'tap_left')
    for i = 1, 3, 2 do
      if tonumber(w[i] or '0') > now and tonumber(w[i + 1] or '0') > 0 then
        redis.call('SET', KEYS[10], ARGV[9], 'EX', plan.good_for)
      end
    end
  end
  if redis.call('EXISTS', KEYS[9]) == 0 then -- an open claim checks again by itself
    if redis.call('EXISTS', KEYS[3], KEYS[10]) > 0 then
      local page = redis.call('EXISTS', KEYS[20]) == 1 -- which shows it first
      redis.call('ZADD', KEYS[5], now + (page and PAGE_FIRST or plan.push_in), plan.push)
    elseif redis.call('EXISTS', KEYS[16]) == 1 then
      redis.call('ZADD', KEYS[5], now + CONFIRMED_WITHIN, plan.push)
    else
      redis.call('ZREM', KEYS[5], plan.push)
    end
  end
end

local fresh = 0
for i, job in ipairs(plan.jobs) do
  local key = KEYS[jobs_from + i - 1]
  if job.op == 'done' or job.op == 'drop' or job.op == 'back' then
    redis.call('DEL', key)
    redis.call('ZREM', KEYS[5], job.member)
  elseif job.op == 'later' then
    redis.call('ZADD', KEYS[5], now + job.due, job.member)
    if job.sure then redis.call('HINCRBY', key, 's', 1) end
  else
    fresh = fresh + 1
    redis.call('HSET', key, 'd', ARGV[12 + fresh], 'a', job.attempt)
    redis.call('ZADD', KEYS[5], now + job.due, job.member)
  end
end

if plan.unmatched then redis.call('DEL', KEYS[18]) end
if next(plan.remembers) then -- the persons this resident was matched with, and the holder of each card
  local held = redis.call('HGETALL', KEYS[18])
  for i = 1, #held, 2 do
    if tonumber(string.match(held[i + 1], '^%d+')) <= plan.at then redis.call('HDEL', KEYS[18], held[i]) end
  end
  for name, value in pairs(plan.remembers) do redis.call('HSET', KEYS[18], name, value) end
  redis.call('EXPIRE', KEYS[18], REMEMBERS_TTL)
end
if plan.rated then
  if redis.call('INCR', KEYS[4]) == 1 then redis.call('EXPIRE', KEYS[4], 60) end
  if redis.call('HINCRBY', KEYS[19], plan.slot, 1) == 1 then redis.call('EXPIRE', KEYS[19], DAY_TTL) end
end
for name, n in pairs(plan.counts) do redis.call('HINCRBY', KEYS[7], name, n) end
redis.call('EXPIRE', KEYS[7], COUNTS_TTL)
if next(plan.noted) then -- for those on duty (bot/store/days.py)
  for name, value in pairs(plan.noted) do redis.call('HSET', KEYS[19], name, value) end
  redis.call('EXPIRE', KEYS[19], DAY_TTL)
end
if ARGV[11] ~= '' then -- words that nothing answered, or no answer; only the writer's shard is kept
  local seen = redis.call('HEXISTS', KEYS[13], plan.question) == 1
  if seen or redis.call('HLEN', KEYS[13]) < 2 * QUESTIONS_MOST then
    if not seen then redis.call('HSET', KEYS[13], plan.question .. ':text', ARGV[11]) end
    redis.call('HINCRBY', KEYS[13], plan.question, 1)
    redis.call('EXPIRE', KEYS[13], QUESTIONS_TTL)
  end
end
if ARGV[7] ~= '' then
  redis.call('RPUSH', KEYS[6], ARGV[7])
  redis.call('LTRIM', KEYS[6], -TRACE_KEEP, -1)
  redis.call('EXPIRE', KEYS[6], TRACE_TTL)
end
if ARGV[12] ~= '' and redis.call('EXISTS', KEYS[14]) == 1 then -- the resident is being recorded
  redis.call('RPUSH', KEYS[15], ARGV[12])
  redis.call('EXPIRE', KEYS[15], TAPE_TTL)
end
-- what was shown and answered up to this receipt, kept apart from the trace
if ARGV[10] ~= '' and not (plan.again and redis.call('ZSCORE', KEYS[12], plan.receipt)) then
  local key, there = KEYS[11], redis.call('LINDEX', KEYS[11], 0)
  local tag = string.match(ARGV[10], '^[^|]+')
  if there and string.match(there, '^[^|]+') ~= tag then -- another's, who has the same receipt: it stays
    key = KEYS[21]
    redis.call('SADD', KEYS[22], tag)
    redis.call('EXPIRE', KEYS[22], math.max(plan.evidence_ttl, redis.call('TTL', KEYS[22])))
  end
  redis.call('DEL', key, KEYS[21])
  redis.call('RPUSH', key, ARGV[10], unpack(redis.call('LRANGE', KEYS[6], -30, -1)))
  redis.call('EXPIRE', key, plan.evidence_ttl)
  redis.call('ZREMRANGEBYSCORE', KEYS[12], 0, now)
  redis.call('ZADD', KEYS[12], now + plan.evidence_ttl, plan.receipt)
  redis.call('EXPIRE', KEYS[12], plan.evidence_ttl)
end
return result
