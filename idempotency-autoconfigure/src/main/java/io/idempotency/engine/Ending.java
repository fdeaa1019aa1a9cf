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

import io.idempotency.store.StoredOutcome;
import org.jspecify.annotations.Nullable;

/**
 * How the work of an {@link OpenRun} ended.
 *
 * @param how what is to become of the record
 * @param outcome the outcome, if there is one
 * @param failure what the work threw, if that is known
 */
public record Ending(How how, @Nullable StoredOutcome outcome, @Nullable Throwable failure) {

	/**
	 * Record the outcome for as long as a result is kept.
	 * @param outcome the outcome
	 * @return the ending
	 */
	public static Ending recorded(StoredOutcome outcome) {
		return new Ending(How.RECORDED, outcome, null);
	}

	/**
	 * Record the outcome for the short time that a remembered failure is kept.
	 * @param outcome the outcome
	 * @return the ending
	 */
	public static Ending remembered(StoredOutcome outcome) {
		return new Ending(How.REMEMBERED, outcome, null);
	}

	/**
	 * Note that the work failed: the next claim runs it again or, under
	 * {@link io.idempotency.OnUnknown#HOLD}, its outcome is unknown, unless the failure
	 * is one that proves that it had no effect.
	 * @param failure what the work threw, or {@code null} if that is not known
	 * @return the ending
	 */
	public static Ending failed(@Nullable Throwable failure) {
		return new Ending(How.FAILED, null, failure);
	}

	/**
	 * Remove the record: the work did not begin, or nothing is to be kept of it.
	 * @return the ending
	 */
	public static Ending forgotten() {
		return new Ending(How.FORGOTTEN, null, null);
	}

	Settlement settlement(Run run) {
		return switch (this.how) {
			case RECORDED -> Settlement.RECORD_VALUE;
			case REMEMBERED -> Settlement.REMEMBER_FAILURE;
			case FAILED -> run.failed(this.failure);
			case FORGOTTEN -> Settlement.FORGET;
		};
	}

	CallOutcome callOutcome() {
		return switch (this.how) {
			case RECORDED, REMEMBERED -> CallOutcome.EXECUTED;
			case FAILED -> CallOutcome.FAILED;
			case FORGOTTEN -> CallOutcome.FORGOTTEN;
		};
	}

	/**
	 * What is to become of the record.
	 */
	public enum How {

		/** It is an answer, for as long as a result. */
		RECORDED,

		/** It is an answer, for the short time of a failure. */
		REMEMBERED,

		/** It is kept as failed or unknown. */
		FAILED,

		/** It is removed. */
		FORGOTTEN

	}

}
