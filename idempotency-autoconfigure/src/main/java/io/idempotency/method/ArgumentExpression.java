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

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.idempotency.engine.InvalidOperationException;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.expression.BeanResolver;
import org.springframework.expression.ConstructorResolver;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.MethodResolver;
import org.springframework.expression.OperatorOverloader;
import org.springframework.expression.ParseException;
import org.springframework.expression.PropertyAccessor;
import org.springframework.expression.TypeComparator;
import org.springframework.expression.TypeConverter;
import org.springframework.expression.TypeLocator;
import org.springframework.expression.TypedValue;
import org.springframework.expression.spel.SpelCompilerMode;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.SpelParserConfiguration;
import org.springframework.expression.spel.ast.FunctionReference;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.StandardEvaluationContext;

/**
 * A SpEL expression over the arguments of one method, checked against its parameters when
 * it is parsed and compiled once it is warm. Arguments are {@code #name}, {@code #p0} or
 * {@code #a0}; {@code #result} is there where a result is.
 */
final class ArgumentExpression {

	private static final String RESULT = "result";

	private final String attribute;

	private final SpelExpression expression;

	private final Map<String, Integer> positions;

	private final StandardEvaluationContext shared;

	private ArgumentExpression(String attribute, SpelExpression expression, Map<String, Integer> positions,
			StandardEvaluationContext shared) {
		this.attribute = attribute;
		this.expression = expression;
		this.positions = positions;
		this.shared = shared;
	}

	/**
	 * Evaluate for one call.
	 * @param arguments the arguments
	 * @param result the result, where there is one
	 * @return the value
	 * @throws EvaluationException if it does not fit, with a message that names the
	 * attribute and the expression and has no value of an argument
	 */
	@Nullable Object evaluate(@Nullable Object[] arguments, @Nullable Object result) {
		try {
			return this.expression.getValue(new ArgumentsContext(arguments, result));
		}
		catch (EvaluationException ex) {
			throw explained(ex);
		}
	}

	boolean isTrue(@Nullable Object[] arguments, @Nullable Object result) {
		try {
			return Boolean.TRUE
				.equals(this.expression.getValue(new ArgumentsContext(arguments, result), Boolean.class));
		}
		catch (EvaluationException ex) {
			throw explained(ex);
		}
	}

	private EvaluationException explained(EvaluationException ex) {
		return new EvaluationException(this.attribute + "=\"" + this.expression.getExpressionString()
				+ "\" could not be evaluated: " + ExpressionFailure.describe(this.expression.getAST(), ex), ex);
	}

	/**
	 * Parses the expressions of one method.
	 */
	static final class Parser {

		private final String operation;

		private final Map<String, Integer> positions = new HashMap<>();

		private final Set<String> names = new TreeSet<>();

		private final SpelExpressionParser parser;

		private final StandardEvaluationContext shared = new StandardEvaluationContext();

		Parser(String operation, int parameterCount, String @Nullable [] parameterNames, BeanFactory beanFactory,
				@Nullable ClassLoader classLoader) {
			this.operation = operation;
			this.parser = new SpelExpressionParser(new SpelParserConfiguration(SpelCompilerMode.MIXED, classLoader));
			this.shared.setBeanResolver(new BeanFactoryResolver(beanFactory));
			for (int i = 0; i < parameterCount; i++) {
				this.positions.put("p" + i, i);
				this.positions.put("a" + i, i);
				if (parameterNames != null) {
					this.positions.put(parameterNames[i], i);
				}
				this.names.add("#" + ((parameterNames != null) ? parameterNames[i] : "p" + i));
			}
		}

		/**
		 * Let expressions from now on see one of many items, which comes after the
		 * arguments.
		 */
		void addItem(int parameterCount) {
			this.positions.put(EachItem.NAME, parameterCount);
			this.names.add("#" + EachItem.NAME);
		}

		/**
		 * Parse an expression.
		 * @param attribute the attribute that it comes from
		 * @param text the expression
		 * @param withResult whether {@code #result} is there
		 * @return the expression, or {@code null} if there is no text
		 * @throws InvalidOperationException if it is not SpEL or names what does not
		 * exist
		 */
		@Nullable ArgumentExpression parse(String attribute, String text, boolean withResult) {
			if (text.isBlank()) {
				return null;
			}
			SpelExpression expression;
			try {
				expression = this.parser.parseRaw(text);
			}
			catch (ParseException ex) {
				throw new InvalidOperationException(this.operation,
						"has " + attribute + "=\"" + text + "\", which is not a SpEL expression: " + ex.getMessage(),
						"Correct it; the parameters are " + this.names);
			}
			check(attribute, text, expression.getAST(), withResult);
			return new ArgumentExpression(attribute, expression, this.positions, this.shared);
		}

		private void check(String attribute, String text, SpelNode node, boolean withResult) {
			if (node instanceof FunctionReference) {
				throw new InvalidOperationException(this.operation,
						"has " + attribute + "=\"" + text + "\", and there are no functions",
						"Call a method of an argument, of T(some.Type) or of a @bean");
			}
			if (node instanceof VariableReference) {
				String name = node.toStringAST().substring(1);
				boolean known = this.positions.containsKey(name) || name.equals("this") || name.equals("root")
						|| (withResult && name.equals(RESULT));
				if (!known) {
					throw new InvalidOperationException(this.operation,
							"has " + attribute + "=\"" + text + "\", and there is no parameter '" + name + "'",
							"Use one of " + this.names + (withResult ? " or #result" : "")
									+ "; names need the compiler option -parameters");
				}
			}
			for (int i = 0; i < node.getChildCount(); i++) {
				check(attribute, text, node.getChild(i), withResult);
			}
		}

	}

	/**
	 * The variables of one call; all else is shared, with the caches that it holds.
	 */
	private final class ArgumentsContext implements EvaluationContext {

		private final @Nullable Object[] arguments;

		private final @Nullable Object result;

		private @Nullable Map<String, @Nullable Object> assigned;

		private ArgumentsContext(@Nullable Object[] arguments, @Nullable Object result) {
			this.arguments = arguments;
			this.result = result;
		}

		@Override
		public @Nullable Object lookupVariable(String name) {
			Integer position = ArgumentExpression.this.positions.get(name);
			if (position != null) {
				return this.arguments[position];
			}
			if (name.equals(RESULT)) {
				return this.result;
			}
			return (this.assigned != null) ? this.assigned.get(name) : null;
		}

		@Override
		public void setVariable(String name, @Nullable Object value) {
			if (this.assigned == null) {
				this.assigned = new HashMap<>();
			}
			this.assigned.put(name, value);
		}

		@Override
		public TypedValue getRootObject() {
			return TypedValue.NULL;
		}

		@Override
		public List<PropertyAccessor> getPropertyAccessors() {
			return ArgumentExpression.this.shared.getPropertyAccessors();
		}

		@Override
		public List<ConstructorResolver> getConstructorResolvers() {
			return ArgumentExpression.this.shared.getConstructorResolvers();
		}

		@Override
		public List<MethodResolver> getMethodResolvers() {
			return ArgumentExpression.this.shared.getMethodResolvers();
		}

		@Override
		public @Nullable BeanResolver getBeanResolver() {
			return ArgumentExpression.this.shared.getBeanResolver();
		}

		@Override
		public TypeLocator getTypeLocator() {
			return ArgumentExpression.this.shared.getTypeLocator();
		}

		@Override
		public TypeConverter getTypeConverter() {
			return ArgumentExpression.this.shared.getTypeConverter();
		}

		@Override
		public TypeComparator getTypeComparator() {
			return ArgumentExpression.this.shared.getTypeComparator();
		}

		@Override
		public OperatorOverloader getOperatorOverloader() {
			return ArgumentExpression.this.shared.getOperatorOverloader();
		}

	}

}
