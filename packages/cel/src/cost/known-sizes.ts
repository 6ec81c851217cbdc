import type { Checked } from '../check/checking.ts';
import { type Expression, type Identifier } from '../expression.ts';
import { type Type, dynType } from '../type.ts';
import { sizeOf } from '../values/value.ts';
import { Work } from '../values/work.ts';
import { type Estimate, exactly } from './estimates.ts';

/** From a variable to a part of it: `self`, `spec`, `@items`. */
export type ValuePath = readonly string[];

/** Says how large a part of a variable may be; undefined when it cannot be said. */
export type SizeAt = (path: ValuePath) => Estimate | undefined;

/** The sizes of what a list or a map has in it. */
export interface EntrySizes {
  readonly isList: boolean;
  readonly key: Estimate;
  readonly value: Estimate;
}

export interface LocalVariable {
  readonly name: string;
  readonly path: ValuePath;
  readonly size: Estimate | undefined;
  readonly entries: EntrySizes | undefined;
}

/** What is known of the parts of an expression while it is priced: where they come from, how large they are. */
export class KnownSizes {
  readonly sizeAt: SizeAt;
  readonly paths: Map<Expression, ValuePath> = new Map();
  readonly sizes: Map<Expression, Estimate> = new Map();
  readonly entries: Map<Expression, EntrySizes> = new Map();
  /** Variables of macros, the innermost last. */
  readonly locals: LocalVariable[] = [];
  readonly #checked: Checked;

  constructor(checked: Checked, sizeAt: SizeAt) {
    this.#checked = checked;
    this.sizeAt = sizeAt;
  }

  /** Notes where the value of a name comes from. */
  namePath(name: Identifier): void {
    this.paths.set(name, this.local(name.name)?.path ?? [name.name]);
  }

  bound(name: string, value: Expression): LocalVariable {
    const path = this.pathOf(value);
    return { name, path, size: this.sizeOf(value), entries: this.entriesOf(value) };
  }

  copySizes(to: Expression, from: Expression): void {
    const size = this.sizeOf(from);
    const entries = this.entriesOf(from);
    if (size !== undefined) this.sizes.set(to, size);
    if (entries !== undefined) this.entries.set(to, entries);
  }

  sizeOf(expression: Expression): Estimate | undefined {
    const known = this.sizes.get(expression) ?? literalSize(expression);
    if (known !== undefined) return known;
    const path = this.pathOf(expression);
    const found = path.length === 0 ? undefined : this.sizeAt(path);
    if (found !== undefined) {
      this.sizes.set(expression, found);
      return found;
    }
    if (isScalar(this.typeOf(expression))) return exactly(1);
    return expression.kind === 'identifier' ? this.local(expression.name)?.size : undefined;
  }

  entriesOf(expression: Expression): EntrySizes | undefined {
    const known = this.entries.get(expression);
    if (known !== undefined || expression.kind !== 'identifier') return known;
    return this.local(expression.name)?.entries;
  }

  pathOf(expression: Expression): ValuePath {
    const local = expression.kind === 'identifier' ? this.local(expression.name) : undefined;
    return local?.path ?? this.paths.get(expression) ?? [];
  }

  typeOf(expression: Expression): Type {
    return this.#checked.types.get(expression) ?? dynType;
  }

  local(name: string): LocalVariable | undefined {
    return this.locals.findLast((each) => each.name === name);
  }
}

function literalSize(expression: Expression): Estimate | undefined {
  if (expression.kind === 'literal') return exactly(sizeOf(expression.value, new Work()));
  if (expression.kind === 'list') return exactly(expression.elements.length);
  return expression.kind === 'map' ? exactly(expression.entries.length) : undefined;
}

function isScalar({ kind, name, parameters }: Type): boolean {
  if (kind === 'opaque' && name === 'optional_type') return isScalar(parameters[0] as Type);
  return ['bool', 'double', 'duration', 'int', 'timestamp', 'uint'].includes(kind);
}
