import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { createClient } from '@fairway/client';
import type { LogFields } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { seededRandom, settle } from '@fairway/host/testing';
import { Node } from '@fairway/kinds/core/v1';
import { createInformers } from '@fairway/reconcile';
import { ipRoutesOf } from '../src/pod-routes/ip-routes.ts';
import { keepPodRoutes, removeRoutes } from '../src/pod-routes/keep-pod-routes.ts';
import { Machine, skip } from './test-machine.ts';

const host = nodejsHost();

/** A machine whose neighbours are 192.0.2.0/24. */
async function openMachine(): Promise<Machine> {
  const machine = await Machine.open([]);
  const lan = 'ip link add lan type veth peer name far; ip addr add 192.0.2.1/24 dev lan';
  await machine.in('node', `${lan}; ip link set lan up; ip link set far up`);
  return machine;
}

test(
  'pods of other nodes are routed to, as nodes come, move and go, and nobody else’s routes are touched',
  { skip },
  async () => {
    await using server = await startTestServer();
    await using machine = await openMachine();
    const { clock, api } = server;
    const random = seededRandom(3);
    const client = createClient({ transport: api.handlerFor(admin), clock, random });
    const warnings: LogFields[] = [];
    const logger = {
      debug() {},
      info() {},
      warn: (_: string, fields?: LogFields) => void warnings.push(fields ?? {}),
      error: (message: string) => assert.fail(message),
    };
    const stopping = new AbortController();
    const { signal } = stopping;
    const { environment } = host;
    /** Of all routes those that lead to pods. */
    const podRoutes = async (): Promise<readonly string[]> =>
      (await machine.in('node', 'ip route show root 10.244.0.0/16')).split(/ *\n/);
    const routes = ipRoutesOf({ processes: machine.processes, environment });
    const keeping = keepPodRoutes(
      {
        informers: createInformers({ client, signal, logger }),
        nodeName: 'own',
        clusterCidr: '10.244.0.0/16',
        routes,
        clock,
        random,
        logger,
      },
      signal,
    );
    const until = async (expected: readonly string[]): Promise<void> => {
      for (let tries = 0; ; tries++) {
        const found = await podRoutes();
        if (JSON.stringify(found) === JSON.stringify(expected)) return;
        if (tries > 200) assert.deepEqual(found, expected);
        await settle();
        await clock.advance(500);
      }
    };
    const tell = async (name: string, address: string): Promise<void> => {
      const status = { addresses: [{ type: 'InternalIP', address }] };
      await client.subresource(Node, name, 'status').patch({ merge: { status } });
    };
    const add = async (name: string, podCIDR: string, address: string): Promise<void> => {
      await client.create(Node, { metadata: { name }, spec: { podCIDR, podCIDRs: [podCIDR] } });
      await tell(name, address);
    };
    const others = '10.244.9.0/24 via 192.0.2.9 dev lan';
    await machine.in('node', `ip route add ${others}`);
    await add('own', '10.244.0.0/24', '192.0.2.1');
    await add('a', '10.244.1.0/24', '192.0.2.2');
    const toA = '10.244.1.0/24 via 192.0.2.2 dev lan proto 174';
    await until([toA, others]);
    await add('far', '10.244.3.0/24', '198.51.100.1');
    while (warnings.length === 0) {
      await settle();
      await clock.advance(500);
    }
    assert.match(String(warnings[0]?.['error']), /10\.244\.3\.0\/24 via 198\.51\.100\.1 .*failed/);
    await tell('a', '192.0.2.3');
    await until([toA.replace('2.2', '2.3'), others]);
    await machine.in('node', 'ip route del 10.244.1.0/24');
    await until([toA.replace('2.2', '2.3'), others]);
    assert.equal(warnings.length, 1, 'a route that nobody takes is told of once');
    await client.delete(Node, 'a');
    await until([others]);
    await tell('far', '192.0.2.7');
    await until(['10.244.3.0/24 via 192.0.2.7 dev lan proto 174', others]);
    stopping.abort();
    await keeping;
    await removeRoutes(routes, '10.244.0.0/16');
    assert.deepEqual(await podRoutes(), [others]);
  },
);
