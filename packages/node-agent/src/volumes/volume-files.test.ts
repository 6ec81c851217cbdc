import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, Volume } from '@fairway/kinds/core/v1';
import type { PodSources } from '../sources/pod-sources.ts';
import { volumeFiles } from './volume-files.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const sources: PodSources = {
  configMap: async (name) =>
    name === 'settings'
      ? { data: { color: 'blue' }, binaryData: { raw: base64('\0') } }
      : undefined,
  secret: async (name) => (name === 'keys' ? { data: { key: base64('s3cret') } } : undefined),
  services: async () => [],
};
const pod: Pod = {
  metadata: { name: 'shop-1', labels: { b: 'say "hi"', a: '1' } },
  spec: { containers: [{ name: 'main', resources: { limits: { cpu: '2' } } }] },
};

async function filesOf(volume: Omit<Volume, 'name'>): Promise<unknown> {
  const found = await volumeFiles({ name: 'v', ...volume }, { pod, sources });
  if (found.kind !== 'files') return found;
  return Object.fromEntries(
    [...found.files].map(([path, { bytes, mode }]) => [
      path,
      `${mode.toString(8)} ${Buffer.from(bytes)}`,
    ]),
  );
}

test('volumeFiles() answers what config maps, secrets and the pod hold', async () => {
  assert.deepEqual(await filesOf({ configMap: { name: 'settings' } }), {
    color: '644 blue',
    raw: '644 \0',
  });
  const items = [{ key: 'key', path: 'deep/er', mode: 0o400 }];
  assert.deepEqual(await filesOf({ secret: { secretName: 'keys', items } }), {
    'deep/er': '400 s3cret',
  });
  assert.deepEqual(
    await filesOf({
      projected: {
        defaultMode: 0o440,
        sources: [
          { configMap: { name: 'settings', items: [{ key: 'color', path: 'c' }] } },
          { secret: { name: 'absent', optional: true } },
          {
            downwardAPI: {
              items: [
                { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
                {
                  path: 'cpu',
                  resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' },
                },
              ],
            },
          },
        ],
      },
    }),
    { c: '440 blue', labels: '440 a="1"\nb="say \\"hi\\""', cpu: '440 2' },
  );
});

test('volumeFiles() names the tokens that belong into a volume, and what only a node has', async () => {
  const serviceAccountToken = { path: 'vault', audience: 'vault', expirationSeconds: 600 };
  const volume: Volume = { name: 'v', projected: { sources: [{ serviceAccountToken }] } };
  assert.deepEqual(await volumeFiles(volume, { pod, sources }), {
    kind: 'files',
    files: new Map(),
    tokens: [{ ...serviceAccountToken, mode: 0o644 }],
  });
  assert.deepEqual(await filesOf({ emptyDir: {} }), { kind: 'empty' });
  assert.deepEqual(await filesOf({ persistentVolumeClaim: { claimName: 'data' } }), {
    kind: 'unavailable',
    source: 'persistentVolumeClaim',
  });
  await assert.rejects(filesOf({ configMap: { name: 'absent' } }), { name: 'PodError' });
  const items = [{ key: 'no', path: 'no' }];
  await assert.rejects(
    filesOf({ secret: { secretName: 'keys', items } }),
    /^PodError: references non-existent secret key: no$/,
  );
});
