import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod, Service } from '@fairway/kinds/core/v1';
import { NetworkPolicy } from '@fairway/kinds/networking/v1';
import { skipWithoutContainerd, until } from '@fairway/node-agent/testing';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { type JoinedMachines, openJoinedMachines } from './joined-machines.ts';

const skip = (await skipWithoutContainerd()) || (await skipWithoutKubectl(30));

/** A pod on a node, which says its name to whoever asks, and a service that leads to it. */
async function runPod({ admin }: JoinedMachines, node: string): Promise<string> {
  const name = `on-${node}`;
  const script = `echo begun; while true; do echo ${name} | busybox nc -l -p 8080; done`;
  await admin.create(Service, {
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await admin.create(Pod, {
    metadata: { name, labels: { app: name } },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'app', image: 'host', command: ['sh', '-c', script] }],
    },
  });
  const pod = await admin.waitFor(Pod, name, { condition: 'Ready' });
  return pod?.status?.podIP ?? '';
}

test(
  'machines of one network join, and their pods reach each other, services, names and the API',
  { skip },
  async () => {
    await using joined = await openJoinedMachines();
    const { admin, machines, joinWords, output } = joined;
    const [one, two] = machines;
    const running = await Promise.all(machines.map((each) => each.start(...joinWords)));
    const [first, second] = await Promise.all(machines.map(({ name }) => runPod(joined, name)));
    const roads: readonly (readonly [from: string, to: string, address: string])[] = [
      ['n1', 'n2', second ?? ''],
      ['n2', 'n1', first ?? ''],
      ['n1', 'n2', 'on-n2'],
      ['n2', 'n1', 'on-n1.default.svc.cluster.local'],
      ['n2', 'n2', 'on-n2.default'],
    ];
    for (const [from, to, address] of roads) {
      const port = /^\d/.test(address) ? '8080' : '80';
      await until(`${address} from ${from}`, async () => {
        const said = await output(
          'exec',
          `on-${from}`,
          '--',
          'busybox',
          'nc',
          '-w',
          '5',
          address,
          port,
        );
        return said === `on-${to}\n` || undefined;
      });
    }
    for (const { name } of machines) {
      assert.equal(await output('logs', `on-${name}`), 'begun\n');
      // That it connects has to do: the API server says nothing to what is no TLS.
      const connect = 'busybox nc -w 5 kubernetes 443 </dev/null && echo connected';
      const said = await output('exec', `on-${name}`, '--', 'sh', '-c', connect);
      assert.match(said, /connected\n$/);
    }

    await admin.create(NetworkPolicy, {
      metadata: { name: 'alone' },
      spec: { podSelector: { matchLabels: { app: 'on-n2' } }, policyTypes: ['Ingress'] },
    });
    // Where it does not hold, a program that begins to listen anew may refuse, and is not silent.
    await until('the policy holds on the other node', async () => {
      const ask = ['busybox', 'nc', '-w', '1', second ?? '', '8080'];
      return /timed out/.test(await output('exec', 'on-n1', '--', ...ask)) || undefined;
    });

    const containerOf = async (pod: string): Promise<string | undefined> =>
      (await admin.get(Pod, pod)).status?.containerStatuses?.[0]?.containerID;
    const before = await containerOf('on-n1');
    await running[0]?.[Symbol.asyncDispose]();
    const again = await one.start('node');
    assert.equal(await output('exec', 'on-n1', '--', 'echo', 'hello'), 'hello\n');
    assert.equal(await containerOf('on-n1'), before);

    for (const program of [again, running[1]]) {
      program?.child.kill('SIGINT');
      assert.equal((await program?.ended)?.exitCode, 0);
    }
    assert.deepEqual([...(await one.traces()), ...(await two.traces())], []);
  },
);
