import { type HttpRequest, type HttpResponse, headerOf } from '@fairway/protocol';
import { foreignSite, isNavigation } from './browser-protection.ts';

/**
 * Which requests are let through, as regular expressions that are searched for (not anchored). `.`
 * stands for any character in them, also for a line break that a path may hold in its encoding.
 *
 * Shape: a request passes when its path and its host are accepted, and neither its path nor its
 * method is rejected. Source: `kubectl proxy`, flags of the same names.
 */
export interface AcceptRules {
  /** Against the host of the request without its port; an IPv6 address in brackets. */
  readonly acceptHosts: readonly RegExp[];
  /** Against the decoded path, without the prefix of the API. */
  readonly acceptPaths: readonly RegExp[];
  readonly rejectPaths: readonly RegExp[];
  readonly rejectMethods: readonly RegExp[];
  /** Against the whole Origin of a page of another site, which is refused otherwise. */
  readonly acceptOrigins: readonly RegExp[];
}

/** The defaults of `kubectl proxy`. */
export const defaultAcceptRules: AcceptRules = {
  acceptHosts: [/^localhost$/, /^127\.0\.0\.1$/, /^\[::1\]$/],
  acceptPaths: [/^.*/],
  rejectPaths: [/^\/api\/.*\/pods\/.*\/exec/, /^\/api\/.*\/pods\/.*\/attach/],
  rejectMethods: [],
  acceptOrigins: [],
};

/**
 * Answers the refusal of a request; undefined when it may pass. `madeHost`: its host is one that the proxy itself
 * has made up, which need not be accepted; to the pages of an application links of other sites may lead.
 */
export type AcceptFilter = (
  request: JudgedRequest,
  madeHost?: 'application' | 'cluster',
) => HttpResponse | undefined;

type JudgedRequest = Pick<HttpRequest, 'method' | 'path' | 'headers'>;

/** Makes the filter of these rules. */
export function acceptFilter(rules: AcceptRules): AcceptFilter {
  const { acceptHosts, acceptPaths, rejectPaths, rejectMethods, acceptOrigins } = rules;
  const ready: AcceptRules = {
    acceptHosts: acceptHosts.map(acrossLines),
    acceptPaths: acceptPaths.map(acrossLines),
    rejectPaths: rejectPaths.map(acrossLines),
    rejectMethods: rejectMethods.map(acrossLines),
    acceptOrigins: acceptOrigins.map(acrossLines),
  };
  return (request, madeHost) => refusalOf(request, ready, madeHost);
}

function acrossLines(expression: RegExp): RegExp {
  return expression.dotAll ? expression : new RegExp(expression, `${expression.flags}s`);
}

function refusalOf(
  request: JudgedRequest,
  rules: AcceptRules,
  madeHost: 'application' | 'cluster' | undefined,
): HttpResponse | undefined {
  const isVisit = madeHost === 'application' && isNavigation(request);
  if (!isVisit && foreignSite(request.headers, rules.acceptOrigins)) return forbidden(foreignText);
  const path = decodedPath(request.path);
  if (path === undefined) return badRequest;
  const { acceptHosts, acceptPaths, rejectPaths, rejectMethods } = rules;
  // A server may take `//` and `..` for less than they seem, so both readings have to pass.
  const readings = [path, normalized(path)];
  const isAccepted =
    !matches(rejectMethods, request.method) &&
    !readings.some((reading) => matches(rejectPaths, reading)) &&
    readings.every((reading) => matches(acceptPaths, reading)) &&
    (madeHost !== undefined ||
      isHostAccepted(headerOf(request.headers, 'host') ?? '', acceptHosts));
  return isAccepted ? undefined : forbidden('Forbidden\n');
}

const foreignText =
  'Forbidden: this request comes from a page of another web site, which could use it to act in ' +
  'your name. Allow the site with --allow-origin ORIGIN if you trust it.\n';

// The text is that of kubectl, byte for byte.
function forbidden(text: string): HttpResponse {
  return {
    status: 403,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    },
    body: Buffer.from(text),
  };
}

const badRequest: HttpResponse = {
  ...forbidden('Bad Request: the path is not percent-encoded UTF-8\n'),
  status: 400,
};

function decodedPath(path: string): string | undefined {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function normalized(path: string): string {
  if (!/\/(\/|\.)/.test(path)) return path;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

function isHostAccepted(hostAndPort: string, accepted: readonly RegExp[]): boolean {
  const [, address, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(hostAndPort) ?? [];
  if (name !== undefined) return matches(accepted, name);
  // kubectl's own default wants the brackets, which kubectl takes away before it looks.
  return address !== undefined && (matches(accepted, `[${address}]`) || matches(accepted, address));
}

function matches(expressions: readonly RegExp[], text: string): boolean {
  return expressions.some((expression) => expression.test(text));
}
