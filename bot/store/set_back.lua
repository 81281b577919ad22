-- A shard that is not as a process remembers it: decide what it is, and mark it where it was set back.
-- KEYS: life. ARGV: the epochs that are remembered, newest first; beat, and when it was raised; a new epoch;
-- seconds for which residents are told of what was lost.
-- Answers what it is (same, newer, other, set back), then its epochs, beat and when that was raised.
local held = redis.call('HMGET', KEYS[1], 'epochs', 'beat', 'at', 'lost')
local line, beat, at = held[1] or '', tonumber(held[2] or '0'), held[3] or '0'
local function has(epochs, one)
  return string.find(' ' .. epochs .. ' ', ' ' .. one .. ' ', 1, true) ~= nil
end
if ARGV[1] == '' then -- nothing is remembered of it: it begins
  redis.call('HSETNX', KEYS[1], 'epochs', ARGV[4])
  return { 'newer', redis.call('HGET', KEYS[1], 'epochs'), tostring(beat), at }
end
local newest, known = string.match(line, '^%S+') or '', string.match(ARGV[1], '^%S+')
if newest == known and beat >= tonumber(ARGV[2]) then return { 'same', line, tostring(beat), at } end
if newest ~= known and has(line, known) then return { 'newer', line, tostring(beat), at } end
if newest ~= '' and not has(ARGV[1], newest) then return { 'other', line, tostring(beat), at } end
local now = redis.call('TIME')[1]
local before = { string.match(held[4] or '', '^(%d+) (%d+)$') }
local since = tonumber(at)
if before[2] and tonumber(now) - tonumber(before[2]) < tonumber(ARGV[5]) then
  since = math.min(since, tonumber(before[1])) -- not everybody has been told of that one yet
end
-- eighteen are enough
local epochs = ARGV[4] .. ' ' .. string.sub(ARGV[1], 1, 161)
beat = math.max(beat, tonumber(ARGV[2]))
redis.call('HSET', KEYS[1], 'epochs', epochs, 'beat', beat, 'at', now, 'lost',
  string.format('%d', since) .. ' ' .. now, 'doubt', newest == '' and 'empty' or 'older')
return { 'set back', epochs, tostring(beat), now }
