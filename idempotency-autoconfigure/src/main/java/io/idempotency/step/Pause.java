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

package io.idempotency.step;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Lets time pass between two tries.
 */
@FunctionalInterface
interface Pause {

	/** Looks ten times a second whether to go on, and ends when it is interrupted. */
	Pause REAL = Pause::sleep;

	/**
	 * Let time pass.
	 * @param millis how much
	 * @param stop whether there is no use in it any more
	 * @return whether it has passed; if not because of an interrupt, the thread is marked
	 * as interrupted again
	 */
	boolean pass(long millis, BooleanSupplier stop);

	private static boolean sleep(long millis, BooleanSupplier stop) {
		CountDownLatch never = new CountDownLatch(1);
		long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		try {
			for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
				if (stop.getAsBoolean()) {
					return false;
				}
				never.await(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)), TimeUnit.NANOSECONDS);
			}
			return !stop.getAsBoolean();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
