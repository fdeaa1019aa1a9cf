-- key      the record
-- owned    fence and owner, 7 + 16 bytes
-- kind     of the outcome, shifted to its place in the state byte
-- ttl      in ms
-- payload
-- Returns 1 if the outcome of this owner is recorded, else 0.
local function verb(key, owned, kind, ttl, payload)
	local head, mine = read_head(key, owned)
	if not mine then
		return 0
	end
	local state = string.byte(head, 2)
	local status = bit.band(state, 3)
	if status == 1 or status == 2 then
		return status == 1 and 1 or 0
	end
	local completed = string.char(1, bit.band(state, 36) + 1 + kind)
	redis.call('SET', key, completed .. string.sub(head, 3) .. payload, 'PX', ttl)
	signal(key, state)
	return 1
end
