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

package io.idempotency.method;

import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import org.springframework.expression.EvaluationException;
import org.springframework.expression.spel.SpelEvaluationException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.Indexer;
import org.springframework.expression.spel.ast.InlineMap;
import org.springframework.expression.spel.ast.MethodReference;
import org.springframework.expression.spel.ast.Projection;
import org.springframework.expression.spel.ast.PropertyOrFieldReference;
import org.springframework.expression.spel.ast.Selection;

/**
 * Says why an expression could not be evaluated and what to do about it, by names of
 * members and types and never by values: SpEL's own messages have values, too.
 */
final class ExpressionFailure {

	private static final String NULL = "null";

	private ExpressionFailure() {
	}

	static String describe(SpelNode expression, EvaluationException failure) {
		if (!(failure instanceof SpelEvaluationException ex)) {
			return "it does not fit these arguments; see the cause";
		}
		return switch (ex.getMessageCode()) {
			case PROPERTY_OR_FIELD_NOT_READABLE -> missing("member", ex);
			case METHOD_NOT_FOUND -> missing("method", ex);
			case PROPERTY_OR_FIELD_NOT_READABLE_ON_NULL, METHOD_CALL_ON_NULL_OBJECT_NOT_ALLOWED ->
				askedOfNull(expression, insert(ex, 0));
			case CANNOT_INDEX_INTO_NULL_VALUE -> guardAgainstNull("it looks into null by an index");
			case PROJECTION_NOT_SUPPORTED_ON_TYPE, INVALID_TYPE_FOR_SELECTION ->
				insert(ex, 0).equals(NULL) ? guardAgainstNull("it looks for elements of null") : other(ex);
			default -> other(ex);
		};
	}

	private static String insert(SpelEvaluationException ex, int position) {
		@Nullable Object @Nullable [] inserts = ex.getInserts();
		return (inserts != null && position < inserts.length) ? String.valueOf(inserts[position]) : NULL;
	}

	private static String missing(String what, SpelEvaluationException ex) {
		return "there is no " + what + " '" + insert(ex, 0) + "' that is public on type " + insert(ex, 1)
				+ ". Correct the expression";
	}

	private static String askedOfNull(SpelNode expression, String member) {
		if (standsAlone(expression, member)) {
			return "'" + member + "' belongs to nothing. Arguments begin with # and text is in single quotes";
		}
		return guardAgainstNull("it asks for '" + member + "' of null");
	}

	private static String guardAgainstNull(String what) {
		return what + ". Guard it against null with ?.";
	}

	private static String other(SpelEvaluationException ex) {
		return "it does not fit these arguments (" + ex.getMessageCode() + "); see the cause";
	}

	/**
	 * Whether a member is asked of the root, which does not exist here: what follows a
	 * dot is not, nor is what brackets hold, keys and members of elements.
	 */
	private static boolean standsAlone(SpelNode node, String member) {
		return names(node, member) || anyChildStandsAlone(node, member);
	}

	private static boolean names(SpelNode node, String member) {
		return node instanceof PropertyOrFieldReference property && property.getName().equals(member)
				|| node instanceof MethodReference method && member.startsWith(method.getName() + "(");
	}

	private static boolean anyChildStandsAlone(SpelNode node, String member) {
		if (node instanceof Indexer || node instanceof Projection || node instanceof Selection
				|| node instanceof InlineMap) {
			return false;
		}
		return IntStream.range(0, node.getChildCount())
			.anyMatch((i) -> (node instanceof CompoundExpression && i > 0)
					? anyChildStandsAlone(node.getChild(i), member) : standsAlone(node.getChild(i), member));
	}

}
