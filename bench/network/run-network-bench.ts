import { nodejsHost } from '@fairway/host/nodejs';
import { changeScript, fullScript } from '../../packages/network/src/nftables/table-script.ts';
import { policyPlan } from '../../packages/network/src/policies/policy-plan.ts';
import { policyFrame, policyRuleset } from '../../packages/network/src/policies/policy-ruleset.ts';
import { serviceFrame } from '../../packages/network/src/service-rules/service-frame.ts';
import type { ServicePort } from '../../packages/network/src/service-rules/service-port.ts';
import { serviceRuleset } from '../../packages/network/src/service-rules/service-ruleset.ts';
import { examplePort } from '../../packages/network/test/example-port.ts';
import { Machine } from '../../packages/network/test/test-machine.ts';
import { percentile } from '../server/load/percentile.ts';
import { type Seen, asker, server, showSeen } from './traffic.ts';

const ranges = { clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };
const table = { name: 'fairway-bench', frame: serviceFrame(ranges) };
const policyTable = { name: 'fairway-bench-policies', frame: policyFrame };
const [client, web] = ['10.244.0.2', '10.244.0.3'];
const serviceCount = 2_000;
const rounds = 7;

/** The service that is measured is one of many. */
function servicePort(index: number, backends = 2): ServicePort {
  const places = Array.from({ length: backends }, (_, at) => {
    const number = index * 2 + at;
    return { address: `10.244.${1 + (number >> 8)}.${number & 255}`, port: 8080 };
  });
  const own = index === 0 ? [{ address: web, port: 8080 }] : places;
  return {
    ...examplePort,
    key: `shop/web-${index}/tcp/http`,
    clusterAddresses: [`10.96.${1 + (index >> 8)}.${index & 255}`],
    nodePort: 30_000 + index,
    internalBackends: own,
    externalBackends: own,
  };
}

/** What rules cost: to write and load, and those who send through them. Needs root. */
export async function runNetworkBench(): Promise<void> {
  await using machine = await Machine.open(['client', 'web']);
  await machine.run('web', server);
  const direct = `${web}:8080`;
  await show(machine, 'no rules at all', [direct]);
  await loadRules(machine);
  const service = '10.96.1.0:80';
  await show(machine, `${serviceCount} services`, [direct, service]);
  await machine.apply(fullScript(policyTable, policyRuleset(isolation())));
  await show(machine, '… and policies for both pods', [direct, service]);
}

async function loadRules(machine: Machine): Promise<void> {
  const ports = Array.from({ length: serviceCount }, (_, index) => servicePort(index));
  await took('full load', machine, () => fullScript(table, serviceRuleset(ports)));
  await took('full load, the table being there', machine, () =>
    fullScript(table, serviceRuleset(ports)),
  );
  let before = serviceRuleset(ports);
  const become = (after: readonly ServicePort[]) => (): string => {
    const wanted = serviceRuleset(after);
    const script = changeScript(table, before, wanted);
    before = wanted;
    return script;
  };
  const fewer = ports.with(1_000, servicePort(1_000, 1));
  await took('endpoints of one changed', machine, become(fewer), become(ports));
  await took(
    'one service more or less',
    machine,
    become([...ports, servicePort(serviceCount)]),
    become(ports),
  );
}

interface Taken {
  readonly wallMs: number;
  readonly ownCpuMs: number;
  readonly nftCpuMs: number;
  readonly bytes: number;
}

/** What it takes to write a script and to load it; what several do in turns, in the middle of many. */
async function took(
  what: string,
  machine: Machine,
  ...writers: readonly (() => string)[]
): Promise<void> {
  const taken: Taken[] = [];
  for (let turn = 0; turn < (writers.length === 1 ? 1 : 20); turn++) {
    const [startMs, cpu] = [performance.now(), process.cpuUsage()];
    const script = writers[turn % writers.length]?.() ?? '';
    const { user, system } = process.cpuUsage(cpu);
    const nftCpuMs = await applyTimed(machine, script);
    const ownCpuMs = (user + system) / 1_000;
    taken.push({ wallMs: performance.now() - startMs, ownCpuMs, nftCpuMs, bytes: script.length });
  }
  const of = (name: keyof Taken): string =>
    percentile(
      taken.map((each) => each[name]),
      0.5,
    ).toFixed(0);
  console.log(
    `${what}: ${of('wallMs')} ms, CPU to write ${of('ownCpuMs')} ms, of nft ${of('nftCpuMs')} ms, ${of('bytes')} bytes`,
  );
}

/** Answers the CPU that nft took. */
async function applyTimed(machine: Machine, script: string): Promise<number> {
  const timed = "TIMEFORMAT='%U %S'; time nft -f -";
  const { output } = await machine.processes.run({
    file: 'bash',
    arguments: ['-c', timed],
    environment: nodejsHost().environment.variables,
    input: { text: script },
    errors: 'in-output',
    outputBytesMax: 65_536,
    timeoutMs: 60_000,
  });
  return Buffer.from(output)
    .toString()
    .trim()
    .split(' ')
    .reduce((sum, seconds) => sum + Number(seconds) * 1_000, 0);
}

/** In turns, so that what else the machine does meets all alike. */
async function show(machine: Machine, what: string, places: readonly string[]): Promise<void> {
  const seen = new Map(places.map((place) => [place, [] as Seen[]]));
  for (let round = 0; round < rounds; round++) {
    for (const place of places) {
      const [host, port] = place.split(':');
      const said = await machine.in('client', `${process.execPath} -e '${asker}' ${host} ${port}`);
      seen.get(place)?.push(JSON.parse(said) as Seen);
    }
  }
  console.log(what);
  showSeen(seen);
}

/** A policy for each pod, of which each lets the other in. */
function isolation(): ReturnType<typeof policyPlan> {
  const pod = (app: string, address: string) => {
    const labels = { app };
    return { namespace: 'shop', name: app, labels, nodeName: 'n', addresses: [address], ports: [] };
  };
  const policy = (app: string, other: string) => {
    const peers = [{ podSelector: { matchLabels: { app: other } } }];
    const rules = { ingress: [{ from: peers }], egress: [{ to: peers }] };
    const spec = { podSelector: { matchLabels: { app } }, ...rules };
    return { metadata: { namespace: 'shop', name: app }, spec };
  };
  const pods = [pod('client', client), pod('web', web)];
  const labelsOf = () => ({});
  const policies = [policy('client', 'web'), policy('web', 'client')];
  return policyPlan(policies, { nodeName: 'n', pods, labelsOf });
}
