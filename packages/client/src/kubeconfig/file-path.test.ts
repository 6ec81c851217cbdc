import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryOf, hasPathSeparator, isAbsolutePath, resolvePath } from './file-path.ts';

test('resolvePath() goes from the directory and takes dots out', () => {
  const cases: [string, string, string][] = [
    ['/home/a/.kube', 'ca.crt', '/home/a/.kube/ca.crt'],
    ['/home/a/.kube', './pki//ca.crt', '/home/a/.kube/pki/ca.crt'],
    ['/home/a/.kube', '../../b/ca.crt', '/home/b/ca.crt'],
    ['/home', '../../../ca.crt', '/ca.crt'],
    ['/home', '/etc/ca.crt', '/etc/ca.crt'],
  ];
  for (const [directory, path, expected] of cases) {
    assert.equal(resolvePath(directory, path, 'linux'), expected);
  }
});

test('resolvePath() knows drives and shares on Windows', () => {
  assert.equal(resolvePath('C:\\Users\\a', 'pki/ca.crt', 'win32'), 'C:\\Users\\a\\pki\\ca.crt');
  assert.equal(resolvePath('C:\\Users\\a', 'D:\\ca.crt', 'win32'), 'D:\\ca.crt');
  assert.equal(resolvePath('\\\\nas\\home', '..\\ca.crt', 'win32'), '\\\\nas\\ca.crt');
});

test('directoryOf(), hasPathSeparator() and isAbsolutePath() see backslashes on Windows only', () => {
  assert.equal(directoryOf('/home/a/config', 'linux'), '/home/a');
  assert.equal(directoryOf('/config', 'linux'), '/');
  assert.equal(directoryOf('C:\\a\\config', 'win32'), 'C:\\a');
  assert.equal(hasPathSeparator('bin\\plugin', 'linux'), false);
  assert.equal(hasPathSeparator('bin\\plugin', 'win32'), true);
  assert.equal(isAbsolutePath('C:/a', 'linux'), false);
  assert.equal(isAbsolutePath('C:/a', 'win32'), true);
});
