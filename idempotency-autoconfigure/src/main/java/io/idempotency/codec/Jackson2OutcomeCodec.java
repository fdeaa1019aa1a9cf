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

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Set;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.jsontype.PolymorphicTypeValidator;
import com.fasterxml.jackson.databind.util.StdDateFormat;
import org.jspecify.annotations.Nullable;

/**
 * Encodes results as JSON with Jackson 2, under the rules of
 * {@link Jackson3OutcomeCodec}. The modules for {@code java.time} and {@code Optional}
 * are added where they are on the class path and the application's mapper lacks them.
 * Safe for use by many threads.
 */
public final class Jackson2OutcomeCodec implements OutcomeCodec {

	private static final Set<String> VALUE_MODULES = Set.of("com.fasterxml.jackson.datatype.jdk8.Jdk8Module",
			"com.fasterxml.jackson.datatype.jsr310.JavaTimeModule");

	private final JsonCodec codec;

	/**
	 * Create a codec.
	 * @param mapper the application's mapper, which is copied and not changed
	 */
	public Jackson2OutcomeCodec(ObjectMapper mapper) {
		ObjectMapper copy = mapper.copy();
		ObjectMapper.findModules(Jackson2OutcomeCodec.class.getClassLoader())
			.stream()
			.filter((module) -> VALUE_MODULES.contains(module.getClass().getName()))
			.filter((module) -> !copy.getRegisteredModuleIds().contains(module.getTypeId()))
			.forEach(copy::registerModule);
		this.codec = new JsonCodec(new Mapping(lossless(copy)));
	}

	private static ObjectMapper lossless(ObjectMapper mapper) {
		mapper.deactivateDefaultTyping()
			.setPolymorphicTypeValidator(new NoClassNames())
			.setDefaultPropertyInclusion(
					JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS))
			.setDateFormat(new StdDateFormat())
			.configure(EnumFeature.WRITE_ENUMS_TO_LOWERCASE, false)
			.configure(EnumFeature.READ_ENUM_KEYS_USING_INDEX, false)
			.configure(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN, false);
		return reading(writing(mapper));
	}

	private static ObjectMapper writing(ObjectMapper mapper) {
		return mapper.disable(SerializationFeature.WRAP_ROOT_VALUE, SerializationFeature.INDENT_OUTPUT,
				SerializationFeature.FAIL_ON_EMPTY_BEANS, SerializationFeature.WRITE_SELF_REFERENCES_AS_NULL,
				SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED, SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS,
				SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_DATE_KEYS_AS_TIMESTAMPS,
				SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS,
				SerializationFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE,
				SerializationFeature.WRITE_ENUMS_USING_TO_STRING, SerializationFeature.WRITE_ENUMS_USING_INDEX,
				SerializationFeature.WRITE_ENUM_KEYS_USING_INDEX)
			.enable(SerializationFeature.WRITE_DATES_WITH_ZONE_ID, SerializationFeature.WRITE_EMPTY_JSON_ARRAYS,
					SerializationFeature.WRITE_NULL_MAP_VALUES);
	}

	private static ObjectMapper reading(ObjectMapper mapper) {
		return mapper
			.disable(DeserializationFeature.UNWRAP_ROOT_VALUE, DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
					DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES,
					DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS,
					DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
					DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
					DeserializationFeature.ACCEPT_EMPTY_STRING_AS_NULL_OBJECT,
					DeserializationFeature.ACCEPT_EMPTY_ARRAY_AS_NULL_OBJECT,
					DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
					DeserializationFeature.READ_ENUMS_USING_TO_STRING)
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

	private record Mapping(ObjectMapper mapper) implements JsonMapping {

		@Override
		public byte[] write(@Nullable Object value, Type type) throws IOException {
			return this.mapper.writerFor(this.mapper.constructType(type)).writeValueAsBytes(value);
		}

		@Override
		public @Nullable Object read(byte[] json, Type type) throws IOException {
			return this.mapper.readerFor(this.mapper.constructType(type)).readValue(json);
		}

	}

	/** Whoever can write to the store must not choose the classes that are loaded. */
	@SuppressWarnings("serial")
	private static final class NoClassNames extends PolymorphicTypeValidator {

		@Override
		public Validity validateBaseType(MapperConfig<?> config, JavaType baseType) {
			return Validity.DENIED;
		}

		@Override
		public Validity validateSubClassName(MapperConfig<?> config, JavaType baseType, String subClassName) {
			return Validity.DENIED;
		}

		@Override
		public Validity validateSubType(MapperConfig<?> config, JavaType baseType, JavaType subType) {
			return Validity.DENIED;
		}

	}

}
