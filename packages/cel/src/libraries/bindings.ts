import type { Library } from '../declarations.ts';
import { bindMacro } from '../macros/bind-macro.ts';

/** `cel.bind`, which Kubernetes 1.36 does not have. */
export const bindingsLibrary: Library = { functions: [], macros: [bindMacro] };
