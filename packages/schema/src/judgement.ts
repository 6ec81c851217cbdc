import type { FieldError, Schema } from '@fairway/protocol';
import type { Effort } from './walk.ts';

/** A value of a custom resource, and where it is. */
export interface PlacedValue {
  readonly value: unknown;
  /** As in messages: `spec.ports[0]`; empty at the root. */
  readonly path: string;
  /** What was there before an update: what has not changed is not judged again. */
  readonly stored?: unknown;
}

/** What has been found so far, and how much more may be done. */
export class Judgement {
  readonly errors: FieldError[] = [];
  readonly effort: Effort;
  readonly #errorsMax: number;

  constructor(effort: Effort, errorsMax: number) {
    this.effort = effort;
    this.#errorsMax = errorsMax;
  }

  /** True when enough is found, or enough done. */
  get isOver(): boolean {
    return this.errors.length >= this.#errorsMax || this.effort.isSpent;
  }

  add(error: FieldError): void {
    if (this.errors.length < this.#errorsMax) this.errors.push(error);
  }
}

/** By which schema something is judged, and what has been found so far. */
export interface JudgedBy {
  readonly schema: Schema;
  readonly found: Judgement;
}

/** What it takes to hold one value against one schema. */
export const stepsOfValue = 20;

/** What is wrong with the object as a whole has no field, which Go prints as `<nil>`. */
export const noField = '<nil>';

export function fieldAt(path: string): string {
  return path === '' ? noField : path;
}

/** The types that a schema allows; none: any. */
export function typesOf({ type, isIntOrString }: Schema): readonly string[] {
  if (isIntOrString === true) return ['integer', 'string'];
  return type === undefined ? [] : [type];
}
