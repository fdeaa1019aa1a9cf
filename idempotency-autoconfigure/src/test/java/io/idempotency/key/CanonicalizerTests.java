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

package io.idempotency.key;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockMultipartFile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class CanonicalizerTests {

	private final Canonicalizer canonicalizer = new Canonicalizer();

	@Test
	void digestsAreTheOnesOfTheFirstRelease() {
		Map<String, String> digests = new LinkedHashMap<>();
		GoldenDigests.values().forEach((name, value) -> digests.put(name, digest(value)));

		assertThat(digests).isEqualTo(golden());
	}

	@ParameterizedTest
	@MethodSource("otherEnvironments")
	void digestsAreTheSameInAnotherJvm(List<String> options) throws Exception {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
		command.addAll(options);
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), GoldenDigests.class.getName()));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();

		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

		assertThat(process.waitFor()).as(output).isZero();
		assertThat(output.lines()).containsAll(golden().entrySet().stream().map(Object::toString).toList());
	}

	static Stream<List<String>> otherEnvironments() {
		return Stream.of(
				List.of("-Duser.language=tr", "-Duser.country=TR", "-Duser.timezone=Asia/Kolkata",
						"-Dfile.encoding=ISO-8859-1"),
				List.of("-Duser.language=ar", "-Duser.timezone=America/Sao_Paulo", "-Dfile.encoding=US-ASCII",
						"-XX:+UnlockExperimentalVMOptions", "-XX:hashCode=2", "-Xint"));
	}

	@Test
	void numbersCountByValue() {
		assertSame(1, 1L, (short) 1, (byte) 1, BigInteger.ONE, new BigDecimal("1.00"), 1.0, 1.0f, new AtomicInteger(1),
				OptionalInt.of(1));
		assertSame(0, -0.0, 0.0f, new BigDecimal("0.000"), new BigDecimal("0E+9"));
		assertSame(100, new BigDecimal("1E+2"), 100.0, BigInteger.valueOf(100));
		assertSame(0.1, 0.1f, new BigDecimal("0.1"), new BigDecimal("0.10"));
		assertSame(2e23, new BigDecimal("2E+23"), new BigInteger("200000000000000000000000"));
		assertSame(Long.MIN_VALUE, BigInteger.valueOf(Long.MIN_VALUE));
		assertSame(new BigDecimal("1234567890123456789012345.60"), new BigDecimal("1234567890123456789012345.6"));
		assertSame(Double.NaN, Float.NaN);
		assertDifferent(0.1, 0.2, 1, -1, 10, 128, 256, Long.MAX_VALUE, Double.NaN, Double.POSITIVE_INFINITY,
				Double.NEGATIVE_INFINITY, Double.MIN_VALUE, Double.MAX_VALUE, Math.PI, Math.nextUp(Math.PI),
				Math.nextUp(0.1), new BigDecimal(0.1), "1", true, '\u0001', "NaN");
	}

	@Test
	void hugeExponentCostsNothing() {
		assertDifferent(new BigDecimal("1E+2000000000"), new BigDecimal("1E-2000000000"));
		assertThat(this.canonicalizer.keyText(new BigDecimal("1E+2000000000"))).isEqualTo("1E+2000000000");
	}

	@Test
	void textIsExact() {
		assertSame("a", 'a', new StringBuilder("a"), new char[] { 'a' });
		assertDifferent("a", "A", "a ", "", "\u00e4", "a\u0308", "\ud83d\ude00", "\ud83d", "\ude00", "?", "\ufffd");
	}

	@Test
	void kindsAreNotMixedUp() throws Exception {
		UUID uuid = UUID.fromString("00000000-0000-0000-0000-000000000001");
		assertDifferent(uuid, uuid.toString(), "RED", GoldenDigests.Color.RED, LocalDate.EPOCH, "1970-01-01",
				Instant.EPOCH, OffsetDateTime.parse("1970-01-01T00:00Z"), LocalDateTime.parse("1970-01-01T00:00"),
				ZonedDateTime.parse("1970-01-01T00:00Z[UTC]"), Duration.ZERO, Period.ZERO, LocalTime.MIDNIGHT,
				Year.of(1970), YearMonth.of(1970, 1), ZoneId.of("UTC"), Locale.GERMANY, Currency.getInstance("EUR"),
				"EUR", URI.create("a"), Path.of("a"), "a", InetAddress.getByName("127.0.0.1"), DayOfWeek.MONDAY,
				List.of(), Set.of(), Map.of(), new byte[0], new Empty(), null, false, List.of(1, 2),
				List.of(List.of(1), 2), List.of(List.of(1, 2)), new byte[] { 1, 2 });
	}

	@Test
	void pointsInTimeAreOneKind() throws Exception {
		Instant instant = Instant.parse("2026-07-01T10:15:30.123Z");
		assertSame(instant, Date.from(instant), Timestamp.from(instant));
		assertSame(LocalDate.of(2026, 1, 31), java.sql.Date.valueOf("2026-01-31"));
		assertSame(LocalTime.of(1, 2, 3), java.sql.Time.valueOf("01:02:03"));
		Calendar calendar = Calendar.getInstance(TimeZone.getTimeZone("Europe/Berlin"));
		calendar.setTimeInMillis(0);
		assertSame(calendar, Instant.EPOCH.atZone(ZoneId.of("Europe/Berlin")));
		assertSame(ZoneId.of("Europe/Berlin"), TimeZone.getTimeZone("Europe/Berlin"));
		assertSame(URI.create("https://no-such-host.invalid/"), new URL("https://no-such-host.invalid/"));
	}

	@Test
	void orderCountsWhereThereIsOne() {
		assertSame(List.of(1, 2), new ArrayDeque<>(List.of(1, 2)), new int[] { 1, 2 }, new Object[] { 1L, 2L },
				new ArrayList<>(List.of(1, 2)));
		assertDifferent(List.of(1, 2), List.of(2, 1), Arrays.asList(1, null, 2), Arrays.asList(1, 2, null));
		assertSame(new LinkedHashSet<>(List.of("a", "b", "c")), new LinkedHashSet<>(List.of("c", "a", "b")),
				Map.of(1, "a", 2, "b", 3, "c").values());
		Map<Object, Object> forwards = new LinkedHashMap<>();
		Map<Object, Object> backwards = new TreeMap<>(Collections.reverseOrder());
		for (int i = 0; i < 100; i++) {
			forwards.put(i, "value " + i);
			backwards.put(i, "value " + i);
		}
		assertSame(forwards, backwards);
		assertDifferent(Map.of("a", "b"), Map.of("b", "a"), Collections.singletonMap("a", null), Map.of());
	}

	@Test
	void membersCountByName() {
		assertSame(new Point(1, 2), new Turned(2, 1), new PointBean(), new PointFields());
		assertDifferent(new Point(1, 2), new Point(2, 1), new Empty());
	}

	@Test
	void optionalMemberMayBeAdded() {
		assertSame(new Point(1, 2), new Extended(1, 2, null, Optional.empty(), OptionalInt.empty()));
		assertDifferent(new Point(1, 2), new Extended(1, 2, "z", Optional.empty(), OptionalInt.empty()),
				new Extended(1, 2, null, Optional.of("z"), OptionalInt.empty()));
		assertSame(Optional.of(Optional.of("a")), "a");
	}

	@Test
	void variantsWithEqualMembersDiffer() {
		assertDifferent(new Drawing(new Circle(1)), new Drawing(new Square(1)));
		assertDifferent(List.of(new Circle(1)), List.of(new Square(1)));
		assertDifferent(new Box<>(new Circle(1)), new Box<>(new Square(1)));
		assertDifferent(new Marked(Small.ONE), new Marked(Large.ONE));
		// Nothing to tell apart where the declaration names the class
		assertSame(new Circle(1), new Square(1));
		assertSame(new Circles(List.of(new Circle(1))), new Squares(List.of(new Square(1))));
	}

	@Test
	void argumentsCountByPosition() {
		Signature signature = Signature.of(List.of("a", "b"), List.of(String.class, String.class));
		Signature renamed = Signature.of(List.of("x", "y"), List.of(String.class, String.class));
		Signature longer = Signature.of(List.of("a", "b", "c"), List.of(String.class, String.class, String.class));

		assertThat(digest(signature, "1", "2")).isEqualTo(digest(renamed, "1", "2"))
			.isEqualTo(digest(longer, "1", "2", null));
		assertThat(List.of(digest(signature, "1", "2"), digest(signature, "2", "1"), digest(signature, "1", null),
				digest(signature, null, "1"), digest(signature, null, null), digest(longer, "1", null, "2")))
			.doesNotHaveDuplicates();
	}

	@Test
	void declaredElementTypeOfAnArgumentIsKnown() {
		Signature circles = Signature.of(List.of("a"), List.of(new ParameterizedTypeReference<List<Circle>>() {
		}.getType()));
		Signature squares = Signature.of(List.of("a"), List.of(new ParameterizedTypeReference<List<Square>>() {
		}.getType()));
		Signature shapes = Signature.of(List.of("a"), List.of(new ParameterizedTypeReference<List<Shape>>() {
		}.getType()));

		assertThat(digest(circles, List.of(new Circle(1)))).isEqualTo(digest(squares, List.of(new Square(1))));
		assertThat(digest(shapes, List.of(new Circle(1)))).isNotEqualTo(digest(shapes, List.of(new Square(1))));
	}

	@Test
	void signatureOfMethodKeepsTheChosenParameters() throws Exception {
		Signature signature = Signature.of(Named.class.getMethod("call", String.class, Object.class, List.class),
				Named.class, List.of("key", "trace", "items"), 0, 2);

		assertThat(signature.size()).isEqualTo(2);
		assertThatExceptionOfType(UndigestibleArgumentException.class)
			.isThrownBy(() -> digest(signature, "k", List.of(1, 2, new Named(new ByteArrayInputStream(new byte[0])))))
			.satisfies((ex) -> assertThat(ex.path()).isEqualTo("items[2].stream"))
			.satisfies((ex) -> assertThat(ex.type()).isEqualTo(ByteArrayInputStream.class))
			.withMessageContaining("'items[2].stream' of type java.io.ByteArrayInputStream")
			.withMessageContaining("@IdempotencyIgnore");
	}

	static Stream<Object> undigestible() {
		Supplier<String> lambda = () -> "";
		return Stream.of(new ByteArrayInputStream(new byte[0]), Stream.of(1), List.of(1).iterator(), lambda,
				Thread.currentThread(), String.class, new Object(), new IllegalStateException("x"),
				CompletableFuture.completedFuture(1),
				Proxy.newProxyInstance(CanonicalizerTests.class.getClassLoader(), new Class<?>[] { Mark.class },
						(p, m, a) -> 1),
				new NoMembers(), new Failing(), new MockHttpServletRequest(), new MockMultipartFile("f", new byte[0]));
	}

	@ParameterizedTest
	@MethodSource("undigestible")
	void whatIsNoDataIsRefusedWhereverItIs(Object value) {
		assertThatExceptionOfType(UndigestibleArgumentException.class).isThrownBy(() -> digest(value));
		assertThatExceptionOfType(UndigestibleArgumentException.class).isThrownBy(() -> digest(Map.of("secret", value)))
			.satisfies((ex) -> assertThat(ex.path()).startsWith("<value>"))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("secret"));
	}

	@Test
	void cycleIsRefused() {
		Node node = new Node();
		node.next = new Node();
		node.next.next = node;
		List<Object> list = new ArrayList<>();
		list.add(list);

		assertThatExceptionOfType(UndigestibleArgumentException.class).isThrownBy(() -> digest(node))
			.withMessageContaining("contains itself")
			.satisfies((ex) -> assertThat(ex.path()).isEqualTo("next.next"));
		assertThatExceptionOfType(UndigestibleArgumentException.class).isThrownBy(() -> digest(list));
	}

	@Test
	void sameObjectTwiceIsNoCycle() {
		Point point = new Point(1, 2);

		assertSame(List.of(point, point), List.of(point, new Point(1, 2)));
	}

	@Test
	void depthIsLimited() {
		assertThat(digest(nested(64))).hasSize(64);
		assertThatExceptionOfType(UndigestibleArgumentException.class).isThrownBy(() -> digest(nested(65)))
			.withMessageContaining("64 levels");
	}

	private static Object nested(int depth) {
		Object result = "leaf";
		for (int i = 0; i < depth; i++) {
			result = List.of(result);
		}
		return result;
	}

	@Test
	void refusalLeavesNothingBehind() {
		String before = digest(GoldenDigests.values());
		assertThatExceptionOfType(UndigestibleArgumentException.class)
			.isThrownBy(() -> digest(List.of("left over", new Object())));

		assertThat(digest(GoldenDigests.values())).isEqualTo(before);
	}

	@Test
	void keyTextIsPlainForPlainValues() {
		UUID uuid = UUID.fromString("00000000-0000-0000-0000-000000000001");
		assertThat(List.of(this.canonicalizer.keyText("k"), this.canonicalizer.keyText(1L),
				this.canonicalizer.keyText(new BigDecimal("1E+2")), this.canonicalizer.keyText(new BigDecimal("1.00")),
				this.canonicalizer.keyText(0.1f), this.canonicalizer.keyText(uuid),
				this.canonicalizer.keyText(GoldenDigests.Color.RED), this.canonicalizer.keyText(LocalDate.EPOCH),
				this.canonicalizer.keyText(new Date(0)), this.canonicalizer.keyText(true),
				this.canonicalizer.keyText(Optional.of("o")), this.canonicalizer.keyText(Optional.empty()),
				this.canonicalizer.keyText(Double.NaN)))
			.containsExactly("k", "1", "100", "1", "0.1", uuid.toString(), "RED", "1970-01-01", "1970-01-01T00:00:00Z",
					"true", "o", "", "NaN");
		assertThat(this.canonicalizer.keyText(List.of("a", 1))).isEqualTo(digest(List.of("a", 1)));
		assertThat(this.canonicalizer.keyText(new byte[] { 1 })).hasSize(64);
	}

	@Test
	void fingerprintIsTheBeginningOfTheDigest() {
		assertThat(digest("a")).startsWith(this.canonicalizer.fingerprint("a").toString());
	}

	@Test
	void orderOfUnorderedContentNeverCounts() {
		long seed = new Random().nextLong();
		Random random = new Random(seed);
		for (int i = 0; i < 500; i++) {
			List<Object> content = new ArrayList<>();
			for (int j = random.nextInt(8); j >= 0; j--) {
				content.add(randomValue(random, 3));
			}
			List<Object> shuffled = new ArrayList<>(content);
			Collections.shuffle(shuffled, random);

			assertThat(digest(new LinkedHashSet<>(shuffled))).as("seed %d", seed)
				.isEqualTo(digest(new LinkedHashSet<>(content)));
			assertThat(digest(content)).as("seed %d", seed).isEqualTo(digest(new ArrayDeque<>(content)));
		}
	}

	private static Object randomValue(Random random, int depth) {
		return switch (random.nextInt((depth > 0) ? 7 : 4)) {
			case 0 -> random.nextLong();
			case 1 -> random.nextDouble();
			case 2 -> Integer.toString(random.nextInt(), 36);
			case 3 -> LocalDate.ofEpochDay(random.nextInt(100_000));
			case 4 -> List.of(randomValue(random, depth - 1), randomValue(random, depth - 1));
			case 5 -> Map.of(random.nextInt(), randomValue(random, depth - 1), "k", randomValue(random, depth - 1));
			default -> new Box<>(randomValue(random, depth - 1));
		};
	}

	@Test
	void doublesAreDecimalsThatReadBackAsThemselves() {
		long seed = new Random().nextLong();
		Random random = new Random(seed);
		for (int i = 0; i < 20_000; i++) {
			double number = Double.longBitsToDouble(random.nextLong());
			float small = Float.intBitsToFloat(random.nextInt());
			if (Double.isFinite(number) && Float.isFinite(small)) {
				assertThat(CanonicalBuffer.decimal(number).doubleValue()).as("seed %d", seed).isEqualTo(number);
				assertThat(CanonicalBuffer.decimal(small).floatValue()).as("seed %d", seed).isEqualTo(small);
			}
			BigDecimal short15 = BigDecimal.valueOf(random.nextLong(1_000_000_000_000_000L), random.nextInt(20));
			assertSame(short15, short15.doubleValue());
		}
	}

	@Test
	void manyThreadsGetTheSameDigests() throws Exception {
		Map<String, String> golden = golden();
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			Callable<Boolean> work = () -> {
				for (int i = 0; i < 500; i++) {
					for (Map.Entry<String, Object> entry : GoldenDigests.values().entrySet()) {
						assertThat(digest(entry.getValue())).isEqualTo(golden.get(entry.getKey()));
					}
				}
				return true;
			};
			assertThat(threads.invokeAll(Collections.nCopies(8, work)))
				.allSatisfy((future) -> assertThat(future.get()).isTrue());
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static Map<String, String> golden() {
		Map<String, String> golden = new LinkedHashMap<>();
		golden.put("text", "1173b2e522b0325cecfac84658f2a00a3b277cdcc0c940d866f84ccfd2ea1878");
		golden.put("number", "12b7952ba7cec393de13b86113b4ce92ea6ee097bffca17317845f4016e17ed7");
		golden.put("decimal", "7091334e6c00e8a75bd1a3b171902676b2cf8985f091f0d19a3dfc69f56d4e60");
		golden.put("double", "f68da7dcf165d0353ee78265762e28aa829f035a161223dc57ecfabc8d481af0");
		golden.put("truth", "c79b932e1e1da3c0e098e5ad2c422937eb904a76cf61d83975a74a68fbb04b99");
		golden.put("bytes", "da91f797d70cc453f7a9d31043df92070322c7f231b2cc15b2acf8ff0fc73575");
		golden.put("instant", "b2f86ff39c772d64faa3f4499e1df3896012ea64958a56f410ca4c3c9e534d34");
		golden.put("date", "25c96d508e3c2f547a12becdd089719ee3a8ee0cbbafa49d0efd475c13fce295");
		golden.put("java.util.Date", "fd40aca6186a5a232807c2285b86c38cc7e02f0f4c884d1466b17e49cee62cb2");
		golden.put("locale", "1b9c0143b4cfd62ee22c03c88cf366088a4d1c97696a4d91a901ea93a727e97d");
		golden.put("enum", "67c51dba99ffdf526ad30c87174ebb59f3f8e02e8534fffe448f839b0e0c8ef7");
		golden.put("list", "5075e6a71374c7dd82cfacc304f6d41a8e5c10f245af89ae61e3154fded1ebdb");
		golden.put("set", "bda005705f300014301f3c64c8eba837ef08c89deb614e3aa3fc524079060f81");
		golden.put("map", "21029bce7dd34ed485795652ffe0f277b66e200ea24a8689039391b391553b29");
		golden.put("order", "c3fb338912b68dbd6288e585e6af782b4ce9830c0c1d5aa8be6ddc9cbf2b931b");
		golden.put("nothing", "9dcf97a184f32623d11a73124ceb99a5709b083721e878a16d78f596718ba7b2");
		return golden;
	}

	private String digest(Object value) {
		return HexFormat.of().formatHex(this.canonicalizer.digest(value));
	}

	private String digest(Signature signature, Object... arguments) {
		return HexFormat.of().formatHex(this.canonicalizer.digest(signature, arguments));
	}

	private void assertSame(Object... values) {
		for (Object value : values) {
			assertThat(digest(value)).as("%s", value).isEqualTo(digest(values[0]));
		}
	}

	private void assertDifferent(Object... values) {
		assertThat(Arrays.stream(values).map(this::digest)).doesNotHaveDuplicates();
	}

	record Empty() {
	}

	record Point(int x, int y) {
	}

	record Turned(int y, int x) {
	}

	record Extended(int x, int y, String z, Optional<String> note, OptionalInt number) {
	}

	static class PointBean {

		public int getX() {
			return 1;
		}

		public long getY() {
			return 2;
		}

		public static int getZ() {
			return 3;
		}

		public int get() {
			return 4;
		}

		public int getAt(int index) {
			return index;
		}

	}

	static class PointFields {

		public int x = 1;

		public final Integer y = 2;

		public static int z = 3;

		int hidden = 4;

	}

	sealed interface Shape {

		int size();

	}

	record Circle(int size) implements Shape {
	}

	record Square(int size) implements Shape {
	}

	record Drawing(Shape shape) {
	}

	record Box<T>(T content) {
	}

	record Circles(List<Circle> all) {
	}

	record Squares(List<Square> all) {
	}

	interface Mark {

	}

	enum Small implements Mark {

		ONE

	}

	enum Large implements Mark {

		ONE

	}

	record Marked(Mark mark) {
	}

	record Named(InputStream stream) {

		public void call(String key, Object trace, List<Object> items) {
		}

	}

	static class NoMembers {

		int hidden;

	}

	static class Failing {

		public String getName() throws IOException {
			throw new IOException("not now");
		}

	}

	static class Node {

		Node next;

		public Node getNext() {
			return this.next;
		}

	}

}
