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

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class WindowTests {

	private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

	private static final ZoneId SAO_PAULO = ZoneId.of("America/Sao_Paulo");

	@ParameterizedTest
	@CsvSource({ "15m, 2026-07-10T10:20:59.5Z, Europe/Berlin, 900s@Europe/Berlin/2026-07-10T12:15+02:00, PT9M0.5S",
			"6h, 2026-07-10T22:00:00Z, UTC, 21600s@Z/2026-07-10T18:00Z, PT2H",
			"1h, 2026-07-10T22:10:00Z, Asia/Kolkata, 3600s@Asia/Kolkata/2026-07-11T03:00+05:30, PT20M",
			"1d, 2026-07-10T22:10:00Z, Asia/Kolkata, 1d@Asia/Kolkata/2026-07-11, PT20H20M",
			"1w, 2026-07-12T21:00:00Z, Europe/Berlin, 1w@Europe/Berlin/2026-07-06, PT1H",
			"1w, 2026-07-13T00:00:00Z, UTC, 1w@Z/2026-07-13, PT168H",
			"1mo, 2028-02-29T12:00:00Z, UTC, 1mo@Z/2028-02-01, PT12H" })
	void periodFollowsTheLocalCalendar(String text, Instant now, ZoneId zone, String label, Duration remaining) {
		Window.Period period = Window.parse(text).at(now, zone);

		assertThat(period.label()).isEqualTo(label);
		assertThat(period.remaining(now)).isEqualTo(remaining);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "0m", "7m", "5h", "25h", "2d", "2w", "3mo", "1y", "m", "-1h", "PT1H", "1 h", "15M" })
	void otherTextIsRefusedWithTheRemedy(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> Window.parse(text)).withMessageContaining("such as 15m");
	}

	@Test
	void sameWidthIsTheSameWindow() {
		assertThat(Window.parse("60m")).isEqualTo(Window.parse("1h"));
		assertThat(Window.parse("24h")).isEqualTo(Window.parse("1d"));
		assertThat(Window.parse("1h")).isNotEqualTo(Window.parse("2h"));
	}

	@Test
	void namesOfUtcAreTheSameZone() {
		Instant now = Instant.parse("2026-07-10T10:20:00Z");

		assertThat(List.of(ZoneId.of("UTC"), ZoneId.of("Z"), ZoneId.of("GMT"), ZoneOffset.UTC))
			.extracting((zone) -> Window.parse("1d").at(now, zone).label())
			.containsOnly("1d@Z/2026-07-10");
	}

	@Test
	void dayOfTheClockChangeIsLongerOrShorter() {
		Window day = Window.parse("1d");

		assertThat(length(day.at(Instant.parse("2026-03-29T12:00:00Z"), BERLIN))).isEqualTo(Duration.ofHours(23));
		assertThat(length(day.at(Instant.parse("2026-10-25T12:00:00Z"), BERLIN))).isEqualTo(Duration.ofHours(25));
		assertThat(length(day.at(Instant.parse("2018-11-04T12:00:00Z"), SAO_PAULO))).isEqualTo(Duration.ofHours(23));
		assertThat(length(day.at(Instant.parse("2018-02-17T12:00:00Z"), SAO_PAULO))).isEqualTo(Duration.ofHours(25));
	}

	@Test
	void midnightThatIsSkippedBeginsTheDayAnHourLater() {
		Window.Period day = Window.parse("1d").at(Instant.parse("2018-11-04T03:00:00Z"), SAO_PAULO);

		assertThat(day.label()).isEqualTo("1d@America/Sao_Paulo/2018-11-04");
		assertThat(day.start()).isEqualTo("2018-11-04T03:00:00Z");
	}

	@Test
	void hourThatComesTwiceHasItsPeriodsTwice() {
		Window quarter = Window.parse("15m");
		Window.Period first = quarter.at(Instant.parse("2026-10-25T00:20:00Z"), BERLIN);
		Window.Period second = quarter.at(Instant.parse("2026-10-25T01:20:00Z"), BERLIN);

		assertThat(first.label()).endsWith("2026-10-25T02:15+02:00");
		assertThat(second.label()).endsWith("2026-10-25T02:15+01:00");
		assertThat(length(first)).isEqualTo(Duration.ofMinutes(15));
		assertThat(length(second)).isEqualTo(Duration.ofMinutes(15));
	}

	@Test
	void longPeriodIsNotDividedByTheClockChange() {
		Window quarterDay = Window.parse("6h");
		Window.Period before = quarterDay.at(Instant.parse("2026-10-25T00:20:00Z"), BERLIN);
		Window.Period after = quarterDay.at(Instant.parse("2026-10-25T02:20:00Z"), BERLIN);

		assertThat(before).isEqualTo(after);
		assertThat(length(before)).isEqualTo(Duration.ofHours(7));
	}

	@Test
	void hourThatIsSkippedHasNoPeriods() {
		Window twoHours = Window.parse("2h");
		Window.Period before = twoHours.at(Instant.parse("2026-03-29T00:59:59Z"), BERLIN);
		Window.Period after = twoHours.at(Instant.parse("2026-03-29T01:00:00Z"), BERLIN);

		assertThat(length(before)).isEqualTo(Duration.ofHours(2));
		assertThat(after.start()).isEqualTo("2026-03-29T01:00:00Z");
		assertThat(length(after)).isEqualTo(Duration.ofHours(1));
	}

	@ParameterizedTest
	@ValueSource(strings = { "Europe/Berlin,2026-03-28", "Europe/Berlin,2026-10-24", "America/Sao_Paulo,2018-11-03",
			"America/Sao_Paulo,2018-02-17", "Australia/Lord_Howe,2026-04-04", "Australia/Lord_Howe,2026-10-03",
			"America/St_Johns,2010-11-06", "America/St_Johns,2010-03-13", "Asia/Kolkata,2026-01-01",
			"Pacific/Apia,2011-12-29", "Asia/Kathmandu,1985-12-31" })
	void periodsFollowOneAnotherWithoutGapOrOverlap(String place) {
		ZoneId zone = ZoneId.of(place.split(",")[0]);
		Instant begin = LocalDate.parse(place.split(",")[1]).atStartOfDay(ZoneOffset.UTC).toInstant();
		for (String width : List.of("5m", "15m", "20m", "30m", "45m", "1h", "90m", "2h", "3h", "4h", "6h", "8h",
				"12h")) {
			Window window = Window.parse(width);
			Set<String> labels = new HashSet<>();
			Window.Period current = window.at(begin, zone);
			while (current.start().isBefore(begin.plus(Duration.ofDays(4)))) {
				assertThat(labels.add(current.label())).as("%s %s", width, current).isTrue();
				assertThat(current.start()).as("%s %s", width, current).isBefore(current.end());
				assertThat(window.at(current.start(), zone)).as(width).isEqualTo(current);
				assertThat(window.at(current.end().minusNanos(1), zone)).as(width).isEqualTo(current);
				Window.Period next = window.at(current.end(), zone);
				assertThat(next.start()).as("%s after %s", width, current).isEqualTo(current.end());
				current = next;
			}
		}
	}

	@Test
	void everyMomentLiesInItsPeriod() {
		long seed = new Random().nextLong();
		Random random = new Random(seed);
		List<String> zones = ZoneId.getAvailableZoneIds().stream().sorted().toList();
		List<String> widths = List.of("1s", "1m", "15m", "20m", "1h", "90m", "6h", "12h", "1d", "1w", "1mo");
		for (int i = 0; i < 20_000; i++) {
			ZoneId zone = ZoneId.of(zones.get(random.nextInt(zones.size())));
			Window window = Window.parse(widths.get(random.nextInt(widths.size())));
			Instant now = Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));

			Window.Period period = window.at(now, zone);

			assertThat(now).as("seed %d: %s in %s at %s", seed, window, zone, now)
				.isBetween(period.start(), period.end().minusNanos(1));
		}
	}

	private static Duration length(Window.Period period) {
		return Duration.between(period.start(), period.end());
	}

}
