-- Takes a report of what became of a recipient into its rejection streak.
-- Reports of one message count once: accepted < delivered < rejected, and only
-- a heavier one than what is known changes anything.
--
-- A rejection counts unless it is older than what ended the last streak. A
-- delivery ends the streak if it is later than the latest rejection; when that
-- very message comes back after all, the streak goes on as if it had not. An
-- acceptance later than that ends it once it is older than `presume`; whoever
-- reads the streak finds that out by its deadline. A return takes back what the
-- message's acceptance promised. Where there is no streak, only rejections are
-- worth knowing.
--
-- KEYS[1]  hash of the address' streaks
-- KEYS[2]  hash of the address' rejections: "<account> <message>" -> now
-- ARGV     test clock ('' for the server's), account whose streak it is ('' for
--          all), message, rank (1 accepted, 2 delivered, 3 returned, 4 rejected), status, at in ms
--          ('' for now), presume in ms, keep in ms
-- Returns  1 if it changed anything, else 0
--@include clock arguments fields
local MANY_REJECTIONS = 64
local MOST_REPORTS = 32
local ACCEPTED, DELIVERED, RETURNED, REJECTED = 1, 2, 3, 4

local now = clock(next_argument())
local account, message = next_argument(), next_argument()
local rank, status = tonumber(next_argument()), next_argument()
local at = tonumber(next_argument()) or now
local presume, keep = tonumber(next_argument()), tonumber(next_argument())
local rejection_field = account .. ' ' .. message

local function ended_at(instant)
  return { c = 0, f = 0, l = 0, s = '', e = instant, p = {} }
end

-- Streak: c count, f first, l latest, s latest status, e what ended the last one
-- (-1: none), u until when it is kept, p reports since that are no rejections:
-- { message, at, deadline, rank }, earliest first; b, of one that a delivery ended:
-- { message, streak before }.
local function read_streak()
  local text = redis.call('HGET', KEYS[1], account)
  local streak = text and cjson.decode(text)
  if not streak or streak.u <= now then
    return ended_at(-1)
  end
  for _, report in ipairs(streak.p) do
    if report[4] == ACCEPTED and report[2] > streak.l and report[3] <= now then
      return ended_at(report[2])
    end
  end
  return streak
end

-- Takes the message's own report out, and gives its rank: 0 when there was none.
local function take_report(streak)
  if redis.call('HEXISTS', KEYS[2], rejection_field) == 1 then
    return REJECTED
  end
  for i, report in ipairs(streak.p) do
    if report[1] == message then
      if report[4] < rank then
        table.remove(streak.p, i)
      end
      return report[4]
    end
  end
  return 0
end

local function remember_report(streak)
  streak.p[#streak.p + 1] = { message, at, at + presume, rank }
  table.sort(streak.p, function(one, other) return one[2] < other[2] end)
  if #streak.p > MOST_REPORTS then
    -- The earliest after the latest rejection decides: that one stays.
    table.remove(streak.p, streak.p[1][2] <= streak.l and 1 or #streak.p)
  end
end

local function forget_old_rejections()
  if redis.call('HLEN', KEYS[2]) < MANY_REJECTIONS then
    return
  end
  local all, old = redis.call('HGETALL', KEYS[2]), {}
  for i = 1, #all, 2 do
    if tonumber(all[i + 1]) + keep <= now then
      old[#old + 1] = all[i]
    end
  end
  delete_fields(KEYS[2], old)
end

local function remember_rejection()
  forget_old_rejections()
  redis.call('HSET', KEYS[2], rejection_field, whole(now))
  live_on(KEYS[2], keep)
end

-- The delivery that ended it was none: the message came back.
local function without_end_by(streak)
  if streak.c == 0 and streak.b and streak.b[1] == message then
    return streak.b[2]
  end
  return streak
end

-- Nil: nothing to be kept.
local function returned(streak)
  if streak.c == 0 and streak.e < 0 then
    return nil
  end
  remember_rejection()
  return streak
end

local function rejected(streak)
  remember_rejection()
  if at < streak.e then
    return streak
  end
  streak.f = streak.c == 0 and at or math.min(streak.f, at)
  if streak.c == 0 or at >= streak.l then
    streak.l, streak.s = at, status
  end
  streak.c = streak.c + 1
  return streak
end

-- Nil: nothing to be kept.
local function accepted_or_delivered(streak)
  if streak.c > 0 then
    if rank == DELIVERED and at > streak.l then
      local ended = ended_at(at)
      ended.b = { message, { c = streak.c, f = streak.f, l = streak.l, s = streak.s, e = streak.e, p = {} } }
      return ended
    end
    remember_report(streak)
    return streak
  end
  if rank == DELIVERED and streak.e >= 0 then
    return ended_at(math.max(streak.e, at))
  end
end

local streak = read_streak()
if take_report(streak) >= rank then
  return 0
end
local changed
if rank == REJECTED then
  changed = rejected(without_end_by(streak))
elseif rank == RETURNED then
  changed = returned(without_end_by(streak))
else
  changed = accepted_or_delivered(streak)
end
if not changed then
  return 0
end
changed.u = now + keep
redis.call('HSET', KEYS[1], account, cjson.encode(changed))
live_on(KEYS[1], keep)
return 1
