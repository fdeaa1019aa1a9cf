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

package io.idempotency.sample.profile;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * Client of the CRM. The library gives each update a key that is the same on every
 * attempt, because the CRM is among the {@code idempotency.client.hosts}.
 */
@Component
class CrmClient {

	private final RestClient client;

	private final CrmProperties properties;

	private final Environment environment;

	CrmClient(RestClient.Builder builder, CrmProperties properties, Environment environment) {
		HttpClientSettings settings = HttpClientSettings.defaults()
			.withTimeouts(properties.connectTimeout(), properties.readTimeout())
			.withRedirects(HttpRedirects.DONT_FOLLOW);
		this.client = builder.requestFactory(ClientHttpRequestFactoryBuilder.jdk().build(settings)).build();
		this.properties = properties;
		this.environment = environment;
	}

	/**
	 * Tell the CRM what a profile is now.
	 * @param profile the profile, whose revision lets the CRM tell a late update
	 */
	void update(ProfileView profile) {
		try {
			this.client.put()
				.uri(url() + "/crm/profiles/{userId}", profile.userId())
				.body(new CrmProfile(profile.displayName(), profile.email(), profile.revision()))
				.retrieve()
				.toBodilessEntity();
		}
		catch (HttpServerErrorException.ServiceUnavailable | ResourceAccessException ex) {
			throw new CrmUnavailableException("The CRM cannot be reached. Send the same request again.", ex);
		}
		catch (RestClientException ex) {
			throw new CrmFailedException("The CRM failed.", ex);
		}
	}

	private String url() {
		// The port of this application's own stub is known only once the server runs
		return (this.properties.url() != null) ? this.properties.url()
				: "http://localhost:" + this.environment.getRequiredProperty("local.server.port");
	}

	private record CrmProfile(String displayName, String email, int revision) {

	}

}
