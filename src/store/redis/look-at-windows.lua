-- Reads what windows hold, slot by slot, and writes nothing.
--
-- KEYS[1]  subject hash
-- ARGV     test clock ('' for the server's), limits (limits.lua)
-- Returns  of each limit { held, slot, count, slot, count, … }, those slots that
--          still count, from the oldest on
--@include clock arguments limits fields lease subject
local now = clock(next_argument())
local limits = next_limits()
local packed = redis.call('HGET', KEYS[1], 's')
local subject = { windows = {}, held = {} }
if packed then
  read_state(subject, packed)
end

local function read_window(index, limit)
  local windows = subject.windows
  local list = { held_of(subject, limit.resource) }
  local at = find_window(windows, index, limit)
  local keep = math.floor((now - limit.per) / limit.width)
  if not at or windows[at + NEWEST] < keep then
    return list
  end
  local from = math.max(windows[at + NEWEST] - windows[at + SPAN], keep)
  for i, count in ipairs(slot_counts(KEYS[1], windows, at, from)) do
    if count and tonumber(count) > 0 then
      list[#list + 1] = from + i - 1
      list[#list + 1] = tonumber(count)
    end
  end
  return list
end

local contents = {}
for i, limit in ipairs(limits) do
  contents[i] = read_window(i, limit)
end
return contents
