-- KEYS[1]  the record
-- ARGV[1]  owner, 16 bytes           ARGV[2]  fingerprint, 16 bytes, zeros if there is none
-- ARGV[3]  state byte of the record to be, as a number
-- ARGV[4]  lease in ms               ARGV[5]  abandoned ttl in ms
-- ARGV[6]  1 if the claimant will wait for a live owner, else 0
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

local function acquire(fence, attempt, mark, checkpoints)
	local lease_until = math.ceil(micros / 1000) + ARGV[4]
	local head = struct.pack('>BBI2I6I6I7', 1, ARGV[3] + mark, attempt, now, lease_until, fence)
	redis.call('SET', KEYS[1], head .. ARGV[1] .. ARGV[2] .. checkpoints, 'PX', lease_until - now + ARGV[5])
	return acquired(fence, attempt, checkpoints)
end

local record = redis.call('GET', KEYS[1])
if not record then
	return acquire(micros, 1, 0, '')
end
local remaining = redis.call('PTTL', KEYS[1])
if #record < 55 or string.byte(record) ~= 1 then
	return { 0, record, micros, remaining }
end

local _, state, attempt, _, lease_until, fence = struct.unpack('>BBI2I6I6I7', record)
if remaining == 0 then
	return acquire(math.max(micros, fence + 1), 1, 0, '')
end
local status = bit.band(state, 3)
local live = status == 0 and now < lease_until
if live and string.sub(record, 24, 39) == ARGV[1] then
	return acquired(fence, attempt, string.sub(record, 56))
end
local both_named = bit.band(state, ARGV[3], 32) ~= 0
local matches = not both_named or string.sub(record, 40, 55) == ARGV[2]
local lapsed_for_retry = status == 0 and not live and bit.band(state, 4) == 0
if matches and (status == 2 or lapsed_for_retry) then
	local note = (status == 2 and #record > 55) and 2 + struct.unpack('>I2', record, 56) or 0
	return acquire(fence + 1, math.min(attempt + 1, 65535), bit.band(state, 64), string.sub(record, 56 + note))
end
if ARGV[6] == '1' and live and matches and bit.band(state, 64) == 0 then
	redis.call('SETRANGE', KEYS[1], 1, string.char(state + 64))
end
-- Checkpoints are for the owner
return { 0, status == 0 and string.sub(record, 1, 55) or record, micros, remaining }
