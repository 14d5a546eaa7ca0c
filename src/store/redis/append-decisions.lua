-- Appends decisions in order, and drops those beyond the bounds.
--
-- KEYS[1]  stream of decisions; entries are dated by the store's clock
-- ARGV     test clock ('' for the server's), longest age in ms, most entries,
--          then of each decision: id, at, account ('' for none), verdict, rules
--          (between spaces), body
-- Returns  'OK'
--@include clock arguments fields
local now = clock(next_argument())
local max_age = tonumber(next_argument())
local max_count = next_argument()

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
  seq = seq + 1
  redis.call('XADD', KEYS[1], whole(ms) .. '-' .. whole(seq),
    'id', next_argument(), 'at', next_argument(), 'account', next_argument(),
    'verdict', next_argument(), 'rules', next_argument(), 'body', next_argument())
end
redis.call('XTRIM', KEYS[1], 'MAXLEN', max_count)
redis.call('XTRIM', KEYS[1], 'MINID', whole(math.max(0, now - max_age)))
redis.call('PEXPIRE', KEYS[1], whole(max_age))
return 'OK'
