-- key    the record
-- owned  fence and owner, 7 + 16 bytes
-- lease  the new remaining lease in ms
-- Returns 1 if the record is in progress and this owner's, else 0.
local time = redis.call('TIME')

local function verb(key, owned, lease)
	local head, mine = read_head(key, owned)
	if not mine or bit.band(string.byte(head, 2), 3) ~= 0 then
		return 0
	end
	local lease_until = time[1] * 1000 + math.ceil(time[2] / 1000) + lease
	redis.call('SETRANGE', key, 10, struct.pack('>I6', lease_until))
	local remaining = redis.call('PTTL', key)
	if remaining >= 0 then
		-- The abandoned ttl is the time between the end of the lease and the expiry
		local later = lease_until - struct.unpack('>I6', head, 11)
		redis.call('PEXPIRE', key, math.max(remaining + later, 1))
	end
	return 1
end
