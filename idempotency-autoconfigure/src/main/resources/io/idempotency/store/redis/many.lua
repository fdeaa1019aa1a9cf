-- KEYS  the records, all on this server
-- ARGV  what the verb takes for the first record, then for the second, and so on
-- Returns what the verb returns for each.
local function verb(KEYS, ARGV)
${verb}
end
local width = #ARGV / #KEYS
local answers = {}
for i = 1, #KEYS do
	local arguments = {}
	for j = 1, width do
		arguments[j] = ARGV[(i - 1) * width + j]
	end
	answers[i] = verb({ KEYS[i] }, arguments)
end
return answers
