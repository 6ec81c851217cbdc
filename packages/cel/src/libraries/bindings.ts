import type { Library } from '../declarations.ts';
import { bindMacro } from '../macros/bind-macro.ts';

/** `cel.bind`, which Kubernetes has where devices are chosen, and nowhere else. */
export const bindingsLibrary: Library = { functions: [], macros: [bindMacro] };
