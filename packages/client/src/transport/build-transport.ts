import type {
  Handler,
  HttpHeaders,
  HttpRequest,
  UpgradeAnswer,
  UpgradeHandler,
} from '@fairway/protocol';
import { type ClusterTarget, type Impersonation, addressesOf } from '../cluster-target.ts';
import { acceptCompression } from './accept-compression.ts';
import { addCredentials } from './add-credentials.ts';
import { limitRate, rateLimiter } from './limit-rate.ts';
import { limitTime } from './limit-time.ts';
import { lateWire } from './late-wire.ts';
import type { Wire } from './node-transport.ts';
import { reportWarnings } from './report-warnings.ts';
import { retryRequests } from './retry-requests.ts';
import { passTraceContext, traceRequests } from './trace-requests.ts';
import type { TransportOptions } from './transport-options.ts';

/** The way to a cluster: what we are called, who we are, and the connections. */
export interface Transport extends AsyncDisposable {
  /** For everything that is request and answer. */
  readonly send: Handler;
  /** For what becomes another protocol: exec, attach and port-forward. Needs no body. */
  readonly upgrade: UpgradeHandler;
  /**
   * Cuts every connection, upgraded ones too; what is under way fails. What began before the client
   * certificate or the authority was renewed goes on to its end.
   */
  close(): Promise<void>;
}

/** Builds the way to a cluster. Connects when there is something to send. */
export function buildTransport(target: ClusterTarget, options: TransportOptions): Transport {
  const wire = lateWire(async () =>
    (await import('./connect-wire.ts')).connectWire(target, options),
  );
  const send = onTheWay(target, options, identified(target, options, wire.send));
  const close = async (): Promise<void> => wire.close();
  return {
    send,
    upgrade: (request) => {
      const identify = identifiedBy(target, options);
      const traced = (next: Handler): Handler => traceRequests(options.clock, identify(next));
      return upgradeThrough(traced, wire, request);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What happens once per call, outermost first. */
function onTheWay(target: ClusterTarget, options: TransportOptions, next: Handler): Handler {
  const { clock, random, onWarning, onRetry, isRetryWanted = true, rateLimit } = options;
  const admit = rateLimit === undefined ? undefined : rateLimiter(clock, rateLimit);
  const timeoutMs = target.requestTimeoutMs ?? 0;
  let handler = next;
  if (isRetryWanted) {
    const told = { ...(onRetry && { onRetry }), ...(admit && { admit }) };
    handler = retryRequests({ clock, random, ...told }, handler);
  }
  if (onWarning !== undefined) handler = reportWarnings(onWarning, handler);
  if (timeoutMs > 0) handler = limitTime({ clock, timeoutMs }, handler);
  // Before the clock of the request starts: to wait for its turn is not to be slow.
  if (admit !== undefined) handler = limitRate(admit, handler);
  return traceRequests(clock, handler);
}

/** What is added to every attempt, outermost first. */
function identified(target: ClusterTarget, options: TransportOptions, next: Handler): Handler {
  const compressed = target.disableCompression === true ? next : acceptCompression(next);
  return identifiedBy(target, options)(compressed);
}

function identifiedBy(
  target: ClusterTarget,
  { userAgent = 'fairway', traceContext }: TransportOptions,
): (next: Handler) => Handler {
  return (next) => {
    let handler = addHeaders({ 'user-agent': userAgent }, next);
    if (traceContext !== undefined) handler = passTraceContext(traceContext, handler);
    if (target.impersonate !== undefined) handler = inNameOf(target.impersonate, handler);
    // A secret is never sent in the clear.
    const isSecure = addressesOf(target).every((address) => address.startsWith('https:'));
    return isSecure ? addCredentials(target.credentials, handler) : handler;
  };
}

/** Few act as somebody else, so that the others need not load how. */
function inNameOf(impersonation: Impersonation, next: Handler): Handler {
  let loading: Promise<Handler> | undefined;
  return async (request) => {
    loading ??= import('./impersonate.ts').then(({ impersonate }) =>
      impersonate(impersonation, next),
    );
    return (await loading)(request);
  };
}

function addHeaders(added: HttpHeaders, next: Handler): Handler {
  return (request) => next({ ...request, headers: { ...added, ...request.headers } });
}

// The filters see an upgrade as a request with the answer 101; the stream goes around them.
async function upgradeThrough(
  identify: (next: Handler) => Handler,
  wire: Wire,
  request: HttpRequest,
): Promise<UpgradeAnswer> {
  let answer: UpgradeAnswer | undefined;
  const send = identify(async (identifiedRequest) => {
    answer = await wire.upgrade(identifiedRequest);
    if (answer.kind === 'refused') return answer.response;
    return { status: 101, headers: answer.headers, body: undefined };
  });
  await send(request);
  if (answer === undefined) throw new Error('an upgrade without an answer');
  return answer;
}
