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

package io.idempotency.codec;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What every codec restores, whatever the application's mapper is configured to do.
 */
abstract class OutcomeCodecContract {

	/** Codecs over a plain mapper and over mappers that applications really have. */
	protected abstract Map<String, OutcomeCodec> codecs();

	static Stream<Arguments> results() {
		return Stream.of(result(new Receipt("r-1", new BigDecimal("1.10")), new ParameterizedTypeReference<Receipt>() {
		}), result(List.of(new Receipt("a", BigDecimal.ONE), new Receipt("b", BigDecimal.TEN)),
				new ParameterizedTypeReference<List<Receipt>>() {
				}),
				result(Map.of("big", new BigDecimal("12345678901234567890123456.700"), "exponent",
						new BigDecimal("1E+5"), "zeros", new BigDecimal("1.00")),
						new ParameterizedTypeReference<Map<String, BigDecimal>>() {
						}),
				result(Optional.of(new Receipt("o", BigDecimal.ONE)),
						new ParameterizedTypeReference<Optional<Receipt>>() {
						}),
				result(Optional.empty(), new ParameterizedTypeReference<Optional<Receipt>>() {
				}), result(Level.HIGH, new ParameterizedTypeReference<Level>() {
				}), result(Instant.parse("2026-07-01T10:15:30.123456789Z"), new ParameterizedTypeReference<Instant>() {
				}), result(LocalDate.of(2026, 2, 28), new ParameterizedTypeReference<LocalDate>() {
				}), result(OffsetDateTime.parse("2026-07-01T10:15:30.5+05:30"),
						new ParameterizedTypeReference<OffsetDateTime>() {
						}),
				result(ZonedDateTime.of(2026, 7, 1, 1, 2, 3, 4, ZoneId.of("Europe/Berlin")),
						new ParameterizedTypeReference<ZonedDateTime>() {
						}),
				result(Duration.ofMillis(90_061_001), new ParameterizedTypeReference<Duration>() {
				}), result(new Circle(2), new ParameterizedTypeReference<Shape>() {
				}), result(List.of(new Circle(1), new Square(1)), new ParameterizedTypeReference<List<Shape>>() {
				}), result(new byte[] { 0, -1, 127 }, new ParameterizedTypeReference<byte[]>() {
				}), result(nested(), new ParameterizedTypeReference<Map<Level, List<Receipt>>>() {
				}), result(new Page<>(List.of(new Page<>(List.of(Optional.of(1L)), 1)), 7),
						new ParameterizedTypeReference<Page<Page<Optional<Long>>>>() {
						}),
				result(42, int.class), result(42L, long.class), result(true, boolean.class), result('x', char.class),
				result(0.1, double.class), result(Double.NaN, double.class), result("", String.class),
				result("\u00e4\ud83d\ude00", String.class), result(UUID.fromString("0-0-0-0-1"), UUID.class),
				result(URI.create("https://example.org/?a=b"), URI.class),
				result(new BigInteger("123456789012345678901234567890"), BigInteger.class),
				result(new Everything(null, Optional.empty(), OptionalInt.empty(), List.of(), Map.of(), "", Set.of()),
						Everything.class),
				result(new Everything("n", Optional.of("o"), OptionalInt.of(0), List.of(Level.LOW),
						Map.of(LocalDate.EPOCH, Level.LOW), "e",
						Set.of(OffsetDateTime.parse("2026-01-01T00:00-02:00"))), Everything.class),
				result(new Nothing(), Nothing.class),
				result(ResponseEntity.status(201)
					.header("Location", "/receipts/1")
					.header("X-Two", "a", "b")
					.body(new Receipt("r", new BigDecimal("3.50"))),
						new ParameterizedTypeReference<ResponseEntity<Receipt>>() {
						}),
				result(ResponseEntity.ok(List.of(new Circle(1))),
						new ParameterizedTypeReference<ResponseEntity<List<Shape>>>() {
						}),
				result(ResponseEntity.noContent().build(), new ParameterizedTypeReference<ResponseEntity<Void>>() {
				}), result(ResponseEntity.status(799).body("odd"),
						new ParameterizedTypeReference<ResponseEntity<String>>() {
						}));
	}

	private static Map<Level, List<Receipt>> nested() {
		Map<Level, List<Receipt>> map = new EnumMap<>(Level.class);
		map.put(Level.HIGH, List.of(new Receipt("n", new BigDecimal("0.10"))));
		map.put(Level.LOW, List.of());
		return map;
	}

	private static Arguments result(Object value, ParameterizedTypeReference<?> type) {
		return Arguments.of(value, type.getType());
	}

	private static Arguments result(Object value, Type type) {
		return Arguments.of(value, type);
	}

	@ParameterizedTest
	@MethodSource("results")
	void firstAnswerEqualsReplay(Object value, Type type) {
		codecs().forEach((name, codec) -> {
			Object replay = codec.decode(codec.encode(value, type), type);

			assertThat(replay).as(name).isEqualTo(value);
			assertThat(codec.encode(replay, type)).as(name).isEqualTo(codec.encode(value, type));
		});
	}

	@Test
	void wildcardAndVariableAreReadAsTheirBounds() throws Exception {
		Type wildcard = ((ParameterizedType) new ParameterizedTypeReference<List<? extends Shape>>() {
		}.getType()).getActualTypeArguments()[0];
		Type variable = Bounded.class.getMethod("shape").getGenericReturnType();

		codecs().forEach((name, codec) -> {
			assertThat(codec.decode(codec.encode(new Circle(3), wildcard), wildcard)).as(name).isEqualTo(new Circle(3));
			assertThat(codec.decode(codec.encode(new Circle(3), variable), variable)).as(name).isEqualTo(new Circle(3));
		});
	}

	@Test
	void eachCallerGetsAnInstanceOfItsOwn() {
		Type type = new ParameterizedTypeReference<List<Receipt>>() {
		}.getType();
		codecs().forEach((name, codec) -> {
			byte[] payload = codec.encode(new ArrayList<>(List.of(new Receipt("r", BigDecimal.ONE))), type);

			assertThat(codec.decode(payload, type)).as(name).isNotSameAs(codec.decode(payload, type));
		});
	}

	@Test
	void restoredHeadersHaveAllValues() {
		Type type = new ParameterizedTypeReference<ResponseEntity<String>>() {
		}.getType();
		HttpHeaders headers = new HttpHeaders();
		headers.add("Link", "a");
		headers.add("Link", "b");
		codecs().forEach((name, codec) -> {
			byte[] payload = codec.encode(new ResponseEntity<>("body", headers, HttpStatus.ACCEPTED), type);

			ResponseEntity<?> replay = (ResponseEntity<?>) codec.decode(payload, type);

			assertThat(replay.getStatusCode()).as(name).isEqualTo(HttpStatus.ACCEPTED);
			assertThat(replay.getHeaders().get("link")).as(name).containsExactly("a", "b");
		});
	}

	@Test
	void propertiesOfAnotherVersionAreIgnored() {
		codecs().forEach((name, codec) -> assertThat(codec.decode(json("{\"radius\":5}"), Receipt.class)).as(name)
			.isEqualTo(new Receipt(null, null)));
	}

	@Test
	void trailingTokensAreRefused() {
		codecs().forEach((name, codec) -> assertThatExceptionOfType(OutcomeCodecException.class).as(name)
			.isThrownBy(() -> codec.decode(json("1 2"), int.class)));
	}

	@Test
	void damagedPayloadNamesTheTypeAndNotTheContent() {
		codecs().forEach((name, codec) -> assertThatExceptionOfType(OutcomeCodecException.class).as(name)
			.isThrownBy(() -> codec.decode(json("{secret"), Receipt.class))
			.withMessageContaining("Receipt")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("secret")));
	}

	@Test
	void whatCannotBeEncodedIsOneException() {
		codecs().forEach((name, codec) -> assertThatExceptionOfType(OutcomeCodecException.class).as(name)
			.isThrownBy(() -> codec.encode(new Endless(), Endless.class)));
	}

	@Test
	void storedBytesChooseNoClass() {
		Gadget.created = 0;
		String named = "\"@class\":\"" + Gadget.class.getName() + "\"";
		codecs().forEach((name, codec) -> {
			for (Type type : List.of(Object.class, Map.class, Receipt.class)) {
				assertThat(codec.decode(json("{" + named + "}"), type)).as(name).isNotInstanceOf(Gadget.class);
			}
			Object array = codec.decode(json("[\"" + Gadget.class.getName() + "\",{}]"), Object.class);
			assertThat(array).as(name).isInstanceOf(List.class);
			assertThatExceptionOfType(OutcomeCodecException.class).as(name)
				.isThrownBy(() -> codec.decode(json("{" + named + "}"), NamedByClass.class));
			assertThatExceptionOfType(OutcomeCodecException.class).as(name)
				.isThrownBy(() -> codec.decode(json("{\"type\":\"" + Gadget.class.getName() + "\"}"), Shape.class));
		});

		assertThat(Gadget.created).isZero();
	}

	static byte[] json(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	record Receipt(String receiptId, BigDecimal paidAmount) {
	}

	record Page<T>(List<T> items, int totalCount) {
	}

	record Everything(String nullText, Optional<String> optionalText, OptionalInt optionalNumber, List<Level> noLevels,
			Map<LocalDate, Level> byDate, String emptyText, Set<OffsetDateTime> moments) {
	}

	record Nothing() {
	}

	record Endless() {

		public Endless getNext() {
			return new Endless();
		}

	}

	enum Level {

		LOW, HIGH;

		@Override
		public String toString() {
			return "level " + ordinal();
		}

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
	@JsonSubTypes({ @JsonSubTypes.Type(value = Circle.class, name = "circle"),
			@JsonSubTypes.Type(value = Square.class, name = "square") })
	sealed interface Shape {

	}

	record Circle(int size) implements Shape {
	}

	record Square(int size) implements Shape {
	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
	interface NamedByClass {

	}

	static class Gadget implements NamedByClass {

		static int created;

		Gadget() {
			created++;
		}

	}

	interface Bounded<S extends Shape> {

		S shape();

	}

}
