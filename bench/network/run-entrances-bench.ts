import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type TestProcesses, TestPod, openTestProcesses, until } from '@fairway/node-agent/testing';
import { nodejsHost } from '@fairway/host/nodejs';
import { nftOf } from '../../packages/network/src/nftables/nft.ts';
import { fullScript } from '../../packages/network/src/nftables/table-script.ts';
import { podServiceFrame } from '../../packages/network/src/service-rules/service-frame.ts';
import type { ServicePort } from '../../packages/network/src/service-rules/service-port.ts';
import { serviceRuleset } from '../../packages/network/src/service-rules/service-ruleset.ts';
import { examplePort } from '../../packages/network/test/example-port.ts';
import { networkPid } from '../../packages/node-agent/test/network-scene.ts';
import { percentile } from '../server/load/percentile.ts';
import { type Seen, asker, server, showSeen } from './traffic.ts';

const serviceCount = 2_000;
const rounds = 5;
const table = { name: 'fairway-bench', frame: podServiceFrame({ clusterCidr: '10.244.0.0/16' }) };

type Entrances = Awaited<ReturnType<TestProcesses['network']['openEntrances']>>;
type Entrance = Parameters<Entrances['change']>[0]['set'][number];

/** Services of pods that are processes: what many of them cost the program that they are, and who goes through it. */
export async function runEntrancesBench(): Promise<void> {
  for (const isRoot of process.getuid?.() === 0 ? [true, false] : [false]) {
    console.log(isRoot ? 'as root' : 'as an ordinary user');
    await using fixture = await openTestProcesses({ isRoot });
    await measure(fixture);
  }
}

async function measure(fixture: TestProcesses): Promise<void> {
  await using web = await TestPod.start(fixture);
  await using client = await TestPod.start(fixture);
  const node = await realpath(process.execPath);
  const mounts = [
    {
      hostPath: dirname(node),
      containerPath: '/opt/node',
      isReadOnly: true,
      propagation: 'private',
    } as const,
  ];
  await web.run('', { mounts, command: ['/opt/node/node', '-e', server] });
  await until('it listens', async () =>
    (await web.log()).some((line) => line.endsWith('ready')) ? true : undefined,
  );
  const id = await client.run('sleep 10000', { mounts });
  const [address = ''] = await web.addresses();
  using told = await fixture.network.openEntrances();
  await loadServices(fixture, told, address);
  const places = [`${address}:8080`, '10.96.1.0:80'];
  const ask = async (place: string): Promise<Seen> => {
    const [host = '', port = ''] = place.split(':');
    const command = ['/opt/node/node', '-e', asker, host, port];
    const bounds = { timeoutMs: 120_000, outputBytesMax: 10_000 };
    const { stdout, stderr } = await fixture.runtime.execToEnd(id, command, bounds);
    if (stdout.length === 0) throw new Error(Buffer.from(stderr).toString());
    return JSON.parse(Buffer.from(stdout).toString()) as Seen;
  };
  const pid = await networkPid(fixture);
  await askInTurns(places, ask);
  console.log(`  memory of the program afterwards: ${await ownMegabytes(pid)} MB of its own`);
  const nft = nftOf({ ...nodejsHost(), enter: fixture.network.command });
  if (!(await nft.isUsable())) return console.log('  no nftables here');
  await nft.apply(fullScript(table, serviceRuleset(ports(address))));
  console.log('  with rules of nftables in the network of the pods');
  await askInTurns(places, ask);
}

async function askInTurns(
  places: readonly string[],
  ask: (place: string) => Promise<Seen>,
): Promise<void> {
  const seen = new Map(places.map((place) => [place, [] as Seen[]]));
  for (let round = 0; round < rounds; round++) {
    for (const place of places) seen.get(place)?.push(await ask(place));
  }
  showSeen(seen);
}

async function loadServices(
  fixture: TestProcesses,
  told: Entrances,
  address: string,
): Promise<void> {
  const pid = await networkPid(fixture);
  const before = await ownMegabytes(pid);
  const set = Array.from({ length: serviceCount }, (_, index) => entrance(index, address));
  const full = await timed(pid, () => told.change({ isWhole: true, set, gone: [] }));
  const after = await ownMegabytes(pid);
  const changes: Taken[] = [];
  for (let turn = 0; turn < 20; turn++) {
    const backends = turn % 2 === 0 ? [] : undefined;
    const changed = { ...entrance(1_000, address), ...(backends && { backends }) };
    changes.push(await timed(pid, () => told.change({ isWhole: false, set: [changed], gone: [] })));
  }
  const middle = percentile(
    changes.map(({ wallMs }) => wallMs),
    0.5,
  );
  console.log(
    `  ${serviceCount} services at once: ${full.wallMs.toFixed(0)} ms, CPU of the program ${full.cpuMs.toFixed(0)} ms`,
  );
  console.log(`  one that changes: ${middle.toFixed(1)} ms`);
  console.log(`  memory of the program: ${before} MB of its own, with services ${after} MB`);
}

function ports(address: string): readonly ServicePort[] {
  return Array.from({ length: serviceCount }, (_, index) => {
    const { key, place, backends } = entrance(index, address);
    const own = backends.map(({ port }) => ({ address, port }));
    return {
      ...examplePort,
      key,
      clusterAddresses: [place?.address ?? ''],
      internalBackends: own,
      externalBackends: own,
    };
  });
}

function entrance(index: number, address: string): Entrance {
  const place = { address: `10.96.${1 + (index >> 8)}.${index & 255}`, port: 80 };
  return {
    key: `tcp ${place.address}:${place.port}`,
    protocol: 'tcp',
    place,
    affinitySeconds: undefined,
    backends: [{ address, port: 8080, isOutside: false }],
  };
}

interface Taken {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function timed(pid: number, work: () => Promise<unknown>): Promise<Taken> {
  const [startMs, cpuMs] = [performance.now(), await cpuMsOf(pid)];
  await work();
  return { wallMs: performance.now() - startMs, cpuMs: (await cpuMsOf(pid)) - cpuMs };
}

async function cpuMsOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  // In ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** What no other process shares. */
async function ownMegabytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = [...text.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].map(([, count]) =>
    Number(count),
  );
  return Math.round(kilobytes.reduce((sum, count) => sum + count, 0) / 1024);
}
