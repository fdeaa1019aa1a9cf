-- KEYS  the records, all on this server
-- ARGV  what the verb above takes besides for the first record, then for the second, and so on
-- Returns what the verb returns for each.
local width = #ARGV / #KEYS
local answers = {}
for i, key in ipairs(KEYS) do
	answers[i] = verb(key, unpack(ARGV, (i - 1) * width + 1, i * width))
end
return answers
