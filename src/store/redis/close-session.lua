-- A session no longer counts.
--
-- KEYS[1]  sorted set of the subject's sessions
-- ARGV     session
-- Returns  1 if it counted, else 0
--@include arguments
return redis.call('ZREM', KEYS[1], next_argument())
