import type { Checked } from '../check/checking.ts';
import type { Declared } from '../check/declared.ts';
import type { Expression } from '../expression.ts';
import type { FieldName } from './access.ts';
import type { Run } from './frame.ts';

/** What the parts of the compiler ask of each other. */
export interface Compiler {
  readonly declared: Declared;
  /** Undefined: names and functions are found without types. */
  readonly checked: Checked | undefined;
  compile(expression: Expression): Run;
  /** Declares variables of a macro for as long as `within` runs; it gets their slots. */
  withVariables<T>(names: readonly string[], within: (slots: readonly number[]) => T): T;
  /** True of a variable of a macro. */
  isLocal(name: string): boolean;
  /** The names of a field of what an expression comes to. */
  fieldName(operand: Expression, field: string): FieldName;
}
