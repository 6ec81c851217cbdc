import type { SchemaType } from '@fairway/cel';
import { type FieldError, forbiddenField } from '@fairway/protocol';

/** What one expression may cost for all values of one object. Source: Kubernetes, apiextensions. */
const expressionCostMax = 10_000_000;
/** What all expressions of a schema may cost together. */
const schemaCostMax = 100_000_000;
/** How many are named when they cost too much together, and what they must cost to be named. */
const expensiveMax = 4;
const expensiveCostMin = schemaCostMax / 100;

const requestBytesMax = 3 * 1024 * 1024;

/** How many values of one object a rule may be held against. */
export type Cardinality = number | 'unbounded';

interface Priced {
  readonly field: string;
  readonly cost: number;
}

interface CostOptions {
  readonly field: string;
  readonly cardinality: Cardinality;
  readonly type: SchemaType;
}

/** Adds up what the rules of a schema may cost. */
export class RuleCosts {
  #total = 0;
  readonly #priced: Priced[] = [];

  /** Answers by how much one expression costs too much. */
  add(cost: number, { field, cardinality, type }: CostOptions): string | undefined {
    const count =
      cardinality === 'unbounded' ? Math.floor(requestBytesMax / (type.bytesMin + 1)) : cardinality;
    const whole = Math.min(2 ** 64, cost * count);
    this.#total = Math.min(2 ** 64, this.#total + whole);
    this.#priced.push({ field, cost: whole });
    return whole > expressionCostMax ? excess(whole, expressionCostMax) : undefined;
  }

  /** What is wrong with all of them together. */
  errors(path: string): readonly FieldError[] {
    if (this.#total <= schemaCostMax) return [];
    const expensive = this.#priced
      .filter(({ cost }) => cost >= expensiveCostMin)
      .sort((one, other) => other.cost - one.cost)
      .slice(0, expensiveMax);
    const whole = 'estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...expensive.map(({ field }) =>
        forbiddenField(
          field,
          'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
        ),
      ),
      forbiddenField(
        path,
        `x-kubernetes-validations ${whole} ${excess(this.#total, schemaCostMax)}`,
      ),
    ];
  }
}

function excess(cost: number, costMax: number): string {
  const factor = cost / costMax;
  const shown =
    factor > 100
      ? 'more than 100x'
      : factor < 1.5
        ? `${factor.toFixed(6)}x`
        : `${factor.toFixed(1)}x`;
  return `exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
