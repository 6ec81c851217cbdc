import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeMachine } from '../../test/fake-machine.ts';
import { findKubeconfig } from './find-kubeconfig.ts';

test('findKubeconfig() prefers the named file, then KUBECONFIG, then the home directory', async () => {
  const machine = fakeMachine({ variables: { HOME: '/home/a', KUBECONFIG: 'x::/y:x' } });
  assert.deepEqual(await findKubeconfig(machine, 'z/../config'), {
    files: ['/work/config'],
    source: 'explicit',
  });
  assert.deepEqual(await findKubeconfig(machine), {
    files: ['/work/x', '/y'],
    source: 'KUBECONFIG',
  });
  assert.deepEqual(await findKubeconfig(fakeMachine()), {
    files: ['/home/a/.kube/config'],
    source: 'home',
  });
});

test('findKubeconfig() finds no file without a home directory', async () => {
  assert.deepEqual((await findKubeconfig(fakeMachine({ variables: {} }))).files, []);
});

test('findKubeconfig() on Windows prefers a home that has a config, then a writable one', async () => {
  const variables = {
    HOME: 'H:\\me',
    HOMEDRIVE: 'C:',
    HOMEPATH: '\\Users\\me',
    USERPROFILE: 'U:\\me',
  };
  async function found(files: Record<string, string>): Promise<string | undefined> {
    const machine = fakeMachine({ platform: 'win32', variables, files });
    return (await findKubeconfig(machine)).files[0];
  }
  assert.equal(await found({ 'U:\\me\\.kube\\config': '' }), 'U:\\me\\.kube\\config');
  assert.equal(
    await found({ 'U:\\me\\.kube\\config': '', 'C:\\Users\\me\\.kube\\config': '' }),
    'C:\\Users\\me\\.kube\\config',
  );
  assert.equal(await found({ 'U:\\me': '' }), 'U:\\me\\.kube\\config');
  assert.equal(await found({}), 'H:\\me\\.kube\\config');
});

test('findKubeconfig() splits KUBECONFIG at semicolons on Windows', async () => {
  const variables = { KUBECONFIG: 'C:\\a;D:\\b' };
  const machine = fakeMachine({ platform: 'win32', variables });
  assert.deepEqual((await findKubeconfig(machine)).files, ['C:\\a', 'D:\\b']);
});
