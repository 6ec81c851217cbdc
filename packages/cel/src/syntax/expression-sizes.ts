import { type Expression, partsOf } from '../expression.ts';
import type { Limits } from '../limits.ts';

/** How large an expression is: its nodes, those of what it names twice twice, and how deep they are. */
interface Size {
  readonly nodes: number;
  readonly depth: number;
}

/** Levels of operators and selections for each level of nesting: these do not nest where they are read. */
const levelsOfNesting = 4;

/** Knows how large expressions are that are made of each other. */
export class ExpressionSizes {
  readonly #limits: Limits;
  readonly #known = new WeakMap<Expression, Size>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** What a macro has made is not known yet, and is not deep. */
  of(expression: Expression): Size {
    const known = this.#known.get(expression);
    if (known !== undefined) return known;
    const parts = partsOf(expression).map((part) => this.of(part));
    const size = {
      nodes: parts.reduce((sum, part) => sum + part.nodes, 1),
      depth: parts.reduce((deepest, part) => Math.max(deepest, part.depth), 0) + 1,
    };
    this.#known.set(expression, size);
    return size;
  }

  /** Which limit an expression exceeds, in words. */
  problemOf(expression: Expression): string | undefined {
    const { expressionNodesMax, nestingMax } = this.#limits;
    const { nodes, depth } = this.of(expression);
    if (nodes > expressionNodesMax) return `expression has more than ${expressionNodesMax} nodes`;
    const depthMax = nestingMax * levelsOfNesting;
    return depth > depthMax ? `expression recursion limit exceeded: ${depthMax}` : undefined;
  }
}
