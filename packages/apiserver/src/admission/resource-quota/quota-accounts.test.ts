import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { evaluatorOf, readAmount } from '@fairway/kind-rules/quotas';
import type { ResourceQuota } from '@fairway/kinds/core/v1';
import { formatQuantity } from '@fairway/protocol';
import { type ChargedRequest, QuotaAccounts, type QuotaStore } from './quota-accounts.ts';
import { Reservations } from './reservations.ts';

const subject = { group: '', plural: 'secrets', name: 's' };
const charge = { evaluator: evaluatorOf('secrets'), object: {}, nowMs: 0 };
const request: ChargedRequest = { charge, subject, isDryRun: false };

/** Quotas over five secrets each, under the name in `counted`. `meanwhile` is asked before each write, and may write itself. */
class MemoryQuotas implements QuotaStore {
  readonly used = new Map<string, number>();
  readonly counted = new Map<string, string>();
  readonly #revisions = new Map<string, number>();
  readonly #meanwhile: (quotas: MemoryQuotas, name: string) => void;

  constructor(names: readonly string[], meanwhile: (quotas: MemoryQuotas, name: string) => void) {
    for (const name of names) this.set(name, 0);
    this.#meanwhile = meanwhile;
  }

  set(name: string, used: number): void {
    this.used.set(name, used);
    this.#revisions.set(name, (this.#revisions.get(name) ?? 0) + 1);
  }

  readonly read: QuotaStore['read'] = async () =>
    [...this.used].map(([name, used]) => {
      const resource = this.counted.get(name) ?? 'secrets';
      const status = { hard: { [resource]: '5' }, used: { [resource]: `${used}` } };
      const object: ResourceQuota = { metadata: { name }, status };
      return { object, revision: this.#revisions.get(name) ?? 0, createRevision: 0 };
    });

  readonly write: QuotaStore['write'] = async ({ object, revision }, usage) => {
    const name = object.metadata?.name ?? '';
    this.#meanwhile(this, name);
    if (this.#revisions.get(name) !== revision) return false;
    const resource = this.counted.get(name) ?? 'secrets';
    this.set(name, Number(formatQuantity(usage.get(resource) ?? readAmount('0'))));
    return true;
  };
}

function accountsOf(
  names: readonly string[],
  meanwhile: (quotas: MemoryQuotas, name: string) => void = () => {},
): { quotas: MemoryQuotas; accounts: QuotaAccounts; reservations: Reservations } {
  const quotas = new MemoryQuotas(names, meanwhile);
  const reservations = new Reservations(new ManualClock());
  return { quotas, reservations, accounts: new QuotaAccounts(quotas, reservations) };
}

function codesOf(outcomes: readonly PromiseSettledResult<unknown>[]): readonly unknown[] {
  return outcomes.map((each) => (each.status === 'fulfilled' ? 201 : each.reason.code));
}

test('what somebody else takes meanwhile is not given out, and nothing is charged twice', async () => {
  let turns = 0;
  const { quotas, accounts, reservations } = accountsOf(['a', 'b'], (all, name) => {
    if (name === 'b' && turns++ === 0) all.set('b', 4);
  });
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => accounts.charge('x', request)));
  // The first one is alone, and the other two come together.
  assert.deepEqual(codesOf(outcomes), [201, 403, 403]);
  assert.deepEqual(
    [...quotas.used],
    [
      ['a', 1],
      ['b', 5],
    ],
  );
  const reserved = ['a', 'b'].map((name) => reservations.of({ namespace: 'x', name }));
  assert.deepEqual(
    reserved.map((each) => formatQuantity(each.get('secrets') ?? readAmount('0'))),
    ['1', '1'],
  );
});

test('what quotas cover that were written before another one was lost is covered still', async () => {
  let turns = 0;
  const { quotas, accounts } = accountsOf(['a', 'b'], (all, name) => {
    if (name === 'b' && turns++ === 0) all.set('b', 1);
  });
  quotas.counted.set('b', 'count/secrets');
  const limited = [{ group: '', plural: 'secrets', matchContains: ['secrets'], matchScopes: [] }];
  await accounts.charge('x', { ...request, charge: { ...charge, limited } });
  assert.deepEqual(
    [...quotas.used],
    [
      ['a', 1],
      ['b', 2],
    ],
  );
});

test('a request among many that is refused takes nothing from the others', async () => {
  const { quotas, accounts } = accountsOf(['a']);
  const dry = { ...request, isDryRun: true };
  const requests = [dry, request, dry, ...Array.from({ length: 6 }, () => request)];
  const outcomes = await Promise.allSettled(requests.map((each) => accounts.charge('x', each)));
  assert.deepEqual(codesOf(outcomes), [201, 201, 201, 201, 201, 201, 201, 403, 403]);
  assert.equal(quotas.used.get('a'), 5);
});

test('who never gets to write a quota is told to try again, and reserves nothing', async () => {
  const { accounts, reservations } = accountsOf(['a'], (all) => all.set('a', 0));
  await assert.rejects(accounts.charge('x', request), (error: Error & { code?: number }) => {
    assert.equal(error.code, 409);
    assert.match(error.message, /quotas of its namespace/);
    return true;
  });
  assert.equal(reservations.of({ namespace: 'x', name: 'a' }).size, 0);
});

test('a store that fails fails those who wait for it, and not those who come later', async () => {
  let isBroken = true;
  const { accounts } = accountsOf(['a'], () => {
    if (isBroken) throw new Error('the disk is full');
  });
  await assert.rejects(accounts.charge('x', request), /disk is full/);
  isBroken = false;
  await accounts.charge('x', request);
});
