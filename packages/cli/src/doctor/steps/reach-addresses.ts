import { isIP } from 'node:net';
import { ConnectionError } from '@fairway/client';
import { connectSocket, portOf } from '@fairway/client/sockets';
import { hostPort } from '@fairway/protocol';
import { setCluster } from '../config-command.ts';
import { type Facts, type Outcome, type Road, type Tools, step } from '../step.ts';

/** A TCP connection to each address of the server, all at the same time. */
export const addressStep = step({
  name: 'address',
  exitCode: 14,
  needs: ['target', 'way', 'addresses'],
  async probe(tools, facts) {
    const server = new URL(facts.target.server);
    const port = portOf(server);
    if (facts.way === 'proxied') {
      const found = 'the proxy connects to the server';
      return { finding: { status: 'skipped', tried: 'a TCP connection', found } };
    }
    const attempts = await Promise.all(facts.addresses.map((each) => attempt(tools, server, each)));
    return judge(tools, facts, { server, port, attempts });
  },
});

interface Attempt {
  readonly address: string;
  /** Absent: there was a connection. */
  readonly failure?: ConnectionError;
}

function roadTo({ host, stepTimeoutMs }: Tools, server: URL, address: string): Road {
  const plan = { server, clock: host.clock, connectTimeoutMs: stepTimeoutMs };
  return (signal) => connectSocket(plan, { host: address, port: portOf(server) }, signal);
}

async function attempt(tools: Tools, server: URL, address: string): Promise<Attempt> {
  try {
    (await roadTo(tools, server, address)(tools.signal)).destroy();
    return { address };
  } catch (failure) {
    if (!(failure instanceof ConnectionError)) throw failure;
    return { address, failure };
  }
}

function judge(
  tools: Tools,
  facts: Facts,
  {
    server,
    port,
    attempts,
  }: {
    readonly server: URL;
    readonly port: number;
    readonly attempts: readonly Attempt[];
  },
): Outcome {
  const tried = `TCP connections to ${attempts.map(({ address }) => hostPort(address, port)).join(', ')}`;
  const found = attempts
    .map((each) => `${hostPort(each.address, port)} ${outcomeOf(each, tools.stepTimeoutMs)}`)
    .join('; ');
  const details = {
    addresses: attempts.map(({ address, failure }) => ({
      address,
      port,
      problem: failure?.problem ?? null,
    })),
  };
  const reached = attempts.find(({ failure }) => failure === undefined);
  const isWhole = attempts.every(({ failure }) => failure === undefined);
  const said = { tried, found, details };
  if (reached === undefined) {
    return {
      finding: { status: 'failed', ...said, remedies: remediesFor(tools, facts, attempts) },
    };
  }
  const road = roadTo(tools, server, reached.address);
  if (isWhole) return { finding: { status: 'ok', ...said }, facts: { road } };
  const remedies = ['take the addresses where nothing answers out of the name, or repair them'];
  return { finding: { status: 'warning', ...said, remedies }, facts: { road } };
}

function outcomeOf({ address, failure }: Attempt, timeoutMs: number): string {
  switch (failure?.problem) {
    case undefined:
      return 'connects';
    case 'refused':
      return 'refuses: the machine is there, and nothing listens on this port';
    case 'timeout':
      return `does not answer within ${timeoutMs} ms: the machine is off, or a firewall drops what comes`;
    case 'unreachable':
      return isIP(address) === 6
        ? 'cannot be reached: this machine has no way to IPv6 addresses, or none to this one'
        : 'cannot be reached: this machine has no way there';
    default:
      return `fails: ${failure?.message}`;
  }
}

function remediesFor(tools: Tools, facts: Facts, attempts: readonly Attempt[]): readonly string[] {
  const problems = new Set(attempts.map(({ failure }) => failure?.problem));
  const otherServer = setCluster(tools, facts, ['server', 'https://HOST:PORT']);
  if (problems.has('refused')) {
    const isHere = attempts.some(({ address }) => address === '::1' || address.startsWith('127.'));
    return [
      ...(isHere ? ['`fairway up -d`  # if this is the cluster of this folder'] : []),
      otherServer,
    ];
  }
  const isIpv6Only = attempts.every(({ address }) => isIP(address) === 6);
  if (isIpv6Only) return [`ip -6 route get ${attempts[0]?.address}`, otherServer];
  return ['connect to the VPN of the cluster, or have the firewall let you through', otherServer];
}
