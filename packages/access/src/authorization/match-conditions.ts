import type { PlainMap, Program } from '@fairway/cel';
import { messageOf } from '@fairway/host';
import type { ReviewSpec } from './review-spec.ts';

/**
 * Whether a webhook is to be asked about a request: all conditions must hold. One that does not is enough to
 * say no, also where others have no value.
 */
export type MatchConditions = (spec: ReviewSpec) => Matching;

export type Matching =
  | { readonly kind: 'matched' | 'unmatched' }
  | { readonly kind: 'failed'; readonly errors: readonly string[] };

export interface CompiledConditions {
  readonly conditions: MatchConditions;
  /** What is wrong with expressions that cannot be compiled, by their place. */
  readonly problems: readonly { readonly index: number; readonly why: string }[];
}

/** Always asked. */
export const unconditional: MatchConditions = () => ({ kind: 'matched' });

/** Compiles expressions over `request`. Source: KEP-3221, structured authorization configuration. */
export async function compileMatchConditions(
  expressions: readonly string[],
): Promise<CompiledConditions> {
  if (expressions.length === 0) return { conditions: unconditional, problems: [] };
  // Few configurations have any.
  const { Failure, accessReviewEnvironment, boolType, compileAs } = await import('@fairway/cel');
  const environment = accessReviewEnvironment();
  const compiled = expressions.map((text) => compileAs(environment, text, [boolType]));
  const programs = compiled.flatMap((each) => (each.kind === 'compiled' ? [each.program] : []));
  const problems = compiled.flatMap((each, index) =>
    each.kind === 'refused' ? [{ index, why: each.problem }] : [],
  );
  /** What it comes to, or in words why to nothing. */
  const evaluate = (program: Program, spec: ReviewSpec): boolean | string => {
    try {
      const { result } = program.evaluate({ request: spec as unknown as PlainMap });
      if (typeof result === 'boolean') return result;
      return result instanceof Failure ? result.message : 'it is neither true nor false';
    } catch (error) {
      // It costs more than it may.
      return messageOf(error);
    }
  };
  const conditions: MatchConditions = (spec) => {
    const results = programs.map((program) => evaluate(program, spec));
    if (results.includes(false)) return { kind: 'unmatched' };
    const errors = results.filter((result) => typeof result === 'string');
    return errors.length === 0 ? { kind: 'matched' } : { kind: 'failed', errors };
  };
  return { conditions, problems };
}
