/** What one expression may be, and what evaluating it may cost. */
export interface Limits {
  /** Characters of the text of an expression. */
  readonly expressionCharactersMax: number;
  /** How deep an expression may nest. */
  readonly nestingMax: number;
  /** Nodes of the expression, macros expanded. */
  readonly expressionNodesMax: number;
}

/**
 * cel-go allows 100,000 code points and 250 levels; Kubernetes leaves both as they are. 20,000 nodes take
 * some 100 ms to check and compile.
 */
export const defaultLimits: Limits = {
  expressionCharactersMax: 100_000,
  nestingMax: 250,
  expressionNodesMax: 20_000,
};

/** What one evaluation may cost. Source: Kubernetes, apis/cel, `PerCallLimit`. */
export const costPerCallMax = 1_000_000;
/** What all rules of one object may cost together. Source: `RuntimeCELCostBudget`. */
export const costPerBudgetMax = 10_000_000;
