import type { ResourceQuota } from '@fairway/kinds/core/v1';
import {
  type Evaluator,
  type Scope,
  type Usage,
  addUsage,
  isInScopes,
  quotaScopes,
  readAmount,
} from '@fairway/kind-rules/quotas';
import {
  type KubernetesObject,
  compareQuantities,
  formatQuantity,
  negateQuantity,
} from '@fairway/protocol';
import type { StoredObject } from '../../reads/cluster-reader.ts';
import {
  type LimitedResource,
  scopesInWords,
  uncoveredNames,
  uncoveredScopes,
} from './limited-resources.ts';

/** What is to be written, and how it counts. */
export interface Charge {
  readonly evaluator: Evaluator<unknown>;
  readonly object: KubernetesObject;
  /** What the store holds; absent for what is new. */
  readonly stored?: KubernetesObject;
  readonly nowMs: number;
  /** What earlier tries of the same request were charged, by the names of quotas. */
  readonly paid?: ReadonlyMap<string, Usage>;
  /** What is limited of such objects even without a quota. */
  readonly limited?: readonly LimitedResource[];
}

/** A quota while requests are charged to it. */
export interface Account {
  /** Of the quota. */
  readonly name: string;
  readonly stored: StoredObject<ResourceQuota>;
  readonly scopes: readonly Scope[];
  readonly hard: Usage;
  /** Grows with every request that passes. */
  readonly used: Usage;
}

export function openAccount(stored: StoredObject<ResourceQuota>): Account {
  const { metadata, status } = stored.object;
  const { hard = {}, used = {} } = status ?? {};
  const scopes = quotaScopes(stored.object);
  const name = metadata?.name ?? '';
  return { name, stored, scopes, hard: readUsage(hard), used: readUsage(used) };
}

/** How much of each quota a request takes; or why it may not, in the words of Kubernetes. */
export type Judgement =
  | { readonly kind: 'passes'; readonly takes: ReadonlyMap<Account, Usage> }
  | { readonly kind: 'refused'; readonly why: string }
  /** No quota has the scopes without which it may not be. */
  | { readonly kind: 'uncovered'; readonly why: string };

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
  const uncovered = judgeCover(accounts, matching, charge);
  if (uncovered !== undefined) return uncovered;
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

/** Whether all that is limited by the server's configuration has a quota. */
function judgeCover(
  accounts: readonly Account[],
  matching: readonly Account[],
  charge: Charge,
): Judgement | undefined {
  const { limited = [], evaluator } = charge;
  if (limited.length === 0) return undefined;
  const added = addedUsage(charge);
  if ([...added.values()].every(({ nanos }) => nanos <= 0n)) return undefined;
  const covered = matching.flatMap(({ hard }) => [...hard.keys()].filter(evaluator.isOf));
  const names = uncoveredNames(added, limited, new Set(covered));
  if (names.length > 0) {
    return { kind: 'refused', why: `insufficient quota to consume: ${names.join(',')}` };
  }
  const scopes = uncoveredScopes(charge, limited, accounts);
  if (scopes.length === 0) return undefined;
  const why = `insufficient quota to match these scopes: ${scopesInWords(scopes)}`;
  return { kind: 'uncovered', why };
}

export function take(account: Account, taken: Usage): void {
  for (const [name, amount] of taken) addUsage(account.used, name, amount);
}

function isMeant(
  { hard, scopes }: Account,
  evaluator: Evaluator<unknown>,
  object: KubernetesObject,
): boolean {
  return [...hard.keys()].some(evaluator.isOf) && isInScopes(evaluator, object, scopes);
}

function complaintOf({ name, hard, used }: Account, charge: Charge): string | undefined {
  const { evaluator, object } = charge;
  const names = [...hard.keys()].filter(evaluator.isOf);
  const unsaid = evaluator.unsaid?.(object, names) ?? [];
  if (unsaid.length > 0) return `failed quota: ${name}: must specify ${unsaid.join('; ')}`;
  const uncounted = names.filter((each) => !used.has(each)).toSorted();
  if (uncounted.length === 0) return undefined;
  return `status unknown for quota: ${name}, resources: ${uncounted.join(',')}`;
}

/** What a request adds; what it gives back is for the controller to count. */
function takenFrom(account: Account, charge: Charge): Usage {
  const { evaluator, stored, paid } = charge;
  const wasCounted = stored !== undefined && isMeant(account, evaluator, stored);
  const added = addedUsage(wasCounted ? charge : withoutStored(charge));
  for (const [name, amount] of paid?.get(account.name) ?? []) {
    addUsage(added, name, negateQuantity(amount));
  }
  return new Map([...added].filter(([name, { nanos }]) => account.hard.has(name) && nanos > 0n));
}

/** How much more an object counts with than what is stored, which may be less than nothing. */
function addedUsage({ evaluator, object, stored, nowMs }: Charge): Usage {
  const added: Usage = new Map(evaluator.usage(object, nowMs));
  if (stored === undefined) return added;
  for (const [name, amount] of evaluator.usage(stored, nowMs)) {
    addUsage(added, name, negateQuantity(amount));
  }
  return added;
}

function withoutStored({ stored: _, ...charge }: Charge): Charge {
  return charge;
}

function excessOf({ name: quota, hard, used }: Account, taken: Usage): string | undefined {
  const after = new Map([...taken.keys()].map((name) => [name, used.get(name) ?? readAmount('0')]));
  for (const [name, amount] of taken) addUsage(after, name, amount);
  const names = [...taken.keys()]
    .filter((name) => compareQuantities(amountIn(after, name), amountIn(hard, name)) > 0)
    .toSorted();
  if (names.length === 0) return undefined;
  const inWords = (usage: Usage): string =>
    names.map((name) => `${name}=${formatQuantity(amountIn(usage, name))}`).join(',');
  return `exceeded quota: ${quota}, requested: ${inWords(taken)}, used: ${inWords(used)}, limited: ${inWords(hard)}`;
}

function amountIn(usage: Usage, name: string): ReturnType<typeof readAmount> {
  return usage.get(name) ?? readAmount('0');
}

function readUsage(amounts: Readonly<Record<string, string>>): Usage {
  return new Map(Object.entries(amounts).map(([name, text]) => [name, readAmount(text)]));
}
