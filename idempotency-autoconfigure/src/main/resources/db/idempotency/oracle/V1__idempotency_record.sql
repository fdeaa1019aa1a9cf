-- One row is one record. Times are microseconds since 1970 by the clock of the server, so that no time zone can shift them.
CREATE TABLE ${table} (
	id               RAW(32)              NOT NULL PRIMARY KEY, -- SHA-256
	operation        VARCHAR2(200 CHAR)   NOT NULL,            -- for people
	status           NUMBER(5)            NOT NULL,            -- 0 in progress, 1 completed, 2 failed, 3 unknown
	policy           NUMBER(5)            NOT NULL,            -- when the lease lapses: 0 retry, 1 hold
	kind             NUMBER(5),                                -- of the outcome: 0 value, 1 no value, 2 failure, 3 unavailable
	owner            RAW(16)              NOT NULL,
	fence            NUMBER(19)           NOT NULL,
	attempt          NUMBER(10)           NOT NULL,
	fingerprint      RAW(16),
	claimed_at       NUMBER(19)           NOT NULL,
	first_claimed_at NUMBER(19)           NOT NULL,
	lease_until      NUMBER(19)           NOT NULL,
	completed_at     NUMBER(19),
	expires_at       NUMBER(19)           NOT NULL,            -- no index: it would cost every completion an index write
	unsettled_ttl    NUMBER(19)           NOT NULL,            -- microseconds a record lives without an outcome
	purge_day        NUMBER(10)           NOT NULL,            -- days since 1970; a completion leaves it as it is
	failure_type     VARCHAR2(300 CHAR),
	failure_message  VARCHAR2(1000 CHAR),
	payload          BLOB,                                     -- the outcome, or the steps that were done until there is one
	format           NUMBER(5)            NOT NULL
) PCTFREE 30;

CREATE INDEX ${table}_purge_day ON ${table} (purge_day);
