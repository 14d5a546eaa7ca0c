-- Takes the queue of notices that is due for longest.
--
-- KEYS     as in queue-notices.lua
-- ARGV     test clock ('' for the server's), most notices, until when nobody else
--          gets it in ms from now
-- Returns  nil when none is due, else { queue, key, body, key, body … }
--@include clock arguments fields
local now = clock(next_argument())
local limit, ttl = tonumber(next_argument()), tonumber(next_argument())
while true do
  local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', whole(now), 'LIMIT', 0, 1)
  if #due == 0 then
    return nil
  end
  local queue = due[1]
  local name = string.gsub(queue, '[%%{}]', function(char)
    return string.format('%%%x', string.byte(char))
  end)
  local ids = redis.call('ZRANGE', KEYS[2] .. name .. ':o', 0, limit - 1)
  if #ids > 0 then
    redis.call('ZADD', KEYS[1], whole(now + ttl), queue)
    local answer = { queue }
    local bodies = get_fields(KEYS[2] .. name .. ':b', ids)
    for i = 1, #ids do
      answer[#answer + 1] = ids[i]
      answer[#answer + 1] = bodies[i] or ''
    end
    return answer
  end
  -- It had been told lately, and nothing has come since.
  redis.call('ZREM', KEYS[1], queue)
end
