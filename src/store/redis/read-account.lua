-- Reads an account's state.
--
-- KEYS[1]  the account's state hash
-- Returns  its fields and values, as HGETALL gives them
--@include arguments
return redis.call('HGETALL', KEYS[1])
