-- Adds to a meter whatever its limits say, and tells its use afterwards.
--
-- KEYS[1]  the meter's subject hash
-- ARGV     test clock ('' for the server's), amount, limits (limits.lua)
-- Returns  numbers, packed: usage, as in includes/room.lua
--@include clock arguments limits fields lease subject room
local now = clock(next_argument())
local amount = tonumber(next_argument())
local limits = next_limits()
local meter = open_subject(plan_subjects(limits, '', now), KEYS[1])
local judged = {}
for i, limit in ipairs(limits) do
  judged[i] = judge_limit(meter, limit, amount)
end
for resource in pairs(resources_of(limits)) do
  charge(meter, resource, amount)
end
local numbers = {}
add_usage(numbers, meter, limits, judged)
save_subject(meter)
return packed_numbers(numbers)
