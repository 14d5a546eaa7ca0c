-- Reads windows of subjects, as if one more were asked for.
--
-- KEYS     subject hashes
-- ARGV     test clock ('' for the server's), then limits for each key
--          (limits.lua)
-- Returns  numbers, packed: usage for each key, as in includes/room.lua
--@include clock arguments limits fields lease subject room
local now = clock(next_argument())
local numbers = {}
for _, key in ipairs(KEYS) do
  local limits = next_limits()
  local subject = open_subject(plan_subjects(limits, '', now), key)
  add_usage(numbers, subject, limits, (judge_one_more(subject, limits)))
  save_subject(subject)
end
return packed_numbers(numbers)
