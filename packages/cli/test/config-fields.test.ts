import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { installedKubectls } from '../../../test/installed-kubectls.ts';
import { commandLine, scratchFolder } from './command-line.ts';

const kubectl = (await installedKubectls()).at(-1)?.file;
const skip = kubectl === undefined && 'kubectl is not on the PATH';

const before = {
  'current-context': 'dev',
  clusters: [
    {
      name: 'dev',
      cluster: {
        server: 'https://c',
        'certificate-authority-data': 'LS0t',
        'proxy-url': 'http://p',
      },
    },
    { name: 'open', cluster: { server: 'https://c', 'insecure-skip-tls-verify': true } },
  ],
  users: [
    {
      name: 'ann',
      user: { token: 't', 'client-certificate-data': 'LS0t', 'client-key-data': 'LS0t' },
    },
    { name: 'bob', user: { username: 'b', password: 'p' } },
  ],
  contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'ann' } }],
};

const changes = [
  'set-cluster dev --certificate-authority=ca.crt',
  'set-cluster open --certificate-authority=../ca.crt',
  'set-cluster dev --insecure-skip-tls-verify',
  'set-cluster dev --tls-server-name=a --proxy-url=http://q --server=https://d',
  'set-cluster new --server=https://d',
  'set-credentials ann --client-certificate=a.crt --client-key=/b/a.key',
  'set-credentials ann --client-certificate=a.crt',
  'set-credentials ann --username=a --password=b',
  'set-credentials bob --token=x',
  'set-credentials bob --password=x',
  'set-context dev --namespace=shop --user=bob',
];

for (const change of changes) {
  test(`fairway config ${change} leaves what kubectl leaves`, { skip }, async () => {
    await using folder = await scratchFolder();
    const shell = commandLine(folder.path);
    await mkdir(join(folder.path, 'kept'));
    async function changedBy(
      run: (words: readonly string[]) => Promise<unknown>,
    ): Promise<unknown> {
      const file = join(folder.path, 'kept/kubeconfig');
      await writeFile(file, JSON.stringify(before));
      await run(['config', ...change.split(' '), `--kubeconfig=${file}`]);
      const { out } = await shell.run(
        'config',
        'view',
        '--raw',
        '-o',
        'json',
        `--kubeconfig=${file}`,
      );
      const { clusters, users, contexts } = JSON.parse(out) as typeof before;
      return { clusters, users, contexts };
    }
    const ours = await changedBy((words) => shell.run(...words));
    const theirs = await changedBy((words) =>
      promisify(execFile)(kubectl ?? '', words, { cwd: folder.path }),
    );
    assert.deepEqual(ours, theirs);
  });
}

test('fairway config refuses two ways at the same time', async () => {
  await using folder = await scratchFolder();
  const shell = commandLine(folder.path, { KUBECONFIG: 'kubeconfig' });
  for (const words of [
    'set-cluster a --certificate-authority=b --insecure-skip-tls-verify',
    'set-credentials a --token=b --username=c',
  ]) {
    const { err, exitCode } = await shell.run('config', ...words.split(' '));
    assert.match(err, /^error: you cannot specify /);
    assert.equal(exitCode, 1);
  }
});
