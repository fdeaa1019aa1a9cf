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

package io.idempotency.autoconfigure.endtoend;

import java.util.ArrayList;
import java.util.List;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Instances of one application, each a context of its own in this JVM.
 */
final class Instances implements AutoCloseable {

	private final Guarded.Script script = new Guarded.Script();

	private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();

	Guarded.Script script() {
		return this.script;
	}

	ConfigurableApplicationContext start(String... properties) {
		return start(Application.class, properties);
	}

	/** Start one whose statements are written down. */
	ConfigurableApplicationContext startLogged(String... properties) {
		return start(LoggedApplication.class, properties);
	}

	private ConfigurableApplicationContext start(Class<?> application, String... properties) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.registerShutdownHook(false)
			.initializers((starting) -> starting.getBeanFactory().registerSingleton("script", this.script))
			.properties("idempotency.operations.charge-briefly.lease=1s", "idempotency.wait-timeout=20s",
					"spring.jmx.enabled=false", "spring.jpa.open-in-view=false")
			.properties(properties)
			.run();
		this.contexts.add(context);
		return context;
	}

	@Override
	public void close() {
		this.contexts.forEach(ConfigurableApplicationContext::close);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Guarded guarded(Guarded.Script script) {
			return new Guarded(script);
		}

	}

	static class LoggedApplication extends Application {

		@Bean
		static StatementLog statementLog() {
			return new StatementLog();
		}

	}

}
