import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeScript, fullScript } from '../src/nftables/table-script.ts';
import { serviceFrame } from '../src/service-rules/service-frame.ts';
import type { ServicePort } from '../src/service-rules/service-port.ts';
import { serviceRuleset } from '../src/service-rules/service-ruleset.ts';
import { examplePort } from './example-port.ts';
import { Machine, ask, skip } from './test-machine.ts';

const ranges = { clusterCidr: '10.244.0.0/16', serviceCidr: '10.0.0.0/24' };
const table = { name: 'fairway-test', frame: serviceFrame(ranges) };
const a = { address: '10.244.0.2', port: 8080 };
const b = { address: '10.244.0.3', port: 8080 };
const web: ServicePort = {
  ...examplePort,
  nodePort: 30_080,
  internalBackends: [a, b],
  externalBackends: [b],
};

test(
  'addresses of load balancers lead in those whom they are for, in the kernel',
  { skip },
  async (t) => {
    await using machine = await Machine.open();
    await Promise.all([machine.serve('a', 8080), machine.serve('b', 8080)]);
    const loadBalancerCidr = '10.245.0.0/24';
    await machine.in('node', `ip route replace local ${loadBalancerCidr} dev lo proto 121`);
    const behind = (sources?: readonly string[]): ServicePort => ({
      ...web,
      loadBalancer: { addresses: ['10.245.0.1'], sources },
    });
    const apply = (port: ServicePort): Promise<void> =>
      machine.apply(
        fullScript(
          { ...table, frame: serviceFrame({ ...ranges, loadBalancerCidr }) },
          serviceRuleset([port]),
        ),
      );
    const said = (from: string, address = '10.245.0.1', port = 80): Promise<string> =>
      machine.in(from, ask(address, port));
    await t.test('from the machine and from pods', async () => {
      await apply(behind());
      assert.equal(await said('node'), 'b 10.244.0.1');
      assert.equal(await said('a'), 'b 10.244.0.1');
    });
    await t.test('no other port, and no address that no service has', async () => {
      await machine.serve('node', 81);
      assert.equal(await said('a', '10.244.0.1', 81), 'node 10.244.0.2', 'the machine has it');
      assert.equal(await said('a', '10.245.0.1', 81), 'ECONNREFUSED');
      assert.equal(await said('node', '10.245.0.1', 81), 'ECONNREFUSED');
      assert.equal(await said('node', '10.245.0.9'), 'ECONNREFUSED');
    });
    await t.test(
      'from the networks that it names only, and packets of others reach nothing',
      async () => {
        await apply(behind(['10.244.0.2/32']));
        await machine.count('10.244.0.3', 8080);
        assert.equal(await said('a'), 'b 10.244.0.1');
        const before = await machine.counted();
        assert.ok(before > 0);
        assert.equal(await said('b'), 'ECONNREFUSED');
        assert.equal(await said('node'), 'ECONNREFUSED');
        assert.equal(await machine.counted(), before);
        await apply(behind(['10.0.0.0/8', '10.245.0.1']));
        assert.equal(await said('node'), 'b 10.244.0.1');
      },
    );
    await t.test('with the sender as it was, to programs of this node only', async () => {
      // By the second address pod a comes as somebody outside of the cluster.
      const outsider = '192.0.2.50';
      await machine.in('node', `ip route add ${outsider} dev to-a`);
      await machine.in(
        'a',
        `ip addr add ${outsider}/32 dev lo; ip route add 10.245.0.2 via 10.244.0.1 src ${outsider}`,
      );
      const addresses = ['10.245.0.1', '10.245.0.2'];
      const local = {
        ...behind(),
        loadBalancer: { addresses, sources: undefined },
        allBackends: [b],
      };
      const all = async (): Promise<readonly string[]> => [
        await said('a'),
        await said('node'),
        await said('a', '10.244.0.1', 30_080),
        await said('a', '10.245.0.2'),
      ];
      const inside = ['b 10.244.0.2', 'b 10.244.0.1', 'b 10.244.0.2'];
      await apply(local);
      assert.deepEqual(await all(), [...inside, `b ${outsider}`]);
      await apply({ ...local, externalBackends: [] });
      assert.deepEqual(await all(), [...inside, 'ECONNREFUSED'], 'it is on another node');
    });
  },
);

test('addresses of services lead to their programs, in the kernel', { skip }, async (t) => {
  await using machine = await Machine.open();
  await Promise.all([machine.serve('a', 8080), machine.serve('b', 8080)]);
  const rules = serviceRuleset([web]);
  await machine.apply(fullScript(table, rules));
  const answers = async (
    from: string,
    address: string,
    port = 80,
  ): Promise<ReadonlySet<string>> => {
    const said = await machine.in(
      from,
      Array.from({ length: 8 }, () => ask(address, port)).join('\n'),
    );
    return new Set(said.split('\n'));
  };
  await t.test('from a pod to both of them, to itself by the address of the machine', async () => {
    for (let round = 0; round < 5; round++) {
      const seen = await answers('a', '10.0.0.20');
      assert.ok(
        [...seen].every((each) => ['a 10.244.0.1', 'b 10.244.0.2'].includes(each)),
        [...seen].join(),
      );
      if (seen.size === 2) return;
    }
    assert.fail('always the same');
  });
  await t.test('from the machine itself, where a way leads there', async () => {
    await machine.in('node', 'ip route add 10.0.0.0/24 dev lo src 10.244.0.1');
    assert.ok(
      [...(await answers('node', '10.0.0.20'))].every((each) => each.endsWith(' 10.244.0.1')),
    );
  });
  await t.test('through a port of the machine, with its address as sender', async () => {
    assert.deepEqual([...(await answers('a', '10.244.0.1', 30_080))], ['b 10.244.0.1']);
  });
  await t.test('what no service has is refused at once', async () => {
    assert.deepEqual([...(await answers('a', '10.0.0.99'))], ['ECONNREFUSED']);
    assert.deepEqual([...(await answers('a', '10.0.0.20', 81))], ['ECONNREFUSED']);
  });
  await t.test('no connection fails while endpoints come and go', async () => {
    let before = rules;
    const flap = (async () => {
      for (let round = 0; round < 30; round++) {
        const internalBackends = [[a], [a, b], [b]][round % 3] ?? [];
        const after = serviceRuleset([{ ...web, internalBackends }]);
        await machine.apply(changeScript(table, before, after));
        before = after;
      }
    })();
    const seen = new Set<string>();
    let isOver = false;
    void flap.finally(() => (isOver = true));
    while (!isOver) for (const each of await answers('a', '10.0.0.20')) seen.add(each);
    await flap;
    assert.deepEqual([...seen].toSorted(), ['a 10.244.0.1', 'b 10.244.0.2']);
    await machine.apply(changeScript(table, before, rules));
  });
  await t.test('two thousand ports, of every protocol', async () => {
    const many = Array.from({ length: 2_000 }, (_, at): ServicePort => {
      const protocol = (['tcp', 'udp', 'sctp'] as const)[at % 3] ?? 'tcp';
      const affinitySeconds = at % 100 === 0 ? 60 : undefined;
      return {
        ...web,
        key: `shop/web/${protocol}/p${at}`,
        protocol,
        port: 1_000 + at,
        affinitySeconds,
      };
    });
    const after = serviceRuleset([web, ...many]);
    await machine.apply(changeScript(table, rules, after));
    await machine.apply(changeScript(table, after, rules));
  });
  await t.test('a change touches only what it is about', async () => {
    const stays = serviceRuleset([{ ...web, affinitySeconds: 600 }]);
    await machine.apply(changeScript(table, rules, stays));
    assert.equal((await answers('a', '10.0.0.20')).size, 1, 'a client stays where it was');
    const shut = serviceRuleset([{ ...web, internalBackends: [], externalBackends: [] }]);
    await machine.apply(changeScript(table, stays, shut));
    assert.deepEqual([...(await answers('a', '10.0.0.20'))], ['ECONNREFUSED']);
    assert.deepEqual([...(await answers('b', '10.244.0.1', 30_080))], ['ECONNREFUSED']);
    await machine.apply(changeScript(table, shut, serviceRuleset([])));
  });
});
