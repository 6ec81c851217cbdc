import type { Logger } from '@fairway/host';
import type {
  Handler,
  HttpHeaders,
  HttpRequest,
  HttpResponse,
  UpgradeHandler,
} from '@fairway/protocol';
import { type Upstream, forwardRequest, forwardUpgrade, reportErrors } from '@fairway/serving';
import { acceptFilter, type AcceptFilter, type AcceptRules } from './accept-filter.ts';
import { requestHeaders, upgradeHeaders } from './forwarded-headers.ts';
import { keepStreamAlive } from './keep-stream-alive.ts';
import { upstreamFailure } from './upstream-failure.ts';
import { staticFiles } from './static-files.ts';

export interface ProxyOptions {
  /** The way to the cluster; it adds the credentials, unless callers have their own. */
  readonly transport: Upstream;
  /** Where that leads, so that redirects to it lead back through the proxy. */
  readonly server: string;
  /** Undefined: every request is let through, also from any web page. */
  readonly rules: AcceptRules | undefined;
  /**
   * Path under which the API is: `/`, or one that is taken away before a request goes on, except
   * below `/api`.
   */
  readonly apiPrefix: string;
  /** A folder of files to offer beside the API. */
  readonly files?: { readonly directory: string; readonly prefix: string };
  /** Lets callers act as somebody else (`Impersonate-User`). */
  readonly mayImpersonate: boolean;
  /** Callers prove themselves who they are; `transport` adds nothing. Default: false. */
  readonly areCallersKnown?: boolean;
  /** How long the connection of a stream to the cluster is silent before it is probed; undefined: never. */
  readonly keepAliveMs: number | undefined;
  readonly logger: Logger;
}

/** Both seams of a server. */
export interface Proxy {
  readonly handler: Handler;
  readonly upgradeHandler: UpgradeHandler;
}

/**
 * Makes a proxy that answers in the name of its user: filters around a transport to a cluster.
 *
 * Errors: `RangeError` when files would hide the API.
 */
export function createProxy(options: ProxyOptions): Proxy {
  const { transport, rules, logger, mayImpersonate, areCallersKnown = false } = options;
  const apiPrefix = withSlash(options.apiPrefix);
  const stripped = apiPrefix.startsWith('/api') ? '/' : apiPrefix;
  const files = filesOf(options, apiPrefix);
  const localLocation = localLocationOf(options.server, stripped);
  const headers = { mayImpersonate, areCallersKnown };
  const forwarding = { to: transport, failureOf: upstreamFailure };
  const forward = forwardRequest({
    ...forwarding,
    requestOf: (request) => sentAs(request, requestHeaders(request, headers)),
    responseOf: (response) => withLocation(response, localLocation),
  });
  const forwardStream = forwardUpgrade({
    ...forwarding,
    requestOf: (request) => sentAs(request, upgradeHeaders(request, headers)),
  });
  const refusalOf = rules === undefined ? acceptEverything : acceptFilter(rules);
  const handler: Handler = async (request) => {
    const api = below(request, apiPrefix, stripped);
    const file = files === undefined ? undefined : below(request, files.prefix, files.prefix);
    const refusal = refusalOf(file ?? api ?? request);
    if (refusal !== undefined) return refusal;
    if (files !== undefined && file !== undefined) return files.answer(file);
    return api === undefined ? notFound : forward(api);
  };
  const upgradeHandler: UpgradeHandler = async (request) => {
    const wanted = below(request, apiPrefix, stripped);
    const refusal = refusalOf(wanted ?? request);
    if (refusal !== undefined) return { kind: 'refused', response: refusal };
    if (wanted === undefined) return { kind: 'refused', response: notFound };
    const answer = await forwardStream(wanted);
    if (answer.kind === 'accepted') keepStreamAlive(answer.stream, options.keepAliveMs);
    return answer;
  };
  return { handler: reportErrors({ logger }, handler), upgradeHandler };
}

const acceptEverything: AcceptFilter = () => undefined;

const notFound = {
  status: 404,
  headers: {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  },
  body: Buffer.from('404 page not found\n'),
} as const;

function filesOf(
  { files }: ProxyOptions,
  apiPrefix: string,
): { readonly prefix: string; readonly answer: Handler } | undefined {
  if (files === undefined) return undefined;
  const prefix = withSlash(files.prefix);
  if (apiPrefix.startsWith(prefix)) {
    throw new RangeError(
      `files at ${prefix} would hide the API at ${apiPrefix}; choose another prefix`,
    );
  }
  return { prefix, answer: staticFiles(files.directory) };
}

function withSlash(prefix: string): string {
  const begun = prefix.startsWith('/') ? prefix : `/${prefix}`;
  return begun.endsWith('/') ? begun : `${begun}/`;
}

/** The request as it is seen from below a prefix, still percent-encoded; undefined: not below it. */
function below(request: HttpRequest, prefix: string, stripped: string): HttpRequest | undefined {
  if (!request.path.startsWith(prefix)) return undefined;
  if (stripped === '/') return request;
  return { ...request, path: request.path.slice(stripped.length - 1) };
}

function sentAs({ peer: _, ...request }: HttpRequest, headers: HttpHeaders): HttpRequest {
  return { ...request, headers };
}

function withLocation(
  response: HttpResponse,
  localLocation: (location: string) => string,
): HttpResponse {
  const { location } = response.headers;
  if (typeof location !== 'string') return response;
  return { ...response, headers: { ...response.headers, location: localLocation(location) } };
}

/** Turns the target of a redirect into one that leads through the proxy. */
function localLocationOf(server: string, prefix: string): (location: string) => string {
  const { origin, pathname } = new URL(server);
  const serverPath = pathname.replace(/\/+$/, '');
  return (location) => {
    const local = location.startsWith(`${origin}/`) ? location.slice(origin.length) : location;
    if (!local.startsWith('/') || local.startsWith('//')) return local;
    const path = local.startsWith(`${serverPath}/`) ? local.slice(serverPath.length) : local;
    return `${prefix.slice(0, -1)}${path}`;
  };
}
