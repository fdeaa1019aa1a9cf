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

package io.idempotency.autoconfigure.reduced;

import io.idempotency.autoconfigure.Greetings;
import io.idempotency.codec.OutcomeCodec;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;

/**
 * A whole application with one guarded bean, to be run on a class path of its own. Alone
 * in its package, because Spring Boot scans it, and what is next to it may need what is
 * not there.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class ReducedApplication {

	/**
	 * Start, call the guarded method twice, and tell what happened.
	 * @param arguments the properties
	 * @return how often it ran and with which codec, or why the application did not start
	 */
	public static String run(String... arguments) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(ReducedApplication.class)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.registerShutdownHook(false)
			.run(arguments)) {
			Greetings greetings = context.getBean(Greetings.class);
			boolean equal = greetings.greet("Ada").equals(greetings.greet("Ada"));
			return (equal ? "" : "different answers, ") + greetings.runs() + " run, "
					+ context.getBean(OutcomeCodec.class).getClass().getSimpleName();
		}
		catch (Throwable ex) {
			return NestedExceptionUtils.getMostSpecificCause(ex).toString();
		}
	}

	@Bean
	Greetings greetings() {
		return new Greetings();
	}

}
