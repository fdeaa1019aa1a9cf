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

import java.text.SimpleDateFormat;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;

import static org.assertj.core.api.Assertions.assertThat;

class Jackson3OutcomeCodecTests extends OutcomeCodecContract {

	private static final JsonMapper ODD = JsonMapper.builder()
		.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
		.changeDefaultPropertyInclusion(
				(value) -> JsonInclude.Value.construct(JsonInclude.Include.NON_EMPTY, JsonInclude.Include.NON_EMPTY))
		.defaultDateFormat(new SimpleDateFormat("yyyy"))
		.enable(SerializationFeature.WRAP_ROOT_VALUE, SerializationFeature.FAIL_ON_EMPTY_BEANS,
				SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED, SerializationFeature.INDENT_OUTPUT)
		.disable(SerializationFeature.WRITE_EMPTY_JSON_ARRAYS)
		.enable(DeserializationFeature.UNWRAP_ROOT_VALUE, DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
				DeserializationFeature.ACCEPT_EMPTY_STRING_AS_NULL_OBJECT)
		.enable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS, DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
		.enable(EnumFeature.WRITE_ENUMS_USING_INDEX)
		.build();

	private static final JsonMapper TYPED = JsonMapper.builder()
		.activateDefaultTyping(BasicPolymorphicTypeValidator.builder().allowIfBaseType(Object.class).build(),
				DefaultTyping.NON_FINAL)
		.build();

	private final Map<String, OutcomeCodec> codecs = Map.of("plain", new Jackson3OutcomeCodec(new JsonMapper()), "odd",
			new Jackson3OutcomeCodec(ODD), "typed", new Jackson3OutcomeCodec(TYPED));

	@Override
	protected Map<String, OutcomeCodec> codecs() {
		return this.codecs;
	}

	@Test
	void applicationsMapperStaysAsItWas() {
		new Jackson3OutcomeCodec(ODD);

		assertThat(ODD.isEnabled(SerializationFeature.WRAP_ROOT_VALUE)).isTrue();
		assertThat(ODD.isEnabled(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)).isTrue();
	}

}
