/*
 * Copyright 2026 the idempotency-spring-boot-starter authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.idempotency.autoconfigure;

import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.idempotency.OnConcurrent;
import io.idempotency.OnUnknown;
import io.idempotency.TransactionMode;
import io.idempotency.client.OutboundKeySyntax;
import io.idempotency.client.OutboundKeys;
import io.idempotency.engine.OnStoreFailure;
import io.idempotency.engine.OperationSettings;
import io.idempotency.key.Window;
import io.idempotency.store.sql.SqlIdempotencyStore;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Settings of the library.
 *
 * @param enabled Whether the library does anything. When false, annotated methods run
 * unguarded and no store is touched.
 * @param store Store that keeps the records: redis, jpa, jdbc, memory or the name of a
 * store bean. Needed only where there are several.
 * @param ttl How long an outcome is kept, counted from completion.
 * @param failureTtl How long a remembered failure is kept. After steps were undone, at
 * least the ttl.
 * @param abandonedTtl How long a record outlives a lapsed lease or a failed attempt. At
 * least the ttl.
 * @param lease How long an owner that gives no sign of life keeps its key. Running work
 * renews it.
 * @param onConcurrent What a caller does when the same key is being worked on. Without
 * it, callers of methods wait, HTTP requests are rejected and scheduled tasks are
 * skipped.
 * @param waitTimeout How long a concurrent caller waits for the answer.
 * @param onUnknown What happens when it is not known whether the work was done.
 * @param onStoreFailure What happens when the store cannot be asked.
 * @param transaction How records relate to the transaction of the work. Auto takes the
 * strongest mode that store and method allow.
 * @param defaultKey Whether an operation without an explicit key may use a digest of all
 * arguments.
 * @param zone Time zone in which windows begin.
 * @param order Order of the advisor among the advisors of the application.
 * @param recordFailureMessages Whether the messages of failed attempts are recorded for
 * audit, besides their types.
 * @param redis Settings of the Redis store.
 * @param sql Settings of the relational store.
 * @param web Settings of the HTTP layer.
 * @param messaging Settings of listeners.
 * @param client Settings of keys for calls to other systems.
 * @param operations Settings of single operations by name; they override annotations.
 */
@ConfigurationProperties("idempotency")
public record IdempotencyProperties(@DefaultValue("true") boolean enabled, @Nullable String store,
		@DefaultValue("24h") Duration ttl, @DefaultValue("60s") Duration failureTtl,
		@DefaultValue("7d") Duration abandonedTtl, @DefaultValue("30s") Duration lease,
		@Nullable OnConcurrent onConcurrent, @DefaultValue("5s") Duration waitTimeout,
		@DefaultValue("retry") OnUnknown onUnknown, @DefaultValue("fail") OnStoreFailure onStoreFailure,
		@DefaultValue("auto") TransactionMode transaction, @DefaultValue("allow") DefaultKey defaultKey,
		@DefaultValue("UTC") ZoneId zone, @DefaultValue("2147483547") int order,
		@DefaultValue("false") boolean recordFailureMessages, @DefaultValue Redis redis, @DefaultValue Sql sql,
		@NestedConfigurationProperty @DefaultValue WebProperties web,
		@NestedConfigurationProperty @DefaultValue MessagingProperties messaging, @DefaultValue Client client,
		@DefaultValue Map<String, Operation> operations) {

	OperationSettings globalSettings() {
		return OperationSettings.builder()
			.ttl(this.ttl)
			.failureTtl(this.failureTtl)
			.abandonedTtl(this.abandonedTtl)
			.lease(this.lease)
			.waitTimeout(this.waitTimeout)
			.zone(this.zone)
			.onConcurrent(this.onConcurrent)
			.onUnknown(this.onUnknown)
			.onStoreFailure(this.onStoreFailure)
			.transaction(this.transaction)
			.build();
	}

	Map<String, OperationSettings> operationSettings() {
		Map<String, OperationSettings> settings = new HashMap<>();
		this.operations.forEach((name, operation) -> settings.put(name, operation.settings()));
		return settings;
	}

	/**
	 * Return which operations say whether they need a key.
	 * @return what they say, by their names
	 */
	Map<String, Boolean> keyRequired() {
		Map<String, Boolean> required = new HashMap<>();
		this.operations.forEach((name, operation) -> {
			if (operation.keyRequired() != null) {
				required.put(name, operation.keyRequired());
			}
		});
		return required;
	}

	/**
	 * Give a setting to its user, who may refuse it.
	 * @param property the setting's name
	 * @param value the setting
	 * @param user takes the value, or throws an {@link IllegalArgumentException}
	 * @return what the user returns
	 */
	static <T, R> R valid(String property, T value, Function<T, R> user) {
		try {
			return user.apply(value);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConfigurationPropertyValueException(property, value, ex.getMessage());
		}
	}

	/**
	 * Whether a key may be derived from all arguments.
	 */
	public enum DefaultKey {

		/** It may, with a warning. */
		ALLOW,

		/** It may not; start-up fails. */
		FORBID

	}

	/**
	 * Settings of the Redis store.
	 *
	 * @param keyPrefix Prefix of every key.
	 */
	public record Redis(@DefaultValue("idempotency:") String keyPrefix) {

	}

	/**
	 * Settings of the relational store.
	 *
	 * @param table Name of the table, optionally with a schema: app.idempotency_record.
	 * @param flyway Whether the table is created and upgraded by Flyway, with a history
	 * table of its own, where Flyway is on the class path.
	 * @param initializeSchema When the table is created without Flyway.
	 * @param queryTimeout Time limit of a statement.
	 * @param purge Settings of the removal of expired records.
	 */
	public record Sql(@DefaultValue("idempotency_record") String table, @DefaultValue("true") boolean flyway,
			@DefaultValue("embedded") InitializeSchema initializeSchema, @DefaultValue("5s") Duration queryTimeout,
			@DefaultValue Purge purge) {

		SqlIdempotencyStore.Builder configure(SqlIdempotencyStore.Builder store) {
			valid("idempotency.sql.table", this.table, store::table);
			valid("idempotency.sql.query-timeout", this.queryTimeout, store::queryTimeout);
			return store;
		}

	}

	/**
	 * Settings of keys for calls to other systems.
	 *
	 * @param hosts Hosts that get keys: host, host:port or *.example.com. No other host
	 * gets any.
	 * @param header Name of the header.
	 * @param keySyntax How the key is written: structured, in quotation marks, or raw.
	 * @param secret Secret that is mixed into the keys, the same on all instances.
	 */
	public record Client(@DefaultValue List<String> hosts, @DefaultValue(OutboundKeys.HEADER) String header,
			@DefaultValue("structured") OutboundKeySyntax keySyntax, @Nullable String secret) {

		OutboundKeys outboundKeys() {
			OutboundKeys.Builder keys = valid("idempotency.client.hosts", this.hosts, OutboundKeys::forHosts);
			valid("idempotency.client.header", this.header, keys::header);
			if (this.secret != null) {
				valid("idempotency.client.secret", this.secret, keys::secret);
			}
			return keys.syntax(this.keySyntax).build();
		}

		@Override
		public String toString() {
			return "Client[hosts=" + this.hosts + ", header=" + this.header + ", keySyntax=" + this.keySyntax + "]";
		}

	}

	/**
	 * When the table is created.
	 */
	public enum InitializeSchema {

		/** Always, if it is not there. */
		ALWAYS,

		/** On an embedded database. */
		EMBEDDED,

		/** Never; it has to be there. */
		NEVER

	}

	/**
	 * Settings of the removal of expired records.
	 *
	 * @param enabled Whether this instance removes expired records.
	 * @param interval Pause between two rounds.
	 * @param batchSize Number of records removed by one statement.
	 * @param batchPause Pause between two statements of a round, so that traffic comes
	 * first.
	 */
	public record Purge(@DefaultValue("true") boolean enabled, @DefaultValue("5m") Duration interval,
			@DefaultValue("100") int batchSize, @DefaultValue("20ms") Duration batchPause) {

	}

	/**
	 * Settings of one operation. What is not set falls back to the annotation, then to
	 * the settings of all operations.
	 *
	 * @param programmatic Whether the operation is called through the Idempotency facade,
	 * so that no method of that name is found.
	 * @param ttl How long an outcome is kept, counted from completion.
	 * @param failureTtl How long a remembered failure is kept.
	 * @param abandonedTtl How long a record outlives a lapsed lease or a failed attempt.
	 * @param lease How long an owner that gives no sign of life keeps its key.
	 * @param waitTimeout How long a concurrent caller waits for the answer.
	 * @param window Calendar-aligned period that is part of the identity: 15m, 6h, 1d,
	 * 1w, 1mo.
	 * @param zone Time zone in which windows begin.
	 * @param onConcurrent What a caller does when the same key is being worked on.
	 * @param onUnknown What happens when it is not known whether the work was done.
	 * @param onStoreFailure What happens when the store cannot be asked.
	 * @param rememberFailures Exceptions that are answers and are given to later callers.
	 * @param safeToRetry Exceptions that prove, under on-unknown=hold, that the work had
	 * no effect.
	 * @param store Store that keeps the records of this operation.
	 * @param transaction How the record relates to the transaction of the work.
	 * @param keyRequired Whether an HTTP request without a key is refused.
	 */
	public record Operation(@DefaultValue("false") boolean programmatic, @Nullable Duration ttl,
			@Nullable Duration failureTtl, @Nullable Duration abandonedTtl, @Nullable Duration lease,
			@Nullable Duration waitTimeout, @Nullable String window, @Nullable ZoneId zone,
			@Nullable OnConcurrent onConcurrent, @Nullable OnUnknown onUnknown, @Nullable OnStoreFailure onStoreFailure,
			@Nullable List<Class<? extends Throwable>> rememberFailures,
			@Nullable List<Class<? extends Throwable>> safeToRetry, @Nullable String store,
			@Nullable TransactionMode transaction, @Nullable Boolean keyRequired) {

		OperationSettings settings() {
			return OperationSettings.builder()
				.ttl(this.ttl)
				.failureTtl(this.failureTtl)
				.abandonedTtl(this.abandonedTtl)
				.lease(this.lease)
				.waitTimeout(this.waitTimeout)
				.window((this.window != null) ? Window.parse(this.window) : null)
				.zone(this.zone)
				.onConcurrent(this.onConcurrent)
				.onUnknown(this.onUnknown)
				.onStoreFailure(this.onStoreFailure)
				.rememberFailures(this.rememberFailures)
				.safeToRetry(this.safeToRetry)
				.store(this.store)
				.transaction(this.transaction)
				.build();
		}

	}

}
