-- Marks a fact as taken in, unless a heavier one has taken its place.
--
-- KEYS[1]  hash of the message's facts, as in claim-report.lua
-- ARGV     field, rank
-- Returns  1 if it was marked, else 0
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] .. 'p' then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. 'd')
return 1
