import type { LimitRangeItem } from '@fairway/kinds/core/v1';
import { type ResourceAmounts, writtenAmounts } from '@fairway/kind-rules/pods';
import { type Quantity, compareQuantities, formatQuantity } from '@fairway/protocol';

/** What a container asks for, or a pod in all. */
export interface Amounts {
  readonly requests: ResourceAmounts;
  readonly limits: ResourceAmounts;
}

/** One amount as a limit range restricts it. */
interface Restricted {
  readonly name: string;
  readonly bound: Quantity;
  readonly request: Quantity | undefined;
  readonly limit: Quantity | undefined;
}

type Check = (restricted: Restricted, type: string) => string | undefined;

/**
 * What an item of a limit range says against the amounts of a container or pod, in the words of Kubernetes.
 * Where an update leaves request and limit as they were `before`, nothing.
 */
export function amountViolations(
  item: LimitRangeItem,
  { requests, limits }: Amounts,
  before?: Amounts,
): readonly string[] {
  const isKept = (name: string): boolean =>
    before !== undefined &&
    isSame(requests.get(name), before.requests.get(name)) &&
    isSame(limits.get(name), before.limits.get(name));
  const restricted = (bounds: LimitRangeItem['min']): readonly Restricted[] =>
    [...writtenAmounts(bounds)]
      .filter(([name]) => !isKept(name))
      .map(([name, bound]) => ({
        name,
        bound,
        request: requests.get(name),
        limit: limits.get(name),
      }));
  return [
    ...violations(restricted(item.min), item, tooLittle),
    ...violations(restricted(item.max), item, tooMuch),
    ...violations(restricted(item.maxLimitRequestRatio), item, tooFarApart),
  ];
}

/** The same for a claim, which has no limits, and where a request that is kept counts alone. */
export function requestViolations(
  item: LimitRangeItem,
  requests: ResourceAmounts,
  before?: ResourceAmounts,
): readonly string[] {
  const restricted = (bounds: LimitRangeItem['min']): readonly Restricted[] =>
    [...writtenAmounts(bounds)]
      .map(([name, bound]) => ({ name, bound, request: requests.get(name), limit: undefined }))
      .filter(({ name, request }) => before === undefined || !isSame(request, before.get(name)));
  return [
    ...violations(restricted(item.min), item, tooLittle),
    ...violations(restricted(item.max), item, tooMuchRequested),
  ];
}

function violations(
  all: readonly Restricted[],
  { type }: LimitRangeItem,
  check: Check,
): readonly string[] {
  return all.flatMap((restricted) => check(restricted, type) ?? []);
}

const tooLittle: Check = ({ name, bound, request, limit }, type) => {
  const text = `minimum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  if (request === undefined) return `${text}.  No request is specified`;
  if (compareQuantities(bound, request) > 0) {
    return `${text}, but request is ${formatQuantity(request)}`;
  }
  if (limit === undefined || compareQuantities(bound, limit) <= 0) return undefined;
  return `${text}, but limit is ${formatQuantity(limit)}`;
};

const tooMuch: Check = (restricted, type) => {
  const { name, bound, request, limit } = restricted;
  const text = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  if (limit === undefined) return `${text}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${text}, but limit is ${formatQuantity(limit)}`;
  return request === undefined ? undefined : tooMuchRequested(restricted, type);
};

const tooMuchRequested: Check = ({ name, bound, request }, type) => {
  const text = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  if (request === undefined) return `${text}.  No request is specified`;
  if (compareQuantities(request, bound) <= 0) return undefined;
  return `${text}, but request is ${formatQuantity(request)}`;
};

const tooFarApart: Check = ({ name, bound, request, limit }, type) => {
  const text = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}, but`;
  if (request === undefined || request.nanos === 0n) {
    return `${text} no request is specified or request is 0`;
  }
  if (limit === undefined || limit.nanos === 0n) {
    return `${text} no limit is specified or limit is 0`;
  }
  if (limit.nanos * 1_000_000_000n <= request.nanos * bound.nanos) return undefined;
  const ratio = Number(limit.nanos) / Number(request.nanos);
  return `${text} provided ratio is ${ratio.toFixed(6)}`;
};

function isSame(one: Quantity | undefined, other: Quantity | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return compareQuantities(one, other) === 0;
}
