-- key          the record
-- owner        16 bytes
-- fingerprint  16 bytes, zeros if there is none
-- initial      state byte of the record to be, as a number
-- lease, abandoned_ttl  in ms
-- waits        1 if the claimant will wait for a live owner, else 0
-- Returns {1, fence, attempt} to the owner, and the checkpoints as a fourth value where there are some,
-- else {0, record, now in microseconds, ms until the key expires}.
-- The layout of a record is described in RecordFormat.
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = math.floor(micros / 1000)

local function acquired(fence, attempt, checkpoints)
	if checkpoints == '' then
		return { 1, fence, attempt }
	end
	return { 1, fence, attempt, checkpoints }
end

local function verb(key, owner, fingerprint, initial, lease, abandoned_ttl, waits)
	local function acquire(fence, attempt, mark, checkpoints)
		local lease_until = math.ceil(micros / 1000) + lease
		local head = struct.pack('>BBI2I6I6I7', 1, initial + mark, attempt, now, lease_until, fence)
		redis.call('SET', key, head .. owner .. fingerprint .. checkpoints, 'PX', lease_until - now + abandoned_ttl)
		return acquired(fence, attempt, checkpoints)
	end

	local record = redis.call('GET', key)
	if not record then
		return acquire(micros, 1, 0, '')
	end
	local remaining = redis.call('PTTL', key)
	if #record < 55 or string.byte(record) ~= 1 then
		return { 0, record, micros, remaining }
	end

	local _, state, attempt, _, lease_until, fence = struct.unpack('>BBI2I6I6I7', record)
	if remaining == 0 then
		return acquire(math.max(micros, fence + 1), 1, 0, '')
	end
	local status = bit.band(state, 3)
	local live = status == 0 and now < lease_until
	if live and string.sub(record, 24, 39) == owner then
		return acquired(fence, attempt, string.sub(record, 56))
	end
	local both_named = bit.band(state, initial, 32) ~= 0
	local matches = not both_named or string.sub(record, 40, 55) == fingerprint
	local lapsed_for_retry = status == 0 and not live and bit.band(state, 4) == 0
	if matches and (status == 2 or lapsed_for_retry) then
		local note = (status == 2 and #record > 55) and 2 + struct.unpack('>I2', record, 56) or 0
		return acquire(fence + 1, math.min(attempt + 1, 65535), bit.band(state, 64), string.sub(record, 56 + note))
	end
	if waits == '1' and live and matches and bit.band(state, 64) == 0 then
		redis.call('SETRANGE', key, 1, string.char(state + 64))
	end
	-- Checkpoints are for the owner
	return { 0, status == 0 and string.sub(record, 1, 55) or record, micros, remaining }
end
