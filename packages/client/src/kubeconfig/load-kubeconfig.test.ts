import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { MemoryFiles } from '@fairway/host/testing';
import * as fc from 'fast-check';
import { KubeconfigError } from './kubeconfig-error.ts';
import { loadKubeconfig, parseKubeconfig } from './load-kubeconfig.ts';
import { kubeconfigBytesMax } from './read-kubeconfig-text.ts';

const home = { files: ['/k/a', '/k/b', '/k/c'], source: 'KUBECONFIG' } as const;

test('loadKubeconfig() lets the first file decide a name as a whole, and knows its origin', async () => {
  const files = new MemoryFiles({
    '/k/a': 'clusters: [{name: one, cluster: {server: "https://a"}}]',
    '/k/c': `
current-context: late
clusters:
- name: one
  cluster: {server: "https://c", tls-server-name: never-mixed-in}
- name: two
  cluster: {server: "https://c"}
`,
  });
  const config = await loadKubeconfig(files, home);
  assert.deepEqual(config.clusters.get('one'), {
    name: 'one',
    value: { server: 'https://a' },
    file: '/k/a',
  });
  assert.equal(config.clusters.get('two')?.file, '/k/c');
  assert.equal(config.currentContext, 'late');
  assert.equal(config.currentContextFile, '/k/c');
});

test('loadKubeconfig() takes the first current context that is not empty', async () => {
  const files = new MemoryFiles({
    '/k/a': 'current-context: ""',
    '/k/b': 'current-context: b',
    '/k/c': 'current-context: c',
  });
  assert.equal((await loadKubeconfig(files, home)).currentContext, 'b');
});

test('loadKubeconfig() passes over missing files and takes an empty one as empty', async () => {
  const config = await loadKubeconfig(new MemoryFiles({ '/k/b': '' }), home);
  assert.deepEqual([config.clusters.size, config.currentContext], [0, undefined]);
});

test('loadKubeconfig() refuses a named file that does not exist', async () => {
  const location = { files: ['/nope'], source: 'explicit' } as const;
  await assert.rejects(loadKubeconfig(new MemoryFiles(), location), {
    problem: 'unreadable',
    message: /^error loading config: \/nope: no such file or directory; check/,
  });
});

test('loadKubeconfig() reports everything wrong in every file, with file and field', async () => {
  const files = new MemoryFiles({
    '/k/a': 'users: [{name: u, user: {token: 12345, client-key-data: "???"}}]',
    '/k/b': 'clusters: {a: b}\nkind: Pod',
    '/k/c': 'a: [',
  });
  const error = await loadKubeconfig(files, home).catch((each: unknown) => each);
  assert.ok(error instanceof KubeconfigError);
  assert.equal(error.problem, 'malformed');
  assert.deepEqual(
    error.issues.slice(0, 4).map(({ file, field, detail }) => `${file} ${field}: ${detail}`),
    [
      '/k/a users[0].user.token: must be a string, not a number; put it in quotes',
      '/k/a users[0].user.client-key-data: is not base64',
      '/k/b clusters: must be a list, not a mapping',
      '/k/b kind: must be "Config", not "Pod"',
    ],
  );
  assert.match(error.message, /, \/k\/c: is not YAML: line 1, column \d+: .*\]$/);
});

test('parseKubeconfig() refuses a name given twice in one file', async () => {
  const text = 'contexts: [{name: a}, {name: b}, {name: a}]';
  await assert.rejects(parseKubeconfig(text, '/k'), {
    message: /^error loading config: \/k: contexts\[2\]\.name: duplicate name "a" in list/,
  });
});

test('parseKubeconfig() reads YAML 1.1 as kubectl does', async () => {
  const text = `
clusters: [{name: a, cluster: {insecure-skip-tls-verify: yes, disable-compression: off}}]
contexts: [{name: "no", context: {namespace: 2020-01-01}}]
`;
  const config = await parseKubeconfig(text, '/k');
  const { 'insecure-skip-tls-verify': isInsecure, 'disable-compression': isPlain } =
    config.clusters.get('a')?.value ?? {};
  assert.deepEqual([isInsecure, isPlain], [true, false]);
  assert.equal(config.contexts.get('no')?.value.namespace, '2020-01-01');
});

test('parseKubeconfig() keeps unknown keys and puts secrets away', async () => {
  const text = `
users:
- name: a
  user:
    token: s3cret-token
    password: s3cret-password
    client-key-data: czNjcmV0
    auth-provider: {name: oidc, config: {id-token: s3cret-id, refresh-token: s3cret-r, client-id: me}}
    from-the-future: {kept: true}
`;
  const config = await parseKubeconfig(text, '/k');
  const user = config.users.get('a')?.value;
  assert.equal(user?.token?.reveal(), 's3cret-token');
  assert.deepEqual((user as Record<string, unknown>)['from-the-future'], { kept: true });
  for (const shown of [inspect(config, { depth: 9 }), JSON.stringify([...config.users])]) {
    assert.doesNotMatch(shown, /s3cret|czNjcmV0/);
    assert.match(shown, /me/);
  }
});

test('loadKubeconfig() refuses a file that no kubeconfig can be', async () => {
  const files = new MemoryFiles({ '/k': ' '.repeat(kubeconfigBytesMax + 1) });
  await assert.rejects(loadKubeconfig(files, { files: ['/k'], source: 'explicit' }), {
    problem: 'unreadable',
    message: /\/k: cannot be read: \/k is longer than 16777216 bytes: is it the right file\?$/,
  });
});

test('loadKubeconfig() refuses bytes that are no text and aliases that explode', async () => {
  const files = new MemoryFiles();
  await files.write('/k', Uint8Array.of(0xff, 0xfe, 0x00));
  const location = { files: ['/k'], source: 'explicit' } as const;
  await assert.rejects(loadKubeconfig(files, location), { message: /is not UTF-8 text/ });
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let depth = 0; depth < 9; depth++) {
    const name = String.fromCharCode(97 + depth);
    const next = String.fromCharCode(98 + depth);
    bomb.push(`${next}: &${next} [${Array(9).fill(`*${name}`).join(', ')}]`);
  }
  await assert.rejects(parseKubeconfig(bomb.join('\n'), '/k'), { problem: 'malformed' });
});

const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('a', 'https://a', 'YQ==', '__proto__'),
);
const key = fc.constantFrom(
  'clusters',
  'users',
  'contexts',
  'name',
  'cluster',
  'user',
  'context',
  'token',
  'exec',
  'env',
  'args',
  'client-key-data',
  'as-user-extra',
  'auth-provider',
  'config',
  'current-context',
  'extensions',
  'kind',
  'preferences',
  'insecure-skip-tls-verify',
  'unknown',
  '__proto__',
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    scalar,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('tree')), { maxLength: 5 }).map((each) => Object.fromEntries(each)),
  ),
}));

test('parseKubeconfig() reads any JSON, or names file and field', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (value) => {
      try {
        await parseKubeconfig(JSON.stringify(value), '/k/fuzzed');
      } catch (error) {
        assert.ok(error instanceof KubeconfigError, inspect(error));
        assert.ok(error.issues.length > 0);
        for (const { file, detail } of error.issues) {
          assert.equal(file, '/k/fuzzed');
          assert.notEqual(detail, '');
        }
        const isObject = typeof value === 'object' && !Array.isArray(value);
        if (isObject) assert.ok(error.issues.every(({ field }) => field !== ''));
      }
    }),
    { numRuns: 500 },
  );
});

test('parseKubeconfig() survives any text', async () => {
  const fragments = fc.constantFrom(
    'users:\n',
    '- ',
    'name: a',
    '\n',
    '  ',
    '&a ',
    '*a',
    '{',
    '}',
    '[',
    ']',
    ': ',
    '|',
    '"',
    '\t',
    '!!binary ',
    '!!set ',
    '<<: ',
    '---\n',
    '# c',
    '%YAML 1.2\n',
    '\u0000',
    'token: x',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fragments, { maxLength: 25 }), async (parts) => {
      try {
        await parseKubeconfig(parts.join(''), '/k/fuzzed');
      } catch (error) {
        assert.ok(error instanceof KubeconfigError, inspect(error));
        assert.match(error.message, /\/k\/fuzzed/);
      }
    }),
    { numRuns: 500 },
  );
});
