import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Command } from 'commander';
import { addKubeApiserverFlags } from './add-kube-apiserver-flags.ts';

const guide = readFileSync(new URL('../../../../docs/guides/envtest.md', import.meta.url), 'utf8');

/** The flags of a table of the guide, by the head of its second column; `--oidc-…` is all that begin so. */
function flagsOf(column: string): readonly string[] {
  const [, rows = ''] =
    new RegExp(`\\| flags \\| ${column} \\|\n\\|.*\n([^]*?)\n\n`).exec(guide) ?? [];
  return rows.split('\n').flatMap((row) => row.split('|')[1]?.match(/--[a-z0-9…-]+/g) ?? []);
}

test('docs/guides/envtest.md says which flags of a kube-apiserver are taken, and which are not', () => {
  const { options } = addKubeApiserverFlags(new Command());
  // Those that `up` and its stand-in for envtest describe in words of their own.
  const own = ['--etcd-servers', '--service-cluster-ip-range', '--v'];
  const taken = [...options.map(({ long }) => long ?? ''), ...own];
  const shown = flagsOf('here');
  assert.ok(shown.length > 20);
  const means = (flag: string, name: string): boolean =>
    flag.endsWith('…') ? name.startsWith(flag.slice(0, -1)) : name === flag;
  assert.deepEqual(
    taken.filter((name) => !shown.some((flag) => means(flag, name))),
    [],
    'taken, and not in the table',
  );
  assert.deepEqual(
    shown.filter((flag) => !taken.some((name) => means(flag, name))),
    [],
    'in the table, and not taken',
  );
  const refused = flagsOf('instead');
  assert.ok(refused.length > 20);
  assert.deepEqual(
    refused.filter((flag) => taken.includes(flag)),
    [],
    'taken, and said to be refused',
  );
});
