-- Lets leases that are still held last for another ttl from now.
--
-- KEYS     subject hashes
-- ARGV     test clock ('' for the server's), ttl in ms, then a transaction for
--          each key
-- Returns  'OK'
--@include clock arguments limits fields lease subject
local now = clock(next_argument())
local ttl = tonumber(next_argument())
for _, key in ipairs(KEYS) do
  local subject = open_subject(plan_subjects({}, next_argument(), now), key)
  if subject.leased and subject.lease_expiry > now then
    subject.lease_changed = true
  end
  save_subject(subject, ttl)
end
return 'OK'
