import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodejsMachineFiles as machine } from '@fairway/host/machine';
import type { PersistentVolumeSpec, Volume } from '@fairway/kinds/core/v1';
import { type PodParts, openVolumeStory } from '../../test/volume-story.ts';

const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
const asRoot = { skip: !isRoot && process.env['CI'] === undefined && 'not root on Linux' };

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const given = (token: string, expirationSeconds = 3_600) => ({
  token,
  expirationSeconds,
  expirationTimestamp: '',
});
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

test('an emptyDir is empty, everybody may write it, and it goes with its pod', asRoot, async () => {
  await using story = await openVolumeStory();
  const { hostPath } = await story.setUp({ emptyDir: {} });
  assert.equal(hostPath, join(story.root, 'pods/u1/volumes/kubernetes.io~empty-dir/v'));
  assert.equal(await modeOf(hostPath), 0o777);
  await writeFile(join(hostPath, 'file'), 'kept');
  await chmod(hostPath, 0o700);
  story.restart();
  await story.setUp({ emptyDir: {} });
  assert.deepEqual([await readdir(hostPath), await modeOf(hostPath)], [['file'], 0o700]);
  await writeFile(join(hostPath, 'large'), Buffer.alloc(100_000));
  const [usage] = await story.volumes.usage('u1');
  assert.deepEqual([usage?.name, usage?.kind, usage?.inodesUsed], ['v', 'emptyDir', 3]);
  assert.ok((usage?.usedBytes ?? 0) >= 100_000);
  await mkdir(join(story.root, 'pods/.nobody'));
  assert.deepEqual(await story.volumes.leftovers(), ['u1']);
  await story.volumes.tearDown('u1');
  await story.volumes.tearDown('u1');
  assert.deepEqual(await story.volumes.usage('u1'), []);
  assert.deepEqual(await story.volumes.leftovers(), []);
});

test(
  'an emptyDir in memory holds what its pod may have, and is found after a restart',
  asRoot,
  async () => {
    await using story = await openVolumeStory();
    const emptyDir = { medium: 'Memory', sizeLimit: '16Ki' };
    const { hostPath } = await story.setUp({ emptyDir });
    await writeFile(join(hostPath, 'file'), Buffer.alloc(16_384));
    await assert.rejects(writeFile(join(hostPath, 'more'), 'x'.repeat(5_000)), { code: 'ENOSPC' });
    story.restart();
    await story.setUp({ emptyDir });
    assert.equal((await machine.mountsWithin(hostPath)).length, 1);
    const container = { resources: { limits: { memory: '8Ki' } } };
    const limited = await story.setUp({ emptyDir: { medium: 'Memory' } }, { uid: 'u2', container });
    await assert.rejects(writeFile(join(limited.hostPath, 'file'), Buffer.alloc(16_384)));
    await story.volumes.tearDown('u1');
    await story.volumes.tearDown('u2');
    const left = (await machine.mountsWithin(story.directory)).map(({ path }) => path);
    assert.deepEqual(
      left,
      (await machine.isInMemory(story.directory)) ? [] : [story.memoryDirectory],
    );
    await story.volumes[Symbol.asyncDispose]();
    assert.deepEqual(await machine.mountsWithin(story.directory), []);
  },
);

test(
  'config maps are files that change together, and only when something changes',
  asRoot,
  async () => {
    await using story = await openVolumeStory();
    story.configMaps.set('settings', {
      data: { color: 'blue' },
      binaryData: { raw: base64('\0') },
    });
    const volume = { configMap: { name: 'settings', defaultMode: 0o400 } };
    const { hostPath, isReadOnly } = await story.setUp(volume);
    assert.ok(isReadOnly);
    assert.equal(await readFile(join(hostPath, 'color'), 'utf8'), 'blue');
    assert.equal(await modeOf(join(hostPath, 'raw')), 0o400);
    const before = (await lstat(join(hostPath, '..data'))).ino;
    await story.setUp(volume);
    assert.equal((await lstat(join(hostPath, '..data'))).ino, before);
    story.configMaps.set('settings', { data: { color: 'red' } });
    await story.setUp(volume);
    assert.equal(await readFile(join(hostPath, 'color'), 'utf8'), 'red');
    assert.deepEqual(
      (await readdir(hostPath)).filter((name) => !name.startsWith('..')),
      ['color'],
    );
  },
);

test('labels of a pod and limits of its node are files that follow them', asRoot, async () => {
  await using story = await openVolumeStory();
  const volume: Omit<Volume, 'name'> = {
    downwardAPI: {
      items: [
        { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
        {
          path: 'cpu',
          resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' },
        },
      ],
    },
  };
  const { hostPath } = await story.setUp(volume, { labels: { a: '1' } });
  const read = (name: string): Promise<string> => readFile(join(hostPath, name), 'utf8');
  assert.deepEqual([await read('labels'), await read('cpu')], ['a="1"', '3500']);
  await story.setUp(volume, { labels: { a: '2' } });
  assert.equal(await read('labels'), 'a="2"');
});

test(
  'secrets and tokens lie in memory, are their users’ alone, and tokens are replaced in time',
  asRoot,
  async () => {
    await using story = await openVolumeStory();
    story.secrets.set('keys', { data: { key: base64('s3cret') } });
    story.configMaps.set('kube-root-ca.crt', { data: { 'ca.crt': 'CA' } });
    const volume: Omit<Volume, 'name'> = {
      projected: {
        defaultMode: 0o644,
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 600 } },
          { serviceAccountToken: { path: 'vault/token', audience: 'vault' } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { secret: { name: 'keys' } },
        ],
      },
    };
    story.tokens = [given('one', 600), given('for vault')];
    const { hostPath } = await story.setUp(volume);
    assert.ok(await machine.isInMemory(hostPath));
    assert.ok(hostPath.startsWith(story.memoryDirectory));
    assert.equal((await stat(story.memoryDirectory)).mode & 0o077, 0);
    const token = (): Promise<string> => readFile(join(hostPath, 'token'), 'utf8');
    assert.deepEqual(story.wishes, [
      { expirationSeconds: 600 },
      { expirationSeconds: 3_600, audience: 'vault' },
    ]);
    assert.equal(await readFile(join(hostPath, 'key'), 'utf8'), 's3cret');
    assert.equal(await modeOf(join(hostPath, 'token')), 0o644);
    await story.clock.advance(479_000);
    await story.setUp(volume);
    assert.equal(await token(), 'one');
    // One that cannot be had is used to its end.
    await story.clock.advance(1_000);
    story.tokens = [new Error('no')];
    await story.setUp(volume);
    assert.equal(await token(), 'one');
    assert.match(String(story.warnings[0]?.['message']), /^a token was not replaced/);
    story.tokens = [given('two', 600)];
    await story.setUp(volume);
    assert.equal(await token(), 'two');
    await story.clock.advance(601_000);
    story.tokens = [new Error('gone')];
    await assert.rejects(story.setUp(volume), /MountVolume.SetUp failed for volume "v" : gone/);
    await story.volumes.tearDown('u1');
    story.tokens = [given('new', 600), given('new')];
    await story.setUp(volume);
    assert.equal(await token(), 'new');
    // What a pod had is not given to the next one of its uid.
    await story.volumes.tearDown('u1');
    story.tokens = [given('newer', 600), given('newer')];
    await story.setUp(volume);
    assert.equal(await token(), 'newer');
  },
);

test('files are those of the pod’s user and group', asRoot, async () => {
  await using story = await openVolumeStory();
  const serviceAccountToken = { path: 'token' };
  story.configMaps.set('settings', { data: { color: 'blue' } });
  const sources = [{ serviceAccountToken }, { configMap: { name: 'settings' } }];
  const volume = { projected: { sources, defaultMode: 0o400 } };
  const ownersOf = async (how: PodParts): Promise<readonly (readonly number[])[]> => {
    story.tokens = [given('t')];
    const { hostPath } = await story.setUp(volume, how);
    await story.volumes.tearDown(how.uid ?? '').catch(() => {});
    const facts = ['token', 'color'].map(async (name) => {
      const { uid, gid, mode } = await stat(join(hostPath, name));
      return [uid, gid, mode & 0o7777];
    });
    return Promise.all(facts);
  };
  assert.deepEqual(await ownersOf({ spec: { securityContext: { runAsUser: 7 } } }), [
    [7, 0, 0o600],
    [0, 0, 0o400],
  ]);
  await story.volumes.tearDown('u1');
  assert.deepEqual(await ownersOf({ spec: { securityContext: { fsGroup: 8 } } }), [
    [0, 8, 0o640],
    [0, 8, 0o440],
  ]);
  const { hostPath } = await story.setUp(
    { emptyDir: {} },
    { uid: 'u2', spec: { securityContext: { fsGroup: 8 } } },
  );
  const { gid } = await stat(hostPath);
  assert.deepEqual([gid, await modeOf(hostPath)], [8, 0o2777]);
  // What containers have made of their files is theirs, also after a restart.
  await writeFile(join(hostPath, 'private'), '', { mode: 0o600 });
  story.restart();
  await story.setUp({ emptyDir: {} }, { uid: 'u2', spec: { securityContext: { fsGroup: 8 } } });
  assert.equal(await modeOf(join(hostPath, 'private')), 0o600);
});

test('a hostPath is what its type says, or is made as it says', asRoot, async () => {
  await using story = await openVolumeStory();
  const at = (name: string): string => join(story.directory, name);
  await mkdir(at('folder'));
  await writeFile(at('file'), '');
  const server = createServer().listen(at('socket'));
  const use = async (path: string, type?: string): Promise<string> => {
    const hostPath = { path, ...(type === undefined ? {} : { type }) };
    return (await story.setUp({ hostPath } as Omit<Volume, 'name'>)).hostPath;
  };
  try {
    const rows: [string, string][] = [
      [at('folder'), 'Directory'],
      [at('new/folder'), 'DirectoryOrCreate'],
      [at('file'), 'File'],
      [at('new/file'), 'FileOrCreate'],
      [at('socket'), 'Socket'],
      ['/dev/null', 'CharDevice'],
    ];
    for (const [path, type] of rows) assert.equal(await use(path, type), path);
    assert.ok((await stat(at('new/folder'))).isDirectory());
    assert.ok((await stat(at('new/file'))).isFile());
    assert.equal(await use(at('absent')), at('absent'));
    assert.equal(await machine.entry(at('absent')), undefined);
    const refused: [string, string, string][] = [
      [at('absent'), 'Directory', 'a directory'],
      [at('file'), 'DirectoryOrCreate', 'a directory'],
      [at('absent'), 'File', 'a file'],
      [at('folder'), 'FileOrCreate', 'a file'],
      [at('file'), 'Socket', 'a socket file'],
      [at('file'), 'CharDevice', 'a character device'],
      ['/dev/null', 'BlockDevice', 'a block device'],
    ];
    for (const [path, type, words] of refused) {
      const message = `MountVolume.SetUp failed for volume "v" : hostPath type check failed: ${path} is not ${words}`;
      await assert.rejects(use(path, type), { name: 'PodError', message });
    }
    await assert.rejects(use('/tmp/../etc'), /must not contain '..'/);
    await assert.rejects(use('relative'), /must be a path from the root/);
    await assert.rejects(use('/tmp', 'Odd'), /Odd is an invalid volume type/);
  } finally {
    server.close();
  }
  await story.volumes.tearDown('u1');
  assert.ok((await stat(at('folder'))).isDirectory());
});

test('claims lead to the folders of their volumes, or say what is missing', asRoot, async () => {
  await using story = await openVolumeStory();
  const folder = join(story.directory, 'disk');
  const persistentVolumeClaim = { claimName: 'data' };
  const bind = (spec: PersistentVolumeSpec): void => {
    story.claims.set('data', {
      metadata: { name: 'data', uid: 'c1' },
      spec: { volumeName: 'pv' },
      status: { phase: 'Bound' },
    });
    const claimRef = { namespace: 'shop', name: 'data', uid: 'c1' };
    story.persistentVolumes.set('pv', { metadata: { name: 'pv' }, spec: { claimRef, ...spec } });
  };
  const refused = async (words: string): Promise<void> => {
    const message = `MountVolume.SetUp failed for volume "v" : ${words}`;
    await assert.rejects(story.setUp({ persistentVolumeClaim }), { name: 'PodError', message });
  };
  await refused(
    'error processing PVC shop/data: failed to fetch PVC from API server: persistentvolumeclaims "data" not found',
  );
  story.claims.set('data', { status: { phase: 'Pending' } });
  await refused('error processing PVC shop/data: PVC is not bound');
  bind({ local: { path: folder } });
  await refused(`path "${folder}" does not exist`);
  bind({ nfs: { server: 's', path: '/' }, capacity: { storage: '1Gi' } });
  await refused(
    'failed to get Plugin from volumeSpec for volume "pv" err=no volume plugin matched: this node has none for nfs; use a claim of the class standard, or a local or hostPath volume',
  );
  bind({ local: { path: folder }, volumeMode: 'Block' });
  await refused('volume "pv" has volumeMode Block, but is specified in volumeMounts');
  bind({ local: { path: folder }, claimRef: { namespace: 'else', name: 'x', uid: 'c2' } });
  await refused('error processing PVC shop/data: PV "pv" is claimed by else/x, not by this claim');
  bind({ hostPath: { path: folder, type: 'DirectoryOrCreate' } });
  const how = { spec: { securityContext: { fsGroup: 9 } } };
  assert.deepEqual(await story.setUp({ persistentVolumeClaim }, how), {
    hostPath: folder,
    isReadOnly: false,
    kind: 'persistentVolumeClaim',
  });
  assert.equal((await stat(folder)).gid, 0);
  bind({ local: { path: folder } });
  const readOnly = { persistentVolumeClaim: { ...persistentVolumeClaim, readOnly: true } };
  assert.equal((await story.setUp(readOnly, { ...how, uid: 'u2' })).isReadOnly, true);
  assert.equal((await stat(folder)).gid, 9);
  await writeFile(join(folder, 'file'), 'kept');
  await story.volumes.tearDown('u1');
  await story.volumes.tearDown('u2');
  assert.deepEqual(await readdir(folder), ['file']);
});

test('an ephemeral claim belongs to its pod', asRoot, async () => {
  await using story = await openVolumeStory();
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'web-0', controller: true };
  const claim = (uid: string) => ({
    metadata: { uid: 'c1', ownerReferences: [{ ...owner, uid }] },
    spec: { volumeName: 'pv' },
    status: { phase: 'Bound' } as const,
  });
  const claimRef = { uid: 'c1' };
  story.persistentVolumes.set('pv', { spec: { claimRef, hostPath: { path: story.directory } } });
  story.claims.set('web-0-v', claim('other'));
  await assert.rejects(story.setUp({ ephemeral: {} }), /PVC was not created for the pod/);
  story.claims.set('web-0-v', claim('u1'));
  assert.equal((await story.setUp({ ephemeral: {} })).hostPath, story.directory);
});

test('what this node cannot mount, it says', asRoot, async () => {
  await using story = await openVolumeStory();
  const rows: [Omit<Volume, 'name'>, RegExp][] = [
    [{ csi: { driver: 'x' } }, /no volume plugin matched: this node has none for csi;/],
    [{ image: { reference: 'x' } }, /this node has none for image;/],
    [{ emptyDir: { medium: 'HugePages' } }, /no emptyDir of medium "HugePages"/],
    [{ configMap: { name: 'none' } }, /: configmap "none" not found$/],
    [{ secret: { secretName: 'none' } }, /: secret "none" not found$/],
    [
      { projected: { sources: [{ clusterTrustBundle: { path: 'ca', name: 'x' } }] } },
      /this node has no clusterTrustBundle for projected volumes/,
    ],
  ];
  for (const [volume, message] of rows) {
    await assert.rejects(story.setUp(volume), { name: 'PodError', message });
  }
});

test('hostile names and files lead nowhere outside the pod’s own folder', asRoot, async () => {
  await using story = await openVolumeStory();
  const outside = join(story.directory, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'file'), 'kept');
  for (const name of ['..', '../../outside', 'a/b', 'a\nb', '', '.hidden']) {
    await assert.rejects(story.setUp({ emptyDir: {} }, { volumeName: name }), { name: 'PodError' });
    await assert.rejects(story.setUp({ emptyDir: {} }, { uid: name }), { name: 'PodError' });
    await assert.rejects(story.volumes.tearDown(name), { name: 'PodError' });
  }
  for (const key of ['../../../../../outside/evil', '/outside', '..', '..data', 'a/../../b', '']) {
    story.configMaps.set('evil', { data: { [key]: 'x', fine: 'y' } });
    await assert.rejects(story.setUp({ configMap: { name: 'evil' } }), /invalid path: must/, key);
  }
  const { hostPath } = await story.setUp({ emptyDir: {} });
  await symlink(outside, join(hostPath, 'link'));
  await symlink('../../../../../outside', join(hostPath, 'upwards'));
  await mkdir(join(hostPath, 'deep/er'), { recursive: true });
  await symlink(outside, join(hostPath, 'deep/er/link'));
  await story.volumes.tearDown('u1');
  assert.deepEqual(await readdir(outside), ['file']);
  assert.deepEqual(await story.volumes.leftovers(), []);
});

test('volumes that no container mounts are not made', asRoot, async () => {
  await using story = await openVolumeStory();
  const pod = {
    metadata: { name: 'web-0', namespace: 'shop', uid: 'u1' },
    spec: { containers: [{ name: 'main' }], volumes: [{ name: 'v', csi: { driver: 'x' } }] },
  };
  assert.equal((await story.volumes.setUp(pod)).size, 0);
  assert.deepEqual(await story.volumes.leftovers(), []);
});
