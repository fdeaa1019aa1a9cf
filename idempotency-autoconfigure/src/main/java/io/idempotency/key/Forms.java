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

package io.idempotency.key;

import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Finds the form of a class, once.
 */
final class Forms {

	private static final ClassValue<Form> BY_CLASS = new ClassValue<>() {
		@Override
		protected Form computeValue(Class<?> type) {
			return find(type);
		}
	};

	private Forms() {
	}

	static Form of(Class<?> type) {
		return BY_CLASS.get(type);
	}

	private static Form find(Class<?> type) {
		Form scalar = Scalars.find(type);
		if (scalar != null) {
			return scalar;
		}
		Form container = container(type);
		return (container != null) ? container : Members.find(type);
	}

	private static @Nullable Form container(Class<?> type) {
		if (type.isArray()) {
			return type.getComponentType().isPrimitive() ? Forms::primitives : Forms::array;
		}
		if (List.class.isAssignableFrom(type) || Deque.class.isAssignableFrom(type)) {
			return Forms::sequence;
		}
		if (Collection.class.isAssignableFrom(type)) {
			return Forms::unordered;
		}
		if (Map.class.isAssignableFrom(type)) {
			return Forms::map;
		}
		return Map.Entry.class.isAssignableFrom(type) ? Forms::entry : null;
	}

	private static void primitives(Encoder encoder, Object value, Declared declared) {
		encoder.out().tag(Tag.SEQUENCE);
		int length = Array.getLength(value);
		for (int i = 0; i < length; i++) {
			encoder.value(Array.get(value, i), Declared.NOWHERE);
		}
		encoder.out().tag(Tag.END);
	}

	private static void array(Encoder encoder, Object value, Declared declared) {
		elements(encoder, value, Arrays.asList((Object[]) value), declared);
	}

	private static void sequence(Encoder encoder, Object value, Declared declared) {
		elements(encoder, value, (Collection<?>) value, declared);
	}

	private static void elements(Encoder encoder, Object value, Collection<?> elements, Declared declared) {
		encoder.enter(value);
		encoder.out().tag(Tag.SEQUENCE);
		int index = 0;
		for (Object element : elements) {
			encoder.element(index++);
			encoder.value(element, declared.element());
		}
		encoder.out().tag(Tag.END);
		encoder.leave();
	}

	private static void unordered(Encoder encoder, Object value, Declared declared) {
		encoder.enter(value);
		encoder.out().tag(Tag.UNORDERED);
		Pieces pieces = new Pieces();
		for (Object element : (Collection<?>) value) {
			encoder.element(pieces.begin(encoder.out()));
			encoder.value(element, declared.element());
		}
		pieces.sort(encoder.out());
		encoder.out().tag(Tag.END);
		encoder.leave();
	}

	private static void map(Encoder encoder, Object value, Declared declared) {
		encoder.enter(value);
		encoder.out().tag(Tag.MAP);
		Pieces pieces = new Pieces();
		for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
			pieces.begin(encoder.out());
			writeEntry(encoder, entry, declared);
		}
		pieces.sort(encoder.out());
		encoder.out().tag(Tag.END);
		encoder.leave();
	}

	private static void entry(Encoder encoder, Object value, Declared declared) {
		encoder.enter(value);
		encoder.out().tag(Tag.MAP);
		writeEntry(encoder, (Map.Entry<?, ?>) value, Declared.NOWHERE);
		encoder.out().tag(Tag.END);
		encoder.leave();
	}

	/** Errors do not name the entry: a key may be confidential. */
	private static void writeEntry(Encoder encoder, Map.Entry<?, ?> entry, Declared declared) {
		encoder.member("<key>");
		encoder.value(entry.getKey(), declared.key());
		encoder.member("<value>");
		encoder.value(entry.getValue(), declared.element());
	}

	/** Where the pieces begin that have no order of their own. */
	private static final class Pieces {

		private int[] starts = new int[16];

		private int count;

		int begin(CanonicalBuffer out) {
			if (this.count == this.starts.length) {
				this.starts = Arrays.copyOf(this.starts, this.count * 2);
			}
			this.starts[this.count] = out.size();
			return this.count++;
		}

		void sort(CanonicalBuffer out) {
			out.sort(this.starts, this.count);
		}

	}

}
