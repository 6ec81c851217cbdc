import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { fakeMachine, pem } from '../../test/fake-machine.ts';
import { findCluster } from '../target/find-cluster.ts';
import { KubeconfigError } from './kubeconfig-error.ts';

const certificate = btoa(pem('CERTIFICATE', 'c'));
const key = btoa(pem('PRIVATE KEY', 's3cret'));

/** Uses every field that is read, so that damage to any of them is felt. */
const sound = {
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'a',
  clusters: [
    {
      name: 'a',
      cluster: {
        server: 'https://a',
        'tls-server-name': 'a',
        'certificate-authority-data': certificate,
        'proxy-url': 'http://p',
        extensions: [{ name: 'fairway.dev/servers', extension: { servers: ['https://b'] } }],
      },
    },
  ],
  contexts: [{ name: 'a', context: { cluster: 'a', user: 'a', namespace: 'n' } }],
  users: [
    {
      name: 'a',
      user: {
        'client-certificate-data': certificate,
        'client-key-data': key,
        token: 's3cret-token',
        as: 'j',
        'as-uid': '1',
        'as-groups': ['g'],
        'as-user-extra': { k: ['v'] },
        exec: {
          command: './p',
          args: ['x'],
          env: [{ name: 'N', value: 'V' }],
          apiVersion: 'client.authentication.k8s.io/v1',
          interactiveMode: 'Never',
        },
      },
    },
  ],
};

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Object.entries(value).flatMap(([name, each]) => pathsOf(each, [...at, name]));
  return [at, ...inner];
}

/** The document with something else at `path`. */
function damaged(path: Path, replacement: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify({ root: sound }));
  const whole: Path = ['root', ...path];
  let holder = copy as Record<string, unknown>;
  for (const step of whole.slice(0, -1)) holder = holder[step] as Record<string, unknown>;
  const last = String(whole.at(-1));
  if (replacement === undefined) delete holder[last];
  else holder[last] = replacement;
  return (copy as { root?: unknown }).root ?? null;
}

const anything = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom<unknown>('', 'x', 'https://', '://', 'YQ==', 0, 1.5, true, null, [], {}, [[]]),
  fc.string(),
  fc.constant([{ name: 'a' }, { name: 'a' }]),
);

test('findCluster() finds the cluster of the sound document', async () => {
  const machine = fakeMachine({ files: { '/home/a/.kube/config': JSON.stringify(sound) } });
  assert.equal((await findCluster(machine)).server, 'https://a');
});

test('findCluster() finds a cluster in a damaged kubeconfig, or names the file and the field', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...pathsOf(sound)), anything, async (path, replacement) => {
      const text = JSON.stringify(damaged(path, replacement));
      const machine = fakeMachine({ files: { '/home/a/.kube/config': text } });
      try {
        const target = await findCluster(machine);
        await target.credentials.current();
        assert.ok(URL.canParse(target.server));
      } catch (error) {
        assert.ok(error instanceof KubeconfigError, inspect(error));
        assert.match(error.message, /\/home\/a\/\.kube\/config/);
        assert.doesNotMatch(inspect(error, { depth: 9 }), /s3cret/);
        if (error.problem === 'absent' || error.problem === 'unknown-name') return;
        assert.ok(error.issues.length > 0);
        const isWhole = path.length === 0;
        assert.ok(isWhole || error.issues.every(({ field }) => field !== ''), inspect(error));
      }
    }),
    { numRuns: 1000 },
  );
});
