-- KEYS[1]  the record
-- ARGV[1]  fence and owner, 7 + 16 bytes
-- ARGV[2]  the entry of the step
-- Returns 1 if the record is in progress and this owner's, else 0.
local head, mine = read_head(KEYS[1], ARGV[1])
if not mine or bit.band(string.byte(head, 2), 3) ~= 0 then
	return 0
end
redis.call('APPEND', KEYS[1], ARGV[2])
return 1
