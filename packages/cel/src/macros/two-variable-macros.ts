import { type Expression, operators } from '../expression.ts';
import {
  type LoopParts,
  allParts,
  existsOneParts,
  existsParts,
  loopMacro,
  mapParts,
  onlyIf,
} from './comprehensions.ts';
import type { Builder, Macro } from './macro.ts';

/** A map of what is made of each value, or of each that satisfies, at the same keys. */
function transformMapMacro(bodies: 1 | 2): Macro {
  return loopMacro('transformMap', { variables: 2, bodies }, (build, parts, [key]) =>
    insert(build, parts.length === 2 ? parts[0] : undefined, [
      key as Expression,
      parts.at(-1) as Expression,
    ]),
  );
}

/** A map of the entries that are made of each key and value: `{k: v}`. */
function transformMapEntryMacro(bodies: 1 | 2): Macro {
  return loopMacro('transformMapEntry', { variables: 2, bodies }, (build, parts) =>
    insert(build, parts.length === 2 ? parts[0] : undefined, [parts.at(-1) as Expression]),
  );
}

function insert(
  build: Builder,
  predicate: Expression | undefined,
  inserted: readonly Expression[],
): LoopParts {
  const step = build.call(operators.mapInsert, build.accumulator, ...inserted);
  return {
    initial: build.emptyMap(),
    condition: build.literal(true),
    step: onlyIf(build, predicate, step),
    result: build.accumulator,
  };
}

/** Source: cel-go, ext/comprehensions.go. */
export const twoVariableMacros: readonly Macro[] = [
  loopMacro('all', { variables: 2, bodies: 1 }, allParts),
  loopMacro('exists', { variables: 2, bodies: 1 }, existsParts),
  loopMacro('existsOne', { variables: 2, bodies: 1 }, existsOneParts),
  loopMacro('exists_one', { variables: 2, bodies: 1 }, existsOneParts),
  loopMacro('transformList', { variables: 2, bodies: 1 }, mapParts),
  loopMacro('transformList', { variables: 2, bodies: 2 }, mapParts),
  transformMapMacro(1),
  transformMapMacro(2),
  transformMapEntryMacro(1),
  transformMapEntryMacro(2),
];
