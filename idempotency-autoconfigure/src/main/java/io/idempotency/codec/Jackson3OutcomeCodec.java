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

import java.lang.reflect.Type;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;
import tools.jackson.databind.util.StdDateFormat;

/**
 * Encodes results as JSON with Jackson 3.
 *
 * <p>
 * It works with a copy of the application's mapper, so that its modules, mix-ins and
 * annotations apply, and sets what replay depends on whatever the application chose:
 * types come from declarations alone (no default typing, and a {@code @JsonTypeInfo} that
 * names Java classes is refused), nothing is left out, nothing is wrapped, dates keep
 * their offset and numbers their digits, unknown properties are ignored. Safe for use by
 * many threads.
 */
public final class Jackson3OutcomeCodec implements OutcomeCodec {

	private final JsonCodec codec;

	/**
	 * Create a codec.
	 * @param mapper the application's mapper, which is copied and not changed
	 */
	public Jackson3OutcomeCodec(JsonMapper mapper) {
		this.codec = new JsonCodec(new Mapping(lossless(mapper)));
	}

	private static JsonMapper lossless(JsonMapper mapper) {
		JsonMapper.Builder builder = mapper.rebuild()
			.deactivateDefaultTyping()
			.polymorphicTypeValidator(new NoClassNames())
			.changeDefaultPropertyInclusion(
					(ignored) -> JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS))
			.defaultDateFormat(new StdDateFormat());
		return reading(writing(values(builder))).build();
	}

	private static JsonMapper.Builder values(JsonMapper.Builder builder) {
		return builder
			.disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS, DateTimeFeature.WRITE_DATE_KEYS_AS_TIMESTAMPS,
					DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS, DateTimeFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE,
					DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE, DateTimeFeature.NORMALIZE_DESERIALIZED_ZONE_ID,
					DateTimeFeature.TRUNCATE_TO_MSECS_ON_READ, DateTimeFeature.TRUNCATE_TO_MSECS_ON_WRITE)
			.enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
			.disable(EnumFeature.WRITE_ENUMS_USING_TO_STRING, EnumFeature.READ_ENUMS_USING_TO_STRING,
					EnumFeature.WRITE_ENUMS_USING_INDEX, EnumFeature.WRITE_ENUM_KEYS_USING_INDEX,
					EnumFeature.READ_ENUM_KEYS_USING_INDEX, EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
			.disable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN);
	}

	private static JsonMapper.Builder writing(JsonMapper.Builder builder) {
		return builder.disable(SerializationFeature.WRAP_ROOT_VALUE, SerializationFeature.INDENT_OUTPUT,
				SerializationFeature.FAIL_ON_EMPTY_BEANS, SerializationFeature.WRITE_SELF_REFERENCES_AS_NULL,
				SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED, SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
			.enable(SerializationFeature.WRITE_EMPTY_JSON_ARRAYS);
	}

	private static JsonMapper.Builder reading(JsonMapper.Builder builder) {
		return builder
			.disable(DeserializationFeature.UNWRAP_ROOT_VALUE, DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
					DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES,
					DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS,
					DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
					DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
					DeserializationFeature.ACCEPT_EMPTY_STRING_AS_NULL_OBJECT,
					DeserializationFeature.ACCEPT_EMPTY_ARRAY_AS_NULL_OBJECT)
			.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
	}

	@Override
	public byte[] encode(Object value, Type type) {
		return this.codec.encode(value, type);
	}

	@Override
	public @Nullable Object decode(byte[] payload, Type type) {
		return this.codec.decode(payload, type);
	}

	private record Mapping(JsonMapper mapper) implements JsonMapping {

		@Override
		public byte[] write(@Nullable Object value, Type type) {
			return this.mapper.writerFor(this.mapper.constructType(type)).writeValueAsBytes(value);
		}

		@Override
		public @Nullable Object read(byte[] json, Type type) {
			return this.mapper.readerFor(this.mapper.constructType(type)).readValue(json);
		}

	}

	/** Whoever can write to the store must not choose the classes that are loaded. */
	@SuppressWarnings("serial")
	private static final class NoClassNames extends PolymorphicTypeValidator {

		@Override
		public Validity validateBaseType(DatabindContext context, JavaType baseType) {
			return Validity.DENIED;
		}

		@Override
		public Validity validateSubClassName(DatabindContext context, JavaType baseType, String subClassName) {
			return Validity.DENIED;
		}

		@Override
		public Validity validateSubType(DatabindContext context, JavaType baseType, JavaType subType) {
			return Validity.DENIED;
		}

	}

}
