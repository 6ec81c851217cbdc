import {
  ApiError,
  type HttpRequest,
  type RequestTarget,
  apiError,
  parseRequestTarget,
} from '@fairway/protocol';

type JudgedRequest = Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers'>;

/**
 * What a request is aimed at, when everyone on its way takes it for the same.
 *
 * The API server, and whatever stands before it, may read a path in its own way: join `//`, follow `..`, decode `%2f`,
 * cut off what follows `;`, know no upper case, or take another method or path from a header. What a fence has
 * judged must not become something else there, so a request that leaves room for that is none that it lets through.
 *
 * Errors: `ApiError` BadRequest, which says what may be read in two ways.
 */
export function plainTarget(request: JudgedRequest): RequestTarget {
  const target = readTarget(request);
  const problem =
    headerProblem(request) ??
    pathProblem(request.path, target) ??
    queryProblem(request.query, target);
  if (problem !== undefined) throw unclear(problem);
  return target;
}

function readTarget(request: JudgedRequest): RequestTarget {
  try {
    return parseRequestTarget(request);
  } catch (error) {
    if (error instanceof ApiError) throw unclear(error.message);
    throw error;
  }
}

function unclear(problem: string): ApiError {
  return apiError(
    'BadRequest',
    `the proxy has fences and passes only what can be read in one way: ${problem}`,
  );
}

function headerProblem({ headers }: JudgedRequest): string | undefined {
  const found = overrides.find((name) => headers[name] !== undefined);
  return found === undefined
    ? undefined
    : `the header ${found} may make another request of it; leave it out`;
}

/** By which servers take a method or a path other than that of the request. */
const overrides: readonly string[] = [
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'x-envoy-original-path',
];

function pathProblem(path: string, target: RequestTarget): string | undefined {
  const rest = target.isResource ? target.rest : '';
  const head = path.slice(0, path.length - rest.length);
  for (const { in: within, text } of [
    { in: untold, text: head },
    { in: steering, text: rest },
  ]) {
    const found = within.exec(text);
    if (found !== null) return `its path holds ${JSON.stringify(found[0])}`;
  }
  const steps = decoded(decoded(rest)).split(/[/\\]/);
  if (steps.some((each) => each === '.' || each === '..')) return 'its path leads back up';
  return target.isResource ? wordProblem(target) : prefixProblem(path);
}

/** What may end, join or hide the parts of a path, plain or encoded; a `%` that is encoded may be decoded twice. */
const untold =
  /\/\/|(?:^|\/)\.{1,2}(?=\/|$)|[\\;#?]|[\0-\x20\x7f]|%(?:2[ef35]|3[bf]|5c|[01]\d|[01][a-f]|20|7f)/i;
/** An application behind a service may have paths of its own, which end where it says. */
const steering = /[\0-\x20\x7f#?]|%0[0ad]/i;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replaceAll(/%2e/gi, '.').replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\');
  }
}

function wordProblem({
  group,
  version,
  plural,
  subresource,
  namespace,
}: RequestTarget & { readonly isResource: true }): string | undefined {
  const found = [group, version, plural, subresource, namespace].find(
    (each) => each !== '' && !/^[a-z0-9][-a-z0-9.]*$/.test(each),
  );
  return found === undefined ? undefined : `no part of the API is called ${JSON.stringify(found)}`;
}

/** What is no resource to us may be one to who decodes first, or knows no upper case. */
function prefixProblem(path: string): string | undefined {
  const [, first = ''] = path.split('/', 2);
  const isApi = /^apis?$/i.test(decoded(first)) && first !== 'api' && first !== 'apis';
  return isApi ? `${JSON.stringify(`/${first}`)} is another way to write the API` : undefined;
}

function queryProblem(query: string, target: RequestTarget): string | undefined {
  // A named object is what its path says; only of collections the query tells what is done, and to which.
  const isCollection = target.isResource && deciding.has(target.verb);
  if (!isCollection || query === '') return undefined;
  if (/[;#]|%(?![\da-f]{2})/i.test(query)) return 'servers differ in how they read its query';
  const names = [...new URLSearchParams(query).keys()];
  const twice = names.find((name, at) => decidingNames.has(name) && names.indexOf(name) !== at);
  return twice === undefined ? undefined : `its query has ${twice} more than once`;
}

const deciding: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection']);
const decidingNames: ReadonlySet<string> = new Set(['watch', 'fieldSelector']);
