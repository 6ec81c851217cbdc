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
import { Secret } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type RunningCluster, startRunningCluster } from '../running-cluster.ts';
import { askAgain } from './ask-again.ts';
import { Hand } from './by-hand.ts';
import { type Gap, GapList } from './gaps.ts';
import { type Item, matchWorld } from './match-world.ts';
import { RecordedWorld, keyOf } from './recorded-world.ts';
import { PodMoves } from './move-pods.ts';
import type { Stage } from './stage.ts';
import { type ShownObject, type Step, type Story, readStories, textOf } from './story.ts';
import { fillIn } from './unify.ts';
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
/** A step has come about when its outcome lasts. What is made in two steps is of different age. */
const lastsMs = 1_000;

class Player {
  readonly #cluster: RunningCluster;
  readonly #story: Story;
  readonly #stage: Stage;
  readonly #gaps: GapList;
  readonly #recorded = new RecordedWorld();
  readonly #watched: WatchedWorld;

  constructor(cluster: RunningCluster, story: Story, gaps: GapList) {
    this.#cluster = cluster;
    this.#story = story;
    this.#gaps = gaps;
    const { server } = cluster;
    const { namespace = 'default' } = story;
    this.#stage = { server, namespace, hand: new Hand(server), bindings: new Map() };
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
    const { server, hand, namespace } = this.#stage;
    await hand.addNodes();
    if (this.#story.namespace !== undefined) await this.#prepareNamespace();
    for (const body of this.#story.given) {
      await server.expect(201, 'POST', pathOf(body, namespace), { body });
    }
    for (const move of this.#story.givenMoves ?? []) await hand.move(namespace, move);
    await server.clock.advance(lastsMs);
  }

  async #prepareNamespace(): Promise<void> {
    const { server, namespace } = this.#stage;
    const metadata = { name: namespace, labels: { 'rec-b': '1' } };
    await server.expect(201, 'POST', '/api/v1/namespaces', { body: { metadata } });
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    for (let at = 0; at < 20; at++) {
      if ((await server.request('GET', `${accounts}/default`)).status === 200) return;
      await server.clock.advance(100);
    }
    // Without the controller that makes it, we do.
    await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'default' } } });
  }

  /** Answers what differs when the step does not come about. */
  async #playStep(step: Step, stepMsMax: number): Promise<string | undefined> {
    const { clock } = this.#cluster.server;
    const moves = new PodMoves(this.#stage, this.#recorded, step);
    this.#recorded.take(step);
    const problem = await this.#act(step, moves);
    if (problem !== undefined) return problem;
    const waitMs = secondsIn(textOf(step)) * 1_000;
    for (let passed = 0; passed < waitMs; passed += 500) await this.#pass(500);
    const startMs = clock.elapsed();
    let isLasting = false;
    for (;;) {
      await this.#pass(isLasting ? lastsMs : clock.elapsed() - startMs < 5_000 ? 100 : 1_000);
      await moves.goOn();
      const difference = await this.#compare(step);
      if (difference === undefined && isLasting) break;
      isLasting = difference === undefined;
      if (!isLasting && clock.elapsed() - startMs > stepMsMax) return difference;
    }
    await this.#watched.forgetEvents();
    return undefined;
  }

  async #pass(ms: number): Promise<void> {
    await this.#stage.hand.beat();
    await this.#cluster.server.clock.advance(ms);
    // Keys and signatures are made in threads, which know nothing of this clock.
    await delay(0);
  }

  async #act({ action }: Step, moves: PodMoves): Promise<string | undefined> {
    if (typeof action === 'string') return undefined;
    if ('request' in action) {
      await moves.beforeRequest();
      return askAgain(this.#stage, action);
    }
    for (const request of action.requests ?? []) {
      const response = { code: request.method === 'POST' ? 201 : 200 };
      const problem = await askAgain(this.#stage, { request, response });
      if (problem !== undefined) return problem;
    }
    const { hand, namespace, bindings } = this.#stage;
    for (const move of action.moves ?? []) await hand.move(namespace, fillIn(move, bindings));
    return undefined;
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
    const [wanted, given] = this.#gaps.withoutKnown(expected, found, this.#stage.bindings);
    const outcome = matchWorld(wanted, given, this.#stage.bindings);
    if ('problem' in outcome) return outcome.problem;
    this.#stage.bindings = new Map([...this.#stage.bindings, ...outcome.bindings]);
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

function secondsIn(text: string): number {
  const seconds = /^wait(?: about)? (\d+)s/.exec(text)?.[1];
  return seconds === undefined ? 0 : Number(seconds);
}
