-- Judges a shard that is not as a process remembers it, and marks it if it was set back.
-- KEYS: life. ARGV: the remembered epochs, newest first; beat, and when it was raised; a new epoch;
-- seconds for which residents are told of what was lost; 1 if this process itself saw what is remembered.
-- Returns same, newer, other or set back, then its epochs, beat and when that was raised.
local held = redis.call('HMGET', KEYS[1], 'epochs', 'beat', 'at', 'lost', 'began')
local line, beat, at = held[1] or '', tonumber(held[2] or '0'), held[3] or '0'
local function has(epochs, one)
  return string.find(' ' .. epochs .. ' ', ' ' .. one .. ' ', 1, true) ~= nil
end
if ARGV[1] == '' then -- nothing is remembered of it: it begins
  redis.call('HSETNX', KEYS[1], 'began', redis.call('TIME')[1])
  redis.call('HSETNX', KEYS[1], 'epochs', ARGV[4])
  return { 'newer', redis.call('HGET', KEYS[1], 'epochs'), tostring(beat), at }
end
local newest, known = string.match(line, '^%S+') or '', string.match(ARGV[1], '^%S+')
if newest == known and beat >= tonumber(ARGV[2]) then return { 'same', line, tostring(beat), at } end
if newest ~= known and has(line, known) then return { 'newer', line, tostring(beat), at } end
local now, empty = redis.call('TIME')[1], newest == ''
if not empty and not has(ARGV[1], newest) then
  -- begun by a process that had just started, when the store that this one knew came back empty
  empty = ARGV[6] == '1' and tonumber(held[5] or '-1') >= tonumber(ARGV[3])
  if not empty then return { 'other', line, tostring(beat), at } end
  at = '0'
end
local before = { string.match(held[4] or '', '^(%d+) (%d+)$') }
local since = tonumber(at)
if before[2] and tonumber(now) - tonumber(before[2]) < tonumber(ARGV[5]) then
  since = math.min(since, tonumber(before[1])) -- not all residents have been told of that one yet
end
local after = ARGV[1]
if newest ~= '' and not has(after, newest) then after = line .. ' ' .. after end
local epochs = ARGV[4] .. ' ' .. string.sub(after, 1, 161) -- eighteen are enough
beat = math.max(beat, tonumber(ARGV[2]))
if newest == '' then redis.call('HSET', KEYS[1], 'began', now) end -- for a process that knows of another failure
redis.call('HSET', KEYS[1], 'epochs', epochs, 'beat', beat, 'at', now, 'lost',
  string.format('%d', since) .. ' ' .. now, 'doubt', empty and 'empty' or 'older')
return { 'set back', epochs, tostring(beat), now }
