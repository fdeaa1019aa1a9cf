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

package io.idempotency.step;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import io.idempotency.store.sql.SqlTestDatabase;
import io.idempotency.test.servers.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * A JVM that dies while profile updates are before, in and after each of their steps, and
 * before and in each of their compensations. Another one then finishes what it left.
 */
@Timeout(300)
class KilledStepsIntegrationTests {

	private static final List<String> EACH_ONCE = KilledWork.STEPS;

	private static final List<String> UNDONE_IN_REVERSE = List.of("undo announce;", "undo index;", "undo save;");

	@Test
	void everyEffectHappensOnceOnPostgres() throws Throwable {
		try (SqlTestDatabase database = SqlTestDatabase.postgres()) {
			database.store();
			database.execute("""
					CREATE TABLE ledger (number BIGINT GENERATED ALWAYS AS IDENTITY, work VARCHAR(40) NOT NULL,
						what VARCHAR(40) NOT NULL)""");
			everyEffectHappensOnce("postgres", database.pool().getJdbcUrl());
		}
	}

	@Test
	void everyEffectHappensOnceByItsKeyOnRedis() throws Throwable {
		try (RedisServer server = RedisServer.launch()) {
			everyEffectHappensOnce("redis", server.url());
		}
	}

	private static void everyEffectHappensOnce(String technology, String url) throws Throwable {
		List<Death> deaths = new ArrayList<>();
		KilledWork.points(false).forEach((point) -> deaths.add(new Death(point, false, UUID.randomUUID().toString())));
		KilledWork.points(true).forEach((point) -> deaths.add(new Death(point, true, UUID.randomUUID().toString())));

		die(technology, url, deaths);

		try (KilledWork successor = KilledWork.on(technology, url)) {
			for (Death death : deaths) {
				finish(successor, death);
			}
		}
	}

	private static void die(String technology, String url, List<Death> deaths) throws Exception {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-XX:+UseSerialGC", "-Xmx128m", "-cp", System.getProperty("java.class.path"),
						KilledWork.class.getName(), technology, url));
		deaths.forEach((death) -> command.addAll(List.of(death.key(), String.valueOf(death.fails()), death.point())));
		Path log = Files.createTempFile("killed-steps-", ".log");
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
		assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(KilledWork.DEAD);
		Files.delete(log);
	}

	private static void finish(KilledWork successor, Death death) throws Throwable {
		List<String> expected = new ArrayList<>(EACH_ONCE);
		if (death.fails()) {
			expected.addAll(UNDONE_IN_REVERSE);
			assertThat(catchThrowable(() -> successor.update(death.key(), true, (point) -> {
			}))).as("dead %s", death.point()).isInstanceOf(Attempts.Declined.class).hasMessage("not allowed");
		}
		else {
			assertThat(successor.update(death.key(), false, (point) -> {
			})).isEqualTo("save;index;announce;");
		}
		assertThat(successor.ledger(death.key())).as("dead %s", death.point()).containsExactlyElementsOf(expected);
	}

	private record Death(String point, boolean fails, String key) {

	}

}
