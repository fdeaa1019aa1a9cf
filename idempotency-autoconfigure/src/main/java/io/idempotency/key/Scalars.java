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

import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.Currency;
import java.util.Date;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * The values that have nothing inside and are their own key.
 */
final class Scalars {

	private static final int PLAIN_SCALE = 100;

	private static final Map<Class<?>, Form> EXACT = Map.ofEntries(integer(Byte.class), integer(Short.class),
			integer(Integer.class), integer(Long.class), integer(AtomicInteger.class), integer(AtomicLong.class),
			Map.entry(Boolean.class, form(Scalars::truth, Object::toString)),
			Map.entry(AtomicBoolean.class, form((e, v, d) -> truth(e, ((AtomicBoolean) v).get(), d), Object::toString)),
			Map.entry(Character.class, form(Scalars::text, Object::toString)),
			Map.entry(char[].class,
					form((e, v, d) -> text(e, new String((char[]) v), d), (v) -> new String((char[]) v))),
			Map.entry(byte[].class, (e, v, d) -> bytes(e, (byte[]) v)),
			Map.entry(Double.class, form((e, v, d) -> real(e, (Double) v), (v) -> realText((Double) v))),
			Map.entry(Float.class, form((e, v, d) -> real(e, (Float) v), (v) -> realText((Float) v))),
			textual(UUID.class, "uuid", UUID::toString), textual(LocalDate.class, "date", LocalDate::toString),
			textual(java.sql.Date.class, "date", (date) -> date.toLocalDate().toString()),
			textual(LocalTime.class, "time", LocalTime::toString),
			textual(java.sql.Time.class, "time", (time) -> time.toLocalTime().toString()),
			textual(LocalDateTime.class, "date-time", LocalDateTime::toString),
			textual(OffsetDateTime.class, "offset-date-time", OffsetDateTime::toString),
			textual(OffsetTime.class, "offset-time", OffsetTime::toString),
			textual(ZonedDateTime.class, "zoned-date-time", ZonedDateTime::toString),
			textual(Duration.class, "duration", Duration::toString), textual(Period.class, "period", Period::toString),
			textual(Year.class, "year", Year::toString), textual(YearMonth.class, "year-month", YearMonth::toString),
			textual(MonthDay.class, "month-day", MonthDay::toString),
			textual(Currency.class, "currency", Currency::getCurrencyCode),
			textual(Locale.class, "locale", Locale::toLanguageTag), textual(URI.class, "uri", URI::toString),
			textual(URL.class, "uri", URL::toExternalForm));

	private Scalars() {
	}

	static @Nullable Form find(Class<?> type) {
		Form exact = EXACT.get(type);
		return (exact != null) ? exact : findBySupertype(type);
	}

	private static @Nullable Form findBySupertype(Class<?> type) {
		if (Enum.class.isAssignableFrom(type)) {
			return form((e, v, d) -> constant(e, (Enum<?>) v, d), (v) -> ((Enum<?>) v).name());
		}
		if (CharSequence.class.isAssignableFrom(type)) {
			return form(Scalars::text, Object::toString);
		}
		if (BigDecimal.class.isAssignableFrom(type)) {
			return form((e, v, d) -> decimal(e, (BigDecimal) v), (v) -> plain((BigDecimal) v));
		}
		if (BigInteger.class.isAssignableFrom(type)) {
			return form((e, v, d) -> decimal(e, new BigDecimal((BigInteger) v)), Object::toString);
		}
		return findTimeOrPlace(type);
	}

	private static @Nullable Form findTimeOrPlace(Class<?> type) {
		if (type == Instant.class) {
			return form((e, v, d) -> instant(e, (Instant) v), Object::toString);
		}
		if (Date.class.isAssignableFrom(type)) {
			return form((e, v, d) -> instant(e, ((Date) v).toInstant()), (v) -> ((Date) v).toInstant().toString());
		}
		if (Calendar.class.isAssignableFrom(type)) {
			return textual(Calendar.class, "zoned-date-time", Scalars::calendar).getValue();
		}
		if (ZoneId.class.isAssignableFrom(type)) {
			return textual(ZoneId.class, "zone", ZoneId::getId).getValue();
		}
		if (TimeZone.class.isAssignableFrom(type)) {
			return textual(TimeZone.class, "zone", TimeZone::getID).getValue();
		}
		if (Path.class.isAssignableFrom(type)) {
			return textual(Path.class, "path", Path::toString).getValue();
		}
		if (File.class.isAssignableFrom(type)) {
			return textual(File.class, "path", File::getPath).getValue();
		}
		if (InetAddress.class.isAssignableFrom(type)) {
			return textual(InetAddress.class, "address", InetAddress::getHostAddress).getValue();
		}
		return Charset.class.isAssignableFrom(type) ? textual(Charset.class, "charset", Charset::name).getValue()
				: null;
	}

	private static void truth(Encoder encoder, Object value, Declared declared) {
		encoder.out().tag((Boolean) value ? Tag.TRUE : Tag.FALSE);
	}

	private static void text(Encoder encoder, Object value, Declared declared) {
		encoder.out().tag(Tag.TEXT);
		encoder.out().text(value.toString());
	}

	private static void bytes(Encoder encoder, byte[] value) {
		encoder.out().tag(Tag.BYTES);
		encoder.out().bytes(value);
	}

	private static void decimal(Encoder encoder, BigDecimal value) {
		encoder.out().tag(Tag.NUMBER);
		encoder.out().number(value);
	}

	private static void real(Encoder encoder, double value) {
		if (Double.isFinite(value)) {
			decimal(encoder, CanonicalBuffer.decimal(value));
			return;
		}
		encoder.out().tag(Tag.NOT_FINITE);
		encoder.out().text(Double.toString(value));
	}

	private static void real(Encoder encoder, float value) {
		if (Float.isFinite(value)) {
			decimal(encoder, CanonicalBuffer.decimal(value));
		}
		else {
			real(encoder, (double) value);
		}
	}

	private static String realText(double value) {
		return Double.isFinite(value) ? plain(CanonicalBuffer.decimal(value)) : Double.toString(value);
	}

	private static String realText(float value) {
		return Float.isFinite(value) ? plain(CanonicalBuffer.decimal(value)) : Float.toString(value);
	}

	/** Without an exponent, unless that would make a short number long. */
	private static String plain(BigDecimal value) {
		BigDecimal stripped = value.stripTrailingZeros();
		return (Math.abs((long) stripped.scale()) <= PLAIN_SCALE) ? stripped.toPlainString() : stripped.toString();
	}

	private static void constant(Encoder encoder, Enum<?> value, Declared declared) {
		Class<?> type = value.getDeclaringClass();
		if (declared.differsFrom(type)) {
			encoder.out().tag(Tag.NAMED_ENUM);
			encoder.out().text(type.getSimpleName());
		}
		else {
			encoder.out().tag(Tag.ENUM);
		}
		encoder.out().text(value.name());
	}

	private static void instant(Encoder encoder, Instant value) {
		encoder.out().tag(Tag.INSTANT);
		encoder.out().signed(value.getEpochSecond());
		encoder.out().unsigned(value.getNano());
	}

	private static String calendar(Calendar value) {
		return ZonedDateTime.ofInstant(value.toInstant(), value.getTimeZone().toZoneId()).toString();
	}

	private static Map.Entry<Class<?>, Form> integer(Class<? extends Number> type) {
		return Map.entry(type, form((encoder, value, declared) -> {
			encoder.out().tag(Tag.NUMBER);
			encoder.out().number(((Number) value).longValue(), 0);
		}, Object::toString));
	}

	private static <T> Map.Entry<Class<?>, Form> textual(Class<T> type, String kind, Function<T, String> text) {
		return Map.entry(type, form((encoder, value, declared) -> {
			encoder.out().tag(Tag.SCALAR);
			encoder.out().text(kind);
			encoder.out().text(text.apply(type.cast(value)));
		}, (value) -> text.apply(type.cast(value))));
	}

	private static Form form(Form form, Function<Object, String> text) {
		return new Form() {

			@Override
			public void write(Encoder encoder, Object value, Declared declared) {
				form.write(encoder, value, declared);
			}

			@Override
			public String text(Object value) {
				return text.apply(value);
			}

		};
	}

}
