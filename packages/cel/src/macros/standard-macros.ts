import type { Identifier } from '../expression.ts';
import {
  allParts,
  existsOneParts,
  existsParts,
  gather,
  loopMacro,
  mapParts,
} from './comprehensions.ts';
import type { Macro } from './macro.ts';

const has: Macro = {
  name: 'has',
  argumentCount: 1,
  isMember: false,
  expand: ({ arguments: [argument], offset }) => {
    if (argument?.kind === 'select' && !argument.isTest) {
      return { ...argument, isTest: true, offset };
    }
    const at = argument?.offset ?? offset;
    return { offset: at, message: 'invalid argument to has() macro' };
  },
};

/** Source: cel-spec, doc/langdef.md, "Macros". */
export const standardMacros: readonly Macro[] = [
  has,
  loopMacro('all', { variables: 1, bodies: 1 }, allParts),
  loopMacro('exists', { variables: 1, bodies: 1 }, existsParts),
  loopMacro('exists_one', { variables: 1, bodies: 1 }, existsOneParts),
  loopMacro('existsOne', { variables: 1, bodies: 1 }, existsOneParts),
  loopMacro('map', { variables: 1, bodies: 1 }, mapParts),
  loopMacro('map', { variables: 1, bodies: 2 }, mapParts),
  loopMacro('filter', { variables: 1, bodies: 1 }, (build, [predicate], [element]) =>
    gather(build, predicate, element as Identifier),
  ),
];
