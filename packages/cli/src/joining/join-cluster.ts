import { type ConnectedClient, connect } from '@fairway/client/connect';
import { isForbidden, isNotFound } from '@fairway/client';
import { type Host, type Secret, sleep } from '@fairway/host';
import {
  JoinError,
  KeptCertificate,
  clientCertificateOf,
  discoverCluster,
} from '@fairway/node-agent';
import { nodeReadiness } from '@fairway/kind-rules/nodes';
import { Node } from '@fairway/kinds/core/v1';
import { ApiError } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { quotedPath } from '../quoted-path.ts';
import type { JoinWish } from './join-flags.ts';
import {
  type JoinedCluster,
  nodeFiles,
  readJoinedCluster,
  writeJoinedCluster,
} from './joined-cluster.ts';
import { untilReached } from './until-reached.ts';

/** A machine that is a node of a cluster, by its certificate. */
export interface Joined extends JoinedCluster {
  readonly certificate: KeptCertificate;
}

interface Joining {
  readonly dataDirectory: string;
  readonly nodeName: string;
  /** Undefined: it has joined before. */
  readonly wish: JoinWish | undefined;
}

/**
 * Joins a cluster, or goes on as the node that this machine has become before: then neither token nor server have to
 * be said. What was cut off before it was done is taken up. A server that is away is waited for.
 *
 * Errors: `CommandError`, `JoinError`, `ConnectionError` for a server that is not to be trusted, the system's.
 */
export async function joinCluster(
  host: Host,
  joining: Joining,
  signal: AbortSignal,
): Promise<Joined> {
  const { dataDirectory, nodeName, wish } = joining;
  const { files } = host;
  const places = nodeFiles(dataDirectory);
  await files.makeDirectory(places.keys, { mode: 0o700 });
  const stored = await readJoinedCluster(files, dataDirectory);
  const certificate = await KeptCertificate.open({
    ...host,
    path: places.clientCertificate,
    wish: clientCertificateOf(nodeName),
  });
  if (stored !== undefined && certificate.held !== undefined) {
    requireSame(stored, joining);
    return { ...stored, certificate };
  }
  if (wish === undefined) throw notJoined(stored, joining);
  await using way = await findWay(host, wish, signal);
  if (certificate.held === undefined) {
    await requireFreeName(host, way.client, nodeName, signal);
    const why = await untilReached(
      host,
      () => certificate.request(way.client, signal).catch(explainRefusal),
      signal,
    );
    if (why !== undefined) {
      throw new JoinError(`the cluster gives the node ${nodeName} no certificate: ${why}`);
    }
  }
  const cluster = { server: way.server, authorities: way.authorities };
  await writeJoinedCluster(files, dataDirectory, cluster);
  return { ...cluster, certificate };
}

/**
 * Two agents of one name would end and begin each other's pods for ever. Who may not see nodes is not kept, and neither
 * is whoever takes the place of a node that is gone. Source: kubeadm, which asks the same before a node joins.
 */
async function requireFreeName(
  host: Host,
  client: ConnectedClient,
  nodeName: string,
  signal: AbortSignal,
): Promise<void> {
  const node = await untilReached(
    host,
    () => client.get(Node, nodeName, { signal }).catch(undefinedWithoutSight),
    signal,
  );
  if (node === undefined || nodeReadiness(node) !== 'True') return;
  const remedy = `choose another name with --node-name, or stop that node and type: kubectl delete node ${nodeName}`;
  throw new JoinError(`the cluster has a node ${nodeName} already, which is ready; ${remedy}`);
}

function undefinedWithoutSight(error: unknown): undefined {
  if (isForbidden(error) || isNotFound(error)) return undefined;
  return explainRefusal(error);
}

function requireSame({ server }: JoinedCluster, { dataDirectory, wish }: Joining): void {
  if (wish?.kind !== 'token' || wish.server === server) return;
  const remedy = 'name another folder with --data-dir, or remove this one';
  throw new CommandError(
    `${quotedPath(dataDirectory)} belongs to a node of ${server}, not of ${wish.server}; ${remedy}`,
  );
}

function notJoined(
  stored: JoinedCluster | undefined,
  { dataDirectory, nodeName }: Joining,
): CommandError {
  const why =
    stored === undefined
      ? `${quotedPath(dataDirectory)} belongs to no node of a cluster yet`
      : `the certificate of the node ${nodeName} of ${stored.server} is gone, or its time is over`;
  const remedy =
    'type what `fairway token create --print-join-command` prints on the other machine';
  return new CommandError(`${why}; ${remedy}`);
}

/** A cluster that one may ask for a certificate. */
interface Way extends JoinedCluster, AsyncDisposable {
  readonly client: ConnectedClient;
}

async function findWay(host: Host, wish: JoinWish, signal: AbortSignal): Promise<Way> {
  if (wish.kind === 'kubeconfig') {
    const client = await connect({ host, kubeconfig: wish.path });
    const { server, trust } = client.target;
    const authorities = await trust.certificateAuthority();
    const close = (): Promise<void> => client.close();
    if (authorities !== undefined) {
      return { client, server, authorities, [Symbol.asyncDispose]: close };
    }
    await close();
    throw new JoinError(`${wish.path} names no certificate authority of ${server}; add it`);
  }
  const { server, token } = wish;
  const authorities = await discover(host, wish, signal);
  const client = await connect({ host, server, certificateAuthority: authorities, token });
  return { client, server, authorities, [Symbol.asyncDispose]: () => client.close() };
}

/** How long a signature may be missing: the token may have been made just now. */
const signingMs = 3_000;
const pauseMs = 500;

async function discover(
  host: Host,
  {
    server,
    ...wish
  }: {
    readonly server: string;
    readonly token: Secret;
    readonly pins: readonly string[] | undefined;
  },
  signal: AbortSignal,
): Promise<string> {
  // Nothing secret is sent on this way.
  await using stranger = await connect({ host, server, isInsecure: true });
  const untilMs = host.clock.elapsed() + signingMs;
  for (;;) {
    const found = await untilReached(host, () => discoverCluster(stranger, wish, signal), signal);
    if (found.kind === 'found') return found.authorities;
    if (host.clock.elapsed() >= untilMs) throw new JoinError(found.why);
    await sleep(host.clock, pauseMs, signal);
  }
}

function explainRefusal(cause: unknown): never {
  if (!(cause instanceof ApiError) || cause.code !== 401) throw cause;
  const why =
    'the cluster does not take the token: it has expired, was deleted or is not for authentication';
  const remedy = 'make a new one with `fairway token create --print-join-command`';
  throw new JoinError(`${why}; ${remedy}`, { cause });
}
