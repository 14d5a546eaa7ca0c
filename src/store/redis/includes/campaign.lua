-- A campaign is a hash (m…:id), the recipients that it reached a sorted set of
-- marks by the time of the latest mail (m…:id:r), and each mark that alike messages
-- share a string with the campaign's id (m…=mark). All of an account's carry one hash tag,
-- so that their names may be made here.
local function campaign_key(stem, id)
  return stem .. ':' .. id
end

local function reached_key(stem, id)
  return stem .. ':' .. id .. ':r'
end

local function mark_key(stem, mark)
  return stem .. '=' .. mark
end

local function is_alive(stem, id, now)
  local expires = redis.call('HGET', campaign_key(stem, id), 'expires')
  return expires and tonumber(expires) > now
end

local function marks_of(stem, id)
  return string.gmatch(redis.call('HGET', campaign_key(stem, id), 'marks') or '', '%S+')
end

local function forget_campaign(stem, id)
  for mark in marks_of(stem, id) do
    if redis.call('GET', mark_key(stem, mark)) == id then
      redis.call('DEL', mark_key(stem, mark))
    end
  end
  redis.call('DEL', campaign_key(stem, id), reached_key(stem, id))
end

-- Lists the campaign by the time of its latest message; the oldest beyond `most`
-- are forgotten, at most some a call.
local function list_campaign(stem, list, id, now, ttl, most)
  redis.call('ZADD', list, whole(now), id)
  live_on(list, ttl)
  local beyond = redis.call('ZCARD', list) - most
  if beyond > 0 then
    for _, old in ipairs(redis.call('ZRANGE', list, 0, math.min(beyond, 8) - 1)) do
      redis.call('ZREM', list, old)
      forget_campaign(stem, old)
    end
  end
end
