-- Reads what windows hold, slot by slot, and writes nothing.
--
-- KEYS[1]  subject hash
-- ARGV     test clock ('' for the server's), limits (arguments.lua)
-- Returns  of each limit { held, slot, count, slot, count, … }, those slots that
--          still count, from the oldest on
--@include clock arguments fields lease subject
local now = clock(next_argument())
local limits = next_limits()
local packed = redis.call('HGET', KEYS[1], 's')
local state = packed and cmsgpack.unpack(packed) or { w = {}, h = {} }

local function read_window(limit)
  local list = { state.h[limit.resource] or 0 }
  local head = state.w[limit.field]
  local keep = math.floor((now - limit.per) / limit.width)
  if not head or head[NEWEST] < keep then
    return list
  end
  local from = math.max(head[OLDEST], keep)
  local counts = get_fields(KEYS[1], slot_fields(limit.field, from, head[NEWEST] - 1))
  counts[head[NEWEST] - from + 1] = head[HERE]
  for i, count in ipairs(counts) do
    if count and tonumber(count) > 0 then
      list[#list + 1] = from + i - 1
      list[#list + 1] = tonumber(count)
    end
  end
  return list
end

local contents = {}
for i, limit in ipairs(limits) do
  contents[i] = read_window(limit)
end
return contents
