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

package io.idempotency.test.servers;

import java.nio.file.Files;
import java.nio.file.Path;

import org.opentest4j.TestAbortedException;

/**
 * Where the Maven profile {@code servers} puts what is too large for every build: files
 * that no class path needs.
 */
final class ServerArchives {

	/** The system property that names the folder. */
	static final String PROPERTY = "idempotency.test.servers";

	private ServerArchives() {
	}

	/**
	 * Find an archive.
	 * @param file its name in the folder
	 * @param server what the test cannot do without
	 * @param variable the environment variable that would replace it
	 * @return the file, which is there
	 * @throws TestAbortedException if it is not, except in CI, which has to have it
	 */
	static Path find(String file, String server, String variable) {
		String folder = System.getProperty(PROPERTY);
		Path archive = (folder != null) ? Path.of(folder, file) : null;
		if (archive == null || !Files.exists(archive)) {
			String missing = "There is no " + server + ": build with the Maven profile 'servers', or set " + variable
					+ " to a running one";
			throw (System.getenv("CI") != null) ? new IllegalStateException(missing)
					: new TestAbortedException(missing);
		}
		return archive;
	}

}
