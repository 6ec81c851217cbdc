import {
  type Estimate,
  exactly,
  nothing,
  plus,
  scaled,
  times,
  union,
  unknown,
} from './estimates.ts';
import { authorizationCheckCost } from './call-cost.ts';
import type { Operand } from './operand.ts';

/** A call of one overload, as its cost looks at it. */
export interface EstimatedCall {
  readonly name: string;
  readonly id: string;
  /** Of a method. */
  readonly target: Operand | undefined;
  readonly args: readonly Operand[];
}

/** What a call costs with its arguments, without its target; and how large its result is, if known. */
export interface CallEstimate {
  readonly cost: Estimate;
  readonly resultSize?: Estimate;
}

const textFactor = 0.1;
const patternFactor = 0.25;

type Estimator = (call: EstimatedCall) => CallEstimate | undefined;

/**
 * Source: cel-go, checker/cost.go, `functionCost`; Kubernetes, cel/library/cost.go. Which definitions
 * Kubernetes takes depends on these, so that they are what they are.
 */
export function estimateCall(call: EstimatedCall): CallEstimate {
  const own = byFunction[call.name]?.(call) ?? byOverload[call.id]?.(call);
  const { cost, resultSize } = own ?? { cost: exactly(1) };
  const total = call.id in byOperands ? cost : plus(cost, ...call.args.map((each) => each.cost));
  return resultSize === undefined ? { cost: total } : { cost: total, resultSize };
}

function first({ args }: EstimatedCall): Estimate {
  return args[0]?.size ?? unknown;
}

/** Going through the target once, or more often. */
function throughTarget(factor: number): Estimator {
  return ({ target }) => target && { cost: scaled(target.size, factor), resultSize: target.size };
}

/** Kubernetes has these costs only for methods, which they are not: without a target, one. */
function throughArgument(factor: number): Estimator {
  return (call) => call.target && { cost: scaled(first(call), factor) };
}

const elements: Estimator = ({ target }) => {
  if (target === undefined) return undefined;
  if (target.elementSize === undefined) return { cost: scaled(target.size, textFactor) };
  const { kind } = target.type.parameters[0] ?? { kind: 'dyn' };
  const isText = kind === 'string' || kind === 'bytes';
  const each = isText ? plus(exactly(1), scaled(target.elementSize, textFactor)) : exactly(1);
  return { cost: times(target.size, each) };
};

const search: Estimator = (call) => {
  if (call.target === undefined) return undefined;
  const { size } = call.target;
  const text = scaled(plus(size, exactly(1)), textFactor);
  return {
    cost: times(text, scaled(first(call), patternFactor)),
    resultSize: { min: 0, max: size.max },
  };
};

const join: Estimator = ({ target, args }) => {
  if (target === undefined) return undefined;
  const { size, elementSize = nothing } = target;
  const separators = { min: Math.max(0, size.min - 1), max: Math.max(0, size.max - 1) };
  const between = args[0] === undefined ? nothing : times(args[0].size, separators);
  const resultSize = plus(times(size, elementSize), between);
  return { cost: scaled(resultSize, textFactor), resultSize };
};

const split: Estimator = ({ target, args }) => {
  if (target === undefined) return undefined;
  const count = args[1]?.expression;
  const isKnown = count?.kind === 'literal' && typeof count.value === 'number' && count.value >= 0;
  const max = isKnown ? (count.value as number) : target.size.max;
  return { cost: scaled(target.size, 2 * textFactor), resultSize: { min: 0, max } };
};

const replace: Estimator = ({ target, args: [part, by] }) => {
  if (target === undefined || part === undefined || by === undefined) return undefined;
  const { size } = target;
  const longest = replacements(
    size.max,
    [part.size.min, by.size.max],
    by.size.max <= part.size.min,
  );
  const shortest = replacements(
    size.min,
    [part.size.max, by.size.min],
    part.size.max <= by.size.min,
  );
  const most = longest.count * by.size.max + longest.kept;
  const least = shortest.count * by.size.min + shortest.kept;
  const resultSize = { min: Math.min(least, unknown.max), max: Math.min(most, unknown.max) };
  return { cost: scaled(size, 2 * textFactor), resultSize };
};

/** How often a part may be replaced, and what of the text stays. */
function replacements(
  size: number,
  [part]: readonly [number, number],
  isNoChange: boolean,
): { readonly count: number; readonly kept: number } {
  if (part === 0) return { count: size + 1, kept: size };
  return isNoChange ? { count: 0, kept: size } : { count: Math.ceil(size / part), kept: 0 };
}

const one: Estimator = () => ({ cost: exactly(1) });

/** The bytes of two addresses, and of a text that must be read before. */
const containsIp: Estimator = (call) => {
  const addresses = scaled({ min: 8, max: 32 }, textFactor);
  const reading = call.id.endsWith('_string') ? scaled(first(call), textFactor) : nothing;
  return { cost: plus(addresses, reading) };
};

const containsCidr: Estimator = (call) => {
  const base = containsIp(call) as CallEstimate;
  return { cost: plus(base.cost, scaled({ min: 4, max: 16 }, textFactor), exactly(1)) };
};

const ip: Estimator = (call) => {
  if (call.target === undefined) return undefined;
  return call.args.length === 0 ? one(call) : { cost: scaled(first(call), textFactor) };
};

const url: Estimator = (call) => ({ cost: scaled(first(call), textFactor) });

const setPairs =
  (factor: number): Estimator =>
  ({ args: [left, right] }) =>
    left && right && { cost: plus(exactly(1), scaled(times(left.size, right.size), factor)) };

const validate: Estimator = (call) => ({ cost: plus(exactly(1), scaled(first(call), textFactor)) });

/** A list with a requirement for every two characters. */
const selector: Estimator = (call) => {
  const size = first(call);
  const requirements = scaled(scaled(size, 0.5), 50);
  return { cost: plus(exactly(10), scaled(size, textFactor), requirements) };
};

const byFunction: Readonly<Record<string, Estimator>> = {
  isSorted: elements,
  sum: elements,
  max: elements,
  min: elements,
  indexOf: elements,
  lastIndexOf: elements,
  url,
  lowerAscii: throughTarget(textFactor),
  upperAscii: throughTarget(textFactor),
  substring: throughTarget(textFactor),
  trim: throughTarget(textFactor),
  replace,
  split,
  join,
  find: search,
  findAll: search,
  cidr: throughArgument(textFactor),
  isIP: throughArgument(textFactor),
  isCIDR: throughArgument(textFactor),
  ip,
  containsIP: containsIp,
  containsCIDR: containsCidr,
  quantity: throughArgument(textFactor),
  isQuantity: throughArgument(textFactor),
  'sets.contains': setPairs(1),
  'sets.intersects': setPairs(1),
  'sets.equivalent': setPairs(2),
  validate,
  check: () => ({ cost: exactly(authorizationCheckCost) }),
  fieldSelector: selector,
  labelSelector: selector,
  'jsonpatch.escapeKey': (call) => ({
    cost: scaled(first(call), textFactor),
    resultSize: first(call),
  }),
};

const equality: Estimator = ({ args: [left, right] }) => {
  const max = Math.min(left?.size.max ?? unknown.max, right?.size.max ?? unknown.max);
  return { cost: scaled({ min: max > 0 ? 1 : 0, max }, textFactor) };
};

/** Kubernetes knows what its own types cost in `==`, but not in `!=`. */
const ownEquality: Estimator = (call) => {
  const { kind, name = '' } = call.args[0]?.type ?? {};
  if (kind !== 'opaque' || name === 'optional_type') return undefined;
  const addresses = scaled({ min: 8, max: 32 }, textFactor);
  if (name === 'net.IP') return { cost: addresses };
  return { cost: name === 'net.CIDR' ? plus(addresses, exactly(1)) : exactly(1) };
};

const joining: Estimator = ({ args: [left, right] }) => {
  if (left === undefined || right === undefined) return undefined;
  const resultSize = plus(left.size, right.size);
  return { cost: scaled(resultSize, textFactor), resultSize };
};

/** Overloads whose cost has that of their operands in it. */
const byOperands: Readonly<Record<string, true>> = {
  logical_and: true,
  logical_or: true,
  conditional: true,
};

const shortCircuit: Estimator = ({ args: [left, right] }) =>
  left && right && { cost: { min: left.cost.min, max: plus(left.cost, right.cost).max } };

const byOverload: Readonly<Record<string, Estimator>> = {
  logical_and: shortCircuit,
  logical_or: shortCircuit,
  conditional: ({ args: [condition, then, otherwise] }) =>
    condition &&
    then &&
    otherwise && {
      cost: plus(condition.cost, union(then.cost, otherwise.cost)),
      resultSize: union(then.size, otherwise.size),
    },
  string_format: (call) => {
    const size = call.target?.size ?? unknown;
    return { cost: scaled(size, textFactor), resultSize: plus(size, first(call)) };
  },
  string_to_bytes: (call) => {
    const { min, max } = first(call);
    return { cost: scaled(first(call), textFactor), resultSize: { min, max: max * 4 } };
  },
  bytes_to_string: (call) => {
    const { min, max } = first(call);
    return { cost: scaled(first(call), textFactor), resultSize: { min: min / 4, max } };
  },
  strings_quote: (call) => {
    const size = first(call);
    const resultSize = { min: size.min + 2, max: size.max * 2 + 2 };
    return { cost: scaled(size, textFactor), resultSize };
  },
  startsWith_string: (call) => ({ cost: scaled(first(call), textFactor) }),
  endsWith_string: (call) => ({ cost: scaled(first(call), textFactor) }),
  in_list: ({ args }) => ({ cost: args[1]?.size ?? unknown }),
  matches_string: (call) => {
    const found = search(call);
    return found && { cost: found.cost };
  },
  contains_string: (call) =>
    call.target && {
      cost: times(scaled(call.target.size, textFactor), scaled(first(call), textFactor)),
    },
  add_string: joining,
  add_bytes: joining,
  add_list: ({ args: [left, right] }) =>
    left && right && { cost: exactly(1), resultSize: plus(left.size, right.size) },
  equals: (call) => ownEquality(call) ?? equality(call),
  not_equals: equality,
  less_string: equality,
  less_equals_string: equality,
  greater_string: equality,
  greater_equals_string: equality,
  less_bytes: equality,
  less_equals_bytes: equality,
  greater_bytes: equality,
  greater_equals_bytes: equality,
};
