/** What an expression is written for, which decides what it may name and what it must come to. */
export type ExpressionUse =
  | 'matchCondition'
  | 'validation'
  | 'message'
  | 'auditValue'
  | 'variable'
  | 'applyConfiguration'
  | 'jsonPatch'
  | 'deviceSelector';

/** An expression (CEL) that an object has. */
export interface WrittenExpression {
  readonly use: ExpressionUse;
  readonly field: string;
  readonly text: string;
  /** As the object has it, when blanks around it were taken away. */
  readonly written?: string;
  /** The policy has parameters. */
  readonly hasParams?: boolean;
  /** Of a variable: those after it name it so. */
  readonly name?: string;
}

/** An expression that is judged later, and where among what is wrong with its object that goes. */
export interface PlacedExpression {
  readonly expression: WrittenExpression;
  /** How many errors come before. */
  readonly after: number;
}
