import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { silentLogger } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { listen } from '@fairway/serving';
import { exampleImage } from '@fairway/node-agent/testing';
import { ImageStory } from '../../test/image-story.ts';
import { imageRegistry } from './image-registry.ts';

describe('imageRegistry()', () => {
  test('answers what a pull asks for, over a socket', async () => {
    await using story = await ImageStory.open();
    await story.load(await exampleImage('ghcr.io/team/app:v1'));
    await using server = await listen({
      host: '127.0.0.1',
      port: 0,
      handler: imageRegistry(story.folder),
      clock: nodejsHost().clock,
      logger: silentLogger,
    });
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${server.url}/v2/${path}`, init);
    assert.equal((await ask('')).status, 200);
    const head = await ask('team/app/manifests/v1?ns=ghcr.io', { method: 'HEAD' });
    const [image] = await story.folder.images();
    const digest = image?.descriptor.digest ?? '';
    assert.equal(head.headers.get('docker-content-digest'), digest);
    assert.equal(head.headers.get('content-type'), 'application/vnd.oci.image.manifest.v1+json');
    const manifest = await ask(`team/app/manifests/${digest}?ns=ghcr.io`);
    assert.equal(manifest.headers.get('content-type'), head.headers.get('content-type'));
    const { layers } = (await manifest.json()) as { layers: { digest: string; size: number }[] };
    const [layer] = layers;
    assert.ok(layer);
    const whole = Buffer.from(await (await ask(`team/app/blobs/${layer.digest}`)).arrayBuffer());
    assert.equal(whole.length, layer.size);
    for (const [range, status, bytes, said] of [
      ['bytes=1000-', 206, whole.subarray(1000), `bytes 1000-${layer.size - 1}/${layer.size}`],
      ['bytes=1-2', 206, whole.subarray(1, 3), `bytes 1-2/${layer.size}`],
      [
        'bytes=-5',
        206,
        whole.subarray(-5),
        `bytes ${layer.size - 5}-${layer.size - 1}/${layer.size}`,
      ],
      ['bytes=0-999999', 206, whole, `bytes 0-${layer.size - 1}/${layer.size}`],
      ['lines=1-2', 200, whole, null],
    ] as const) {
      const part = await ask(`team/app/blobs/${layer.digest}`, { headers: { range } });
      assert.deepEqual([part.status, part.headers.get('content-range')], [status, said], range);
      assert.ok(bytes.equals(Buffer.from(await part.arrayBuffer())), range);
    }
    const beyond = { headers: { range: `bytes=${layer.size}-` } };
    for (const [path, init, status] of [
      [`team/app/blobs/${layer.digest}`, beyond, 416],
      ['team/app/manifests/v2?ns=ghcr.io', {}, 404],
      ['team/app/manifests/v1', {}, 404],
      ['team/app/manifests/v1?ns=ghcr.io%2Fteam', {}, 404],
      [`team/app/manifests/${layer.digest}?ns=ghcr.io`, {}, 404],
      ['team/app/blobs/sha256:..%2f..%2findex.json', {}, 404],
      [`team/app/blobs/sha256:${'0'.repeat(64)}`, {}, 404],
      ['_catalog', {}, 404],
      ['team/app/manifests/v1?ns=ghcr.io', { method: 'PUT', body: 'x' }, 405],
    ] as const) {
      const answer = await ask(path, init);
      assert.equal(answer.status, status, path);
      const { errors } = (await answer.json()) as { errors: { code: string }[] };
      assert.ok(errors[0]?.code, path);
    }
  });
});
