import {
  type ClusterTarget,
  ConnectionError,
  type Credential,
  anonymousCredentials,
  callWithin,
  createClient,
  unchangingCredentials,
  unchangingTrust,
} from '@fairway/client';
import { type Transport, buildTransport } from '@fairway/client/connect';
import { startOfBody } from '@fairway/protocol';
import { productVersion } from '../product-version.ts';
import type { FirstAnswer } from './first-answer.ts';
import { type ServerTime, readServerTime } from './server-time.ts';
import type { Access, Road, Tools } from './step.ts';

/** More than any version, and enough of a page to know it by. */
const answerBytesMax = 64 * 1024;

/** A way to the API that is closed with the examination, with a credential that is not asked for twice. */
export function openAccess(
  tools: Tools,
  {
    target,
    road,
    credential,
  }: {
    readonly target: ClusterTarget;
    readonly road: Road;
    readonly credential: Credential;
  },
): Access {
  const { clock, random } = tools.host;
  const credentials = unchangingCredentials(credential);
  const transport = tools.open.use(transportBy(tools, { ...target, credentials }, road));
  const client = createClient({
    transport: transport.send,
    upgrade: (request) => transport.upgrade(request),
    clock,
    random,
    namespace: target.namespace,
  });
  return { client, transport };
}

/** By the one road that was found, whatever other addresses there are. */
function transportBy({ host, stepTimeoutMs }: Tools, target: ClusterTarget, road: Road): Transport {
  const { servers: _, ...examined } = target;
  return buildTransport(examined, {
    clock: host.clock,
    random: host.random,
    isRetryWanted: false,
    isHttp2Wanted: (host.environment.variables['DISABLE_HTTP2'] ?? '') === '',
    userAgent: `fairway/${productVersion}`,
    openStream: () => road(),
    limits: {
      connectTimeoutMs: stepTimeoutMs,
      handshakeTimeoutMs: stepTimeoutMs,
      silenceMs: stepTimeoutMs,
    },
  });
}

/** Asks what every cluster tells everybody. Answers a failure to get an answer. */
export async function askVersion(
  { host: { clock }, stepTimeoutMs: timeoutMs, signal }: Tools,
  { transport }: Pick<Access, 'transport'>,
): Promise<FirstAnswer | ConnectionError> {
  const askedAtMs = clock.now();
  try {
    return await callWithin({ clock, timeoutMs, signal, what: 'GET /version' }, async (ending) => {
      const { status, headers, body } = await transport.send({
        method: 'GET',
        path: '/version',
        query: '',
        headers: { accept: 'application/json' },
        body: undefined,
        signal: ending,
      });
      const serverTime = readServerTime(headers, { clock, askedAtMs });
      const text = Buffer.from(await startOfBody(body, answerBytesMax)).toString();
      return { status, headers, text, ...(serverTime === undefined ? {} : { serverTime }) };
    });
  } catch (error) {
    if (error instanceof ConnectionError && !signal.aborted) return error;
    throw error;
  }
}

/** The time of a server that has not proved who it is: as nobody, and without a certificate of ours. */
export async function askTime(
  tools: Tools,
  { target, road }: { readonly target: ClusterTarget; readonly road: Road },
): Promise<ServerTime | undefined> {
  const { impersonate: _, ...anyone } = target;
  const trust = unchangingTrust({ isInsecure: true });
  const nobody = { ...anyone, trust, credentials: anonymousCredentials };
  await using transport = transportBy(tools, nobody, road);
  const answer = await askVersion(tools, { transport });
  return answer instanceof ConnectionError ? undefined : answer.serverTime;
}
