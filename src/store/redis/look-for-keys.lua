-- Tells whether anything is kept under any of these names.
--
-- KEYS     any with one tag
-- ARGV     test clock ('' for the server's)
-- Returns  now, and how many of them there are
--@include clock arguments
return { clock(next_argument()), redis.call('EXISTS', unpack(KEYS)) }
