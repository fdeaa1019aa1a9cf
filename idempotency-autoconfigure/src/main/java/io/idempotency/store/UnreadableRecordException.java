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

package io.idempotency.store;

/**
 * A record is there and its format is not known to this version of the library, usually
 * because a newer instance wrote it during a rolling deployment. It must neither be
 * overwritten nor run again.
 */
@SuppressWarnings("serial")
public class UnreadableRecordException extends RuntimeException {

	public UnreadableRecordException(RecordId id, int version) {
		super("Record " + id + " has format version " + version
				+ ", which this version of the library cannot read: finish the deployment of the newer one");
	}

}
