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

package io.idempotency.messaging.kafka;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.kafka.support.Acknowledgment;
import org.springframework.util.Assert;

/**
 * The acknowledgment of a batch whose listener did not get all records. It keeps what the
 * listener says until it is known which of the others are done, and says it about the
 * whole batch then. After that it passes on at once where the whole batch is done. Where
 * it is not, it comes again, and with it an acknowledgment of its own.
 */
final class KeptAcknowledgment implements Acknowledgment {

	private final Acknowledgment acknowledgment;

	private final List<Integer> positions;

	private boolean settled;

	private boolean open;

	private boolean acknowledged;

	private int givenBackFrom;

	private @Nullable Duration sleep;

	/**
	 * Keep an acknowledgment.
	 * @param acknowledgment the container's
	 * @param positions those of the records that the listener got
	 */
	KeptAcknowledgment(Acknowledgment acknowledgment, List<Integer> positions) {
		this.acknowledgment = acknowledgment;
		this.positions = positions;
		this.givenBackFrom = positions.size();
	}

	@Override
	public synchronized void acknowledge() {
		if (this.open) {
			this.acknowledgment.acknowledge();
		}
		this.acknowledged = true;
	}

	@Override
	public synchronized void acknowledge(int index) {
		if (this.open) {
			this.acknowledgment.acknowledge(this.positions.get(index));
		}
	}

	/** As with the container's, nobody can give back later, on another thread. */
	@Override
	public synchronized void nack(int index, Duration sleep) {
		Assert.state(!this.settled, "A batch can be given back only while its listener is called");
		this.givenBackFrom = index;
		this.sleep = sleep;
	}

	@Override
	public void nack(Duration sleep) {
		nack(0, sleep);
	}

	@Override
	public boolean isOutOfOrderCommit() {
		return this.acknowledgment.isOutOfOrderCommit();
	}

	synchronized int givenBackFrom() {
		return this.givenBackFrom;
	}

	/**
	 * Say what was kept. A partial acknowledgment is left to the whole one: what is done
	 * is skipped when it comes again.
	 * @param notDone the position of the first record that is not done
	 * @param count how many records there are
	 * @return whether the container knows that it has to deliver again
	 */
	synchronized boolean settle(int notDone, int count) {
		this.settled = true;
		this.open = notDone == count && this.sleep == null;
		if (this.sleep != null) {
			this.acknowledgment.nack(notDone, this.sleep);
			return true;
		}
		if (this.acknowledged && this.open) {
			this.acknowledgment.acknowledge();
		}
		return false;
	}

}
