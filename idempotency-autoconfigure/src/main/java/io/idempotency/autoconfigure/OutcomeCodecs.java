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

package io.idempotency.autoconfigure;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.idempotency.codec.Jackson2OutcomeCodec;
import io.idempotency.codec.Jackson3OutcomeCodec;
import io.idempotency.codec.OutcomeCodec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Chooses the codec: it follows the application's mapper bean, Jackson 3 first; without a
 * mapper bean it takes what is on the class path.
 */
final class OutcomeCodecs {

	private OutcomeCodecs() {
	}

	static OutcomeCodec ofMapperIn(ListableBeanFactory beanFactory) {
		ClassLoader classLoader = OutcomeCodecs.class.getClassLoader();
		boolean jackson3 = ClassUtils.isPresent("tools.jackson.databind.json.JsonMapper", classLoader);
		boolean jackson2 = ClassUtils.isPresent("com.fasterxml.jackson.databind.ObjectMapper", classLoader);
		OutcomeCodec codec = jackson3 ? Jackson3.ofBean(beanFactory) : null;
		if (codec == null && jackson2) {
			codec = Jackson2.ofBean(beanFactory);
		}
		if (codec == null && jackson3) {
			codec = Jackson3.plain();
		}
		if (codec == null && jackson2) {
			codec = Jackson2.plain();
		}
		if (codec == null) {
			throw new NoCodecException();
		}
		return codec;
	}

	private static final class Jackson3 {

		static @Nullable OutcomeCodec ofBean(ListableBeanFactory beanFactory) {
			JsonMapper mapper = beanFactory.getBeanProvider(JsonMapper.class).getIfUnique();
			return (mapper != null) ? new Jackson3OutcomeCodec(mapper) : null;
		}

		static OutcomeCodec plain() {
			return new Jackson3OutcomeCodec(JsonMapper.builder().build());
		}

	}

	private static final class Jackson2 {

		static @Nullable OutcomeCodec ofBean(ListableBeanFactory beanFactory) {
			ObjectMapper mapper = beanFactory.getBeanProvider(ObjectMapper.class).getIfUnique();
			return (mapper != null) ? new Jackson2OutcomeCodec(mapper) : null;
		}

		static OutcomeCodec plain() {
			return new Jackson2OutcomeCodec(new ObjectMapper().findAndRegisterModules());
		}

	}

}
