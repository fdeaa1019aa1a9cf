-- KEYS[1]  the record
-- ARGV[1]  the fence that was observed, 7 bytes     ARGV[2]  the next fence, 7 bytes
-- ARGV[3]  the new status: 1 COMPLETED, 2 FAILED (run again)
-- ARGV[4]  kind of the outcome, shifted to its place in the state byte
-- ARGV[5]  ttl in ms                                ARGV[6]  payload
-- Returns {1} if the decision is carried out, {0} if not, {0, record} if the record is not readable.
local record = redis.call('GET', KEYS[1])
if not record then
	return { 0 }
end
if #record < 55 or string.byte(record) ~= 1 then
	return { 0, record }
end
local state = string.byte(record, 2)
local status = bit.band(state, 3)
local fence = string.sub(record, 17, 23)
local target = tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease_until = struct.unpack('>I6', record, 11)
local live = status == 0 and now < lease_until
if fence ~= ARGV[1] or live then
	return { 0 }
end
local head = string.char(1, bit.band(state, 36) + target + ARGV[4]) .. string.sub(record, 3, 10)
local tail = ARGV[2] .. string.sub(record, 24, 55)
if target == 1 then
	redis.call('SET', KEYS[1], head .. string.sub(record, 11, 16) .. tail .. ARGV[6], 'PX', ARGV[5])
else
	-- The note of the attempt and the checkpoints stay, an outcome does not
	local rest = status ~= 1 and string.sub(record, 56) or ''
	if status == 0 and rest ~= '' then
		rest = '\0\0' .. rest
	end
	redis.call('SET', KEYS[1], head .. struct.pack('>I6', now) .. tail .. rest, 'KEEPTTL')
	local remaining = redis.call('PTTL', KEYS[1])
	if remaining >= 0 then
		-- Kept as long as after a failure
		local since = status > 1 and lease_until or struct.unpack('>I6', record, 5)
		redis.call('PEXPIRE', KEYS[1], remaining + math.max(now - since, 0) + 1)
	end
end
signal(KEYS[1], state)
return { 1 }
