-- Replaces items of an outbox, or takes them out. KEYS: outbox. ARGV: item, what stands in its place ('': nothing), …
for i = 1, #ARGV, 2 do
  if ARGV[i + 1] ~= '' then redis.call('LINSERT', KEYS[1], 'BEFORE', ARGV[i], ARGV[i + 1]) end
  redis.call('LREM', KEYS[1], 1, ARGV[i])
end
