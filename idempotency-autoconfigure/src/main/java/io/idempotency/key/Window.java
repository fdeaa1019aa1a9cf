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

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.time.zone.ZoneOffsetTransition;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Divides time into calendar-aligned periods that are part of a record's identity.
 *
 * <p>
 * A day, an ISO week (from Monday) or a month is what the local calendar says. Within a
 * day, a period begins whenever the local clock shows a multiple of the width since
 * midnight. That makes one of them shorter or longer when the clocks change, and has two
 * consequences: in an hour that is skipped nothing begins (what would have begun there
 * begins when the clock is set forward), and in an hour that comes twice its periods come
 * twice and differ. Immutable.
 */
public final class Window {

	private static final Pattern FORM = Pattern.compile("([0-9]{1,6})(s|m|h|d|w|mo)");

	private static final long SECONDS_PER_DAY = 24 * 60 * 60;

	private final Unit unit;

	private final Duration width;

	private final String name;

	private Window(Unit unit, Duration width, String name) {
		this.unit = unit;
		this.width = width;
		this.name = name;
	}

	/**
	 * Read a window.
	 * @param text a divisor of a day such as {@code 15m} or {@code 6h}, or {@code 1d},
	 * {@code 1w} or {@code 1mo}
	 * @return the window
	 * @throws IllegalArgumentException if the text is something else
	 */
	public static Window parse(String text) {
		Matcher matcher = FORM.matcher(text.strip());
		if (!matcher.matches()) {
			throw invalid(text);
		}
		long amount = Long.parseLong(matcher.group(1));
		return switch (matcher.group(2)) {
			case "s" -> partOfDay(text, amount);
			case "m" -> partOfDay(text, amount * 60);
			case "h" -> partOfDay(text, amount * 60 * 60);
			case "d" -> whole(text, amount, Unit.DAY);
			case "w" -> whole(text, amount, Unit.WEEK);
			default -> whole(text, amount, Unit.MONTH);
		};
	}

	private static Window partOfDay(String text, long seconds) {
		if (seconds == 0 || SECONDS_PER_DAY % seconds != 0) {
			throw invalid(text);
		}
		if (seconds == SECONDS_PER_DAY) {
			return whole(text, 1, Unit.DAY);
		}
		return new Window(Unit.PART_OF_DAY, Duration.ofSeconds(seconds), seconds + "s");
	}

	private static Window whole(String text, long amount, Unit unit) {
		if (amount != 1) {
			throw invalid(text);
		}
		return new Window(unit, Duration.ZERO, unit.label);
	}

	private static IllegalArgumentException invalid(String text) {
		return new IllegalArgumentException("'" + text + "' is not a window: use 1d, 1w, 1mo, or a time that divides"
				+ " a day without a rest, such as 15m, 1h, 6h or 12h");
	}

	/**
	 * Return the period that a moment belongs to.
	 * @param now the moment
	 * @param zone where the clock hangs; names of the same fixed offset are the same zone
	 * @return the period
	 */
	public Period at(Instant now, ZoneId zone) {
		ZoneId place = zone.normalized();
		if (this.unit == Unit.PART_OF_DAY) {
			Instant start = start(now, place);
			String label = label(place, ZonedDateTime.ofInstant(start, place).toOffsetDateTime());
			return new Period(label, start, end(start, place));
		}
		LocalDate first = this.unit.first(LocalDate.ofInstant(now, place));
		// Where the clock goes back over midnight, the day lasts until it ends for good
		Instant end = this.unit.next(first).atStartOfDay(place).withLaterOffsetAtOverlap().toInstant();
		return new Period(label(place, first), first.atStartOfDay(place).toInstant(), end);
	}

	private String label(ZoneId zone, Object start) {
		return this.name + "@" + zone.getId() + "/" + start;
	}

	private Instant start(Instant now, ZoneId zone) {
		LocalDateTime floor = floor(LocalDateTime.ofInstant(now, zone));
		Instant start = latest(floor, zone, now);
		ZoneOffsetTransition change = zone.getRules().previousTransition(now.plusNanos(1));
		boolean setBack = change != null && change.isOverlap() && change.getInstant().isAfter(start);
		if (setBack && change.getDateTimeBefore().isAfter(floor.plus(this.width))) {
			// The period that the clock was set back into had already ended
			return change.getInstant();
		}
		return start;
	}

	private LocalDateTime floor(LocalDateTime time) {
		long second = time.toLocalTime().toSecondOfDay();
		return time.toLocalDate().atTime(LocalTime.ofSecondOfDay(second - second % this.width.toSeconds()));
	}

	private static Instant latest(LocalDateTime time, ZoneId zone, Instant now) {
		List<ZoneOffset> offsets = zone.getRules().getValidOffsets(time);
		if (offsets.isEmpty()) {
			return zone.getRules().getTransition(time).getInstant();
		}
		Instant last = time.toInstant(offsets.get(offsets.size() - 1));
		return last.isAfter(now) ? time.toInstant(offsets.get(0)) : last;
	}

	private Instant end(Instant start, ZoneId zone) {
		LocalDateTime next = floor(LocalDateTime.ofInstant(start, zone)).plus(this.width);
		Instant end = earliest(next, zone, start);
		ZoneOffsetTransition change = zone.getRules().nextTransition(start);
		if (change != null && change.getInstant().isBefore(end) && start(change.getInstant(), zone).isAfter(start)) {
			return change.getInstant();
		}
		return end;
	}

	private static Instant earliest(LocalDateTime time, ZoneId zone, Instant after) {
		List<ZoneOffset> offsets = zone.getRules().getValidOffsets(time);
		if (offsets.isEmpty()) {
			return zone.getRules().getTransition(time).getInstant();
		}
		Instant first = time.toInstant(offsets.get(0));
		return first.isAfter(after) ? first : time.toInstant(offsets.get(offsets.size() - 1));
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof Window that && this.name.equals(that.name);
	}

	@Override
	public int hashCode() {
		return this.name.hashCode();
	}

	@Override
	public String toString() {
		return this.name;
	}

	/**
	 * One period of a window.
	 *
	 * @param label names width, zone and beginning; part of the identity, and different
	 * for every period of every window in every zone
	 * @param start when it begins
	 * @param end when the next one begins
	 */
	public record Period(String label, Instant start, Instant end) {

		/**
		 * Return how long the period still lasts.
		 * @param now a moment in it
		 * @return the time until its end, never negative
		 */
		public Duration remaining(Instant now) {
			return now.isBefore(this.end) ? Duration.between(now, this.end) : Duration.ZERO;
		}

	}

	private enum Unit {

		PART_OF_DAY(""), DAY("1d"), WEEK("1w"), MONTH("1mo");

		private final String label;

		Unit(String label) {
			this.label = label;
		}

		LocalDate first(LocalDate date) {
			return switch (this) {
				case PART_OF_DAY, DAY -> date;
				case WEEK -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
				case MONTH -> date.withDayOfMonth(1);
			};
		}

		LocalDate next(LocalDate first) {
			return switch (this) {
				case PART_OF_DAY, DAY -> first.plusDays(1);
				case WEEK -> first.plusWeeks(1);
				case MONTH -> first.plus(1, ChronoUnit.MONTHS);
			};
		}

	}

}
