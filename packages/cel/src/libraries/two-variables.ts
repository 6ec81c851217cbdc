import type { Library } from '../declarations.ts';
import { twoVariableMacros } from '../macros/two-variable-macros.ts';

/** Comprehensions that know the index or key too: `m.all(k, v, v > 0)`. */
export const twoVariablesLibrary: Library = { functions: [], macros: twoVariableMacros };
