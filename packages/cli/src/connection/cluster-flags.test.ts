import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { CommandError } from '../command-error.ts';
import {
  type ClusterFlags,
  addClusterFlags,
  clusterOverrides,
  serversOf,
} from './cluster-flags.ts';

function parse(...args: readonly string[]): ClusterFlags {
  return addClusterFlags(new Command()).parse(args, { from: 'user' }).opts();
}

test('--server names one address, or several by commas or repetition', () => {
  assert.deepEqual(serversOf(parse()), []);
  assert.deepEqual(serversOf(parse('-s', 'a:6443')), ['a:6443']);
  const wanted = ['https://a:6443', 'https://b', 'https://[::1]:8'];
  for (const args of [
    ['-s', 'https://a:6443,https://b/, https://[::1]:8'],
    ['-s', 'https://a:6443', '--server', 'https://b', '--server=https://[::1]:8'],
  ]) {
    const flags = parse(...args);
    assert.deepEqual(serversOf(flags), wanted);
    assert.equal(clusterOverrides(flags).server, wanted[0]);
  }
});

for (const server of ['https://a,http://b', 'https://a,b:6443', 'https://a,', 'ftp://a,ftp://b']) {
  test(`--server ${server} is refused: a secret might go out in the clear`, () => {
    assert.throws(() => serversOf({ server }), CommandError);
    assert.throws(() => clusterOverrides({ server }), CommandError);
  });
}
