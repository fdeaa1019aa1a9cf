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

package io.idempotency.sample;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import io.idempotency.killpoints.HeldSteps;
import io.idempotency.sample.SampleClient.Answer;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An instance of the sample application that dies while it holds a request at each of
 * some points, which {@link HeldSteps} knows by their names.
 */
final class DoomedSample {

	private final List<String> points;

	private final List<String> settings = new ArrayList<>();

	/**
	 * Describe the instance.
	 * @param points where it dies
	 * @param settings the application's arguments
	 */
	DoomedSample(List<String> points, List<String> settings) {
		this.points = points;
		this.settings.addAll(settings);
		this.settings.add("--spring.main.sources=" + HeldSteps.class.getName());
		// What the requests do not need does not start; each may hold a connection
		this.settings.add("--spring.main.lazy-initialization=true");
		this.settings.add("--spring.datasource.hikari.maximum-pool-size=" + (points.size() + 5));
	}

	/**
	 * Start it, and kill it with all requests in flight.
	 * @param directory an empty one, for the classes that hold requests
	 * @param requests sends them, one for each point
	 */
	void die(Path directory, Function<SampleClient, List<CompletableFuture<Answer>>> requests)
			throws IOException, URISyntaxException {
		copyHeldSteps(directory);
		try (SampleProcess doomed = SampleProcess.start(directory, this.settings)) {
			List<CompletableFuture<Answer>> inFlight = requests.apply(doomed.client());
			await().atMost(Duration.ofMinutes(3))
				.untilAsserted(() -> assertThat(held(doomed)).containsExactlyInAnyOrderElementsOf(this.points));

			doomed.kill();

			assertThat(inFlight).allSatisfy((answer) -> assertThat(answer).failsWithin(Duration.ofSeconds(30)));
		}
	}

	private static void copyHeldSteps(Path directory) throws IOException, URISyntaxException {
		String classes = HeldSteps.class.getPackageName().replace('.', '/');
		Path root = Path.of(HeldSteps.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		FileSystemUtils.copyRecursively(root.resolve(classes), directory.resolve(classes));
	}

	private static List<String> held(SampleProcess doomed) {
		return doomed.log()
			.lines()
			.filter((line) -> line.startsWith(HeldSteps.REACHED))
			.map((line) -> line.substring(HeldSteps.REACHED.length()))
			.toList();
	}

}
