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

package io.idempotency.autoconfigure.endtoend;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.idempotency.Idempotent;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/**
 * The guarded service of all instances. What its methods do while they run is up to the
 * test.
 */
public class Guarded {

	private final Script script;

	Guarded(Script script) {
		this.script = script;
	}

	@Idempotent(key = "#key", operation = "charge")
	public Receipt charge(String key) throws Exception {
		return this.script.run(key);
	}

	/** The same under a lease of one second. */
	@Idempotent(key = "#key", operation = "charge-briefly")
	public Receipt chargeBriefly(String key) throws Exception {
		return this.script.run(key);
	}

	@Idempotent(key = "#key", operation = "record")
	public Receipt record(String key) throws Exception {
		return this.script.run(key);
	}

	@Idempotent(key = "#key", operation = "list")
	public List<Receipt> list(String key) throws Exception {
		return List.of(this.script.run(key), new Receipt("second", 2, UUID.randomUUID()));
	}

	@Idempotent(key = "#key", operation = "amounts")
	public Map<String, BigDecimal> amounts(String key) throws Exception {
		this.script.run(key);
		return Map.of("small", new BigDecimal("0.10"), "large", new BigDecimal("12345678901234567890.123456789"));
	}

	@Idempotent(key = "#key", operation = "present")
	public Optional<Receipt> present(String key) throws Exception {
		return Optional.of(this.script.run(key));
	}

	@Idempotent(key = "#key", operation = "absent")
	public Optional<Receipt> absent(String key) throws Exception {
		this.script.run(key);
		return Optional.empty();
	}

	@Idempotent(key = "#key", operation = "color")
	public Color color(String key) throws Exception {
		this.script.run(key);
		return Color.GREEN;
	}

	@Idempotent(key = "#key", operation = "instant")
	public Instant instant(String key) throws Exception {
		this.script.run(key);
		return Instant.now();
	}

	@Idempotent(key = "#key", operation = "date")
	public LocalDate date(String key) throws Exception {
		this.script.run(key);
		return LocalDate.of(2026, 2, 28);
	}

	@Idempotent(key = "#key", operation = "shape")
	public Shape shape(String key) throws Exception {
		this.script.run(key);
		return new Circle(2.5);
	}

	@Idempotent(key = "#key", operation = "nothing")
	public void nothing(String key) throws Exception {
		this.script.run(key);
	}

	@Idempotent(key = "#key", operation = "nil")
	public @Nullable Receipt nil(String key) throws Exception {
		this.script.run(key);
		return null;
	}

	@Idempotent(key = "#key", operation = "future")
	public CompletableFuture<Receipt> future(String key) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return this.script.run(key);
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	@Idempotent(key = "#key", operation = "response")
	public ResponseEntity<Receipt> response(String key) throws Exception {
		return ResponseEntity.status(HttpStatus.CREATED).header("Location", "/charges/1").body(this.script.run(key));
	}

	@Idempotent(key = "#key", operation = "nested")
	public Map<Color, List<Optional<Page<Receipt>>>> nested(String key) throws Exception {
		return Map.of(Color.RED, List.of(Optional.of(new Page<>(List.of(this.script.run(key)), 1)), Optional.empty()));
	}

	public record Receipt(String key, int run, UUID id) {

	}

	public record Page<T>(List<T> content, int number) {

	}

	public enum Color {

		RED, GREEN

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
	@JsonSubTypes({ @JsonSubTypes.Type(value = Circle.class, name = "circle"),
			@JsonSubTypes.Type(value = Square.class, name = "square") })
	public sealed interface Shape {

	}

	public record Circle(double radius) implements Shape {

	}

	public record Square(double side) implements Shape {

	}

	/**
	 * What happens while the work runs, and how often it ran, in all instances together.
	 */
	static final class Script {

		private final ConcurrentMap<String, AtomicInteger> runs = new ConcurrentHashMap<>();

		private final ConcurrentMap<String, Body> bodies = new ConcurrentHashMap<>();

		void during(String key, Body body) {
			this.bodies.put(key, body);
		}

		int runs(String key) {
			return this.runs.getOrDefault(key, new AtomicInteger()).get();
		}

		Receipt run(String key) throws Exception {
			int run = this.runs.computeIfAbsent(key, (unused) -> new AtomicInteger()).incrementAndGet();
			Body body = this.bodies.get(key);
			if (body != null) {
				body.run(run);
			}
			return new Receipt(key, run, UUID.randomUUID());
		}

	}

	/**
	 * Runs in the middle of the work.
	 */
	interface Body {

		void run(int run) throws Exception;

	}

}
