-- Takes a report of what became of a recipient into its rejection streak.
-- Reports of one message count once: accepted < delivered < rejected, and only
-- a heavier one than what is known changes anything.
--
-- A rejection counts unless it is older than what ended the last streak. A
-- delivery ends the streak if it is later than the latest rejection. An
-- acceptance ends it once it is older than `presume` and no rejection came
-- after it; whoever reads the streak finds that out by its deadline.
--
-- KEYS[1]  hash of the address' streaks
-- KEYS[2]  hash of the address' outcomes: message -> "<rank>:<now>"
-- ARGV     test clock ('' for the server's), account whose streak it is ('' for
--          all), message, rank (1 accepted, 2 delivered, 3 rejected), status, at in ms
--          ('' for now), presume in ms, keep in ms
-- Returns  1 if it changed anything, else 0
--@include clock arguments fields
local MANY_OUTCOMES = 64
local MOST_ACCEPTANCES = 32
local REJECTED, DELIVERED = 3, 2

local now = clock(next_argument())
local account, message = next_argument(), next_argument()
local rank, status = tonumber(next_argument()), next_argument()
local at = tonumber(next_argument()) or now
local presume, keep = tonumber(next_argument()), tonumber(next_argument())

-- Streak: c count, f first, l latest, s latest status, e what ended the last
-- one, u until when it is kept, p acceptances { message, at, deadline }.
local function read_streak()
  local text = redis.call('HGET', KEYS[1], account)
  local streak = text and cjson.decode(text)
  if not streak or streak.u <= now then
    return { c = 0, f = 0, l = 0, s = '', e = -1, p = {} }
  end
  for _, acceptance in ipairs(streak.p) do
    if acceptance[3] <= now then
      return { c = 0, f = 0, l = 0, s = '', e = acceptance[2], p = {} }
    end
  end
  return streak
end

-- The acceptances that `keeps` says yes to, earliest first.
local function filter(acceptances, keeps)
  local kept = {}
  for _, acceptance in ipairs(acceptances) do
    if keeps(acceptance) then
      kept[#kept + 1] = acceptance
    end
  end
  table.sort(kept, function(one, other) return one[2] < other[2] end)
  kept[MOST_ACCEPTANCES + 1] = nil
  return kept
end

local function rejected(streak)
  if at <= streak.e then
    return
  end
  streak.f = streak.c == 0 and at or math.min(streak.f, at)
  if streak.c == 0 or at >= streak.l then
    streak.l, streak.s = at, status
  end
  streak.c = streak.c + 1
  streak.p = filter(streak.p, function(acceptance) return acceptance[2] > at end)
end

local function delivered(streak)
  if streak.c > 0 and at <= streak.l then
    return
  end
  streak.c, streak.p = 0, filter(streak.p, function(acceptance) return acceptance[2] > at end)
  streak.e = math.max(streak.e, at)
end

local function accepted(streak)
  if streak.c > 0 and at <= streak.l then
    return
  end
  streak.p[#streak.p + 1] = { message, at, at + presume }
  streak.p = filter(streak.p, function() return true end)
end

local function forget_old_outcomes()
  if redis.call('HLEN', KEYS[2]) < MANY_OUTCOMES then
    return
  end
  local all, old = redis.call('HGETALL', KEYS[2]), {}
  for i = 1, #all, 2 do
    if tonumber(string.match(all[i + 1], ':(%d+)$')) + keep <= now then
      old[#old + 1] = all[i]
    end
  end
  delete_fields(KEYS[2], old)
end

local known = redis.call('HGET', KEYS[2], message)
if known and tonumber(string.match(known, '^%d')) >= rank then
  return 0
end
forget_old_outcomes()
redis.call('HSET', KEYS[2], message, rank .. ':' .. whole(now))
live_on(KEYS[2], keep)

local streak = read_streak()
streak.p = filter(streak.p, function(acceptance) return acceptance[1] ~= message end)
if rank == REJECTED then
  rejected(streak)
elseif rank == DELIVERED then
  delivered(streak)
else
  accepted(streak)
end
streak.u = now + keep
redis.call('HSET', KEYS[1], account, cjson.encode(streak))
live_on(KEYS[1], keep)
return 1
