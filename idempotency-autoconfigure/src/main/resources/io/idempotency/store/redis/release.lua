-- key     the record
-- owned   fence and owner, 7 + 16 bytes
-- target  0 to forget the record, else its new status: 2 FAILED, 3 UNKNOWN
-- note    on the failure, after its length
-- Returns 1 if the record is given back by this owner or, when it is to be forgotten, gone; else 0.
local function end_lease(key, head, state, target, note)
	local time = redis.call('TIME')
	local now = time[1] * 1000 + math.ceil(time[2] / 1000)
	local was_unknown = bit.band(state, 3) == 3
	-- The lease ends here; what was unknown already got its time when it became that
	local since = struct.unpack('>I6', head, was_unknown and 11 or 5)
	local rest = redis.call('GETRANGE', key, 55, -1)
	local checkpoints = (was_unknown and rest ~= '') and string.sub(rest, 3 + struct.unpack('>I2', rest)) or rest
	local released = string.char(1, bit.band(state, 36) + target) .. string.sub(head, 3, 10)
		.. struct.pack('>I6', now) .. string.sub(head, 17) .. note .. checkpoints
	redis.call('SET', key, released, 'KEEPTTL')
	local remaining = redis.call('PTTL', key)
	if remaining >= 0 then
		-- Lease and abandoned ttl start anew: what the claim asked for, or more after renewals
		redis.call('PEXPIRE', key, remaining + math.max(now - since, 0))
	end
end

local function verb(key, owned, target, note)
	local head, mine = read_head(key, owned)
	if head == '' and target == '0' then
		return 1
	end
	if not mine then
		return 0
	end
	local state = string.byte(head, 2)
	local status = bit.band(state, 3)
	if status == tonumber(target) and target ~= '0' then
		return 1
	end
	if status == 1 or status == 2 then
		return 0
	end
	if target == '0' then
		redis.call('DEL', key)
	else
		end_lease(key, head, state, target, note)
	end
	signal(key, state)
	return 1
end
