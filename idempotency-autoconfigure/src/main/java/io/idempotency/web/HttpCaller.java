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

package io.idempotency.web;

import java.security.Principal;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Who sends a request, as far as that can be told after authentication.
 */
public interface HttpCaller {

	/**
	 * Return who the caller is.
	 * @return the principal, or {@code null} if nobody was authenticated
	 */
	@Nullable Principal principal();

	/**
	 * Return the values of a header.
	 * @param name the header's name, of which upper and lower case do not count
	 * @return one value for each line of the request; empty if there is none
	 */
	List<String> header(String name);

	/**
	 * Return the path that was asked for.
	 * @return the path as it was sent: with the context path and encoded characters,
	 * without the query
	 */
	String path();

}
