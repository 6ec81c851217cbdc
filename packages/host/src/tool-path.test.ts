import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toolPath } from './tool-path.ts';

test('toolPath() finds first what its caller would, then what only administrators do', () => {
  const all = '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin';
  assert.equal(toolPath('/opt/bin:/usr/bin'), `/opt/bin:/usr/bin:${all}`);
  assert.equal(toolPath(), all);
});
