import type { Pod, Service } from '@fairway/kinds/core/v1';
import { podCondition } from '@fairway/kind-rules/pods';
import { type DeepReadonly, parseTime } from '@fairway/protocol';

/** The annotation that says what moment an object's last change goes back to. */
export const triggerTimeKey = 'endpoints.kubernetes.io/last-change-trigger-time';

/**
 * Since when the addresses of services have been out of date: what the time that it takes to bring a
 * change to all nodes is measured from.
 */
export class TriggerTimes {
  readonly #seen = new Map<string, { readonly service: number; readonly pods: PodTimes }>();

  /**
   * The oldest of the changes since the last call for this service; undefined where no time is known,
   * as of a change of its spec.
   */
  take(
    key: string,
    { metadata }: DeepReadonly<Service>,
    pods: readonly DeepReadonly<Pod>[],
  ): string | undefined {
    const before = this.#seen.get(key);
    const made = metadata?.creationTimestamp ?? undefined;
    const service = timeOf(made);
    const times: PodTimes = new Map(pods.map((pod) => [pod.metadata?.name ?? '', readySince(pod)]));
    this.#seen.set(key, { service, pods: times });
    if (before === undefined) return made;
    let oldest: string | undefined;
    const consider = (time: string | undefined, last: number): void => {
      const isNew = time !== undefined && timeOf(time) > last;
      if (isNew && (oldest === undefined || timeOf(time) < timeOf(oldest))) oldest = time;
    };
    for (const [name, time] of times) consider(time, timeOf(before.pods.get(name)));
    consider(made, before.service);
    return oldest;
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}

/** When each pod last became ready or stopped being so. */
type PodTimes = ReadonlyMap<string, string | undefined>;

function readySince(pod: DeepReadonly<Pod>): string | undefined {
  return podCondition(pod, 'Ready')?.lastTransitionTime ?? undefined;
}

function timeOf(text: string | undefined): number {
  return text === undefined ? 0 : (parseTime(text) ?? 0);
}

/** Annotations that name the trigger time of this change, or none. */
export function withTriggerTime(
  annotations: Readonly<Record<string, string>> | undefined,
  time: string | undefined,
): Readonly<Record<string, string>> {
  const { [triggerTimeKey]: _, ...others } = annotations ?? {};
  return time === undefined ? others : { ...others, [triggerTimeKey]: time };
}
