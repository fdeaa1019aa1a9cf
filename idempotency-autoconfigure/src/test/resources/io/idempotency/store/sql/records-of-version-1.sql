-- completed with a value
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0101010101010101010101010101010101010101010101010101010101010101), 'charge', 1, 0, 0, BYTES(01010101010101010101010101010101), 1690000000000001, 1, BYTES(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0), 1690000000000000, 1680000000000000, 1690000030000000, 1690000001000000, 4102444800000000, 604800000000, 47482, NULL, NULL, BYTES(7b2270616964223a377d), 1);

-- completed without a value
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0202020202020202020202020202020202020202020202020202020202020202), 'charge', 1, 0, 1, BYTES(02020202020202020202020202020202), 1690000000000002, 1, BYTES(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0), 1690000000000000, 1680000000000000, 1690000030000000, 1690000001000000, 4102444800000000, 604800000000, 47482, NULL, NULL, NULL, 1);

-- completed with a remembered failure
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0303030303030303030303030303030303030303030303030303030303030303), 'charge', 1, 0, 2, BYTES(03030303030303030303030303030303), 1690000000000003, 1, BYTES(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0), 1690000000000000, 1680000000000000, 1690000030000000, 1690000001000000, 4102444800000000, 604800000000, 47482, NULL, NULL, BYTES(6465636c696e6564), 1);

-- completed with a result that could not be kept
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0404040404040404040404040404040404040404040404040404040404040404), 'charge', 1, 0, 3, BYTES(04040404040404040404040404040404), 1690000000000004, 1, BYTES(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0), 1690000000000000, 1680000000000000, 1690000030000000, 1690000001000000, 4102444800000000, 604800000000, 47482, NULL, NULL, NULL, 1);

-- in progress, the owner lives
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0505050505050505050505050505050505050505050505050505050505050505), 'charge', 0, 0, NULL, BYTES(05050505050505050505050505050505), 1690000000000005, 1, NULL, 1690000000000000, 1680000000000000, 4102444800000000, NULL, 4102444800000000, 604800000000, 47482, NULL, NULL, NULL, 1);

-- in progress, lapsed, on-unknown=retry
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0606060606060606060606060606060606060606060606060606060606060606), 'charge', 0, 0, NULL, BYTES(06060606060606060606060606060606), 1690000000000006, 1, BYTES(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0), 1690000000000000, 1680000000000000, 1700000000000000, NULL, 4102444800000000, 604800000000, 47482, NULL, NULL, NULL, 1);

-- in progress, lapsed, on-unknown=hold
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0707070707070707070707070707070707070707070707070707070707070707), 'charge', 0, 1, NULL, BYTES(07070707070707070707070707070707), 1690000000000007, 1, BYTES(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0), 1690000000000000, 1680000000000000, 1700000000000000, NULL, 4102444800000000, 604800000000, 47482, NULL, NULL, NULL, 1);

-- failed, the third attempt
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0808080808080808080808080808080808080808080808080808080808080808), 'charge', 2, 0, NULL, BYTES(08080808080808080808080808080808), 1690000000000008, 3, BYTES(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0), 1690000000000000, 1680000000000000, 1690000030000000, NULL, 4102444800000000, 604800000000, 47482, 'java.io.IOException', 'down', NULL, 1);

-- unknown
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0909090909090909090909090909090909090909090909090909090909090909), 'charge', 3, 1, NULL, BYTES(09090909090909090909090909090909), 1690000000000009, 1, BYTES(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0), 1690000000000000, 1680000000000000, 1690000030000000, NULL, 4102444800000000, 604800000000, 47482, 'java.lang.IllegalStateException', NULL, NULL, 1);

-- completed and expired
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a), 'charge', 1, 0, 0, BYTES(0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a), 1690000000000010, 1, BYTES(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0), 1690000000000000, 1680000000000000, 1690000030000000, 1690000001000000, 1700000000000000, 604800000000, 19676, NULL, NULL, BYTES(31), 1);

-- forgotten
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b), 'charge', 0, 0, NULL, BYTES(0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b), 1690000000000011, 1, BYTES(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0), 1690000000000000, 1680000000000000, 1690000030000000, NULL, 0, 604800000000, 19676, NULL, NULL, NULL, 1);

-- failed after two steps
INSERT INTO idempotency_record (id, operation, status, policy, kind, owner, fence, attempt, fingerprint, claimed_at, first_claimed_at, lease_until, completed_at, expires_at, unsettled_ttl, purge_day, failure_type, failure_message, payload, format)
VALUES (BYTES(0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c), 'charge', 2, 0, NULL, BYTES(0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c), 1690000000000012, 1, NULL, 1690000000000000, 1680000000000000, 1690000030000000, NULL, 4102444800000000, 604800000000, 47482, 'java.io.IOException', 'down', BYTES(010000070000000172657365727665370101000600000000636861726765), 1);
