import type { Expression } from '../expression.ts';
import type { Type } from '../type.ts';
import type { Estimate } from './estimates.ts';

/** A part of an expression, as the costs of functions look at it. */
export interface Operand {
  readonly type: Type;
  readonly expression: Expression;
  readonly cost: Estimate;
  readonly size: Estimate;
  /** Of the elements, if it is a list; undefined for what is none. */
  readonly elementSize: Estimate | undefined;
}
