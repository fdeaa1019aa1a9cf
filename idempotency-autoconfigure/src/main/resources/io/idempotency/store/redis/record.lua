-- What the verbs after this one share. The layout of a record is described in RecordFormat.

-- key    the record
-- owned  fence and owner, 7 + 16 bytes
-- Returns the header, empty if there is no record, and whether it is this owner's.
local function read_head(key, owned)
	local head = redis.call('GETRANGE', key, 0, 54)
	return head, string.byte(head) == 1 and string.sub(head, 17, 39) == owned
end

-- key    a record that is in progress no more
-- state  its state byte before, which says whether somebody waits for it
local function signal(key, state)
	if bit.band(state, 64) ~= 0 then
		-- A signal is a hint: that it is not allowed must not fail what is done
		redis.pcall('PUBLISH', string.sub(key, 1, -65) .. 'done', string.sub(key, -64))
	end
end

