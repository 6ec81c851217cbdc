import { type Expression, operators } from '../expression.ts';
import { Builder, type Macro, type MacroCall, isIssue, variableNames } from './macro.ts';

/**
 * `optional.optMap(x, x + 1)`: what is made of the value, if there is one. Source: cel-go,
 * cel/library.go, "OptionalTypes".
 */
function optionalMacro(
  name: string,
  wrap: (build: Builder, body: Expression) => Expression,
): Macro {
  return {
    name,
    argumentCount: 2,
    isMember: true,
    expand: (call: MacroCall) => {
      const target = call.target as Expression;
      const [variable, body] = call.arguments as [Expression, Expression];
      const names = variableNames([variable]);
      if (isIssue(names)) {
        const message = `${name}() variable name must be a simple identifier`;
        return { offset: names.offset, message };
      }
      const build = new Builder(call.offset);
      const value = build.method(target, 'value');
      return build.call(
        operators.conditional,
        build.method(target, 'hasValue'),
        wrap(build, bindVariable(build, { name: names[0] as string, value, body })),
        build.call('optional.none'),
      );
    },
  };
}

interface Binding {
  readonly name: string;
  readonly value: Expression;
  readonly body: Expression;
}

/** A loop over nothing whose accumulator is the variable. */
export function bindVariable(build: Builder, { name, value, body }: Binding): Expression {
  const loop = build.loop(build.list(), ['#unused'], {
    initial: value,
    condition: build.literal(false),
    step: build.name(name),
    result: body,
  });
  return { ...loop, accumulator: name };
}

export const optionalMacros: readonly Macro[] = [
  optionalMacro('optMap', (build, body) => build.call('optional.of', body)),
  optionalMacro('optFlatMap', (_, body) => body),
];
