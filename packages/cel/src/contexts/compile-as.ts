import type { Environment, Program } from '../environment.ts';
import { type Type, isSameType, typeText } from '../type.ts';

/** What came of an expression that must evaluate to something. */
export type CompiledAs =
  | { readonly kind: 'compiled'; readonly program: Program }
  | { readonly kind: 'refused'; readonly problem: string };

/**
 * Compiles an expression that must evaluate to exactly one of these types; none: to any. The problem is
 * told as Kubernetes tells it. Source: Kubernetes, admission/plugin/cel/compile.go.
 */
export function compileAs(
  environment: Environment,
  text: string,
  asked: readonly Type[],
): CompiledAs {
  const compiled = environment.compile(text);
  if (compiled.kind === 'refused') {
    return { kind: 'refused', problem: `compilation failed: ${compiled.problem}` };
  }
  const { program } = compiled;
  const { type } = program;
  if (type === undefined || asked.length === 0 || asked.some((each) => isSameType(each, type))) {
    return { kind: 'compiled', program };
  }
  const names = asked.map(typeText);
  const wanted = names.length === 1 ? `${names[0]}` : `one of [${names.join(' ')}]`;
  return { kind: 'refused', problem: `must evaluate to ${wanted} but got ${typeText(type)}` };
}
