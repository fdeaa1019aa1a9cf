-- KEYS[1]  the record
-- ARGV     what the verb above takes besides
return verb(KEYS[1], unpack(ARGV))
