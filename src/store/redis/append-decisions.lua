-- Appends decisions in order, and drops those beyond the bounds. A call that may
-- have been executed before, unheard, looks from there on, and leaves out what is
-- there.
--
-- KEYS[1]  stream of decisions; entries are dated by the store's clock
-- ARGV     test clock ('' for the server's), longest age in ms, most entries,
--          how long ago the first try began in ms (0: this is it), then of each decision: id, at, account ('' for none), verdict, rules
--          (between spaces), body
-- Returns  'OK'
--@include clock arguments fields
local now = clock(next_argument())
local max_age = tonumber(next_argument())
local max_count = next_argument()
local look_back = tonumber(next_argument())

-- What was executed unheard stands near the time of its first try. More than
-- this is not looked at, or many such calls would hold Redis up.
local LOOKED_AT_ONCE = 200
local LOOKS = 10
local present = {}
local from = whole(math.max(0, now - look_back))
for _ = 1, look_back > 0 and LOOKS or 0 do
  local entries = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', LOOKED_AT_ONCE)
  for i = 1, #entries do
    present[entries[i][2][2]] = true
    from = '(' .. entries[i][1]
  end
  if #entries < LOOKED_AT_ONCE then
    break
  end
end

-- Entry ids must grow, even if the clock goes back.
local ms, seq = now, -1
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if newest[1] then
  local last_ms, last_seq = string.match(newest[1][1], '^(%d+)-(%d+)$')
  if tonumber(last_ms) >= now then
    ms, seq = tonumber(last_ms), tonumber(last_seq)
  end
end

while cursor <= #ARGV do
  local id, at, account = next_argument(), next_argument(), next_argument()
  local verdict, rules, body = next_argument(), next_argument(), next_argument()
  if not present[id] then
    seq = seq + 1
    redis.call('XADD', KEYS[1], whole(ms) .. '-' .. whole(seq),
      'id', id, 'at', at, 'account', account, 'verdict', verdict, 'rules', rules, 'body', body)
  end
end
redis.call('XTRIM', KEYS[1], 'MAXLEN', max_count)
redis.call('XTRIM', KEYS[1], 'MINID', whole(math.max(0, now - max_age)))
redis.call('PEXPIRE', KEYS[1], whole(max_age))
return 'OK'
