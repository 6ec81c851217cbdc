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

interface Seen {
  /** Bytes a second, of one connection. */
  readonly rate: number;
  /** Of one byte there and back, and of a new connection that is answered; µs. */
  readonly roundTrip: number;
  readonly connection: number;
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
  const typicals = [...seen].map(([place, all]) => {
    const of = (name: keyof Seen, share: number): number =>
      percentile(
        all.map((each) => each[name]),
        share,
      );
    const typical = {
      // Whatever else runs slows down a connection that sends all it can: the fastest tells what rules cost.
      rate: of('rate', 1),
      roundTrip: of('roundTrip', 0.5),
      connection: of('connection', 0.5),
    };
    console.log(
      `  ${place}: ${(typical.rate / 1e6).toFixed(0)} MB/s, ${typical.roundTrip.toFixed(1)} µs a round trip, ` +
        `${typical.connection.toFixed(0)} µs a connection`,
    );
    return typical;
  });
  const [own, through] = typicals;
  if (own === undefined || through === undefined) return;
  console.log(
    `  service : pod ${(through.rate / own.rate).toFixed(2)} of the rate, ` +
      `${(through.roundTrip - own.roundTrip).toFixed(1)} µs more a round trip, ` +
      `${(through.connection - own.connection).toFixed(0)} µs more a connection`,
  );
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

/** The first byte says what is wanted: `b` for many bytes, `e` for an echo of each byte, `c` for one. */
const server = `
  const chunk = Buffer.alloc(1 << 20);
  require('node:net').createServer((socket) => {
    socket.setNoDelay(true).on('error', () => {}).once('data', (bytes) => {
      const kind = String(bytes[0] === 98 ? 'b' : bytes[0] === 101 ? 'e' : 'c');
      if (kind === 'c') return socket.end('x');
      if (kind === 'e') return socket.on('data', (each) => socket.write(each));
      let left = 512;
      const more = () => { while (left-- > 0) if (!socket.write(chunk)) return socket.once('drain', more); socket.end(); };
      more();
    });
  }).listen(8080, '0.0.0.0', () => console.log('ready'));`;

const asker = `
  const { connect } = require("node:net");
  const [host, port] = process.argv.slice(1);
  const open = () => connect({ host, port, noDelay: true });
  const median = (all) => all.sort((a, b) => a - b)[all.length >> 1];
  const rate = () => new Promise((resolve) => {
    const socket = open(); let bytes = 0; const start = performance.now();
    socket.write("b"); socket.on("data", (each) => (bytes += each.length));
    socket.on("end", () => resolve(bytes / (performance.now() - start) * 1000));
  });
  const roundTrips = () => new Promise((resolve) => {
    const socket = open(); const all = []; let sent = 0;
    const send = () => { sent = performance.now(); socket.write("x"); };
    socket.write("e"); setTimeout(send, 20);
    socket.on("data", () => {
      all.push((performance.now() - sent) * 1000);
      if (all.length < 5000) return send();
      socket.destroy(); resolve(median(all));
    });
  });
  const connections = async () => {
    const all = [];
    for (let at = 0; at < 500; at++) await new Promise((resolve) => {
      const start = performance.now();
      const socket = open(); socket.write("c");
      socket.on("data", () => {}).on("close", () => { all.push((performance.now() - start) * 1000); resolve(); });
    });
    return median(all);
  };
  (async () => console.log(JSON.stringify({ rate: await rate(), roundTrip: await roundTrips(), connection: await connections() })))();`;
