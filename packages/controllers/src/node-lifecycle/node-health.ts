import type { Lease } from '@fairway/kinds/coordination/v1';
import { type DeepReadonly, parseTime } from '@fairway/protocol';
import { nodeCondition } from '@fairway/kind-rules/nodes';
import type { AnyNode } from './node-conditions.ts';

/** A node that has been silent for so long does not answer. */
const graceMs = 50_000;
/** The same of a node that has never said anything. */
const startupGraceMs = 60_000;

interface Observed {
  readonly uid: string | undefined;
  readonly heartbeat: string | undefined;
  readonly renewTime: string | undefined;
  /** When something new was seen last, by our own clock: that of the node may be another. */
  readonly seenMs: number;
}

/** Follows whether nodes say that they are there, in their status or by renewing their lease. */
export class NodeHealth {
  readonly #observed = new Map<string, Observed>();

  /** Takes in what a node says now, and tells whether it has been silent for too long. */
  isSilent(
    node: AnyNode,
    lease: DeepReadonly<Lease> | undefined,
    { elapsedMs, nowMs }: { readonly elapsedMs: number; readonly nowMs: number },
  ): boolean {
    const { name = '', uid, creationTimestamp } = node.metadata ?? {};
    const ready = nodeCondition(node, 'Ready');
    const heartbeat = ready?.lastHeartbeatTime ?? undefined;
    const renewTime = lease?.spec?.renewTime ?? undefined;
    const before = this.#observed.get(name);
    const isNew = before === undefined || before.uid !== uid;
    const isNews = isNew || before.heartbeat !== heartbeat || before.renewTime !== renewTime;
    const ageMs = Math.max(0, nowMs - (parseTime(creationTimestamp ?? '') ?? nowMs));
    // Of a node that never spoke, its age is known.
    const firstMs = ready === undefined && renewTime === undefined ? elapsedMs - ageMs : elapsedMs;
    const seenMs = isNew ? firstMs : isNews ? elapsedMs : before.seenMs;
    this.#observed.set(name, { uid, heartbeat, renewTime, seenMs });
    return elapsedMs - seenMs > (ready === undefined ? startupGraceMs : graceMs);
  }

  /** Whether it was seen before. */
  knows(name: string): boolean {
    return this.#observed.has(name);
  }

  forget(name: string): boolean {
    return this.#observed.delete(name);
  }

  /** All have the whole time again: it was not their fault that nothing was heard. */
  restart(elapsedMs: number): void {
    for (const [name, observed] of this.#observed) {
      this.#observed.set(name, { ...observed, seenMs: elapsedMs });
    }
  }
}
