import type { Usage } from '@fairway/kind-rules/quotas';
import type { ResourceQuota } from '@fairway/kinds/core/v1';
import { ApiError, conflict, failureOf, forbidden } from '@fairway/protocol';
import type { StoredObject } from '../../reads/cluster-reader.ts';
import {
  type Account,
  type Charge,
  type Judgement,
  judgeCharge,
  openAccount,
  take,
} from './charge.ts';
import { type Reservation, type Reservations, paidBy } from './reservations.ts';

/** How quotas are read, and how their usage is written. */
export interface QuotaStore {
  readonly read: (namespace: string) => Promise<readonly StoredObject<ResourceQuota>[]>;
  /** False when somebody else has written the quota since it was read. */
  readonly write: (quota: StoredObject<ResourceQuota>, used: Usage) => Promise<boolean>;
}

/** A request that is to be charged to the quotas of its namespace. */
export interface ChargedRequest {
  readonly charge: Omit<Charge, 'paid'>;
  /** What earlier tries of the same request have reserved. */
  readonly earlier?: readonly Reservation[];
  /** What a refusal is about. */
  readonly subject: Parameters<typeof forbidden>[0];
  /** Judged, and charged nothing. */
  readonly isDryRun: boolean;
}

interface Waiting extends ChargedRequest {
  readonly resolve: (reservations: readonly Reservation[]) => void;
  readonly reject: (error: unknown) => void;
  readonly reserved: Map<string, Reservation>;
}

/** Between so many readings and writings others wrote each time. */
const attemptsMax = 50;

/**
 * Charges requests to quotas. Those that wait while quotas of their namespace are written are judged one after the
 * other and written together, so many at once cost few writes; and nobody passes on what another has taken.
 */
export class QuotaAccounts {
  readonly #store: QuotaStore;
  readonly #reservations: Reservations;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(store: QuotaStore, reservations: Reservations) {
    this.#store = store;
    this.#reservations = reservations;
  }

  /**
   * Answers what was reserved for the request, when the quotas say so.
   *
   * Errors: Forbidden `ApiError` when a quota does not allow it; Conflict when others kept writing.
   */
  charge(namespace: string, request: ChargedRequest): Promise<readonly Reservation[]> {
    return new Promise((resolve, reject) => {
      const one = { ...request, resolve, reject, reserved: new Map<string, Reservation>() };
      const waiting = this.#waiting.get(namespace);
      if (waiting !== undefined) return void waiting.push(one);
      this.#waiting.set(namespace, [one]);
      void this.#settleAll(namespace);
    });
  }

  async #settleAll(namespace: string): Promise<void> {
    while (true) {
      const batch = this.#waiting.get(namespace) ?? [];
      if (batch.length === 0) break;
      this.#waiting.set(namespace, []);
      try {
        await this.#settle(namespace, batch);
      } catch (error) {
        for (const waiting of batch) refuse(waiting, error);
      }
    }
    this.#waiting.delete(namespace);
  }

  async #settle(namespace: string, batch: readonly Waiting[]): Promise<void> {
    let open = batch;
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const accounts = (await this.#store.read(namespace)).map(openAccount);
      const changed = new Set<Account>();
      open = open.filter((waiting) => this.#take(waiting, { namespace, accounts, changed }));
      const lost = await this.#write(changed);
      if (lost.length === 0) return open.forEach(pass);
      for (const { reserved } of open) lost.forEach(({ name }) => giveBack(reserved, name));
    }
    for (const waiting of open) {
      refuse(
        waiting,
        conflict(
          waiting.subject,
          'the quotas of its namespace are written all the time; please try again',
        ),
      );
    }
  }

  /** Answers whether the request is still to be let through. */
  #take(
    waiting: Waiting,
    {
      namespace,
      accounts,
      changed,
    }: {
      readonly namespace: string;
      readonly accounts: readonly Account[];
      readonly changed: Set<Account>;
    },
  ): boolean {
    const { charge, earlier = [], reserved } = waiting;
    // What quotas were charged that are written already is not asked of them again.
    const paid = paidBy([...earlier, ...reserved.values()]);
    const judgement = judgeCharge(accounts, { ...charge, paid });
    if (judgement.kind !== 'passes') {
      refuse(waiting, refusalOf(judgement, waiting.subject));
      return false;
    }
    if (waiting.isDryRun) return true;
    for (const [account, taken] of judgement.takes) {
      take(account, taken);
      changed.add(account);
      const { name } = account;
      reserved.set(name, this.#reservations.reserve({ namespace, name }, taken));
    }
    return true;
  }

  /** Answers those that others have written meanwhile. */
  async #write(changed: ReadonlySet<Account>): Promise<readonly Account[]> {
    const outcomes = await Promise.all(
      [...changed].map(async (account) =>
        (await this.#store.write(account.stored, account.used)) ? [] : [account],
      ),
    );
    return outcomes.flat();
  }
}

/** A kube-apiserver takes what no quota covers for an error of its own. */
function refusalOf(
  { kind, why }: Exclude<Judgement, { readonly kind: 'passes' }>,
  subject: ChargedRequest['subject'],
): Error {
  if (kind === 'refused') return forbidden(subject, why);
  return new ApiError(failureOf({ message: why }, 500));
}

function pass({ resolve, reserved }: Waiting): void {
  resolve([...reserved.values()]);
}

/** What other quotas were charged already is repaired by the next count. */
function refuse({ reject, reserved }: Waiting, error: unknown): void {
  for (const { cancel } of reserved.values()) cancel();
  reject(error);
}

function giveBack(reserved: Map<string, Reservation>, name: string): void {
  reserved.get(name)?.cancel();
  reserved.delete(name);
}
