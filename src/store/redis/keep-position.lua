-- Remembers how far the follower of a source came.
--
-- KEYS[1]  hash of the source, as in take-turn.lua
-- ARGV     holder, position
-- Returns  1, or 0 when the turn is another's by now
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'position', ARGV[2])
return 1
