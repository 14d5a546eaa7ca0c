-- Queues notices, unless the same were queued lately.
--
-- KEYS[1]  sorted set of queues, `CHANNEL ACCOUNT` by when each is due
-- KEYS[2]  what the names of queues begin with: `…Q:o` keys of the waiting by
--          when they came, `…Q:b` their bodies, `…Q:k` keys known by when they came
-- ARGV     test clock ('' for the server's), how long one is known in ms, most
--          waiting in a queue, then for each notice: queue, its name in keys, key, body
-- Returns  { queued, dropped }
--@include clock arguments fields
local now = clock(next_argument())
local known_for, most = tonumber(next_argument()), tonumber(next_argument())
local queued, dropped = 0, 0
while cursor <= #ARGV do
  local queue, name, id, body = next_argument(), next_argument(), next_argument(), next_argument()
  local order, bodies, known = KEYS[2] .. name .. ':o', KEYS[2] .. name .. ':b', KEYS[2] .. name .. ':k'
  local before = redis.call('ZSCORE', known, id)
  if not before or tonumber(before) + known_for <= now then
    if redis.call('ZCARD', order) >= most then
      dropped = dropped + 1
    else
      redis.call('ZREMRANGEBYSCORE', known, '-inf', whole(now - known_for))
      redis.call('ZADD', known, whole(now), id)
      live_on(known, known_for)
      redis.call('ZADD', order, whole(now), id)
      redis.call('HSET', bodies, id, whole(now) .. ',' .. body)
      redis.call('ZADD', KEYS[1], 'NX', whole(now), queue)
      queued = queued + 1
    end
  end
end
return { queued, dropped }
