import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { costsInTurns, told } from './in-turns.ts';
import { podJson } from './load/objects.ts';

type Print = (what: string, result: string) => void;

const turns = { warmUps: 10, rounds: 31 };
const podsEach = 100;

const namespace = '/api/v1/namespaces/default';

/**
 * What limit ranges and quotas cost a created pod, as CPU time of this process for whole requests to a server in
 * memory: each way for a while, one after the other.
 */
export async function measureQuotas(print: Print): Promise<void> {
  const off = { disabledAdmissionPlugins: ['LimitRanger', 'ResourceQuota'] };
  await using without = await startTestServer(off);
  await using unused = await startTestServer();
  await using limited = await startTestServer();
  const servers = { off: without, 'on, none there': unused, 'on, one of each there': limited };
  const account = { metadata: { name: 'default' } };
  for (const server of Object.values(servers)) {
    await server.expect(201, 'POST', `${namespace}/serviceaccounts`, { body: account });
  }
  await limit(limited);
  const ways = Object.entries(servers).map(
    ([name, server]) => [name, (turn: number) => cpuOfPods(server, turn)] as const,
  );
  for (const [name, costs] of Object.entries(await costsInTurns(Object.fromEntries(ways), turns))) {
    print(`a pod is created, limit ranges and quotas ${name}`, told(costs));
  }
}

async function limit(server: TestServer): Promise<void> {
  const hard = { pods: '1M', 'requests.cpu': '1M', 'limits.memory': '1Ei' };
  const quota = { metadata: { name: 'q' }, spec: { hard } };
  await server.expect(201, 'POST', `${namespace}/resourcequotas`, { body: quota });
  const used = { pods: '0', 'requests.cpu': '0', 'limits.memory': '0' };
  const counted = { ...quota, status: { hard, used } };
  await server.expect(200, 'PUT', `${namespace}/resourcequotas/q/status`, { body: counted });
  const amounts = { cpu: '100m', memory: '64Mi' };
  const limits = [{ type: 'Container', default: amounts, max: { cpu: '64' } }];
  const range = { metadata: { name: 'l' }, spec: { limits } };
  await server.expect(201, 'POST', `${namespace}/limitranges`, { body: range });
  await settle();
}

async function cpuOfPods(server: TestServer, turn: number): Promise<number> {
  const names = Array.from({ length: podsEach }, (_, at) => `p-${turn}-${at}`);
  const before = process.cpuUsage();
  for (const name of names) {
    await server.expect(201, 'POST', `${namespace}/pods`, { body: podJson(name) });
  }
  const { user, system } = process.cpuUsage(before);
  await server.clock.advance(1_000);
  return (user + system) / podsEach;
}
