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

package io.idempotency.sample.payment;

import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.Objects;
import java.util.UUID;

import io.idempotency.client.OutboundName;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.core.env.Environment;
import org.springframework.http.ProblemDetail;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/**
 * Client of the payment gateway. The library gives each charge a key that is the same on
 * every attempt, because the gateway is among the {@code idempotency.client.hosts}; a
 * client with settings of its own must not carry it along with a redirect. Failures come
 * out as what they mean for the payment: declined, too late to know, or not reached at
 * all; others as Spring's {@link org.springframework.web.client.RestClientException}.
 */
@Component
public class PaymentGateway {

	private final RestClient client;

	private final GatewayProperties properties;

	private final Environment environment;

	PaymentGateway(RestClient.Builder builder, GatewayProperties properties, Environment environment) {
		HttpClientSettings settings = HttpClientSettings.defaults()
			.withTimeouts(properties.connectTimeout(), properties.readTimeout())
			.withRedirects(HttpRedirects.DONT_FOLLOW);
		this.client = builder.requestFactory(ClientHttpRequestFactoryBuilder.jdk().build(settings)).build();
		this.properties = properties;
		this.environment = environment;
	}

	/**
	 * Charge a customer.
	 * @param request what is to be paid
	 * @return the gateway's id of the charge
	 */
	public UUID charge(PaymentRequest request) {
		try {
			Charge charge = this.client.post()
				.uri(url() + "/gateway/charges")
				.body(new ChargeRequest(request.orderId(), request.customerId(), request.amount(), request.currency()))
				.retrieve()
				.body(Charge.class);
			return Objects.requireNonNull(charge, "The gateway answered without a charge").chargeId();
		}
		catch (HttpClientErrorException ex) {
			throw translate(ex);
		}
		catch (ResourceAccessException ex) {
			throw translate(ex);
		}
	}

	/**
	 * Give a charge back. The call has a name, so that it has the same key when it is
	 * made again within one attempt, as what undoes a step may be.
	 * @param chargeId the gateway's id of the charge
	 */
	public void refund(UUID chargeId) {
		this.client.post()
			.uri(url() + "/gateway/refunds")
			.attributes(OutboundName.of("refund"))
			.body(new RefundRequest(chargeId))
			.retrieve()
			.toBodilessEntity();
	}

	private String url() {
		// The port of this application's own stub is known only once the server runs
		return (this.properties.url() != null) ? this.properties.url()
				: "http://localhost:" + this.environment.getRequiredProperty("local.server.port");
	}

	private RuntimeException translate(HttpClientErrorException ex) {
		if (ex.getStatusCode().value() != 402) {
			return ex;
		}
		ProblemDetail problem = ex.getResponseBodyAs(ProblemDetail.class);
		String detail = (problem != null) ? problem.getDetail() : null;
		return new CardDeclinedException((detail != null) ? detail : "The card was declined.");
	}

	private RuntimeException translate(ResourceAccessException ex) {
		if (ex.getCause() instanceof HttpTimeoutException cause && !(cause instanceof HttpConnectTimeoutException)) {
			return new GatewayTimeoutException("The payment gateway did not answer in time.", ex);
		}
		if (ex.contains(ConnectException.class) || ex.contains(HttpConnectTimeoutException.class)) {
			return new GatewayUnavailableException("The payment gateway cannot be reached.", ex);
		}
		return ex;
	}

	private record ChargeRequest(String orderId, String customerId, BigDecimal amount, String currency) {

	}

	private record Charge(UUID chargeId) {

	}

	private record RefundRequest(UUID chargeId) {

	}

}
