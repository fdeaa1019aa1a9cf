/**
 * A small application that shows what the library does.
 */
@NullMarked
package io.idempotency.sample;

import org.jspecify.annotations.NullMarked;
