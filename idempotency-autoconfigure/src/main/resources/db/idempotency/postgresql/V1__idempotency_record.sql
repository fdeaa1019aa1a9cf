-- One row is one record. Times are microseconds since 1970 by this server's clock, so that no time zone can shift them.
CREATE TABLE ${table} (
	id               BYTEA         NOT NULL PRIMARY KEY, -- SHA-256
	operation        VARCHAR(200)  NOT NULL,             -- for people
	status           SMALLINT      NOT NULL,             -- 0 in progress, 1 completed, 2 failed, 3 unknown
	policy           SMALLINT      NOT NULL,             -- when the lease lapses: 0 retry, 1 hold
	kind             SMALLINT,                           -- of the outcome: 0 value, 1 no value, 2 failure, 3 unavailable
	owner            BYTEA         NOT NULL,             -- 16 bytes
	fence            BIGINT        NOT NULL,
	attempt          INTEGER       NOT NULL,
	fingerprint      BYTEA,                              -- 16 bytes
	claimed_at       BIGINT        NOT NULL,
	first_claimed_at BIGINT        NOT NULL,
	lease_until      BIGINT        NOT NULL,
	completed_at     BIGINT,
	expires_at       BIGINT        NOT NULL,             -- no index: it would cost every completion an index write
	unsettled_ttl    BIGINT        NOT NULL,             -- microseconds a record lives without an outcome
	purge_day        INTEGER       NOT NULL,             -- days since 1970; a completion leaves it as it is
	failure_type     VARCHAR(300),
	failure_message  VARCHAR(1000),
	payload          BYTEA,                              -- the outcome, or the steps that were done until there is one
	format           SMALLINT      NOT NULL
) WITH (fillfactor = 50);

CREATE INDEX ON ${table} (purge_day);
