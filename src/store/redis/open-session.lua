-- Counts a session in, if its subject's limits allow.
--
-- KEYS[1]  subject hash
-- KEYS[2]  sorted set of the subject's sessions, by the instant when they stop
--          counting
-- ARGV     test clock ('' for the server's), session, ttl in ms, most sessions
--          at once or -1, 1 if that is enforced, limits (limits.lua)
-- Returns  numbers, packed: 1 if granted else 0, sessions now, usage as in
--          includes/room.lua
--@include clock arguments limits fields lease subject room
local now = clock(next_argument())
local session = next_argument()
local ttl = tonumber(next_argument())
local most = tonumber(next_argument())
local most_enforced = next_argument() == '1'
local limits = next_limits()

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', whole(now))
local concurrent = redis.call('ZCARD', KEYS[2])
local subject = open_subject(plan_subjects(limits, '', now), KEYS[1])
local judged, denied = judge_one_more(subject, limits)
local is_full = most_enforced and most >= 0 and concurrent + 1 > most
denied = denied or (is_full and not redis.call('ZSCORE', KEYS[2], session))
if not denied then
  -- Adds none if it counts already.
  concurrent = concurrent + redis.call('ZADD', KEYS[2], whole(now + ttl), session)
  live_on(KEYS[2], ttl)
  for resource in pairs(resources_of(limits)) do
    charge(subject, resource, 1)
  end
end
local numbers = { denied and 0 or 1, concurrent }
add_usage(numbers, subject, limits, judged)
save_subject(subject)
return packed_numbers(numbers)
