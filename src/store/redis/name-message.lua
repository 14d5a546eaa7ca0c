-- Lets a message be found by a name; the latest of a name stay.
--
-- KEYS[1]  sorted set of the messages of that name, by when they passed
-- ARGV     test clock ('' for the server's), message, when it passed in ms (''
--          for now), how long it is remembered in ms, how many of a name
-- Returns  'OK'
--@include clock arguments fields
local now = clock(next_argument())
local message, at = next_argument(), next_argument()
local window, most = tonumber(next_argument()), tonumber(next_argument())
redis.call('ZADD', KEYS[1], at == '' and whole(now) or at, message)
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -most - 1)
live_on(KEYS[1], window)
return 'OK'
