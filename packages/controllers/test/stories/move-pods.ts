import { settle } from '@fairway/host/testing';
import type { KubernetesObject } from '@fairway/protocol';
import { type RecordedWorld, keyOf } from './recorded-world.ts';
import type { Stage } from './stage.ts';
import { type ShownObject, type Step, textOf } from './story.ts';
import { fillIn, unify } from './unify.ts';

/**
 * Does to pods what a step shows was done to them: binds them, gives them the status shown, removes
 * those that are gone at its end. Which pods those are may only come out while the step goes on.
 */
export class PodMoves {
  readonly #stage: Stage;
  readonly #recorded: RecordedWorld;
  readonly #step: Step;
  readonly #shown: readonly ShownObject[];
  readonly #before: ReadonlyMap<string, ShownObject>;
  readonly #moved = new Set<string>();

  /** Made before `recorded` takes in what the step shows. */
  constructor(stage: Stage, recorded: RecordedWorld, step: Step) {
    this.#stage = stage;
    this.#recorded = recorded;
    this.#step = step;
    this.#shown = step.objects.filter(({ kind }) => kind === 'Pod');
    this.#before = new Map(recorded.objects.map((each) => [keyOf(each), each]));
  }

  /** A pod that has got an address by the end of a request had it before: nothing else gives one. */
  async beforeRequest(): Promise<void> {
    for (const each of this.#shown) {
      const last = this.#before.get(keyOf(each));
      const isMovedAside = last !== undefined && each.apiVersion === undefined;
      if (!isMovedAside || addressOf(last) !== undefined || addressOf(each) === undefined) continue;
      const name = fillIn(each.metadata?.name ?? '', this.#stage.bindings);
      const spec = (each['spec'] ?? last['spec']) as PodSpec;
      await this.#moveTo(name, spec, each['status'] as object);
    }
  }

  /** As far as there are such pods by now. */
  async goOn(): Promise<void> {
    const { action } = this.#step;
    const isRequest = typeof action !== 'string' && 'request' in action;
    if (isRequest || textOf(this.#step).startsWith('wait')) return;
    const pods = await this.#stage.hand.pods(this.#stage.namespace);
    const taken = new Set(this.#shown.map(({ metadata }) => this.#nameOf(metadata?.name)));
    for (const each of this.#shown) {
      if (each.gone === true || this.#moved.has(keyOf(each)) || !this.#isMoved(each)) continue;
      const pod = pods.find((candidate) => this.#isMeant(candidate, each, taken));
      const name = pod?.metadata?.name;
      if (name === undefined) continue;
      taken.add(name);
      this.#moved.add(keyOf(each));
      const { spec, status } = this.#recorded.last(each) as MovedPod;
      await this.#moveTo(name, spec, status);
      // Kubelets do not act in one moment: controllers see one pod after the other.
      await settle();
    }
    await this.#removeGone();
  }

  async #moveTo(
    name: string,
    spec: PodSpec | undefined,
    status: object | undefined,
  ): Promise<void> {
    const { hand, namespace, bindings } = this.#stage;
    if (spec?.nodeName !== undefined) await hand.bind(namespace, name, spec.nodeName);
    if (status !== undefined) await hand.setStatus(namespace, name, fillIn(status, bindings));
  }

  #nameOf(recorded: string | undefined): string {
    return fillIn(recorded ?? '', this.#stage.bindings);
  }

  /** A pod that only controllers have touched was not moved. */
  #isMoved(shown: ShownObject): boolean {
    const isNew = shown.apiVersion !== undefined;
    const last = isNew ? undefined : this.#before.get(keyOf(shown));
    if (shown['status'] === undefined) return false;
    if (last === undefined) return addressOf(shown) !== undefined || phaseOf(shown) !== 'Pending';
    return JSON.stringify(shown['status']) !== JSON.stringify(last['status']);
  }

  #isMeant(candidate: KubernetesObject, shown: ShownObject, taken: ReadonlySet<string>): boolean {
    const { name = '', labels } = candidate.metadata ?? {};
    const known = this.#nameOf(shown.metadata?.name);
    if (known === name) return true;
    if (!known.includes('<') || taken.has(name)) return false;
    const suffix = /-([a-z0-9]{5})$/.exec(name)?.[1];
    const isNamed = [...this.#stage.bindings.values()].some((value) => value === suffix);
    const outcome = unify(known, name, this.#stage.bindings);
    if (isNamed || !('bindings' in outcome)) return false;
    const alike = unify(shown.metadata?.labels, labels, outcome.bindings);
    if (!('bindings' in alike)) return false;
    this.#stage.bindings = alike.bindings;
    return true;
  }

  /** Only pods that are to go. Which of equals go, the controller chose. */
  async #removeGone(): Promise<void> {
    const { hand, namespace } = this.#stage;
    const ending = (await hand.pods(namespace)).filter(
      ({ metadata }) => metadata?.deletionTimestamp !== undefined,
    );
    const known = [...this.#before.values(), ...this.#shown];
    const removed = known.some(({ kind }) => kind === 'Pod')
      ? this.#thoseOver(ending)
      : ending.filter(() => /removes?/.test(textOf(this.#step)));
    for (const { metadata } of removed) await hand.remove(namespace, metadata?.name ?? '');
  }

  #thoseOver(ending: readonly KubernetesObject[]): readonly KubernetesObject[] {
    const staying = this.#recorded.objects.filter(
      ({ kind, metadata }) => kind === 'Pod' && metadata?.deletionTimestamp !== undefined,
    );
    const names = new Set(staying.map(({ metadata }) => this.#nameOf(metadata?.name)));
    const gone = this.#shown.filter(
      (each) =>
        each.gone === true || (each.apiVersion !== undefined && this.#before.has(keyOf(each))),
    );
    // A name that chance has no part in says which one goes.
    const certain = new Set(gone.map(({ metadata }) => metadata?.name).filter(isGivenName));
    const isCertain = ({ metadata }: KubernetesObject): boolean => certain.has(metadata?.name);
    const equals = ending.filter((pod) => !isCertain(pod));
    const goneCount = gone.filter((pod) => !isCertain(pod)).length;
    const overCount = Math.max(0, Math.min(equals.length - staying.length, goneCount));
    return [
      ...ending.filter(isCertain),
      ...equals.filter(({ metadata }) => !names.has(metadata?.name ?? '')).slice(0, overCount),
    ];
  }
}

function isGivenName(name: string | undefined): boolean {
  return name?.includes('<') === false;
}

interface PodSpec {
  readonly nodeName?: string;
}

interface MovedPod {
  readonly spec?: PodSpec;
  readonly status?: object;
}

function addressOf({ status }: ShownObject): string | undefined {
  return (status as { readonly podIP?: string } | undefined)?.podIP;
}

function phaseOf({ status }: ShownObject): string | undefined {
  return (status as { readonly phase?: string } | undefined)?.phase;
}
