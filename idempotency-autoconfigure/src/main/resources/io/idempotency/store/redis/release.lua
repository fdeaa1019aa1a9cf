-- KEYS[1]  the record
-- ARGV[1]  fence and owner, 7 + 16 bytes
-- ARGV[2]  0 to forget the record, else its new status: 2 FAILED, 3 UNKNOWN
-- ARGV[3]  note on the failure, after its length
-- Returns 1 if the record is given back by this owner or, when it is to be forgotten, gone; else 0.
local head = redis.call('GETRANGE', KEYS[1], 0, 54)
local target = tonumber(ARGV[2])
if head == '' and target == 0 then
	return 1
end
if string.byte(head) ~= 1 or string.sub(head, 17, 39) ~= ARGV[1] then
	return 0
end
local state = string.byte(head, 2)
local status = bit.band(state, 3)
if status == target and target ~= 0 then
	return 1
end
if status == 1 or status == 2 then
	return 0
end
if target == 0 then
	redis.call('DEL', KEYS[1])
else
	local time = redis.call('TIME')
	local now = time[1] * 1000 + math.ceil(time[2] / 1000)
	-- The lease ends here; what was unknown already got its time when it became that
	local since = struct.unpack('>I6', head, status == 3 and 11 or 5)
	local rest = redis.call('GETRANGE', KEYS[1], 55, -1)
	local checkpoints = (status == 3 and rest ~= '') and string.sub(rest, 3 + struct.unpack('>I2', rest)) or rest
	local released = string.char(1, bit.band(state, 36) + target) .. string.sub(head, 3, 10)
		.. struct.pack('>I6', now) .. string.sub(head, 17) .. ARGV[3] .. checkpoints
	redis.call('SET', KEYS[1], released, 'KEEPTTL')
	local remaining = redis.call('PTTL', KEYS[1])
	if remaining >= 0 then
		-- Lease and abandoned ttl start anew: what the claim asked for, or more after renewals
		redis.call('PEXPIRE', KEYS[1], remaining + math.max(now - since, 0))
	end
end
if bit.band(state, 64) ~= 0 then
	-- A signal is a hint: that it is not allowed must not fail what is done
	redis.pcall('PUBLISH', string.sub(KEYS[1], 1, -65) .. 'done', string.sub(KEYS[1], -64))
end
return 1
