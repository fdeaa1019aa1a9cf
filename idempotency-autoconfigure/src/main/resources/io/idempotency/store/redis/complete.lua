-- KEYS[1]  the record
-- ARGV[1]  fence and owner, 7 + 16 bytes
-- ARGV[2]  kind of the outcome, shifted to its place in the state byte
-- ARGV[3]  ttl in ms                 ARGV[4]  payload
-- Returns 1 if the outcome of this owner is recorded, else 0.
local head = redis.call('GETRANGE', KEYS[1], 0, 54)
if string.byte(head) ~= 1 or string.sub(head, 17, 39) ~= ARGV[1] then
	return 0
end
local state = string.byte(head, 2)
local status = bit.band(state, 3)
if status == 1 or status == 2 then
	return status == 1 and 1 or 0
end
local completed = string.char(1, bit.band(state, 36) + 1 + ARGV[2])
redis.call('SET', KEYS[1], completed .. string.sub(head, 3) .. ARGV[4], 'PX', ARGV[3])
if bit.band(state, 64) ~= 0 then
	-- A signal is a hint: that it is not allowed must not fail what is done
	redis.pcall('PUBLISH', string.sub(KEYS[1], 1, -65) .. 'done', string.sub(KEYS[1], -64))
end
return 1
