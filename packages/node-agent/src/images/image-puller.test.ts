import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sleep } from '@fairway/host';
import { ManualClock, MemoryFiles } from '@fairway/host/testing';
import type { Secret } from '@fairway/kinds/core/v1';
import { podContainers } from '../pod-lifecycle/pod-containers.ts';
import type { ImageRecord, ImageStore, RegistryCredentials } from '../runtime/image-store.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { type ImageOutcome, type ImagePuller, createImagePuller } from './image-puller.ts';

interface Wish {
  readonly image?: string;
  readonly policy?: 'Always' | 'IfNotPresent' | 'Never';
  readonly uid?: string;
  readonly secrets?: readonly string[];
}

/** A machine with images, a registry that answers after 1200 ms, and one who wants images from it. */
class PullStory {
  readonly clock = new ManualClock();
  /** On the machine. */
  readonly images = new Map<string, ImageRecord>();
  /** At the registry: who may fetch it; undefined: everybody. */
  readonly registry = new Map<string, string | undefined>();
  readonly secrets = new Map<string, Secret>();
  readonly loaded = new Map<string, string>();
  /** What was asked of the registry. */
  readonly pulls: string[] = [];
  readonly events: string[] = [];
  /** What the machine says instead of looking. */
  inspectError: RuntimeError | undefined;
  readonly files = new MemoryFiles();
  #puller = this.#agent();

  async ensure({ image = 'web:1', policy, uid = 'u1', secrets = [] }: Wish): Promise<ImageOutcome> {
    const pod = {
      metadata: { uid },
      spec: {
        containers: [{ name: 'app', image, ...(policy && { imagePullPolicy: policy }) }],
        imagePullSecrets: secrets.map((name) => ({ name })),
      },
    };
    const [container] = podContainers(pod);
    assert.ok(container);
    return await this.#puller.ensure(pod, container, ({ reason, message, fieldPath }) => {
      const about = fieldPath === 'spec.containers{app}' ? '' : ` (${fieldPath})`;
      this.events.push(`${reason}: ${message}${about}`);
    });
  }

  /** Another agent takes the place of the one that ran. */
  restart(): void {
    this.#puller = this.#agent();
  }

  /** As `ensure`, and time passes meanwhile. */
  async settled(wish: Wish): Promise<ImageOutcome> {
    const outcome = this.ensure(wish);
    await this.clock.advance(5_000);
    return await outcome;
  }

  /** As `ensure`; as much time passes as a pull takes, if there is one. */
  async tried(wish: Wish): Promise<ImageOutcome> {
    const outcome = this.ensure(wish);
    await this.clock.advance(0);
    if (this.clock.pending > 0) await this.clock.advance(1_200);
    return await outcome;
  }

  allow(secret: string, username: string): void {
    const config = { auths: { 'docker.io': { username, password: 'p' } } };
    const data = Buffer.from(JSON.stringify(config)).toString('base64');
    const type = 'kubernetes.io/dockerconfigjson';
    this.secrets.set(secret, { type, data: { '.dockerconfigjson': data } });
  }

  #agent(): ImagePuller {
    return createImagePuller({
      store: this.#store(),
      sources: () => ({ secret: async (name) => this.secrets.get(name) }),
      clock: this.clock,
      files: this.files,
      recordFile: '/pulled',
      remedy: 'load it',
    });
  }

  #store(): ImageStore {
    return {
      find: async (image) => {
        if (this.inspectError) throw this.inspectError;
        return this.images.get(image);
      },
      pull: (image, credentials) => this.#pull(image, credentials),
      list: async () => [...this.images.values()],
      loadedDigest: async (image) => this.loaded.get(image),
      remove: async (image) => void this.images.delete(image),
    };
  }

  async #pull(image: string, credentials?: RegistryCredentials): Promise<string> {
    const { username } = credentials ?? {};
    this.pulls.push(username === undefined ? image : `${image} by ${username}`);
    await sleep(this.clock, 1_200);
    if (!this.registry.has(image)) throw new RuntimeError('not-found', `${image}: not found`);
    const allowed = this.registry.get(image);
    if (allowed !== undefined && allowed !== username) {
      throw new RuntimeError('failed', `${image}: ${username ?? 'nobody'} may not`);
    }
    const id = `sha256:${image}`;
    const record = { id, tags: [image], digests: [], sizeBytes: 4096, isPinned: false };
    this.images.set(id, record).set(image, record);
    return id;
  }
}

const present = (outcome: ImageOutcome): string | undefined =>
  outcome.kind === 'present' ? outcome.image.id : outcome.reason;

describe('ImagePuller', () => {
  test('fetches what is not there, once, and says so while it happens', async () => {
    const story = new PullStory();
    story.registry.set('web:1', undefined);
    const first = story.ensure({});
    await story.clock.advance(200);
    assert.deepEqual(story.events, ['Pulling: Pulling image "web:1"']);
    const second = story.ensure({ uid: 'u2' });
    await story.clock.advance(1_000);
    assert.deepEqual(
      [present(await first), present(await second)],
      ['sha256:web:1', 'sha256:web:1'],
    );
    assert.deepEqual(story.pulls, ['web:1']);
    const words = 'Pulled: Successfully pulled image "web:1" in 1.2s';
    assert.deepEqual(story.events.slice(2), [
      `${words} (1.2s including waiting). Image size: 4096 bytes.`,
      `${words} (1s including waiting). Image size: 4096 bytes.`,
    ]);
    assert.equal(present(await story.ensure({})), 'sha256:web:1');
    const there = 'already present on machine and can be accessed by the pod';
    assert.equal(story.events.at(-1), `Pulled: Container image "web:1" ${there}`);
    assert.deepEqual(story.pulls, ['web:1']);
  });

  for (const [image, policy, pulls] of [
    ['web:1', undefined, 0],
    ['web:1', 'Always', 1],
    ['web', undefined, 1],
    ['web:latest', undefined, 1],
    ['web', 'IfNotPresent', 0],
    ['web', 'Never', 0],
  ] as const) {
    test(`${image} that is there, ${policy ?? 'no policy'}: ${pulls} pulls`, async () => {
      const story = new PullStory();
      const name = image === 'web' ? 'web:latest' : image;
      story.registry.set(name, undefined);
      await story.settled({ image });
      const before = story.pulls.length;
      const outcome = await story.settled({ image, ...(policy && { policy }) });
      assert.equal(present(outcome), `sha256:${name}`);
      assert.equal(story.pulls.length - before, pulls);
    });
  }

  test('an image that may not be fetched and is not there', async () => {
    const story = new PullStory();
    const outcome = await story.ensure({ policy: 'Never' });
    const message = 'Container image "web:1" is not present with pull policy of Never';
    assert.deepEqual(outcome, { kind: 'waiting', reason: 'ErrImageNeverPull', message });
    const words = [`ErrImageNeverPull: ${message}`, 'Failed: Error: ErrImageNeverPull'];
    assert.deepEqual(story.events, words);
  });

  test('a name that is none', async () => {
    const story = new PullStory();
    const outcome = await story.ensure({ image: 'Web' });
    const message =
      'Failed to apply default image tag "Web": couldn\'t parse image name "Web": ' +
      'invalid reference format: repository name (library/Web) must be lowercase';
    assert.deepEqual(outcome, { kind: 'waiting', reason: 'InvalidImageName', message });
    assert.deepEqual(story.events, [
      `InspectFailed: ${message}`,
      'Failed: Error: InvalidImageName',
    ]);
  });

  test('a runtime that cannot look', async () => {
    const story = new PullStory();
    story.inspectError = new RuntimeError('unavailable', 'gone');
    const outcome = await story.ensure({});
    assert.equal(present(outcome), 'ImageInspectError');
    assert.equal(story.events[0], 'InspectFailed: Failed to inspect image "web:1": gone');
  });

  test('after a failure waits 10 s, then twice as long, five minutes at most', async () => {
    const story = new PullStory();
    const failed = await story.settled({});
    const message = 'web:1: not found; load it';
    const retryAtMs = Date.UTC(2026, 0, 1) + 2_200;
    assert.deepEqual(failed, { kind: 'waiting', reason: 'ErrImagePull', message, retryAtMs });
    const paused = await story.ensure({});
    assert.deepEqual(paused, {
      kind: 'waiting',
      reason: 'ImagePullBackOff',
      message: `Back-off pulling image "web:1": ErrImagePull: ${message}`,
      retryAtMs: Date.UTC(2026, 0, 1) + 11_200,
    });
    assert.deepEqual(story.events, [
      'Pulling: Pulling image "web:1"',
      `Failed: Failed to pull image "web:1": ${message}`,
      'Failed: Error: ErrImagePull',
      'BackOff: Back-off pulling image "web:1"',
      'Failed: Error: ImagePullBackOff',
    ]);
    assert.equal(present(await story.settled({ uid: 'u2' })), 'ErrImagePull');
    const pulledMs: number[] = [];
    while (pulledMs.length < 7) {
      const count = story.pulls.length;
      const startMs = story.clock.now();
      const outcome = await story.tried({});
      if (story.pulls.length > count) pulledMs.push(startMs);
      assert.ok(outcome.kind === 'waiting' && outcome.retryAtMs !== undefined);
      await story.clock.advance(outcome.retryAtMs - story.clock.now());
    }
    const pausesMs = pulledMs.slice(1).map((ms, index) => ms - (pulledMs[index] ?? 0) - 1_200);
    assert.deepEqual(pausesMs, [20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
    await story.clock.advance(601_000);
    await story.settled({ uid: 'u3' });
    await story.settled({});
    const fresh = await story.ensure({});
    assert.ok(fresh.kind === 'waiting' && (fresh.retryAtMs ?? 0) - story.clock.now() < 10_000);
  });

  test('an image that is loaded meanwhile is not waited for', async () => {
    const story = new PullStory();
    for (let count = 0; count < 8; count++) {
      const outcome = await story.tried({ policy: 'Always' });
      assert.ok(outcome.kind === 'waiting' && outcome.retryAtMs !== undefined);
      await story.clock.advance(outcome.retryAtMs - story.clock.now());
    }
    assert.equal(present(await story.tried({ policy: 'Always' })), 'ImagePullBackOff');
    story.loaded.set('web:1', 'sha256:1');
    story.registry.set('web:1', undefined);
    assert.equal(present(await story.tried({ policy: 'Always' })), 'sha256:web:1');
  });

  test('tries the credentials of the pod one after the other', async () => {
    const story = new PullStory();
    story.registry.set('web:1', 'second');
    story.allow('one', 'first');
    story.allow('two', 'second');
    assert.equal(present(await story.settled({ secrets: ['one', 'two'] })), 'sha256:web:1');
    assert.deepEqual(story.pulls, ['web:1 by first', 'web:1 by second']);
    const refused = await story.settled({ policy: 'Always', secrets: ['one', 'none'], uid: 'u2' });
    assert.ok(refused.kind === 'waiting');
    assert.equal(refused.message, 'web:1: first may not; load it');
    const missing =
      'FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (none); ' +
      'attempting to pull the image may not succeed. (undefined)';
    assert.ok(story.events.includes(missing));
    assert.ok(!JSON.stringify(story.events).includes('"p"'));
  });

  for (const [policy, message] of [
    ['IfNotPresent', 'web:1: nobody may not; load it'],
    [
      'Never',
      'Container image "web:1" is present with pull policy of Never but does not have the proper ' +
        'credentials to access the image',
    ],
  ] as const) {
    test(`${policy}: who has no credentials does not get what others have pulled with theirs`, async () => {
      const story = new PullStory();
      story.registry.set('web:1', 'second');
      story.allow('two', 'second');
      await story.settled({ secrets: ['two'] });
      story.restart();
      const refused = await story.settled({ uid: 'u2', policy });
      assert.ok(refused.kind === 'waiting');
      assert.equal(refused.message, message);
      const count = story.pulls.length;
      const allowed = await story.settled({ uid: 'u3', policy, secrets: ['two'] });
      assert.equal(present(allowed), 'sha256:web:1');
      assert.equal(story.pulls.length, count);
      assert.ok(!story.files.text('/pulled')?.includes('second'));
    });
  }

  test('a record that was damaged opens nothing', async () => {
    const story = new PullStory();
    story.registry.set('web:1', undefined);
    story.files.put('/pulled', '{');
    // Once when it is written down who has pulled, and once when that is looked up.
    for (const reason of ['ErrImagePull', 'ImageInspectError']) {
      const outcome = await story.settled({});
      assert.ok(outcome.kind === 'waiting');
      assert.equal(outcome.reason, reason);
      assert.match(outcome.message, /\/pulled does not say who has pulled images: remove it, and/);
    }
    await story.files.remove('/pulled');
    assert.equal(present(await story.settled({})), 'sha256:web:1');
  });

  test('what everybody may pull, or was there before, is everybody’s', async () => {
    const story = new PullStory();
    story.registry.set('web:1', undefined);
    story.allow('one', 'first');
    await story.settled({ secrets: ['one'] });
    assert.equal(present(await story.settled({ uid: 'u2' })), 'sha256:web:1');
    story.registry.clear();
    assert.equal(present(await story.settled({ uid: 'u3' })), 'sha256:web:1');
    const record = { id: 'sha256:9', tags: [], digests: [], sizeBytes: 1, isPinned: false };
    story.images.set('old:1', record);
    assert.equal(present(await story.settled({ image: 'old:1', uid: 'u4' })), 'sha256:9');
  });

  test('who has other credentials does not share a pull', async () => {
    const story = new PullStory();
    story.registry.set('web:1', 'second');
    story.allow('one', 'first');
    story.allow('two', 'second');
    const outcomes = Promise.all([
      story.ensure({ secrets: ['one'] }),
      story.ensure({ secrets: ['two'], uid: 'u2' }),
    ]);
    await story.clock.advance(1_200);
    assert.deepEqual((await outcomes).map(present), ['ErrImagePull', 'sha256:web:1']);
  });
});
