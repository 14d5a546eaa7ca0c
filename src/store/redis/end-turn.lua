-- Gives the turn to follow a source to whoever asks next.
--
-- KEYS[1]  hash of the source, as in take-turn.lua
-- ARGV     holder
-- Returns  'OK'
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'until', 0)
end
return 'OK'
