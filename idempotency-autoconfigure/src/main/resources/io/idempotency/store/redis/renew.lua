-- KEYS[1]  the record
-- ARGV[1]  fence and owner, 7 + 16 bytes
-- ARGV[2]  the new remaining lease in ms
-- Returns 1 if the record is in progress and this owner's, else 0.
local head = redis.call('GETRANGE', KEYS[1], 0, 54)
if string.byte(head) ~= 1 or string.sub(head, 17, 39) ~= ARGV[1] or bit.band(string.byte(head, 2), 3) ~= 0 then
	return 0
end
local time = redis.call('TIME')
local lease_until = time[1] * 1000 + math.ceil(time[2] / 1000) + ARGV[2]
redis.call('SETRANGE', KEYS[1], 10, struct.pack('>I6', lease_until))
local remaining = redis.call('PTTL', KEYS[1])
if remaining >= 0 then
	-- The abandoned ttl is the time between the end of the lease and the expiry
	local later = lease_until - struct.unpack('>I6', head, 11)
	redis.call('PEXPIRE', KEYS[1], math.max(remaining + later, 1))
end
return 1
