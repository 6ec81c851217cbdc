import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { nodejsHost } from '@fairway/host/nodejs';
import { exampleImage } from '@fairway/node-agent/testing';
import { ImageStory, archiveOf, filesOf } from '../../test/image-story.ts';
import { goArchitecture } from '../containerd/host-capabilities.ts';
import { imageContents } from './image-contents.ts';
import { ImageError } from './image-error.ts';

const architecture = goArchitecture(nodejsHost().environment);
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('loadImages()', () => {
  for (const [form, written] of [
    ['an OCI archive', (archive: Uint8Array) => archive],
    ['one in gzip', (archive: Uint8Array) => gzipSync(archive)],
    ['one in zstd', (archive: Uint8Array) => zstdCompressSync(archive)],
  ] as const) {
    test(`takes ${form}`, async () => {
      await using story = await ImageStory.open();
      const archive = await exampleImage('team/app:v1');
      assert.deepEqual(await story.load(written(archive)), ['docker.io/team/app:v1']);
      const [image] = await story.folder.images();
      assert.ok(image);
      const contents = await imageContents(story.folder, image.descriptor);
      assert.deepEqual(contents.platforms, [`linux/${architecture}`]);
      assert.equal(await story.blobCount(), 3);
    });
  }

  test('takes a folder with an OCI layout, and its own folder is one', async () => {
    await using story = await ImageStory.open();
    const layout = await story.unpack(await exampleImage('app:v1'));
    await symlink('/etc/passwd', join(layout, 'blobs/sha256/link'));
    assert.deepEqual(await story.loadPath(layout, { name: 'other' }), [
      'docker.io/library/other:latest',
    ]);
    await using copy = await ImageStory.open();
    await copy.loadPath(story.folder.directory);
    assert.deepEqual(await copy.folder.images(), await story.folder.images());
  });

  test('takes an archive of Docker, with all names and compressed layers', async () => {
    await using story = await ImageStory.open();
    const layer = Buffer.from('a layer');
    const zipped = gzipSync('another layer');
    const config = json({ os: 'linux', architecture, rootfs: { diff_ids: [] } });
    const archive = await archiveOf(
      new Map([
        ['1/layer.tar', layer],
        ['2/layer.tar', zipped],
        ['c.json', config],
        ['repositories', json({})],
        [
          'manifest.json',
          json([
            {
              Config: 'c.json',
              RepoTags: ['app:v1', 'app'],
              Layers: ['1/layer.tar', '2/layer.tar'],
            },
          ]),
        ],
      ]),
    );
    const names = ['docker.io/library/app:v1', 'docker.io/library/app:latest'];
    assert.deepEqual(await story.load(archive), names);
    const [image] = await story.folder.images();
    const manifest = await story.folder.document(image?.descriptor.digest ?? '');
    const { layers } = manifest as { layers: { mediaType: string; digest: string }[] };
    assert.deepEqual(
      layers.map(({ mediaType, digest }) => [mediaType, digest]),
      [
        ['application/vnd.oci.image.layer.v1.tar', `sha256:${shaOf(layer)}`],
        ['application/vnd.oci.image.layer.v1.tar+gzip', `sha256:${shaOf(zipped)}`],
      ],
    );
    // Two layers, the configuration and the manifest; nothing else of the archive.
    assert.equal(await story.blobCount(), 4);
  });

  test('a name is that of the last image loaded; what no image needs is gone', async () => {
    await using story = await ImageStory.open();
    await story.load(await exampleImage('app:v1'));
    await story.load(await exampleImage('app:v2'));
    assert.equal(await story.blobCount(), 3);
    await story.load(await exampleImage('app:v1', { text: 'bye' }));
    assert.deepEqual(await story.names(), ['docker.io/library/app:v1', 'docker.io/library/app:v2']);
    assert.equal(await story.blobCount(), 6);
    await story.folder.change(async (change) => change.remove('docker.io/library/app:v1'));
    assert.equal(await story.blobCount(), 3);
  });

  test('two who load at once both do', async () => {
    await using story = await ImageStory.open();
    const paths = await Promise.all(
      ['one', 'two'].map(async (name) => story.unpack(await exampleImage(name))),
    );
    await Promise.all(paths.map((path) => story.loadPath(path)));
    assert.equal((await story.names()).length, 2);
  });

  const files = async (): Promise<Map<string, Uint8Array>> => filesOf(await exampleImage('app:v1'));
  const without = async (bytes: number): Promise<Uint8Array> =>
    (await exampleImage('app:v1')).subarray(0, bytes);
  const changed = async (change: (files: Map<string, Uint8Array>) => void): Promise<Uint8Array> => {
    const all = await files();
    change(all);
    return archiveOf(all);
  };
  const layerOf = (all: Map<string, Uint8Array>): string =>
    [...all.keys()].find(
      (path) => path.startsWith('blobs/') && (all.get(path)?.length ?? 0) > 1000,
    ) ?? '';
  const cutLayer = async (): Promise<Uint8Array> => {
    const all = await files();
    const whole = Buffer.from(await archiveOf(all));
    const layer = all.get(layerOf(all)) ?? Buffer.alloc(0);
    return whole.subarray(0, whole.indexOf(layer.subarray(0, 256)) + 900);
  };
  for (const [what, archive, message] of [
    ['no archive', async () => Buffer.from('hello'), /cannot read .*: the archive ends early/],
    ['an empty file', async () => Buffer.alloc(0), /cannot read .*: the archive ends early/],
    ['a cut one', () => without(2_000), /cannot read .*: the archive ends early/],
    ['one cut within a layer', cutLayer, /cannot read .*: the archive ends early; it should be/],
    ['a cut gzip', async () => gzipSync(await without(9_000)).subarray(0, 99), /cannot read .*:/],
    ['another archive', () => archiveOf(new Map([['a', json(1)]])), /it holds no image/],
    [
      'names that lead elsewhere',
      () => changed((all) => all.set('../../evil', json(1))),
      /"\.\.\/\.\.\/evil", which leads elsewhere/,
    ],
    [
      'a blob that is another one',
      () => changed((all) => all.set(layerOf(all), Buffer.alloc(1024))),
      /blobs\/sha256\/\w+ does not hold what its name says: the archive is damaged/,
    ],
    ['a missing layer', () => changed((all) => all.delete(layerOf(all))), /sha256:\w+ is missing/],
    [
      'digests that are paths',
      () =>
        changed((all) =>
          all.set('index.json', json({ manifests: [{ digest: 'sha256:../../../etc/passwd' }] })),
        ),
      /its index.json names "sha256:..\/..\/..\/etc\/passwd", which is no sha256 digest/,
    ],
    ['no JSON', () => changed((all) => all.set('index.json', Buffer.from('{'))), /no JSON/],
    ['no list', () => changed((all) => all.set('index.json', json(null))), /not an index/],
    [
      'a manifest that is none',
      () => {
        const manifest = json([1]);
        const digest = `sha256:${shaOf(manifest)}`;
        const index = {
          manifests: [
            {
              mediaType: 'x',
              digest,
              size: manifest.length,
              annotations: { 'io.containerd.image.name': 'a' },
            },
          ],
        };
        return changed((all) =>
          all.set('index.json', json(index)).set(`blobs/sha256/${digest.slice(7)}`, manifest),
        );
      },
      /no JSON object/,
    ],
    [
      'a wrong size',
      () =>
        changed((all) => {
          const index = Buffer.from(all.get('index.json') ?? []).toString();
          all.set('index.json', Buffer.from(index.replace(/"size":\d+/, '"size":1')));
        }),
      /has \d+ bytes and not 1/,
    ],
    [
      'another machine',
      () => exampleImage('app:v1', { architecture: 'm68k' }),
      /app:v1 is for linux\/m68k and this machine is linux\/\w+/,
    ],
    [
      'a bad name',
      () => exampleImage('App:v1'),
      /repository name \(library\/App\) must be lowercase/,
    ],
    [
      'a list of Docker that lacks a file',
      () => archiveOf(new Map([['manifest.json', json([{ Config: 'c', Layers: [] }])]])),
      /its manifest.json names "c", which is not in it/,
    ],
    [
      'no name',
      () =>
        changed((all) => {
          const index = Buffer.from(all.get('index.json') ?? []).toString();
          all.set('index.json', Buffer.from(index.replace('io.containerd.image.name', 'x')));
        }),
      /it does not say the name of its image; give it one with --name NAME/,
    ],
  ] as const) {
    test(`refuses ${what}, and nothing of it stays`, async () => {
      await using story = await ImageStory.open();
      await story.load(await exampleImage('kept:v1', { text: 'kept' }));
      const before = await story.folder.images();
      const blobs = await story.blobCount();
      const bytes = await archive();
      await assert.rejects(
        () => story.load(bytes),
        (error) => error instanceof ImageError && message.test(error.message),
      );
      assert.deepEqual([await story.folder.images(), await story.blobCount()], [before, blobs]);
    });
  }

  test('a file that is not there, and a folder that is no layout', async () => {
    await using story = await ImageStory.open();
    await assert.rejects(() => story.loadPath('/none'), /cannot read \/none: ENOENT/);
    await writeFile(join(story.directory, 'file'), 'x');
    await assert.rejects(() => story.loadPath(story.directory), /cannot read .*oci-layout/);
  });

  test('an index that lies in itself ends', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const descriptor = { mediaType: 'x', digest, size: 1 };
    const source = {
      blob: async () => ({ sizeBytes: 1 }),
      document: async () => ({ manifests: [descriptor, descriptor] }),
    };
    assert.deepEqual((await imageContents(source, descriptor)).platforms, []);
  });
});
