import type { Clock } from '@fairway/host';
import type { Lease } from '@fairway/kinds/coordination/v1';
import type { Node } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/**
 * When something of a node was last heard, by our own clock: moments that nodes write are only compared
 * with each other.
 */
export class HeardNodes {
  readonly #clock: Clock;
  readonly #heard = new Map<string, { readonly sign: string; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long nothing new has come from a node. */
  silentMs(node: DeepReadonly<Node>, lease: DeepReadonly<Lease> | undefined): number {
    const { uid = '', name = '' } = node.metadata ?? {};
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    const sign = [uid, lease?.spec?.renewTime, ready?.lastHeartbeatTime].join(' ');
    const nowMs = this.#clock.elapsed();
    const known = this.#heard.get(name);
    if (known?.sign === sign) return nowMs - known.atMs;
    this.#heard.set(name, { sign, atMs: nowMs });
    return 0;
  }

  forget(name: string): void {
    this.#heard.delete(name);
  }
}
