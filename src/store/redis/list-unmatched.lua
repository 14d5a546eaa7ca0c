-- Lists and counts a report that fits no message.
--
-- KEYS[1]  list of the latest of its source, newest first
-- KEYS[2]  how many there were
-- ARGV     the report as JSON, how many are listed
-- Returns  'OK'
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
redis.call('INCR', KEYS[2])
return 'OK'
