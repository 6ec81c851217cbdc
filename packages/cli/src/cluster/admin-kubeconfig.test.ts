import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { lstat, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Secret } from '@fairway/host';
import { parseKubeconfig } from '@fairway/client/kubeconfig';
import { nodejsHost } from '@fairway/host/nodejs';
import { ManualClock, MemoryFiles } from '@fairway/host/testing';
import { skipWithoutKubectl } from '../../../../test/installed-kubectls.ts';
import { scratchFolder } from '../../test/command-line.ts';
import { addToKubeconfig, checkKubeconfig, removeFromKubeconfig } from './admin-kubeconfig.ts';
import type { KubeconfigHost } from './kubeconfig-place.ts';
import { addToSharedKubeconfig } from './shared-kubeconfig.ts';
import { writeSoleKubeconfig } from './sole-kubeconfig.ts';

const place = { path: '/home/a/.kube/config', dataDirectory: '/work/.fairway' };
const access = {
  url: 'https://127.0.0.1:6443',
  authority: 'authority',
  certificate: 'certificate',
  key: new Secret('key'),
};

const others = `# Clusters of the team.
apiVersion: v1
kind: Config
clusters:
- name: prod # careful
  cluster:
    server: "https://prod"
contexts:
- name: prod
  context: {cluster: prod, user: prod}
users:
- name: prod
  user:
    token: abc
current-context: prod
from-the-future: 0644
`;

interface Machine extends KubeconfigHost {
  readonly files: MemoryFiles;
}

function machine(text?: string, mode?: number): Machine {
  const files = new MemoryFiles();
  if (text !== undefined) files.put(place.path, text, mode);
  return { files, clock: new ManualClock(), environment: nodejsHost().environment };
}

const textOf = (host: Machine): string => host.files.text(place.path) ?? '';

test('addToKubeconfig() adds to a file of others, and removeFromKubeconfig() gives it back', async () => {
  const host = machine(others, 0o640);
  await addToKubeconfig(host, place, access);
  const text = textOf(host);
  assert.match(
    text,
    /^# Clusters of the team\.\n[^]*prod # careful\n[^]*\nfrom-the-future: 0644\n$/,
  );
  const config = await parseKubeconfig(text, place.path);
  assert.equal(config.currentContext, 'fairway');
  assert.deepEqual([...config.contexts.keys()], ['prod', 'fairway']);
  assert.equal(config.users.get('prod')?.value.token?.reveal(), 'abc');
  assert.equal(config.clusters.get('fairway')?.value.server, access.url);
  assert.equal(config.users.get('fairway')?.value['client-key-data']?.reveal(), btoa('key'));

  // A cluster that was killed adds its entries once more.
  await addToKubeconfig(host, place, { ...access, url: 'https://127.0.0.1:7443' });
  assert.equal(textOf(host), text.replace(':6443', ':7443'));

  assert.equal(await removeFromKubeconfig(host, place), true);
  assert.equal(textOf(host), others);
  assert.equal((await host.files.stat(place.path))?.mode, 0o640);
  assert.equal(await removeFromKubeconfig(host, place), false);
});

test('addToKubeconfig() makes a file for its owner only', async () => {
  const host = machine();
  assert.equal(await removeFromKubeconfig(host, place), false);
  assert.equal(await host.files.stat(place.path), undefined);
  await addToKubeconfig(host, place, access);
  assert.equal((await host.files.stat(place.path))?.mode, 0o600);
  await removeFromKubeconfig(host, place);
  const { clusters, users, contexts, currentContext } = await parseKubeconfig(textOf(host), '/');
  assert.deepEqual(
    [clusters.size, users.size, contexts.size, currentContext],
    [0, 0, 0, undefined],
  );
});

test('a file of one cluster alone is known by its text, and is the one that editing makes', async () => {
  const sole = machine();
  assert.equal(await writeSoleKubeconfig(sole, place, access), true);
  const edited = machine();
  await addToSharedKubeconfig(edited, place, access);
  assert.equal(textOf(sole), textOf(edited));
  assert.equal(sole.files.text(`${place.path}.lock`), undefined);

  // After a start on another port, and after the entries were taken out.
  const moved = { ...access, url: 'https://[::1]:7443' };
  assert.equal(await writeSoleKubeconfig(sole, place, moved), true);
  await addToSharedKubeconfig(edited, place, moved);
  assert.equal(textOf(sole), textOf(edited));
  await removeFromKubeconfig(sole, place);
  assert.equal(await writeSoleKubeconfig(sole, place), true);
  assert.doesNotMatch(textOf(sole), /fairway/);
  assert.equal(await writeSoleKubeconfig(sole, place, access), true);
});

test('a file in which somebody wrote, or that is being changed, is edited with care', async () => {
  const known = machine();
  await writeSoleKubeconfig(known, place, access);
  const written = textOf(known);
  for (const text of [
    others,
    `# mine\n${written}`,
    written.replace('    user: fairway\n', '    user: fairway\n    namespace: shop\n'),
    written.replace('server: https://127.0.0.1:6443', 'server: https://127.0.0.1:6443 # mine'),
    written.replaceAll(place.dataDirectory, '/elsewhere'),
  ]) {
    assert.equal(await writeSoleKubeconfig(machine(text), place, access), false, text);
  }
  assert.equal(await writeSoleKubeconfig(machine(written, 0o400), place, access), false);
  const spaced = { ...place, dataDirectory: '/my data' };
  assert.equal(await writeSoleKubeconfig(machine(), spaced, access), false);
  const locked = machine(written);
  locked.files.put(`${place.path}.lock`, '');
  assert.equal(await writeSoleKubeconfig(locked, place, { ...access, url: 'x' }), false);
  assert.equal(textOf(locked), written);
  assert.equal(locked.files.text(`${place.path}.lock`), '');
});

test('removeFromKubeconfig() leaves the context that somebody chose since', async () => {
  const host = machine(others);
  await addToKubeconfig(host, place, access);
  const chosen = textOf(host).replace('current-context: fairway', 'current-context: prod');
  host.files.put(place.path, chosen);
  await removeFromKubeconfig(host, place);
  assert.equal(textOf(host), others);
});

test('removeFromKubeconfig() sets no context that is gone', async () => {
  const host = machine(others);
  await addToKubeconfig(host, place, access);
  const text = textOf(host).replace('- name: prod\n  context:', '- name: renamed\n  context:');
  host.files.put(place.path, text);
  await removeFromKubeconfig(host, place);
  assert.doesNotMatch(textOf(host), /current-context/);
});

test('removeFromKubeconfig() finds entries that got another name', async () => {
  const host = machine(others);
  await addToKubeconfig(host, place, access);
  const text = textOf(host)
    .replace('current-context: fairway', 'current-context: local')
    .replace(/previousContext: prod\n {2}name: fairway/, 'previousContext: prod\n  name: local');
  assert.notEqual(text, textOf(host));
  host.files.put(place.path, text);
  await removeFromKubeconfig(host, place);
  assert.equal(textOf(host), others);
});

for (const [section, kind] of [
  ['clusters', 'cluster'],
  ['users', 'user'],
  ['contexts', 'context'],
] as const) {
  test(`a ${kind} of others with our name is neither overwritten nor removed`, async () => {
    const foreign = `${section}:\n- name: fairway\n  ${kind}: {}\ncurrent-context: fairway\n`;
    const host = machine(foreign);
    const refusal = {
      name: 'CommandError',
      message: new RegExp(
        `^cannot add this cluster to ${place.path}: under the name fairway it has a ${kind} \\(not made by this cluster\\); ` +
          `leave --kubeconfig out to use /work/.fairway/kubeconfig, name another file, such as --kubeconfig \\S+, or take out the entry with \`fairway config delete-${kind} fairway --kubeconfig`,
      ),
    };
    await assert.rejects(addToKubeconfig(host, place, access), refusal);
    await assert.rejects(checkKubeconfig(host, place), refusal);
    assert.equal(await removeFromKubeconfig(host, place), false);
    assert.equal(textOf(host), foreign);
  });
}

test('two clusters do not share one name in one file', async () => {
  const host = machine(others);
  await addToKubeconfig(host, place, access);
  const text = textOf(host);
  const second = { ...place, dataDirectory: '/elsewhere' };
  await assert.rejects(addToKubeconfig(host, second, access), {
    // All three at once: whoever follows the remedy need not come again.
    message:
      /has a cluster \(of the cluster on \/work\/\.fairway\), a user \(.*\), a context \(.*\); leave .*`fairway down --data-dir \/work\/\.fairway`, or take out the entries with `fairway config delete-cluster [^`]*`, `fairway config delete-user [^`]*`, `fairway config delete-context /,
  });
  assert.equal(await removeFromKubeconfig(host, second), false);
  assert.equal(textOf(host), text);
});

test('the file in the data directory is ours, and stays when the cluster stops', async () => {
  const host = machine();
  const own = { ...place, path: '/work/.fairway/kubeconfig' };
  // Written before entries said whose they are, and then changed by its user.
  const text = `contexts:\n- name: fairway\n  context: {cluster: fairway, user: fairway, namespace: shop}\n`;
  host.files.put(own.path, text, 0o600);
  await addToKubeconfig(host, own, access);
  const written = host.files.text(own.path) ?? '';
  const { contexts, clusters } = await parseKubeconfig(written, own.path);
  assert.equal(contexts.get('fairway')?.value.namespace, 'shop');
  assert.equal(clusters.get('fairway')?.value.server, access.url);
  assert.equal(await removeFromKubeconfig(host, own), false);
  assert.equal(host.files.text(own.path), written);
});

test('checkKubeconfig() says what is wrong with a file, and changes nothing', async () => {
  const cases: [string, number, RegExp][] = [
    ['a: [', 0o600, /config: is not YAML: line 1, .*; mend that, or name another file/],
    ['clusters: 5', 0o600, /config: clusters: must be a list, not a number; mend that/],
    [others, 0o400, /config: is read-only \(mode 0400\); make it writable with `chmod u\+w`; mend/],
  ];
  for (const [text, mode, message] of cases) {
    const host = machine(text, mode);
    await assert.rejects(checkKubeconfig(host, place), { name: 'CommandError', message });
    await assert.rejects(addToKubeconfig(host, place, access), { name: 'CommandError', message });
    assert.equal(textOf(host), text);
  }
  const host = machine(others);
  await checkKubeconfig(host, place);
  assert.equal(textOf(host), others);
});

test('a symbolic link stays one, also where it points to nothing yet', async () => {
  await using folder = await scratchFolder();
  const host = nodejsHost();
  await mkdir(join(folder.path, 'dotfiles'));
  const real = join(folder.path, 'dotfiles', 'config');
  const linked = { ...place, path: join(folder.path, 'config') };
  await symlink(join('dotfiles', 'config'), linked.path);
  await addToKubeconfig(host, linked, access);
  assert.ok((await lstat(linked.path)).isSymbolicLink());
  assert.match(await readFile(real, 'utf8'), /current-context: fairway/);
  assert.equal((await stat(real)).mode & 0o777, 0o600);

  await writeFile(real, others);
  await addToKubeconfig(host, linked, access);
  await removeFromKubeconfig(host, linked);
  assert.ok((await lstat(linked.path)).isSymbolicLink());
  assert.equal(await readFile(real, 'utf8'), others);
});

test(
  'kubectl keeps what tells our entries from others',
  { skip: await skipWithoutKubectl() },
  async () => {
    await using folder = await scratchFolder();
    const host = nodejsHost();
    const shared = { ...place, path: join(folder.path, 'config') };
    await writeFile(shared.path, others);
    await addToKubeconfig(host, shared, access);
    const config = async (...words: readonly string[]): Promise<string> => {
      const options = ['--kubeconfig', shared.path, 'config', ...words];
      return (await promisify(execFile)('kubectl', options)).stdout;
    };
    await config('rename-context', 'fairway', 'local');
    await config('set-context', 'local', '--namespace', 'shop');
    assert.equal(await config('current-context'), 'local\n');

    await removeFromKubeconfig(host, shared);
    assert.equal(await config('current-context'), 'prod\n');
    assert.doesNotMatch(await readFile(shared.path, 'utf8'), /fairway|local/);
  },
);
