/**
 * Plays what a real controller manager did against our controllers.
 *
 * A test file for each controller, `test/recorded-<what>.test.ts`, has one call:
 *
 *     playStories('endpoints: ', { gaps: [{ story: 'endpoints: headless …', event: 'X', why: '…' }] });
 *
 * It plays every story of `test/fixtures/stories` whose name begins so, each in a cluster of its own
 * with all controllers (or those in `controllers`) and two nodes. At each step it does what was done,
 * moves pods as they were moved, and lets time pass until objects and events are as recorded; a step
 * that does not come about fails with the first things that differ. Names that chance made are
 * matched: `<hash-2>` is the same hash wherever it stands.
 *
 * What is knowingly another way is a row of `gaps`, with the reason: a whole story, a step, an object,
 * a field of it, or the events with a reason. A row that hides no difference fails, so rows can only go.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { makeCertificateAuthority } from '@fairway/certificates';
import { makeCertificateRequest } from '@fairway/certificates/testing';
import { Secret } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { KubernetesObject } from '@fairway/protocol';
import { type RunningCluster, startRunningCluster } from '../running-cluster.ts';
import { Hand } from './by-hand.ts';
import { type Gap, GapList } from './gaps.ts';
import { type Item, matchWorld } from './match-world.ts';
import { RecordedWorld, keyOf } from './recorded-world.ts';
import {
  type RequestAction,
  type ShownObject,
  type Step,
  type Story,
  type StoryRequest,
  readStories,
  textOf,
} from './story.ts';
import { type Bindings, fillIn, unify } from './unify.ts';
import { WatchedWorld, pathOf } from './watched-world.ts';

export interface StoryOptions {
  readonly gaps?: readonly Gap[];
  /** Which controllers run; all when absent. */
  readonly controllers?: readonly string[];
}

/** Makes a test of each story whose name begins with `prefix`. */
export function playStories(prefix: string, options: StoryOptions = {}): void {
  const stories = readStories(prefix);
  assert.notEqual(stories.length, 0, `no story begins with ${JSON.stringify(prefix)}`);
  for (const story of stories) {
    test(story.name, async () => {
      const cluster = await startCluster(options);
      await using _ = cluster;
      await new Player(cluster, story, new GapList(story, options.gaps ?? [])).play();
    });
  }
}

async function startCluster({ controllers }: StoryOptions): Promise<RunningCluster> {
  const authority = await makeCertificateAuthority({
    subject: { commonName: 'ca', organizations: [] },
    validityMs: 10 * 365 * 24 * 3_600_000,
    clock: new ManualClock(),
    random: seededRandom(5),
  });
  return startRunningCluster({
    authorityCertificate: authority.certificate,
    authorityKey: authority.key,
    legacyTokens: {
      issue: async ({ account, secretName }) => new Secret(`${account.uid}.${secretName}`),
      areGivenToEveryAccount: false,
    },
    ...(controllers === undefined ? {} : { controllers }),
  });
}

/** How long a step may take to come about, in time of the cluster. */
const longStepMs = 90_000;
/** A step that is known to come out otherwise. */
const knownStepMs = 3_000;
/** A step that says nothing of time has come about only when its outcome lasts. */
const lastsMs = 300;

class Player {
  readonly #cluster: RunningCluster;
  readonly #story: Story;
  readonly #namespace: string;
  readonly #gaps: GapList;
  readonly #hand: Hand;
  readonly #recorded = new RecordedWorld();
  readonly #watched: WatchedWorld;
  #bindings: Bindings = new Map();

  constructor(cluster: RunningCluster, story: Story, gaps: GapList) {
    this.#cluster = cluster;
    this.#story = story;
    this.#namespace = story.namespace ?? 'default';
    this.#gaps = gaps;
    this.#hand = new Hand(cluster.server);
    this.#watched = new WatchedWorld(cluster.server, story);
  }

  async play(): Promise<void> {
    await this.#prepare();
    const failures: string[] = [];
    for (const [at, step] of this.#story.steps.entries()) {
      const stepMsMax = this.#gaps.has(at) ? knownStepMs : longStepMs;
      const problem = await this.#playStep(step, stepMsMax);
      const isKnown = this.#gaps.isKnown(at, problem !== undefined);
      if (problem === undefined || isKnown) continue;
      failures.push(`step ${at}, ${textOf(step)}:\n  ${problem}`);
      break;
    }
    if (failures.length === 0) return this.#gaps.assertAllNeeded();
    const { warnings } = this.#cluster;
    const told = warnings.slice(0, 5).map((each) => `logged: ${JSON.stringify(each)}`);
    assert.fail([...failures, ...told].join('\n'));
  }

  async #prepare(): Promise<void> {
    const { server } = this.#cluster;
    await this.#hand.addNodes();
    if (this.#story.namespace !== undefined) {
      const metadata = { name: this.#namespace, labels: { 'rec-b': '1' } };
      await server.expect(201, 'POST', '/api/v1/namespaces', { body: { metadata } });
      const account = `/api/v1/namespaces/${this.#namespace}/serviceaccounts/default`;
      for (let at = 0; (await server.request('GET', account)).status !== 200; at++) {
        // Without the controller that makes it, we do.
        if (at < 20) await server.clock.advance(100);
        else
          await server.expect(201, 'POST', account.slice(0, -8), {
            body: { metadata: { name: 'default' } },
          });
      }
    }
    for (const body of this.#story.given) {
      await server.expect(201, 'POST', pathOf(body, this.#namespace), { body });
    }
    for (const move of this.#story.givenMoves ?? []) await this.#hand.move(this.#namespace, move);
  }

  /** Answers what differs when the step does not come about. */
  async #playStep(step: Step, stepMsMax: number): Promise<string | undefined> {
    const { clock } = this.#cluster.server;
    const before = new Map(this.#recorded.objects.map((each) => [keyOf(each), each]));
    const moved = new Set<string>();
    this.#recorded.take(step);
    const problem = await this.#act(step);
    if (problem !== undefined) return problem;
    const waitMs = secondsIn(textOf(step)) * 1_000;
    for (let passed = 0; passed < waitMs; passed += 500) await this.#pass(500);
    const startMs = clock.elapsed();
    let isLasting = false;
    for (;;) {
      await this.#pass(isLasting ? lastsMs : clock.elapsed() - startMs < 5_000 ? 100 : 1_000);
      await this.#moveOn(step, before, moved);
      const difference = await this.#compare(step);
      if (difference === undefined && isLasting) break;
      isLasting = difference === undefined;
      if (!isLasting && clock.elapsed() - startMs > stepMsMax) return difference;
    }
    await this.#watched.forgetEvents();
    return undefined;
  }

  async #pass(ms: number): Promise<void> {
    await this.#hand.beat();
    await this.#cluster.server.clock.advance(ms);
    // Keys and signatures are made in threads, which know nothing of this clock.
    await delay(0);
  }

  async #act({ action }: Step): Promise<string | undefined> {
    if (typeof action === 'string') return undefined;
    if ('request' in action) return this.#ask(action);
    for (const request of action.requests ?? []) {
      const problem = await this.#ask({
        request,
        response: { code: request.method === 'POST' ? 201 : 200 },
      });
      if (problem !== undefined) return problem;
    }
    for (const move of action.moves ?? []) await this.#hand.move(this.#namespace, move);
    return undefined;
  }

  async #ask({ request, response }: RequestAction): Promise<string | undefined> {
    const { server } = this.#cluster;
    const path = fillIn(request.path, this.#bindings);
    const body = await this.#bodyOf(request);
    const answer = await server.request(request.method, path, {
      ...(request.headers === undefined ? {} : { headers: request.headers }),
      ...(body === undefined ? {} : { body }),
    });
    const told = `${request.method} ${path} answers ${answer.status} ${answer.text.slice(0, 600)}`;
    if (answer.status !== response.code) return `${response.code} expected: ${told}`;
    const warnings = [answer.headers['warning'] ?? []].flat();
    const expectedWarnings = response.headers?.warning ?? [];
    if (JSON.stringify(warnings) !== JSON.stringify(expectedWarnings)) {
      return `warnings ${JSON.stringify(expectedWarnings)} expected, found ${JSON.stringify(warnings)}`;
    }
    if (response.body === undefined) return undefined;
    const outcome = unify(response.body, withoutManagedFields(answer.json), this.#bindings);
    if ('bindings' in outcome) return undefined;
    const { path: place, expected, found } = outcome.difference;
    return `${request.method} ${path} answers at ${place}\n    expected ${JSON.stringify(expected)}\n    found    ${JSON.stringify(found)}`;
  }

  /** Fills in what the recording masks: names, the uid of an owner, a request for a certificate. */
  async #bodyOf({ method, path, body }: StoryRequest): Promise<unknown> {
    if (body === undefined) return undefined;
    const { server } = this.#cluster;
    let whole: KubernetesObject = fillIn(body, this.#bindings);
    if (method === 'PUT' && body.metadata === undefined) {
      const found = await server.expect(200, 'GET', path.replace(/\/approval$/, ''));
      whole = { ...found.json, ...whole };
    }
    const owners = await Promise.all(
      (whole.metadata?.ownerReferences ?? []).map(async (owner) => {
        if (owner.uid !== '<uid>') return owner;
        const place = pathOf({ ...owner, metadata: {} }, this.#namespace);
        const answer = await server.request('GET', `${place}/${owner.name}`);
        const uid = answer.status === 200 ? answer.json.metadata.uid : undefined;
        return { ...owner, uid: uid ?? '00000000-0000-4000-8000-000000000001' };
      }),
    );
    if (owners.length > 0)
      whole = { ...whole, metadata: { ...whole.metadata, ownerReferences: owners } };
    const text = JSON.stringify(whole);
    if (!text.includes('<base64 pem>')) return whole;
    const { request } = await makeCertificateRequest({ subject: 'O=rec-team, CN=cert-carol' });
    return JSON.parse(text.replaceAll('<base64 pem>', Buffer.from(request).toString('base64')));
  }

  /**
   * Does to pods what the step shows was done to them, as soon as there are such pods: binds them,
   * gives them the status shown, removes those that are gone at the end.
   */
  async #moveOn(
    step: Step,
    before: ReadonlyMap<string, ShownObject>,
    moved: Set<string>,
  ): Promise<void> {
    const text = textOf(step);
    if (typeof step.action !== 'string' || text.startsWith('wait')) return;
    const shown = step.objects.filter(({ kind }) => kind === 'Pod');
    const pods = await this.#hand.pods(this.#namespace);
    const taken = new Set(shown.map(({ metadata }) => fillIn(metadata?.name, this.#bindings)));
    for (const each of shown) {
      const last = before.get(keyOf(each));
      const isNew = last === undefined || each.apiVersion !== undefined;
      if (each.gone === true || moved.has(keyOf(each)) || !isMoved(each, isNew ? undefined : last))
        continue;
      const pod = pods.find((candidate) => this.#isMeant(candidate, each, taken));
      if (pod === undefined || pod.metadata?.name === undefined) continue;
      taken.add(pod.metadata.name);
      moved.add(keyOf(each));
      await this.#moveTo(pod.metadata.name, each);
    }
    await this.#removeGone(step, shown, before);
  }

  #isMeant(
    candidate: KubernetesObject,
    shown: ShownObject,
    taken: ReadonlySet<string | undefined>,
  ): boolean {
    const { name = '' } = candidate.metadata ?? {};
    const known = fillIn(shown.metadata?.name ?? '', this.#bindings);
    if (known === name) return true;
    if (!known.includes('<') || taken.has(name)) return false;
    const isNamed = [...this.#bindings.values()].some(
      (value) => name.endsWith(`-${value}`) && value.length === 5,
    );
    const outcome = unify(known, name, this.#bindings);
    if (isNamed || !('bindings' in outcome)) return false;
    const labels = unify(shown.metadata?.labels, candidate.metadata?.labels, outcome.bindings);
    if (!('bindings' in labels)) return false;
    this.#bindings = labels.bindings;
    return true;
  }

  async #moveTo(name: string, shown: ShownObject): Promise<void> {
    const { spec, status } = this.#recorded.last(shown) as ShownObject & {
      readonly spec?: { readonly nodeName?: string };
      readonly status?: object;
    };
    if (spec?.nodeName !== undefined) await this.#hand.bind(this.#namespace, name, spec.nodeName);
    if (status !== undefined) {
      await this.#hand.setStatus(this.#namespace, name, fillIn(status, this.#bindings));
    }
  }

  /** Only of pods that are to go. Which of equals go, the controller chose. */
  async #removeGone(
    step: Step,
    shown: readonly ShownObject[],
    before: ReadonlyMap<string, ShownObject>,
  ): Promise<void> {
    const text = textOf(step);
    const ending = (await this.#hand.pods(this.#namespace)).filter(
      ({ metadata }) => metadata?.deletionTimestamp !== undefined,
    );
    const isShown = [...before.values()].some(({ kind }) => kind === 'Pod') || shown.length > 0;
    if (!isShown) {
      if (!/removes?/.test(text)) return;
      for (const { metadata } of ending)
        await this.#hand.remove(this.#namespace, metadata?.name ?? '');
      return;
    }
    const staying = this.#recorded.objects.filter(
      ({ kind, metadata }) => kind === 'Pod' && metadata?.deletionTimestamp !== undefined,
    );
    const names = new Set(staying.map(({ metadata }) => fillIn(metadata?.name, this.#bindings)));
    const unnamed = ending.filter(({ metadata }) => !names.has(metadata?.name));
    const goneCount = shown.filter(({ gone }) => gone === true).length;
    const overCount = Math.min(ending.length - staying.length, goneCount);
    for (const { metadata } of unnamed.slice(0, Math.max(0, overCount))) {
      await this.#hand.remove(this.#namespace, metadata?.name ?? '');
    }
  }

  /** What was given is told of only when something happens to it. */
  #isYetToBeShown(object: ShownObject): boolean {
    const key = keyOf(object);
    const isGiven = this.#story.given.some(
      ({ kind, metadata }) => `${kind}/${metadata?.name}` === key,
    );
    return isGiven && !this.#recorded.hasShown(key);
  }

  async #compare(step: Step): Promise<string | undefined> {
    const expected: Item[] = [
      ...this.#recorded.objects.map((value) => itemOf(value)),
      ...step.events.map((value) => eventItemOf(value)),
    ];
    const objects = (await this.#watched.objects()).filter((each) => !this.#isYetToBeShown(each));
    const found: Item[] = [
      ...objects.map((value) => itemOf(value)),
      ...(await this.#watched.newEvents()).map((value) => eventItemOf(value)),
    ];
    const [wanted, given] = this.#gaps.withoutKnown(expected, found, this.#bindings);
    const outcome = matchWorld(wanted, given, this.#bindings);
    if ('problem' in outcome) return outcome.problem;
    this.#bindings = new Map([...this.#bindings, ...outcome.bindings]);
    return this.#watched.wrongUid();
  }
}

function itemOf(value: ShownObject): Item {
  const { apiVersion: _, ...rest } = value;
  return { class: value.kind, title: keyOf(value), value: rest };
}

function eventItemOf(value: {
  readonly reason: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}): Item {
  const { kind, name } = value.involvedObject;
  return { class: 'Event', title: `event ${value.reason} of ${kind}/${name}`, value };
}

/** A pod that only the controllers have touched was not moved. */
function isMoved(shown: ShownObject, last: ShownObject | undefined): boolean {
  const status = shown['status'] as
    | { readonly phase?: string; readonly podIP?: string }
    | undefined;
  if (
    status === undefined ||
    (last === undefined && status.phase === 'Pending' && status.podIP === undefined)
  )
    return false;
  return JSON.stringify(status) !== JSON.stringify(last?.['status']);
}

function secondsIn(text: string): number {
  const seconds = /^wait(?: about)? (\d+)s/.exec(text)?.[1];
  return seconds === undefined ? 0 : Number(seconds);
}

function withoutManagedFields(json: KubernetesObject): unknown {
  const { managedFields: _, ...metadata } = json.metadata ?? {};
  return json.metadata === undefined ? json : { ...json, metadata };
}
