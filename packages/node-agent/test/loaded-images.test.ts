import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret, silentLogger } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { RuntimeError, criImages, serveLoadedImages, withLoadedImages } from '@fairway/node-agent';
import {
  exampleImage,
  openTestContainerd,
  skipWithoutContainerd,
} from '@fairway/node-agent/testing';
import type { Handler } from '@fairway/protocol';
import { listen } from '@fairway/serving';
import { imageRegistry } from '../src/oci/image-registry.ts';
import { ImageStory } from './image-story.ts';

const { clock, files } = nodejsHost();
const onHost = { host: '127.0.0.1', port: 0, clock, logger: silentLogger };

test(
  'containerd has what was loaded, as it was loaded last, and all else from its registry',
  { skip: await skipWithoutContainerd() },
  async () => {
    await using story = await ImageStory.open();
    await using elsewhere = await ImageStory.open();
    await using registry = await listen({
      ...onHost,
      handler: withPassword(imageRegistry(elsewhere.folder)),
    });
    await using containerd = await openTestContainerd();
    const { folder } = story;
    const { folders } = containerd;
    await using _mirror = await serveLoadedImages({
      folder,
      folders,
      files,
      clock,
      logger: silentLogger,
    });
    const images = withLoadedImages(criImages(containerd.client), folder);

    assert.equal(await images.find('ghcr.io/team/app:v1'), undefined);
    await story.load(await exampleImage('ghcr.io/team/app:v1'));
    await story.load(await exampleImage('other', { text: 'other' }));
    const first = await images.find('ghcr.io/team/app:v1');
    assert.deepEqual(first?.tags, ['ghcr.io/team/app:v1']);
    assert.deepEqual(await images.find('ghcr.io/team/app:v1'), first);
    await story.load(await exampleImage('ghcr.io/team/app:v1', { text: 'changed' }));
    const second = await images.find('ghcr.io/team/app:v1');
    assert.notEqual(second?.id, first?.id);
    assert.equal(await images.pull('other'), (await images.find('other'))?.id);

    const host = registry.url.slice('http://'.length);
    await elsewhere.load(await exampleImage('docker.io/private:v1'));
    const name = `${host}/library/private:v1`;
    const right = { username: 'u', password: new Secret('p') };
    const wrong = { username: 'u', password: new Secret('q') };
    for (const credentials of [undefined, wrong]) {
      await assert.rejects(
        () => images.pull(name, credentials),
        (error) =>
          error instanceof RuntimeError && error.message.includes('failed to resolve reference'),
      );
    }
    assert.match(await images.pull(name, right), /^sha256:/);
    await assert.rejects(
      () => images.pull(`${host}/library/none:v1`, right),
      (error) => error instanceof RuntimeError && error.problem === 'not-found',
    );
  },
);

/** As registries ask for the name and password of a user. */
function withPassword(handler: Handler): Handler {
  const expected = `Basic ${Buffer.from('u:p').toString('base64')}`;
  return async (request) =>
    request.headers['authorization'] === expected
      ? await handler(request)
      : {
          status: 401,
          headers: { 'www-authenticate': 'Basic realm="test"' },
          body: undefined,
        };
}
