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
package io.idempotency.engine;

import io.idempotency.BatchAnswer;

/**
 * What is known about one key of a batch.
 */
sealed interface BatchState {

	/**
	 * Not the batch's, and not answered: to be claimed, if need be after somebody else.
	 */
	sealed interface Pending extends BatchState {

	}

	/**
	 * Nobody is known to be at the key.
	 */
	enum Free implements Pending {

		INSTANCE

	}

	/**
	 * Another caller in this JVM is at the key, or was a moment ago.
	 *
	 * @param ahead whom to follow
	 */
	record Behind(Flight ahead) implements Pending {

	}

	/**
	 * Somebody outside of this JVM is at the key.
	 */
	enum Elsewhere implements Pending {

		INSTANCE

	}

	/**
	 * The batch's, to be worked on and settled.
	 *
	 * @param admission the key
	 */
	record Won(Admission.Admitted.Won admission) implements BatchState {

	}

	/**
	 * The store could not be asked, and the work runs all the same.
	 */
	enum Unprotected implements BatchState {

		INSTANCE

	}

	/**
	 * Done with.
	 *
	 * @param answer what the caller gets
	 */
	record Answered(BatchAnswer<Object> answer) implements BatchState {

	}

}
