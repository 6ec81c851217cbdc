import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '@fairway/client/connect';
import { nodejsHost } from '@fairway/host/nodejs';
import { type ContainerState, Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { exampleImage, skipWithoutContainerd } from '@fairway/node-agent/testing';
import { commandLine, scratchFolder } from './command-line.ts';

/** Nobody listens there, and nobody outside is asked. */
const image = '127.0.0.1:1/team/app:v1';

test(
  'pods run the programs of the machine, which find services by name, and images that were loaded',
  { skip: await skipWithoutContainerd() },
  async () => {
    await using folder = await scratchFolder();
    const shell = commandLine(folder.path);
    await using cluster = shell.start('up', '--listen', '127.0.0.1:0', ...nodeFlags());
    await cluster.until('Stop it with');
    await using admin = await connect({ kubeconfig: join(folder.path, '.fairway/kubeconfig') });
    await admin.waitFor(ServiceAccount, 'default', (account) => account !== undefined);
    const state = async (
      name: string,
      is: (state: ContainerState) => boolean,
    ): Promise<ContainerState | undefined> => {
      const pod = await admin.waitFor(Pod, name, (pod) => {
        const found = pod?.status?.containerStatuses?.[0]?.state;
        return found !== undefined && is(found);
      });
      return pod?.status?.containerStatuses?.[0]?.state;
    };
    const create = (name: string, container: { image: string; command?: string[] }) =>
      admin.create(Pod, {
        metadata: { name },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          containers: [{ name: 'app', ...container }],
        },
      });

    const script = 'awk "BEGIN { exit 3 }" || ! touch /usr/x || exit 4; exit 5';
    await create('host', { image: 'host', command: ['sh', '-c', script] });
    // The resolver of the machine, with the search path of a pod.
    const name = 'until getent ahostsv4 kubernetes | grep -F .1; do sleep 0.2; done';
    await create('name', { image: 'host', command: ['sh', '-c', name] });
    await create('before', { image });
    const ended = await state('host', ({ terminated }) => terminated !== undefined);
    assert.equal(ended?.terminated?.exitCode, 5);
    const found = await state('name', ({ terminated }) => terminated !== undefined);
    assert.equal(found?.terminated?.exitCode, 0);

    const failed = await state('before', ({ waiting }) => waiting?.reason === 'ImagePullBackOff');
    const load = `fairway image load FILE --data-dir ${folder.path}/.fairway`;
    assert.match(failed?.waiting?.message ?? '', new RegExp(`connection refused; .*: ${load}, or`));
    await writeFile(join(folder.path, 'app.tar'), await exampleImage(image));
    assert.equal((await shell.run('image', 'load', 'app.tar')).exitCode, 0);
    // It holds no program.
    await create('after', { image });
    const refused = await state('after', ({ waiting, terminated }) =>
      [waiting?.reason, terminated?.reason].some((why) => /Run|StartError/.test(why ?? '')),
    );
    assert.match(JSON.stringify(refused), /hello/);
    assert.match((await shell.run('image', 'ls')).out, /^127\.0\.0\.1:1\/team\/app:v1 /m);
  },
);

/** Networks that no other cluster of this machine has. */
function nodeFlags(): readonly string[] {
  const [first = 0, second = 0] = nodejsHost().random.bytes(2);
  const pods = `10.${192 + (first % 32)}.${(second % 16) * 16}.0/20`;
  const services = `10.${224 + (first % 32)}.${second}.0/24`;
  const ranges = ['--cluster-cidr', pods, '--service-cluster-ip-range', services];
  return ['--node', 'containerd', ...ranges];
}
