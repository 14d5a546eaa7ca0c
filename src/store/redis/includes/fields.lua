-- Hash access by any number of fields: unpack() has a limit.
local CHUNK = 1000

local function get_fields(key, fields)
  if #fields <= CHUNK then
    return #fields == 0 and {} or redis.call('HMGET', key, unpack(fields))
  end
  local values = {}
  for from = 1, #fields, CHUNK do
    local to = math.min(from + CHUNK - 1, #fields)
    local part = redis.call('HMGET', key, unpack(fields, from, to))
    for i = 1, #part do
      values[from + i - 1] = part[i]
    end
  end
  return values
end

local function delete_fields(key, fields)
  for from = 1, #fields, CHUNK do
    redis.call('HDEL', key, unpack(fields, from, math.min(from + CHUNK - 1, #fields)))
  end
end

-- Whole numbers as they are, where `..` would write 1e+15.
local function whole(number)
  return string.format('%.0f', number)
end

-- Makes the key live for at least `ttl` ms more. Never shortens: a call that
-- knows only short windows must not cut the life of long ones.
local function live_on(key, ttl)
  if redis.call('PTTL', key) < ttl then
    -- A little more, so that not every call has to say so again.
    redis.call('PEXPIRE', key, whole(ttl + math.floor(ttl / 16)))
  end
end
