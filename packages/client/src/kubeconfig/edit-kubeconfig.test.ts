import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Secret } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { type FakeMachine, fakeMachine } from '../../test/fake-machine.ts';
import { type EditResult, editKubeconfig, type KubeconfigEdit } from './edit-kubeconfig.ts';
import { loadKubeconfig, parseKubeconfig } from './load-kubeconfig.ts';
import { lockWaitMsMax } from './lock-files.ts';
import { viewKubeconfig } from './view-kubeconfig.ts';

const kubeconfig = `# Clusters of the team.
apiVersion: v1
kind: Config
clusters:
- name: dev # the old one
  cluster:
    server: "https://dev" # port 443
    color: green
contexts:
# for daily use
- name: dev
  context: {cluster: dev, user: dev}
- name: stage
  context: {cluster: dev, user: dev, namespace: shop}
users:
- name: dev
  user:
    token: abc
current-context: dev # do not forget
from-the-future: 0644
`;

async function edit(
  machine: FakeMachine,
  edits: readonly KubeconfigEdit[],
  files: readonly string[] = ['/k/config'],
): Promise<EditResult> {
  return editKubeconfig(machine, { files, source: 'KUBECONFIG' }, () => edits);
}

/** The file after one edit. */
async function edited(...edits: KubeconfigEdit[]): Promise<string> {
  const machine = fakeMachine({ files: { '/k/config': kubeconfig } });
  await edit(machine, edits);
  return machine.files.text('/k/config') ?? '';
}

test('editKubeconfig() changes the lines that it must, and no other', async () => {
  assert.equal(
    await edited({ kind: 'use-context', name: 'stage' }),
    kubeconfig.replace('current-context: dev', 'current-context: stage'),
  );
  const fields = { server: 'https://new' };
  assert.equal(
    await edited({ kind: 'set', section: 'clusters', name: 'dev', fields }),
    kubeconfig.replace('"https://dev"', 'https://new'),
  );
  assert.equal(
    await edited({ kind: 'rename-context', from: 'dev', to: 'work' }),
    kubeconfig
      .replace('for daily use\n- name: dev', 'for daily use\n- name: work')
      .replace('current-context: dev', 'current-context: work'),
  );
  assert.equal(
    await edited({ kind: 'unset', section: 'contexts', name: 'stage', path: ['namespace'] }),
    kubeconfig.replace(', namespace: shop', ''),
  );
  assert.equal(
    await edited({ kind: 'unset-current-context' }),
    kubeconfig.replace('current-context: dev # do not forget\n', ''),
  );
  assert.equal(
    await edited({ kind: 'delete', section: 'contexts', name: 'stage' }),
    kubeconfig.replace(/- name: stage\n.*\n/, ''),
  );
});

test('editKubeconfig() adds entries whose values come back as they were given', async () => {
  const text = await edited(
    { kind: 'set', section: 'users', name: 'yes', fields: { token: new Secret('0644'), as: 'no' } },
    { kind: 'set', section: 'contexts', name: 'new', fields: { namespace: '2020-01-01' } },
  );
  const config = await parseKubeconfig(text, '/k');
  const user = config.users.get('yes')?.value;
  assert.deepEqual([user?.token?.reveal(), user?.as], ['0644', 'no']);
  assert.equal(config.contexts.get('new')?.value.namespace, '2020-01-01');
});

test('editKubeconfig() does not write what does not change', async () => {
  const machine = fakeMachine({ files: { '/k/config': kubeconfig } });
  const fields = { namespace: 'shop' };
  const result = await edit(machine, [
    { kind: 'use-context', name: 'dev' },
    { kind: 'set', section: 'contexts', name: 'stage', fields },
    { kind: 'unset', section: 'users', name: 'nobody', path: ['token'] },
  ]);
  assert.deepEqual(result.written, []);
});

test('editKubeconfig() writes a change to the file of origin, new things to the first file', async () => {
  const machine = fakeMachine({
    files: { '/k/a': 'kind: Config\n', '/k/b': kubeconfig, '/k/c': kubeconfig },
  });
  const files = ['/k/none', '/k/a', '/k/b', '/k/c'];
  const result = await edit(
    machine,
    [
      { kind: 'set', section: 'contexts', name: 'stage', fields: { namespace: 'other' } },
      { kind: 'use-context', name: 'stage' },
      { kind: 'set', section: 'clusters', name: 'new', fields: { server: 'https://n' } },
    ],
    files,
  );
  assert.deepEqual(result, {
    written: ['/k/a', '/k/b'],
    outcomes: [
      { file: '/k/b', isNew: false },
      { file: '/k/a', isNew: false },
      { file: '/k/a', isNew: true },
    ],
  });
  assert.equal(machine.files.text('/k/b'), kubeconfig.replace('shop', 'other'));
  assert.equal(machine.files.text('/k/c'), kubeconfig);
  assert.match(machine.files.text('/k/a') ?? '', /current-context: stage\n/);
});

test('editKubeconfig() makes the last file of the list, for its owner only', async () => {
  const machine = fakeMachine();
  const fields = { server: 'https://a' };
  const edits = [{ kind: 'set', section: 'clusters', name: 'a', fields }] as const;
  await edit(machine, edits, ['/x/first', '/x/last']);
  assert.equal(
    machine.files.text('/x/last'),
    'apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: https://a\n  name: a\n',
  );
  assert.equal((await machine.files.stat('/x/last'))?.mode, 0o600);
  assert.equal(await machine.files.stat('/x/first'), undefined);
});

test('editKubeconfig() keeps the mode of a file and fills an empty list', async () => {
  const machine = fakeMachine();
  machine.files.put('/k/config', 'clusters: []\ncontexts: null\n', 0o640);
  await edit(machine, [
    { kind: 'set', section: 'clusters', name: 'a', fields: { server: 'https://a' } },
    { kind: 'set', section: 'contexts', name: 'a', fields: { cluster: 'a' } },
  ]);
  assert.equal((await machine.files.stat('/k/config'))?.mode, 0o640);
  assert.equal(
    machine.files.text('/k/config'),
    'clusters:\n- cluster:\n    server: https://a\n  name: a\ncontexts:\n- context:\n    cluster: a\n  name: a\n',
  );
});

test('editKubeconfig() fills a file that holds nothing but a comment', async () => {
  const machine = fakeMachine({ files: { '/k/config': '# mine\n' } });
  await edit(machine, [{ kind: 'set', section: 'contexts', name: 'a', fields: { cluster: 'a' } }]);
  assert.equal(
    machine.files.text('/k/config'),
    '# mine\n\napiVersion: v1\nkind: Config\ncontexts:\n- context:\n    cluster: a\n  name: a\n',
  );
});

test('editKubeconfig() leaves JSON JSON', async () => {
  const json = { kind: 'Config', contexts: [{ name: 'a', context: {} }] };
  const machine = fakeMachine({ files: { '/k/config': JSON.stringify(json, null, 4) } });
  await edit(machine, [{ kind: 'use-context', name: 'a' }]);
  const expected = JSON.stringify({ ...json, 'current-context': 'a' }, null, 4);
  assert.equal(machine.files.text('/k/config'), `${expected}\n`);
});

test('editKubeconfig() refuses names that do not exist, and changes nothing then', async () => {
  const machine = fakeMachine({ files: { '/k/config': kubeconfig } });
  const first: KubeconfigEdit = { kind: 'use-context', name: 'stage' };
  const cases: [KubeconfigEdit, string][] = [
    [
      { kind: 'use-context', name: 'prod' },
      'no context exists with the name: "prod" in /k/config (has: dev, stage)',
    ],
    [
      { kind: 'delete', section: 'users', name: 'x' },
      'cannot delete user x, not in /k/config (has: dev)',
    ],
    [
      { kind: 'rename-context', from: 'x', to: 'y' },
      `cannot rename the context "x", it's not in /k/config (has: dev, stage)`,
    ],
    [
      { kind: 'rename-context', from: 'dev', to: 'stage' },
      'cannot rename the context "dev", the context "stage" already exists in /k/config',
    ],
    [
      { kind: 'set', section: 'clusters', name: 'dev', fields: { server: 5 } },
      'invalid configuration: /k/config: clusters[0].cluster.server: must be a string, not a number; put it in quotes',
    ],
  ];
  for (const [second, message] of cases) {
    await assert.rejects(edit(machine, [first, second]), { message });
    assert.equal(machine.files.text('/k/config'), kubeconfig);
    assert.equal(await machine.files.stat('/k/config.lock'), undefined);
  }
});

test('editKubeconfig() does not touch a file that it cannot read right', async () => {
  for (const broken of ['a: [', 'clusters: 5', '- a']) {
    const machine = fakeMachine({ files: { '/k/config': broken } });
    const edits = [{ kind: 'use-context', name: 'dev' }] as const;
    await assert.rejects(edit(machine, edits), { problem: 'malformed', message: /\/k\/config/ });
    assert.equal(machine.files.text('/k/config'), broken);
  }
});

test('editKubeconfig() does not touch what is no text', async () => {
  const machine = fakeMachine();
  const bytes = Buffer.concat([Buffer.from(kubeconfig), Uint8Array.of(0x23, 0xff)]);
  await machine.files.write('/k/config', bytes);
  const edits = [{ kind: 'use-context', name: 'stage' }] as const;
  await assert.rejects(edit(machine, edits), { message: /\/k\/config: is not UTF-8 text/ });
  assert.deepEqual(await machine.files.read('/k/config'), bytes);
});

test('editKubeconfig() replaces no file that its owner may not write', async () => {
  const machine = fakeMachine();
  machine.files.put('/k/config', kubeconfig, 0o444);
  const edits = [{ kind: 'use-context', name: 'stage' }] as const;
  const message = /\/k\/config: is read-only \(mode 0444\); make it writable/;
  await assert.rejects(edit(machine, edits), { problem: 'read-only', message });
  assert.equal(machine.files.text('/k/config'), kubeconfig);
  await edit(machine, [{ kind: 'use-context', name: 'dev' }]);
});

test('editKubeconfig() writes nothing in a dry run, and refuses what it would refuse', async () => {
  const machine = fakeMachine({ files: { '/k/config': kubeconfig } });
  const location = { files: ['/k/config'], source: 'explicit' } as const;
  const dry = (name: string): Promise<EditResult> =>
    editKubeconfig(machine, location, () => [{ kind: 'use-context', name }], { isDryRun: true });
  assert.deepEqual((await dry('stage')).written, []);
  await assert.rejects(dry('prod'), { problem: 'unknown-name' });
  assert.equal(machine.files.text('/k/config'), kubeconfig);
});

test('editKubeconfig() leaves YAML aliases to the person who wrote them', async () => {
  const text = `users:
- name: a
  user: &shared {token: x}
- name: b
  user: *shared
`;
  const machine = fakeMachine({ files: { '/k/config': text } });
  const set = { kind: 'set', section: 'users', name: 'b', fields: { token: 'y' } } as const;
  await assert.rejects(edit(machine, [set]), { message: /is the YAML alias \*shared/ });
  const remove = { kind: 'delete', section: 'users', name: 'a' } as const;
  await assert.rejects(edit(machine, [remove]), { message: /\/k\/config: is not usable YAML/ });
  assert.equal(machine.files.text('/k/config'), text);
});

test('editKubeconfig() waits for the lock of another program, then says which one it is', async () => {
  const machine = fakeMachine({ files: { '/k/config': kubeconfig, '/k/config.lock': '' } });
  const edits = [{ kind: 'use-context', name: 'stage' }] as const;
  const waiting = edit(machine, edits);
  await machine.clock.advance(200);
  await machine.files.remove('/k/config.lock');
  await machine.clock.advance(100);
  assert.deepEqual((await waiting).written, ['/k/config']);

  machine.files.put('/k/config.lock', '');
  const hopeless = assert.rejects(edit(machine, edits), {
    problem: 'locked',
    message: /\/k\/config: another program is changing it; if none is, remove \/k\/config\.lock$/,
  });
  await machine.clock.advance(lockWaitMsMax + 100);
  await hopeless;
});

test('editKubeconfig() lets two changes happen one after the other', async () => {
  const machine = fakeMachine({ files: { '/k/config': kubeconfig } });
  const set = (name: string): KubeconfigEdit => ({
    kind: 'set',
    section: 'contexts',
    name,
    fields: { cluster: 'dev' },
  });
  const both = Promise.all([edit(machine, [set('one')]), edit(machine, [set('two')])]);
  await machine.clock.advance(1000);
  await both;
  const { contexts } = await parseKubeconfig(machine.files.text('/k/config') ?? '', '/k');
  assert.deepEqual([...contexts.keys()], ['dev', 'stage', 'one', 'two']);
});

test('editKubeconfig() writes through a symbolic link what kubectl reads as we do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-kubeconfig-'));
  try {
    await mkdir(join(folder, 'dotfiles'));
    const real = join(folder, 'dotfiles', 'config');
    const path = join(folder, 'config');
    await writeFile(real, kubeconfig, { mode: 0o600 });
    await symlink(real, path);
    const host = nodejsHost();
    const location = { files: [path], source: 'explicit' } as const;
    await editKubeconfig(host, location, () => [
      { kind: 'use-context', name: 'stage' },
      { kind: 'set', section: 'users', name: 'yes', fields: { token: 'on', username: '1e3' } },
    ]);
    assert.ok((await lstat(path)).isSymbolicLink());
    assert.match(await readFile(real, 'utf8'), /current-context: stage # do not forget/);
    const ours = viewKubeconfig(await loadKubeconfig(host.files, location), { secrets: 'shown' });
    const command = ['--kubeconfig', path, 'config', 'view', '--raw', '-o', 'json'];
    const theirs: object = JSON.parse(execFileSync('kubectl', command, { encoding: 'utf8' }));
    // Newer ones leave empty preferences out.
    assert.deepEqual(ours, { preferences: {}, ...theirs });
  } finally {
    await rm(folder, { recursive: true });
  }
});

const contextName = fc.constantFrom('a', 'b', 'yes', '0644', 'x: y', '');
const anyEdit: fc.Arbitrary<KubeconfigEdit> = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    section: fc.constant('contexts' as const),
    name: contextName,
    fields: fc.record(
      { namespace: fc.option(fc.string(), { nil: undefined }), cluster: fc.string() },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    kind: fc.constant('delete' as const),
    section: fc.constant('contexts' as const),
    name: contextName,
  }),
  fc.record({ kind: fc.constant('rename-context' as const), from: contextName, to: contextName }),
  fc.record({ kind: fc.constant('use-context' as const), name: contextName }),
);

/** What an edit does, said without files; false when it must be refused. */
function applyToModel(
  model: { contexts: Map<string, object>; current: string },
  edit: KubeconfigEdit,
): boolean {
  const { contexts } = model;
  const newName = edit.kind === 'set' ? edit.name : edit.kind === 'rename-context' ? edit.to : 'x';
  if (newName === '') return false;
  switch (edit.kind) {
    case 'set': {
      const fields = { ...contexts.get(edit.name), ...edit.fields };
      const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
      contexts.set(edit.name, Object.fromEntries(kept));
      return true;
    }
    case 'delete':
      return contexts.delete(edit.name);
    case 'rename-context': {
      const value = contexts.get(edit.from);
      if (value === undefined || contexts.has(edit.to)) return false;
      contexts.delete(edit.from);
      contexts.set(edit.to, value);
      if (model.current === edit.from) model.current = edit.to;
      return true;
    }
    case 'use-context':
      if (contexts.has(edit.name)) model.current = edit.name;
      return contexts.has(edit.name);
    default:
      return false;
  }
}

test('editKubeconfig() does to the file what the edits say, whatever they hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEdit, { maxLength: 8 }), async (edits) => {
      const machine = fakeMachine({ files: { '/k/config': '# head\ncontexts: [] # tail\n' } });
      const model = { contexts: new Map<string, object>(), current: '' };
      for (const each of edits) {
        const isAccepted = applyToModel(model, each);
        if (isAccepted) await edit(machine, [each]);
        else await assert.rejects(edit(machine, [each]), { name: 'KubeconfigError' });
      }
      const text = machine.files.text('/k/config') ?? '';
      const config = await parseKubeconfig(text, '/k');
      const found = [...config.contexts.values()].map(({ name, value }) => [name, value]);
      assert.deepEqual(Object.fromEntries(found), Object.fromEntries(model.contexts));
      assert.equal(config.currentContext ?? '', model.current);
      assert.match(text, /# head[^]*# tail/);
    }),
    { numRuns: 200 },
  );
});
