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
package io.idempotency.store.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.idempotency.store.ClaimRequest;
import io.idempotency.store.ClaimResult;
import io.idempotency.store.Lease;
import io.idempotency.store.OverlappingBatches;
import io.idempotency.store.RecordId;
import io.idempotency.store.Release;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.store.Write;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for what {@link RedisIdempotencyStore} sends for many records.
 */
class RedisManyRecordsIntegrationTests extends RedisStoreFixture {

	@Test
	void claimAndCompletionOfManyAreOneCommandEach() {
		List<Lease> first = claimed(requests(1)); // the server has to learn the scripts
		this.store.renewAll(first, LEASE);
		this.store.writeAll(completions(first));
		resetCommandCounts();

		List<Lease> leases = claimed(requests(500));
		this.store.renewAll(leases, LEASE);
		this.store.writeAll(completions(leases));

		assertThat(commandCounts()).containsEntry("evalsha", 3).doesNotContainKey("eval").containsEntry("set", 1000);
	}

	@Test
	void replayOfManyWritesNothing() {
		List<ClaimRequest> requests = requests(100);
		this.store.writeAll(completions(claimed(requests)));
		resetCommandCounts();
		String changes = changes();

		List<ClaimResult> replays = this.store
			.claimAll(requests.stream().map((first) -> request(first.id(), true)).toList());

		assertThat(replays).hasSize(100).allMatch(ClaimResult.Occupied.class::isInstance);
		assertThat(commandCounts()).isEqualTo(Map.of("evalsha", 1, "time", 1, "get", 100, "pttl", 100));
		assertThat(changes()).isEqualTo(changes);
	}

	@Test
	void overlappingBatchesAreWorkedOnOnceByOneCommandEachTime() throws Exception {
		List<Lease> leases = claimed(requests(1)); // the server has to learn the scripts
		this.store.writeAll(completions(leases));
		resetCommandCounts();

		int roundTrips = OverlappingBatches.areWorkedOnOnce(this.store);

		assertThat(commandCounts()).containsEntry("evalsha", roundTrips).containsEntry("set", 20_000);
	}

	@Test
	void partialFailureIsOneCommandMore() {
		List<Lease> leases = claimed(requests(10));
		this.store.writeAll(List.of(completions(leases).get(0), failure(leases.get(1))));
		resetCommandCounts();

		this.store.writeAll(
				Stream
					.concat(completions(leases.subList(2, 6)).stream(),
							leases.subList(6, 10).stream().map(RedisManyRecordsIntegrationTests::failure))
					.toList());

		assertThat(commandCounts()).containsEntry("evalsha", 2).doesNotContainKey("eval");
	}

	@Test
	void scriptsThatTheServerForgotAreSentWhole() {
		claimed(requests(3));
		flushScripts();

		assertThat(claimed(requests(3))).hasSize(3);
	}

	@Test
	void recordOfAnotherFormatIsRefusedAndTheOthersAreClaimed() {
		RecordId other = newId();
		acquire(other);
		RedisConnections.eval(factory, "return redis.call('SETRANGE', KEYS[1], 0, ARGV[1])",
				RedisConnections.key(other), new byte[] { 2 });

		List<ClaimResult> results = this.store.claimAll(List.of(request(other, false), request(newId(), false)));

		assertThat(((ClaimResult.Refused) results.get(0)).reason()).isInstanceOf(UnreadableRecordException.class);
		assertThat(results.get(1)).isInstanceOf(ClaimResult.Acquired.class);
	}

	@Test
	void keysOfAClusterAreClaimedByACommandEach() {
		try (RedisServer node = RedisServer.launch("--cluster-enabled", "yes")) {
			ownAllSlots(node);
			LettuceConnectionFactory cluster = new LettuceConnectionFactory(
					new RedisClusterConfiguration(List.of(node.url().substring("redis://".length()))));
			cluster.afterPropertiesSet();
			cluster.start();
			try (RedisIdempotencyStore store = new RedisIdempotencyStore(cluster)) {
				serveMany(store);
			}
			finally {
				cluster.destroy();
			}
		}
	}

	@Test
	void clusterThatLooksLikeOneServerIsFoundOut() {
		try (RedisServer node = RedisServer.launch("--cluster-enabled", "yes")) {
			ownAllSlots(node);
			LettuceConnectionFactory single = RedisConnections.to(node.url());
			try (RedisIdempotencyStore store = new RedisIdempotencyStore(single)) {
				serveMany(store);
			}
			finally {
				single.destroy();
			}
		}
	}

	private static void serveMany(RedisIdempotencyStore store) {
		RecordId mine = newId();
		store.claim(request(mine, false));
		List<ClaimRequest> requests = Stream.concat(requests(100).stream(), Stream.of(request(mine, false))).toList();

		List<ClaimResult> results = store.claimAll(requests);

		assertThat(results.get(100)).isInstanceOf(ClaimResult.Occupied.class);
		List<Lease> leases = results.subList(0, 100)
			.stream()
			.map((result) -> ((ClaimResult.Acquired) result).lease())
			.toList();
		assertThat(leases).extracting(Lease::id)
			.containsExactlyElementsOf(requests.subList(0, 100).stream().map(ClaimRequest::id).toList());
		assertThat(store.renewAll(leases, LEASE)).hasSize(100).containsOnly(true);
		assertThat(store.writeAll(completions(leases))).hasSize(100).containsOnly(true);
		assertThat(store.writeAll(leases.stream().map(RedisManyRecordsIntegrationTests::failure).toList())).hasSize(100)
			.containsOnly(false);
	}

	private static void ownAllSlots(RedisServer node) {
		LettuceConnectionFactory single = RedisConnections.to(node.url());
		try (RedisConnection connection = single.getConnection()) {
			connection.execute("CLUSTER", ascii("ADDSLOTSRANGE"), ascii("0"), ascii("16383"));
			await().until(
					() -> new String((byte[]) connection.execute("CLUSTER", ascii("INFO")), StandardCharsets.US_ASCII)
						.contains("cluster_state:ok"));
		}
		finally {
			single.destroy();
		}
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	private List<Lease> claimed(List<ClaimRequest> requests) {
		return this.store.claimAll(requests).stream().map((result) -> ((ClaimResult.Acquired) result).lease()).toList();
	}

	private static List<ClaimRequest> requests(int count) {
		return Stream.generate(() -> request(newId(), false)).limit(count).toList();
	}

	private static List<Write> completions(List<Lease> leases) {
		return leases.stream().<Write>map((lease) -> new Write.Completion(lease, OUTCOME, TTL)).toList();
	}

	private static Write failure(Lease lease) {
		return new Write.GivingBack(lease, new Release.Failed(NOTE));
	}

}
