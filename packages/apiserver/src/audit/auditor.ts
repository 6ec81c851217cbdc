import type { Clock } from '@fairway/host';
import type { RequestTarget, UserInfo } from '@fairway/protocol';
import type { Counter, Metrics } from '@fairway/serving/metrics';
import type { AuditBackend } from './audit-backend.ts';
import type { AuditEvent } from './audit-event.ts';
import {
  type AuditChoice,
  AuditChoices,
  type AuditLevel,
  type AuditPolicy,
  auditLevels,
} from './audit-policy.ts';
import { Timestamps } from './timestamps.ts';

export interface AuditOptions {
  readonly policy: AuditPolicy;
  /** Each gets every event. They are the caller's to close. */
  readonly backends: readonly AuditBackend[];
  /** What events could not be kept, by the name of the backend; counted by `/metrics`. */
  readonly lostEvents: ReadonlyMap<string, number>;
}

/** Decides what is told of requests, and to whom. */
export class Auditor {
  readonly clock: Clock;
  readonly timestamps: Timestamps = new Timestamps();
  readonly #choices: AuditChoices;
  readonly #backends: readonly AuditBackend[];
  readonly #events: Counter;
  readonly #levels: ReadonlyMap<AuditLevel, Counter>;
  readonly #rejected: Counter;

  constructor(
    { policy, backends, lostEvents }: AuditOptions,
    { clock, metrics }: { readonly clock: Clock; readonly metrics: Metrics },
  ) {
    this.clock = clock;
    this.#choices = new AuditChoices(policy);
    this.#backends = backends;
    this.#events = metrics
      .counter({ name: 'apiserver_audit_event_total', help: 'Events that went to the audit log.' })
      .of();
    const levels = metrics.counter({
      name: 'apiserver_audit_level_total',
      help: 'Requests, by how much the policy tells of them.',
      labels: ['level'],
    });
    this.#levels = new Map(auditLevels.map((level) => [level, levels.of(level)]));
    this.#rejected = metrics
      .counter({
        name: 'apiserver_audit_requests_rejected_total',
        help: 'Requests that were refused because the audit log could not be written.',
      })
      .of();
    const errors = metrics.counter({
      name: 'apiserver_audit_error_total',
      help: 'Events that could not be kept, by the backend that lost them.',
      labels: ['plugin'],
    });
    metrics.beforeReading(() => {
      for (const [plugin, count] of lostEvents) {
        const counter = errors.of(plugin);
        counter.add(count - counter.value);
      }
    });
  }

  choose(user: UserInfo | undefined, target: RequestTarget): AuditChoice {
    const choice = this.#choices.choose(user, target);
    this.#levels.get(choice.level)?.add();
    return choice;
  }

  take(event: AuditEvent): Promise<boolean> | undefined {
    this.#events.add();
    const [only] = this.#backends;
    if (this.#backends.length === 1) return only?.take(event);
    const waits = this.#backends.map((each) => each.take(event));
    const asked = waits.filter((each) => each !== undefined);
    if (asked.length === 0) return undefined;
    return Promise.all(asked).then((all) => all.every(Boolean));
  }

  /** A request was refused for want of an audit log. */
  rejected(): void {
    this.#rejected.add();
  }
}
