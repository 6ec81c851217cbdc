import { Type, dynType, isDynOrError, isSameType } from '../type.ts';

/** Thrown when types have become so large that comparing them takes too long. */
export class TypesTooLarge extends Error {}

/** Types that may be looked at to check one expression: some 100 ms. */
const typeStepsMax = 2_000_000;

/**
 * What is known of type parameters: each may stand for one type. Source: cel-spec, doc/langdef.md,
 * "Gradual type checking"; the order of the rules is that of cel-go's checker.
 */
export class Substitutions {
  #known = new Map<string, Type>();
  #created = 0;
  #steps = 0;

  /** A parameter that nothing is known about. */
  create(): Type {
    return new Type('parameter', `_var${this.#created++}`);
  }

  /** True when a value of the one may be given where the other is asked for; learns what that says. */
  areAssignable(given: readonly Type[], asked: readonly Type[]): boolean {
    const before = new Map(this.#known);
    const isAssignable =
      given.length === asked.length &&
      given.every((each, index) => this.#isAssignable(each, asked[index] as Type));
    if (!isAssignable) this.#known = before;
    return isAssignable;
  }

  /** The type with all that is known put in; parameters that stand for nothing become `dyn` if asked. */
  resolve(type: Type, unknownToDyn: boolean): Type {
    this.#step();
    const found = type.kind === 'parameter' ? this.#known.get(type.name) : undefined;
    if (found !== undefined) return this.resolve(found, unknownToDyn);
    if (type.kind === 'parameter') return unknownToDyn ? dynType : type;
    if (type.parameters.length === 0) return type;
    const parameters = type.parameters.map((each) => this.resolve(each, unknownToDyn));
    return new Type(type.kind, type.name, parameters);
  }

  #isAssignable(given: Type, asked: Type): boolean {
    this.#step();
    if (given.kind === 'parameter' && isSameType(given, asked)) return true;
    if (asked.kind === 'parameter') {
      const outcome = this.#substitute(given, asked);
      if (outcome !== 'unrelated') return outcome === 'fits';
    }
    if (given.kind === 'parameter') return this.#substitute(asked, given) === 'fits';
    if (isDynOrError(given) || isDynOrError(asked)) return true;
    if (given.kind === 'null') {
      return ['null', 'opaque', 'object', 'timestamp', 'duration'].includes(asked.kind);
    }
    if (given.kind !== asked.kind) return false;
    if (given.kind === 'type') return true;
    if (given.name !== asked.name || given.parameters.length !== asked.parameters.length) {
      return false;
    }
    return given.parameters.every((each, index) =>
      this.#isAssignable(each, asked.parameters[index] as Type),
    );
  }

  #step(): void {
    if (++this.#steps > typeStepsMax) throw new TypesTooLarge();
  }

  #substitute(type: Type, parameter: Type): 'fits' | 'differs' | 'unrelated' {
    const known = this.#known.get(parameter.name);
    if (known !== undefined) {
      if (isSameType(type, known)) return 'fits';
      if (!this.#isAssignable(type, known)) return 'differs';
      this.#known.set(parameter.name, mostGeneral(type, known));
      return 'fits';
    }
    if (this.#occursIn(parameter, type)) return 'unrelated';
    this.#known.set(parameter.name, type);
    return 'fits';
  }

  /** No type may contain itself. */
  #occursIn(parameter: Type, type: Type): boolean {
    this.#step();
    if (isSameType(parameter, type)) return true;
    if (type.kind === 'parameter') {
      const known = this.#known.get(type.name);
      return known !== undefined && this.#occursIn(parameter, known);
    }
    return type.parameters.some((each) => this.#occursIn(parameter, each));
  }
}

/** Of two types that fit each other, the one that says less. */
export function mostGeneral(one: Type, other: Type): Type {
  return isEqualOrLessSpecific(one, other) ? one : other;
}

function isEqualOrLessSpecific(one: Type, other: Type): boolean {
  if (one.kind === 'dyn' || one.kind === 'parameter') return true;
  if (other.kind === 'dyn' || other.kind === 'parameter') return false;
  if (one.kind !== other.kind) return false;
  if (one.kind === 'type') return true;
  if (one.name !== other.name || one.parameters.length !== other.parameters.length) return false;
  return one.parameters.every((each, index) =>
    isEqualOrLessSpecific(each, other.parameters[index] as Type),
  );
}
