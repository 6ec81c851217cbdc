/** The parts of a URL, as Go tells them. */
export interface ParsedUrl {
  readonly scheme: string;
  /** With its port: `[::1]:80`. */
  readonly host: string;
  readonly escapedPath: string;
  readonly query: string;
}

/**
 * Reads the URL of a request: absolute, or a path. A text instead says what is wrong, in the words of
 * Go. Source: Go, net/url, `ParseRequestURI`.
 */
export function parseRequestUrl(text: string): ParsedUrl | string {
  const parsed = parse(text);
  return typeof parsed === 'string' ? `parse ${JSON.stringify(text)}: ${parsed}` : parsed;
}

function parse(text: string): ParsedUrl | string {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'net/url: invalid control character in URL';
  if (text === '') return 'empty url';
  if (text === '*') return { scheme: '', host: '', escapedPath: '*', query: '' };
  if (text.startsWith(':')) return 'missing protocol scheme';
  const scheme = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(text)?.[1] ?? '';
  const afterScheme = scheme === '' ? text : text.slice(scheme.length + 1);
  const mark = afterScheme.indexOf('?');
  const rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  const query = mark < 0 ? '' : afterScheme.slice(mark + 1);
  const found = { scheme: scheme.toLowerCase(), query };
  if (!rest.startsWith('/')) {
    if (scheme === '') return 'invalid URI for request';
    return { ...found, host: '', escapedPath: '' };
  }
  const hasAuthority = scheme !== '' && rest.startsWith('//');
  const pathStart = hasAuthority ? rest.indexOf('/', 2) : 0;
  const authority = hasAuthority ? rest.slice(2, pathStart < 0 ? undefined : pathStart) : '';
  const path = pathStart < 0 ? '' : rest.slice(pathStart);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const problem =
    (authority.includes('@') ? userProblem(authority) : undefined) ??
    hostProblem(host) ??
    escapeProblem(path);
  return problem ?? { ...found, host, escapedPath: escapePath(path) };
}

function userProblem(authority: string): string | undefined {
  const user = authority.slice(0, authority.lastIndexOf('@'));
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)
    ? escapeProblem(user)
    : 'net/url: invalid userinfo';
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) return "missing ']' in host";
    return portProblem(host.slice(end + 1)) ?? characterProblem(host.slice(1, end));
  }
  const colon = host.lastIndexOf(':');
  if (colon >= 0) {
    const problem = portProblem(host.slice(colon));
    if (problem !== undefined) return problem;
  }
  return characterProblem(host);
}

function portProblem(port: string): string | undefined {
  return port === '' || /^:\d*$/.test(port)
    ? undefined
    : `invalid port ${JSON.stringify(port)} after host`;
}

function characterProblem(host: string): string | undefined {
  const wrong = /[ "<>\\^`{|}]/.exec(host)?.[0];
  if (wrong !== undefined) return `invalid character ${JSON.stringify(wrong)} in host name`;
  return escapeProblem(host);
}

function escapeProblem(text: string): string | undefined {
  const found = /%(?![0-9a-fA-F]{2})/.exec(text);
  if (found === null) return undefined;
  return `invalid URL escape ${JSON.stringify(text.slice(found.index, found.index + 3))}`;
}

/** What may not stand in a path is escaped; what was escaped stays as it was written. */
function escapePath(path: string): string {
  return path.replaceAll(/[^A-Za-z0-9\-_.~!$&'()*+,;=:@/[\]%]+/gu, (found) =>
    encodeURIComponent(found.toWellFormed()),
  );
}

/** The values of a query by their names, in order. What is malformed is left out. */
export function queryValues(query: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = unescapeQuery(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescapeQuery(equals < 0 ? '' : pair.slice(equals + 1));
    if (key === undefined || value === undefined) continue;
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return values;
}

function unescapeQuery(text: string): string | undefined {
  if (escapeProblem(text) !== undefined) return undefined;
  const bytes = text
    .replaceAll('+', ' ')
    .split(/(%[0-9a-fA-F]{2})/)
    .flatMap((part, index) =>
      index % 2 === 1 ? [Number.parseInt(part.slice(1), 16)] : [...new TextEncoder().encode(part)],
    );
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
