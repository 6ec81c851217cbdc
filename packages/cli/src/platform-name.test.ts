import assert from 'node:assert/strict';
import { test } from 'node:test';
import { platformOf } from './platform-name.ts';

test('platformOf() uses the names of Kubernetes', () => {
  const cases = [
    ['linux', 'x64', 'linux/amd64'],
    ['linux', 'arm64', 'linux/arm64'],
    ['darwin', 'arm64', 'darwin/arm64'],
    ['win32', 'x64', 'windows/amd64'],
  ] as const;
  for (const [platform, architecture, expected] of cases) {
    assert.equal(platformOf({ platform, architecture }), expected);
  }
});
