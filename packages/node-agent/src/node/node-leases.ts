import { type Client, isNotFound } from '@fairway/client';
import type { Clock, Random } from '@fairway/host';
import { Lease } from '@fairway/kinds/coordination/v1';
import type { Node } from '@fairway/kinds/core/v1';
import { type DeepReadonly, formatMicroTime } from '@fairway/protocol';
import { unlessOutdated } from '@fairway/reconcile';

const namespace = 'kube-node-lease';
const leaseDurationSeconds = 40;
const renewEveryMs = 10_000;

/** The leases of all nodes, renewed at moments that are spread over the ten seconds. */
export class NodeLeases {
  readonly #clock: Clock;
  readonly #random: Random;
  /** When each is to be renewed, by the clock that does not jump. */
  readonly #dueMs = new Map<string, number>();

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Renews the lease of a node if it is time, and answers when it is again. */
  async renew(client: Client, node: DeepReadonly<Node>): Promise<number> {
    const { name = '' } = node.metadata ?? {};
    const dueMs = this.#dueMs.get(name);
    const nowMs = this.#clock.elapsed();
    if (dueMs !== undefined && dueMs > nowMs) return dueMs;
    await this.#write(client, node);
    // All begin together, and none shall stay with the others.
    const share =
      dueMs === undefined ? this.#random.fraction() : 1 + this.#random.fraction() * 0.04;
    const nextMs = nowMs + renewEveryMs * share;
    this.#dueMs.set(name, nextMs);
    return nextMs;
  }

  forget(name: string): void {
    this.#dueMs.delete(name);
  }

  async #write(client: Client, { metadata }: DeepReadonly<Node>): Promise<void> {
    const { name = '', uid = '' } = metadata ?? {};
    const renewTime = formatMicroTime(this.#clock.now());
    const spec = { holderIdentity: name, leaseDurationSeconds, renewTime };
    try {
      await client.patch(Lease, name, { merge: { spec } }, { namespace });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }];
      await unlessOutdated(
        client.create(Lease, { metadata: { name, namespace, ownerReferences }, spec }),
      );
    }
  }
}
