import {
  CostExceeded,
  type Environment,
  type Match,
  type RegularExpression,
  kubernetesEnvironment,
  tooMuchWork,
} from '@fairway/cel';
import { compilePattern } from '../patterns/compile-pattern.ts';
import type { Pattern } from '../patterns/pattern.ts';
import { findMatch } from '../patterns/find-match.ts';
import { Effort } from '../walk.ts';

/** What all regular expressions of the rules of one object may do: some 200 ms. */
const matchStepsMax = 8_000_000;

/** For each character of a pattern, which may come from the object. */
const stepsOfPatternCharacter = 150;

/** What rules may use, made with the first of them: most servers have none. */
let environment: Environment | undefined;
/** Of the object that is being looked at. */
let effort = new Effort(matchStepsMax);

export function ruleEnvironment(): Environment {
  return (environment ??= kubernetesEnvironment((pattern) => {
    effort.add(stepsOfPatternCharacter * pattern.length);
    if (effort.isSpent) throw new CostExceeded();
    const compiled = compilePattern(pattern);
    return compiled.kind === 'compiled' ? expressionOf(compiled.pattern) : undefined;
  }));
}

/** Runs what looks at one object, with an effort of its own for regular expressions. */
export function withMatching<T>(own: Effort, run: () => T): T {
  effort = own;
  return run();
}

/** A bound for the regular expressions of the rules of one object. */
export function matchingEffort(): Effort {
  return new Effort(matchStepsMax);
}

function expressionOf(pattern: Pattern): RegularExpression {
  return {
    test(text) {
      const search = pattern.search(text, effort);
      let found = search.goOn();
      while (found === undefined) found = search.goOn();
      return effort.isSpent ? tooMuchWork : found;
    },
    find(text, from): Match | undefined | typeof tooMuchWork {
      const found = findMatch(pattern, { text, from, effort });
      return effort.isSpent ? tooMuchWork : found;
    },
  };
}
