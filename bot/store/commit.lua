-- Writes a turn's whole result, or nothing of it. Returns one word: done, queued (done, but no request waits for
-- the answer any more, so the outbox has it), conflict, known, late, gone.
-- bot/store/packing.py builds KEYS and ARGV and names them in the lines before this: keys in capitals, then one
-- for each job of the plan; arguments in small letters, then one for each new job. SESSION_TTL and the other
-- constants come from there, too.
-- A delivery is 'p' while its turn is open, then 'r' and the sealed reply, or 'h' and one that goes to the outbox
-- where another answer is pinned (pin_answer.lua).
-- UNCONFIRMED is the last answer that must not be lost, and its delivery, until that delivery's answer is known
-- to be on its way; a turn before that finds it as the outbox's first item.
plan = cjson.decode(plan)
local time = redis.call('TIME')
local now = tonumber(time[1])

if plan.not_after > 0 and now + tonumber(time[2]) / 1000000 > plan.not_after then return 'late' end
if (redis.call('HGET', SESSION, 'v') or '') ~= version then return 'conflict' end
if plan.delivery == 'new' and redis.call('EXISTS', DELIVERY) == 1 then return 'known' end
-- what this turn tells: a push may have claimed it or given it back, the page may have shown some of it
local told = plan.unconfirmed == '' and plan.take or plan.take - 1
if told > 0 and table.concat(redis.call('LRANGE', OUTBOX, 0, told - 1)) ~= stored then return 'conflict' end
if plan.unconfirmed ~= '' and redis.call('HGET', UNCONFIRMED, 'd') ~= plan.unconfirmed then return 'conflict' end
for i, job in ipairs(plan.jobs) do
  -- finishing a job requires that it still exists; only the current attempt may delay it, take it back, or say
  -- that it was surely not taken
  local attempt = redis.call('HGET', KEYS[NAMED + i], 'a')
  local mine = job.sure or job.op == 'later' or job.op == 'back'
  if (job.op == 'done' or mine) and not attempt then return 'gone' end
  if mine and tonumber(attempt) ~= job.attempt then return 'gone' end
end

if plan.forget then
  redis.call('DEL', OUTBOX, TRACE, WINDOW, CLAIMED, REMINDER, RECORDING, TAPE, UNCONFIRMED, ASIDE, REMEMBERED)
  redis.call('ZREM', DUE, plan.push)
end
if plan.pictures then redis.call('DEL', PICTURES) end
if plan.aside > 0 and not plan.forget then -- it does not open, and a new one replaces it
  redis.call('SET', ASIDE, redis.call('HGET', SESSION, 'd'), 'EX', plan.aside)
end
if session == '' then
  redis.call('DEL', SESSION)
  redis.call('ZREM', DUE, plan.timer)
elseif plan.beside then -- its form or key is known only to another process: it stays
  redis.call('HSET', SESSION, 'v', new_version, 'b', session)
  redis.call('EXPIRE', SESSION, math.max(SESSION_TTL, redis.call('TTL', SESSION)))
else
  redis.call('HSET', SESSION, 'v', new_version, 'd', session)
  if plan.ends_beside then redis.call('HDEL', SESSION, 'b') end
  redis.call('EXPIRE', SESSION, SESSION_TTL + plan.wake) -- what is planned for next year outlives a month
  if plan.wake > 0 then
    redis.call('ZADD', DUE, now + plan.wake, plan.timer)
  else
    redis.call('ZREM', DUE, plan.timer)
  end
end

if plan.unconfirmed ~= '' and not plan.forget then
  redis.call('LPUSH', OUTBOX, redis.call('HGET', UNCONFIRMED, 'r'))
  redis.call('EXPIRE', OUTBOX, SESSION_TTL)
  redis.call('DEL', UNCONFIRMED)
end
if plan.take > 0 and not plan.forget then redis.call('LTRIM', OUTBOX, plan.take, -1) end
local result, answered = 'done', (plan.needs_ack or plan.asks) and 'h' or 'r'
if plan.delivery == 'new' then
  redis.call('SET', DELIVERY, reply == '' and 'p' or answered .. reply, 'EX', DELIVERY_TTL)
  redis.call('DEL', REMINDER) -- a resident who writes needs no reminder
elseif plan.delivery == 'answer' then
  -- the waiting request gets it; if that was answered already, the outbox keeps it
  if redis.call('GET', DELIVERY) == 'p' then
    redis.call('SET', DELIVERY, answered .. reply, 'EX', DELIVERY_TTL)
  else
    waits = reply
    result = 'queued'
  end
end
if plan.needs_ack and result == 'done' then
  local other = redis.call('HGET', UNCONFIRMED, 'd')
  if other and other ~= plan.delivery_id then -- this process cannot open it
    redis.call('RPUSH', OUTBOX, redis.call('HGET', UNCONFIRMED, 'r'))
    redis.call('EXPIRE', OUTBOX, SESSION_TTL)
  end
  redis.call('HSET', UNCONFIRMED, 'd', plan.delivery_id, 'r', reply, 'at', now)
  redis.call('EXPIRE', UNCONFIRMED, SESSION_TTL)
end
if waits ~= '' then
  redis.call('RPUSH', OUTBOX, waits)
  redis.call('EXPIRE', OUTBOX, SESSION_TTL)
end

-- customer-service messages that WeChat allows from now on (bot/store/window.py)
if plan.window ~= '' then
  redis.call('HSET', WINDOW, plan.window, now + plan.window_lasts, plan.window .. '_left', plan.window_left)
  redis.call('EXPIRE', WINDOW, 172800)
end
if plan.pushes and not plan.forget then
  if reminder ~= '' then
    local w = redis.call('HMGET', WINDOW, 'message', 'message_left', 'tap', 'tap_left')
    for i = 1, 3, 2 do
      if tonumber(w[i] or '0') > now and tonumber(w[i + 1] or '0') > 0 then
        redis.call('SET', REMINDER, reminder, 'EX', plan.good_for)
      end
    end
  end
  local claim = redis.call('EXISTS', CLAIMED) == 1 -- one of notices alone takes nothing out of the outbox
    or redis.call('HEXISTS', WINDOW, 'claim') == 1 and redis.call('ZSCORE', DUE, plan.push)
  if not claim then -- an open one checks again by itself
    if redis.call('EXISTS', OUTBOX, REMINDER) > 0 then
      local page = redis.call('EXISTS', PAGE) == 1 -- which shows it first
      redis.call('ZADD', DUE, now + (page and PAGE_FIRST or plan.push_in), plan.push)
    elseif redis.call('EXISTS', UNCONFIRMED) == 1 then
      redis.call('ZADD', DUE, now + CONFIRMED_WITHIN, plan.push)
    else
      redis.call('ZREM', DUE, plan.push)
    end
  end
end

if trace ~= '' then
  redis.call('RPUSH', TRACE, trace)
  redis.call('LTRIM', TRACE, -TRACE_KEEP, -1)
  redis.call('EXPIRE', TRACE, TRACE_TTL)
end
-- what was shown and answered up to this receipt, kept apart from the trace: what its job holds, then what followed
if evidence ~= '' and not (plan.again and redis.call('ZSCORE', INDEX, plan.receipt)) then
  local key, there = EVIDENCE, redis.call('LINDEX', EVIDENCE, 0)
  local tag = string.match(evidence, '^[^|]+')
  if there and string.match(there, '^[^|]+') ~= tag then -- another's, who has the same receipt: it stays
    key = EVIDENCE_BESIDE
    redis.call('SADD', HOLDERS, tag)
    redis.call('EXPIRE', HOLDERS, math.max(plan.evidence_ttl, redis.call('TTL', HOLDERS)))
  end
  local shown, follows = {}, 1
  local held = plan.jobs[1] and redis.call('HGETALL', KEYS[NAMED + 1]) or {}
  for i = 1, #held, 2 do
    local n = string.match(held[i], '^t(%d+)$')
    if n then shown[tonumber(n)] = held[i + 1] end
  end
  local last = redis.call('LRANGE', TRACE, -SHOWN, -1)
  for i, turn in ipairs(last) do
    if turn == shown[#shown] then follows = i + 1 end
  end
  for i = follows, #last do shown[#shown + 1] = last[i] end
  redis.call('DEL', key, EVIDENCE_BESIDE)
  redis.call('RPUSH', key, evidence, unpack(shown))
  redis.call('EXPIRE', key, plan.evidence_ttl)
  redis.call('ZREMRANGEBYSCORE', INDEX, 0, now)
  redis.call('ZADD', INDEX, now + plan.evidence_ttl, plan.receipt)
  redis.call('EXPIRE', INDEX, math.max(plan.evidence_ttl, redis.call('TTL', INDEX)))
end

local fresh = 0
for i, job in ipairs(plan.jobs) do
  local key = KEYS[NAMED + i]
  if job.op == 'done' or job.op == 'drop' or job.op == 'back' then
    redis.call('DEL', key)
    redis.call('ZREM', DUE, job.member)
    redis.call('HDEL', DEAD, job.member) -- the same change, made again, has the same name
  elseif job.op == 'later' then
    redis.call('ZADD', DUE, now + job.due, job.member)
    if job.sure then redis.call('HINCRBY', key, 's', 1) end
  else
    fresh = fresh + 1
    local fields = { 'd', ARGV[GIVEN + fresh], 'a', job.attempt }
    -- what a change was agreed to upon: its evidence holds it, though the resident deletes it before the outcome
    for n, turn in ipairs(job.once and redis.call('LRANGE', TRACE, -SHOWN, -1) or {}) do
      fields[#fields + 1] = 't' .. n
      fields[#fields + 1] = turn
    end
    redis.call('HSET', key, unpack(fields))
    redis.call('ZADD', DUE, now + job.due, job.member)
  end
end

if plan.unmatched then redis.call('DEL', REMEMBERED) end
if next(plan.remembers) then -- the persons this resident was matched with, and the holder of each card
  local held = redis.call('HGETALL', REMEMBERED)
  for i = 1, #held, 2 do
    if tonumber(string.match(held[i + 1], '^%d+')) <= plan.at then redis.call('HDEL', REMEMBERED, held[i]) end
  end
  for name, value in pairs(plan.remembers) do redis.call('HSET', REMEMBERED, name, value) end
  redis.call('EXPIRE', REMEMBERED, REMEMBERS_TTL)
end
if plan.rated then
  if redis.call('INCR', RATE) == 1 then redis.call('EXPIRE', RATE, 60) end
  if redis.call('HINCRBY', DAY, plan.slot, 1) == 1 then redis.call('EXPIRE', DAY, DAY_TTL) end
end
for name, n in pairs(plan.counts) do redis.call('HINCRBY', COUNTS, name, n) end
redis.call('EXPIRE', COUNTS, COUNTS_TTL)
if next(plan.noted) then -- for those on duty (bot/store/days.py)
  for name, value in pairs(plan.noted) do redis.call('HSET', DAY, name, value) end
  redis.call('EXPIRE', DAY, DAY_TTL)
end
if question ~= '' then -- words that nothing answered, or no answer; only the writer's shard is kept
  local seen = redis.call('HEXISTS', QUESTIONS, plan.question) == 1
  if seen or redis.call('HLEN', QUESTIONS) < 2 * QUESTIONS_MOST then
    if not seen then redis.call('HSET', QUESTIONS, plan.question .. ':text', question) end
    redis.call('HINCRBY', QUESTIONS, plan.question, 1)
    redis.call('EXPIRE', QUESTIONS, QUESTIONS_TTL)
  end
end
if taped ~= '' and redis.call('EXISTS', RECORDING) == 1 then -- the resident is being recorded
  redis.call('RPUSH', TAPE, taped)
  redis.call('EXPIRE', TAPE, TAPE_TTL)
end
return result
