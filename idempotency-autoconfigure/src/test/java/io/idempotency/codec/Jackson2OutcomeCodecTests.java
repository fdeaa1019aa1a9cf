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
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class Jackson2OutcomeCodecTests extends OutcomeCodecContract {

	private static final ObjectMapper ODD = new ObjectMapper()
		.setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
		.setDefaultPropertyInclusion(JsonInclude.Include.NON_EMPTY)
		.setDateFormat(new SimpleDateFormat("yyyy"))
		.enable(SerializationFeature.WRAP_ROOT_VALUE, SerializationFeature.FAIL_ON_EMPTY_BEANS,
				SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED, SerializationFeature.INDENT_OUTPUT,
				SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.WRITE_ENUMS_USING_INDEX)
		.disable(SerializationFeature.WRITE_EMPTY_JSON_ARRAYS)
		.enable(DeserializationFeature.UNWRAP_ROOT_VALUE, DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
				DeserializationFeature.ACCEPT_EMPTY_STRING_AS_NULL_OBJECT,
				DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE);

	private static final ObjectMapper TYPED = new ObjectMapper().activateDefaultTyping(
			BasicPolymorphicTypeValidator.builder().allowIfBaseType(Object.class).build(),
			ObjectMapper.DefaultTyping.NON_FINAL);

	private final Map<String, OutcomeCodec> codecs = Map.of("plain", new Jackson2OutcomeCodec(new ObjectMapper()),
			"odd", new Jackson2OutcomeCodec(ODD), "typed", new Jackson2OutcomeCodec(TYPED));

	@Override
	protected Map<String, OutcomeCodec> codecs() {
		return this.codecs;
	}

	@Test
	void applicationsMapperStaysAsItWas() {
		new Jackson2OutcomeCodec(ODD);

		assertThat(ODD.isEnabled(SerializationFeature.WRAP_ROOT_VALUE)).isTrue();
		assertThat(ODD.isEnabled(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)).isTrue();
	}

}
