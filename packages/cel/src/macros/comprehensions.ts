import { type Comprehension, type Expression, type Identifier, operators } from '../expression.ts';
import { Builder, type Macro, isIssue, variableNames } from './macro.ts';

export type LoopParts = Pick<Comprehension, 'initial' | 'condition' | 'step' | 'result'>;

/** A macro over a range whose first arguments are names; `make` gets what comes after, and the names. */
export function loopMacro(
  name: string,
  { variables, bodies }: { readonly variables: 1 | 2; readonly bodies: number },
  make: (build: Builder, bodies: readonly Expression[], names: readonly Identifier[]) => LoopParts,
): Macro {
  return {
    name,
    argumentCount: variables + bodies,
    isMember: true,
    expand: ({ target, arguments: args, offset }) => {
      // In the words of cel-go, which has two for the same.
      const problem = /^(map|filter)$/.test(name) ? 'argument is not an identifier' : undefined;
      const names = variableNames(args.slice(0, variables), problem);
      if (isIssue(names)) return names;
      const build = new Builder(offset);
      const identifiers = names.map((each) => build.name(each));
      const parts = make(build, args.slice(variables), identifiers);
      return build.loop(target as Expression, names, parts);
    },
  };
}

/** True until an element does not satisfy. */
export function allParts(build: Builder, [predicate]: readonly Expression[]): LoopParts {
  return {
    initial: build.literal(true),
    condition: build.call(operators.notStrictlyFalse, build.accumulator),
    step: build.call(operators.and, build.accumulator, predicate as Expression),
    result: build.accumulator,
  };
}

/** False until an element satisfies. */
export function existsParts(build: Builder, [predicate]: readonly Expression[]): LoopParts {
  return {
    initial: build.literal(false),
    condition: build.call(operators.notStrictlyFalse, build.call(operators.not, build.accumulator)),
    step: build.call(operators.or, build.accumulator, predicate as Expression),
    result: build.accumulator,
  };
}

/** Counts the elements that satisfy; a failure of one is not made up for by others. */
export function existsOneParts(build: Builder, [predicate]: readonly Expression[]): LoopParts {
  return {
    initial: build.literal(0),
    condition: build.literal(true),
    step: build.call(
      operators.conditional,
      predicate as Expression,
      build.call(operators.add, build.accumulator, build.literal(1)),
      build.accumulator,
    ),
    result: build.call(operators.equals, build.accumulator, build.literal(1)),
  };
}

/** A list of what is made of each element, or of each that satisfies. */
export function mapParts(build: Builder, bodies: readonly Expression[]): LoopParts {
  const [predicate, transform] = bodies.length === 2 ? bodies : [undefined, bodies[0]];
  return gather(build, predicate, transform as Expression);
}

export function gather(
  build: Builder,
  predicate: Expression | undefined,
  element: Expression,
): LoopParts {
  const append = build.call(operators.add, build.accumulator, build.list(element));
  return {
    initial: build.list(),
    condition: build.literal(true),
    step: onlyIf(build, predicate, append),
    result: build.accumulator,
  };
}

/** Does the step for those that satisfy, and leaves the accumulator as it is for the others. */
export function onlyIf(
  build: Builder,
  predicate: Expression | undefined,
  step: Expression,
): Expression {
  if (predicate === undefined) return step;
  return build.call(operators.conditional, predicate, step, build.accumulator);
}
