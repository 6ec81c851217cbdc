import type { ResourceQuota } from '@fairway/kinds/core/v1';
import {
  type Evaluator,
  type Usage,
  addUsage,
  isInScopes,
  quotaScopes,
  readAmount,
} from '@fairway/kind-rules/quotas';
import {
  type KubernetesObject,
  addQuantities,
  compareQuantities,
  formatQuantity,
  negateQuantity,
} from '@fairway/protocol';

/** What is to be written, and how it counts. */
export interface Charge {
  readonly evaluator: Evaluator<unknown>;
  readonly object: KubernetesObject;
  /** What the store holds; absent for what is new. */
  readonly stored?: KubernetesObject;
  readonly nowMs: number;
  /** What earlier tries of the same request were charged, by the names of quotas. */
  readonly paid?: ReadonlyMap<string, Usage>;
}

/** A quota while requests are charged to it. */
export interface Account {
  readonly quota: ResourceQuota;
  readonly hard: Usage;
  /** Grows with every request that passes. */
  readonly used: Usage;
}

export function openAccount(quota: ResourceQuota): Account {
  const { hard = {}, used = {} } = quota.status ?? {};
  return { quota, hard: readUsage(hard), used: readUsage(used) };
}

/** How much of each quota a request takes; or why it may not, in the words of Kubernetes. */
export type Judgement =
  | { readonly kind: 'passes'; readonly takes: ReadonlyMap<Account, Usage> }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Judges a request by all quotas of its namespace; none of them changes.
 *
 * A quota counts once its controller has said in its status how much is allowed and how much used.
 */
export function judgeCharge(accounts: readonly Account[], charge: Charge): Judgement {
  const matching = accounts.filter((account) => isMeant(account, charge.evaluator, charge.object));
  for (const account of matching) {
    const why = complaintOf(account, charge);
    if (why !== undefined) return { kind: 'refused', why };
  }
  const takes = new Map<Account, Usage>();
  for (const account of matching) {
    const taken = takenFrom(account, charge);
    if (taken.size === 0) continue;
    const why = excessOf(account, taken);
    if (why !== undefined) return { kind: 'refused', why };
    takes.set(account, taken);
  }
  return { kind: 'passes', takes };
}

export function take(account: Account, taken: Usage): void {
  for (const [name, amount] of taken) addUsage(account.used, name, amount);
}

function isMeant(
  { quota, hard }: Account,
  evaluator: Evaluator<unknown>,
  object: KubernetesObject,
): boolean {
  return [...hard.keys()].some(evaluator.isOf) && isInScopes(evaluator, object, quotaScopes(quota));
}

function complaintOf({ quota, hard, used }: Account, charge: Charge): string | undefined {
  const { evaluator, object } = charge;
  const name = quota.metadata?.name ?? '';
  const names = [...hard.keys()].filter(evaluator.isOf);
  const unsaid = evaluator.unsaid?.(object, names) ?? [];
  if (unsaid.length > 0) return `failed quota: ${name}: must specify ${unsaid.join('; ')}`;
  const uncounted = names.filter((each) => !used.has(each)).toSorted();
  if (uncounted.length === 0) return undefined;
  return `status unknown for quota: ${name}, resources: ${uncounted.join(',')}`;
}

/** What a request adds; what it gives back is for the controller to count. */
function takenFrom(account: Account, charge: Charge): Usage {
  const { evaluator, object, stored, nowMs } = charge;
  const wasCounted = stored !== undefined && isMeant(account, evaluator, stored);
  const known: Usage = wasCounted ? new Map(evaluator.usage(stored, nowMs)) : new Map();
  const paid = charge.paid?.get(account.quota.metadata?.name ?? '') ?? [];
  for (const [name, amount] of paid) addUsage(known, name, amount);
  const taken: Usage = new Map();
  for (const [name, amount] of evaluator.usage(object, nowMs)) {
    if (!account.hard.has(name)) continue;
    const before = known.get(name);
    const more = before === undefined ? amount : addQuantities(amount, negateQuantity(before));
    if (more.nanos > 0n) taken.set(name, more);
  }
  return taken;
}

function excessOf({ quota, hard, used }: Account, taken: Usage): string | undefined {
  const after = new Map([...taken.keys()].map((name) => [name, used.get(name) ?? readAmount('0')]));
  for (const [name, amount] of taken) addUsage(after, name, amount);
  const names = [...taken.keys()]
    .filter((name) => compareQuantities(amountIn(after, name), amountIn(hard, name)) > 0)
    .toSorted();
  if (names.length === 0) return undefined;
  const inWords = (usage: Usage): string =>
    names.map((name) => `${name}=${formatQuantity(amountIn(usage, name))}`).join(',');
  return `exceeded quota: ${quota.metadata?.name}, requested: ${inWords(taken)}, used: ${inWords(used)}, limited: ${inWords(hard)}`;
}

function amountIn(usage: Usage, name: string): ReturnType<typeof readAmount> {
  return usage.get(name) ?? readAmount('0');
}

function readUsage(amounts: Readonly<Record<string, string>>): Usage {
  return new Map(Object.entries(amounts).map(([name, text]) => [name, readAmount(text)]));
}
