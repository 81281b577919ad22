-- Replaces items of an outbox, or takes them out. What has had a notice gets no other: the mark of the last item
-- with one moves to what stands in its place, or to the item before.
-- KEYS: outbox, window. ARGV: item, what stands in its place ('': nothing), …
local noticed = redis.call('HGET', KEYS[2], 'noticed')
for i = 1, #ARGV, 2 do
  local stays = ARGV[i + 1]
  local at = redis.call('LPOS', KEYS[1], ARGV[i])
  if at then
    if stays ~= '' then redis.call('LSET', KEYS[1], at, stays) else redis.call('LREM', KEYS[1], 1, ARGV[i]) end
    if redis.sha1hex(ARGV[i]) == noticed then
      local last = stays ~= '' and stays or at > 0 and redis.call('LINDEX', KEYS[1], at - 1)
      if last then
        noticed = redis.sha1hex(last)
        redis.call('HSET', KEYS[2], 'noticed', noticed)
      end
    end
  end
end
