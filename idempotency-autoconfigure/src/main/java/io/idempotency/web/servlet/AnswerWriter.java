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

package io.idempotency.web.servlet;

import java.io.IOException;

import io.idempotency.web.HttpAnswer;
import io.idempotency.web.HttpRules;
import io.idempotency.web.StoredResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.servlet.DispatcherServlet;

/**
 * Writes what ends an exchange to the server's response.
 *
 * @param rules the rules
 */
record AnswerWriter(HttpRules rules) {

	/**
	 * Write what the handler wrote.
	 * @param response the response that was held back, or was not
	 * @throws IOException if the client is gone
	 */
	void writeHeld(HeldResponse response) throws IOException {
		int length = response.heldSize();
		if (length > 0 && !response.isCommitted()) {
			response.target().setContentLength(length);
		}
		response.passThrough();
	}

	/**
	 * Write an answer in place of what the handler wrote, if it did.
	 * @param answer the answer
	 * @param request the request
	 * @param replaced the response that was held back
	 * @throws IOException if the client is gone
	 */
	void write(HttpAnswer answer, HttpServletRequest request, HeldResponse replaced) throws IOException {
		request.removeAttribute(DispatcherServlet.EXCEPTION_ATTRIBUTE);
		HttpServletResponse target = replaced.target();
		replaced.drop();
		if (target.isCommitted()) {
			return;
		}
		StoredResponse response = answer.response(this.rules, request.getLocale());
		replaced.restart(response.status());
		answer.headers(this.rules).forEach(target::setHeader);
		writeHeaders(response, target);
		if (response.body().length > 0) {
			target.setContentLength(response.body().length);
			target.getOutputStream().write(response.body());
		}
	}

	private static void writeHeaders(StoredResponse response, HttpServletResponse target) {
		response.valuesByName().forEach((name, values) -> {
			target.setHeader(name, values.get(0));
			for (int i = 1; i < values.size(); i++) {
				target.addHeader(name, values.get(i));
			}
		});
	}

}
