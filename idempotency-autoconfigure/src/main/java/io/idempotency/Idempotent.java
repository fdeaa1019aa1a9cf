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

package io.idempotency;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.core.annotation.AliasFor;

/**
 * Makes the annotated method an <em>operation</em>: the work behind one key happens once,
 * and every other caller with that key gets the first one's answer.
 *
 * <p>
 * May stand on a method, on a class or interface (then it guards every public method) or
 * on an annotation of your own. Where several apply, the most specific one wins attribute
 * by attribute: method, then class. Settings under
 * {@code idempotency.operations.<operation>.*} override both, and {@code idempotency.*}
 * fills what nobody set.
 *
 * <p>
 * Every attribute's default means <em>unset</em>. String attributes may contain property
 * placeholders. The call goes through a Spring proxy, so a method that calls another one
 * of the same object is not guarded, and {@code private}, {@code final} and
 * {@code static} methods are refused at start-up.
 *
 * <p>
 * The guarded call may throw any {@link IdempotencyException}; its type tells the caller
 * what to do. The annotation can be used from any thread.
 */
@Target({ ElementType.METHOD, ElementType.TYPE, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface Idempotent {

	/**
	 * Alias for {@link #key()}.
	 * @return a SpEL expression
	 */
	@AliasFor("key")
	String value() default "";

	/**
	 * The key, as a SpEL expression over the arguments: {@code "#order.id"}. It must not
	 * evaluate to {@code null} or to blank text. Unset, the key is the parameter marked
	 * {@link IdempotencyKey}, else a digest of all arguments.
	 * @return a SpEL expression
	 */
	@AliasFor("value")
	String key() default "";

	/**
	 * For a method that works on many items at a time: the key of one of them, as a SpEL
	 * expression over {@code #item} and the arguments: {@code "#item.id"}. The items are
	 * the elements of the method's only parameter of type {@link java.util.List} or
	 * {@link java.util.Collection}. The method is called with just those items that were
	 * not done yet, in their order, and returns a {@code List} with a result for each, or
	 * nothing; its caller gets the results for all items. {@link #fingerprint()} and
	 * {@link #unless()} are about one item, too, and unset, an item comes with a
	 * fingerprint of itself and the other arguments.
	 * <p>
	 * Where only some items fail, the method throws a {@link PartialFailureException},
	 * and so does the call. Excludes {@link #key()}, and is
	 * {@link TransactionMode#SEPARATE} from transactions: the method may open one, but is
	 * not called inside one.
	 * @return a SpEL expression
	 * @see IdempotencyBatch
	 */
	String each() default "";

	/**
	 * The name of the operation, part of the identity of every record: renaming an
	 * operation loses its records. Unset, it is derived from class and method,
	 * {@code PaymentService.charge} becoming {@code payment-service-charge}.
	 * @return the name in lower-case kebab form
	 */
	String operation() default "";

	/**
	 * How long a recorded outcome is kept, counted from completion: {@code "36h"},
	 * {@code "PT36H"} or a placeholder. After that the key is new. Unset:
	 * {@code idempotency.ttl}, 24 hours.
	 * @return a duration
	 */
	String ttl() default "";

	/**
	 * A calendar-aligned period that is part of the identity, so that the same key is new
	 * in the next period: a divisor of a day such as {@code "15m"} or {@code "6h"},
	 * {@code "1d"}, {@code "1w"} (from Monday) or {@code "1mo"}. Periods are counted in
	 * {@code idempotency.zone}, UTC by default.
	 * @return the period
	 */
	String window() default "";

	/**
	 * What a caller does when the same key is being worked on.
	 * @return the policy
	 */
	OnConcurrent onConcurrent() default OnConcurrent.UNSET;

	/**
	 * What happens when it is not known whether the work was done.
	 * @return the policy
	 */
	OnUnknown onUnknown() default OnUnknown.UNSET;

	/**
	 * What must be equal when a key is used again, as a SpEL expression over the
	 * arguments: {@code "#order.amount"}. Unset, an explicit key comes with all
	 * arguments; {@code "none"} compares nothing.
	 * @return a SpEL expression or {@code none}
	 */
	String fingerprint() default "";

	/**
	 * Whether the call is guarded at all, as a SpEL expression over the arguments. When
	 * {@code false} the method runs as if it were not annotated.
	 * @return a SpEL expression
	 */
	String condition() default "";

	/**
	 * Whether to return the answer and forget that the call happened, as a SpEL
	 * expression over the arguments and {@code #result}: {@code "#result.pending"}.
	 * @return a SpEL expression
	 */
	String unless() default "";

	/**
	 * Exceptions that are an answer rather than an accident: they are kept for
	 * {@code idempotency.failure-ttl} and thrown again to later callers, rebuilt by the
	 * listed class's constructor that takes one {@code String}, else as an
	 * {@link IdempotencyRememberedFailureException}. One after which
	 * {@linkplain DurableSteps steps} were undone is kept for at least {@link #ttl()}.
	 * @return the exception types, subclasses included
	 */
	Class<? extends Throwable>[] rememberFailures() default {};

	/**
	 * Under {@link OnUnknown#HOLD}, the exceptions that prove that the work had no
	 * effect, so that the next call may run it again.
	 * @return the exception types, subclasses included
	 */
	Class<? extends Throwable>[] safeToRetry() default {};

	/**
	 * The store that keeps the records: {@code redis}, {@code jpa}, {@code jdbc},
	 * {@code memory} or the name of a store bean. Unset: {@code idempotency.store}.
	 * @return a store's name
	 */
	String store() default "";

	/**
	 * How the record relates to the method's transaction. Unset:
	 * {@code idempotency.transaction}, {@link TransactionMode#AUTO} by default.
	 * @return the mode
	 */
	TransactionMode transaction() default TransactionMode.UNSET;

}
