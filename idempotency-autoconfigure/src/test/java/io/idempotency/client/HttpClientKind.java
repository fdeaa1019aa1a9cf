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

package io.idempotency.client;

import java.net.URI;

import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientAdapter;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;
import org.springframework.web.service.invoker.HttpExchangeAdapter;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/**
 * The ways to send a request, each as an application gets it from Spring Boot.
 */
enum HttpClientKind {

	REST_CLIENT {

		@Override
		Client from(ApplicationContext context) {
			RestClient client = context.getBean(RestClient.Builder.class).build();
			return new Client() {

				@Override
				public void post(URI uri) {
					client.post().uri(uri).body("x").retrieve().toBodilessEntity();
				}

				@Override
				public void post(URI uri, String name) {
					client.post().uri(uri).attributes(OutboundName.of(name)).body("x").retrieve().toBodilessEntity();
				}

				@Override
				public void postWithKey(URI uri, String key) {
					client.post().uri(uri).header(OutboundKeys.HEADER, key).body("x").retrieve().toBodilessEntity();
				}

				@Override
				public void get(URI uri) {
					client.get().uri(uri).retrieve().toBodilessEntity();
				}

			};
		}

	},

	REST_TEMPLATE {

		@Override
		Client from(ApplicationContext context) {
			var template = context.getBean(RestTemplateBuilder.class).build();
			return new Client() {

				@Override
				public void post(URI uri) {
					template.postForEntity(uri, "x", String.class);
				}

				@Override
				public void post(URI uri, String name) {
					OutboundName.of(name).run(() -> post(uri));
				}

				@Override
				public void postWithKey(URI uri, String key) {
					HttpHeaders headers = new HttpHeaders();
					headers.set(OutboundKeys.HEADER, key);
					template.exchange(uri, HttpMethod.POST, new HttpEntity<>("x", headers), String.class);
				}

				@Override
				public void get(URI uri) {
					template.getForEntity(uri, String.class);
				}

			};
		}

	},

	WEB_CLIENT {

		@Override
		Client from(ApplicationContext context) {
			WebClient client = context.getBean(WebClient.Builder.class).build();
			return new Client() {

				@Override
				public void post(URI uri) {
					client.post().uri(uri).bodyValue("x").retrieve().toBodilessEntity().block();
				}

				@Override
				public void post(URI uri, String name) {
					client.post()
						.uri(uri)
						.attributes(OutboundName.of(name))
						.bodyValue("x")
						.retrieve()
						.toBodilessEntity()
						.block();
				}

				@Override
				public void postWithKey(URI uri, String key) {
					client.post()
						.uri(uri)
						.header(OutboundKeys.HEADER, key)
						.bodyValue("x")
						.retrieve()
						.toBodilessEntity()
						.block();
				}

				@Override
				public void get(URI uri) {
					client.get().uri(uri).retrieve().toBodilessEntity().block();
				}

			};
		}

	},

	HTTP_SERVICE {

		@Override
		Client from(ApplicationContext context) {
			return service(RestClientAdapter.create(context.getBean(RestClient.Builder.class).build()));
		}

	},

	REACTIVE_HTTP_SERVICE {

		@Override
		Client from(ApplicationContext context) {
			return service(WebClientAdapter.create(context.getBean(WebClient.Builder.class).build()));
		}

	};

	abstract Client from(ApplicationContext context);

	private static Client service(HttpExchangeAdapter adapter) {
		return new ServiceClient(HttpServiceProxyFactory.builderFor(adapter)
			.customArgumentResolver(new OutboundCallNames())
			.build()
			.createClient(Service.class));
	}

	/**
	 * What is sent.
	 */
	interface Client {

		void post(URI uri);

		void post(URI uri, String name);

		void postWithKey(URI uri, String key);

		void get(URI uri);

	}

	/**
	 * The same as an HTTP service interface.
	 */
	interface Service {

		@PostExchange
		void send(URI uri, @RequestBody String body);

		@OutboundCall("refund")
		@PostExchange
		void refund(URI uri, @RequestBody String body);

		@PostExchange
		void named(URI uri, @RequestAttribute(OutboundName.ATTRIBUTE) String name, @RequestBody String body);

		@PostExchange
		void keyed(URI uri, @RequestHeader(OutboundKeys.HEADER) String key, @RequestBody String body);

		@GetExchange
		void get(URI uri);

	}

	private record ServiceClient(Service service) implements Client {

		@Override
		public void post(URI uri) {
			this.service.send(uri, "x");
		}

		@Override
		public void post(URI uri, String name) {
			if (name.equals("refund")) {
				this.service.refund(uri, "x");
			}
			else {
				this.service.named(uri, name, "x");
			}
		}

		@Override
		public void postWithKey(URI uri, String key) {
			this.service.keyed(uri, key, "x");
		}

		@Override
		public void get(URI uri) {
			this.service.get(uri);
		}

	}

}
