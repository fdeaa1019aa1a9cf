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

package io.idempotency.web.conformance;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import io.idempotency.Idempotent;
import io.idempotency.web.conformance.Desk.Receipt;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseBody;

/**
 * Operations that render views, forward, redirect, or write the answer themselves.
 */
@Controller
class ViewEndpoints {

	/** More than servers hold back before they send in chunks. */
	private static final int LARGE = 100_000;

	private final Desk desk;

	ViewEndpoints(Desk desk) {
		this.desk = desk;
	}

	@PostMapping("/viewed")
	@Idempotent(operation = "viewed")
	String viewed(@RequestHeader(Desk.PROBE) String probe, Model model) {
		model.addAttribute("receipt", this.desk.work(probe, null));
		return "receiptView";
	}

	@PostMapping("/redirected")
	@Idempotent(operation = "redirected")
	String redirected(@RequestHeader(Desk.PROBE) String probe) {
		return "redirect:/charges/" + this.desk.work(probe, null).nonce();
	}

	@PostMapping("/forwarded")
	@Idempotent(operation = "forwarded")
	String forwarded(@RequestHeader(Desk.PROBE) String probe) {
		this.desk.work(probe, null);
		return "forward:/forwarded/target";
	}

	@PostMapping("/forwarded/target")
	@Idempotent(operation = "forwarded-target")
	@ResponseBody
	Receipt forwardedTarget(@RequestHeader(Desk.PROBE) String probe) {
		return this.desk.work(probe, null);
	}

	@PostMapping("/forwarded/caught")
	@Idempotent(operation = "forwarded-caught")
	void forwardedAndCaught(@RequestHeader(Desk.PROBE) String probe, HttpServletRequest request,
			HttpServletResponse response) throws IOException {
		this.desk.work(probe, null);
		try {
			request.getRequestDispatcher("/forwarded/broken").forward(request, response);
		}
		catch (ServletException ex) {
			response.getWriter().print("caught");
		}
	}

	@PostMapping("/forwarded/broken")
	@ResponseBody
	Receipt forwardedBroken() {
		throw new IllegalStateException("broken");
	}

	@PostMapping("/written")
	@Idempotent(operation = "written")
	void written(@RequestHeader(Desk.PROBE) String probe, HttpServletResponse response) throws IOException {
		response.setStatus(202);
		response.setContentType("text/plain;charset=UTF-8");
		response.getWriter().print("written \u20ac " + this.desk.work(probe, null).nonce());
	}

	@PostMapping("/written/large")
	@Idempotent(operation = "written-large")
	void writtenLarge(@RequestHeader(Desk.PROBE) String probe, HttpServletResponse response) throws IOException {
		byte[] text = new byte[LARGE];
		Arrays.fill(text, (byte) 'x');
		response.setContentType(MediaType.TEXT_PLAIN_VALUE);
		OutputStream out = response.getOutputStream();
		out.write(this.desk.work(probe, null).nonce().getBytes(StandardCharsets.US_ASCII));
		out.write(text);
		out.flush();
	}

	@PostMapping("/written/failing")
	@Idempotent(operation = "written-failing")
	void writtenFailing(@RequestHeader(Desk.PROBE) String probe, HttpServletResponse response) throws IOException {
		response.setContentType(MediaType.TEXT_PLAIN_VALUE);
		response.getOutputStream().print("partial");
		throw new IllegalStateException("failed after run " + this.desk.work(probe, null).run());
	}

}
