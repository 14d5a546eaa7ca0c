-- Gives a transaction's hold, or part of it, back. Unknown leases are left alone.
--
-- KEYS     subject hashes
-- ARGV     test clock ('' for the server's), transaction, then for each key
--          1 to give all back, or 0 and amounts (limits.lua)
-- Returns  'OK'
--@include clock arguments limits fields lease subject
local now = clock(next_argument())
local transaction = next_argument()
for _, key in ipairs(KEYS) do
  local all = next_argument() == '1'
  local amounts = all and {} or next_amounts()
  local subject = open_subject(plan_subjects({}, transaction, now), key)
  if subject.leased and all then
    drop_lease(subject)
  elseif subject.leased then
    for resource, amount in pairs(amounts) do
      hold(subject, resource, -amount)
    end
  end
  save_subject(subject)
end
return 'OK'
