-- KEYS[1]  the record
-- Returns {0, record, now in microseconds, ms until the key expires}, or nothing if there is none.
local record = redis.call('GET', KEYS[1])
if not record then
	return {}
end
local time = redis.call('TIME')
return { 0, record, time[1] * 1000000 + time[2], redis.call('PTTL', KEYS[1]) }
