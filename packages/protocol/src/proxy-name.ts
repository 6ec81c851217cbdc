/** What stands before `/proxy`: the name of a service, pod or node, and which of its ports is meant. */
export interface ProxyName {
  /** Empty: not said, which means `http`. */
  readonly scheme: '' | 'http' | 'https';
  readonly name: string;
  /** A number or a name; empty: the usual one. */
  readonly port: string;
}

/**
 * Reads `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`, where scheme and port may be empty. Undefined for
 * anything else. Source: Kubernetes, manually constructing apiserver proxy URLs; apimachinery,
 * SplitSchemeNamePort.
 */
export function parseProxyName(text: string): ProxyName | undefined {
  const parts = text.split(':');
  if (parts.length > 3) return undefined;
  const [scheme, name, port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (name === undefined || name === '' || !isScheme(scheme)) return undefined;
  return { scheme, name, port };
}

/** Writes what `parseProxyName` reads. */
export function formatProxyName({ scheme, name, port }: ProxyName): string {
  if (scheme !== '') return `${scheme}:${name}:${port}`;
  return port === '' ? name : `${name}:${port}`;
}

function isScheme(text: string | undefined): text is ProxyName['scheme'] {
  return text === '' || text === 'http' || text === 'https';
}
