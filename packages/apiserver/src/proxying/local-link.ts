/** Where what a backend calls its root is for its caller. */
export interface ProxiedPlace {
  /** `/api/v1/namespaces/default/services/web/proxy` */
  readonly prefix: string;
  /** The names in lower case by which the backend may call itself, with their ports. */
  readonly hosts: ReadonlySet<string>;
}

/**
 * A link of a backend as one that leads there through the proxy. What is relative, or leads to somebody
 * else, is as it was. The answer names no host, so that it holds for whoever asks through one more proxy.
 */
export function localLink(link: string, { prefix, hosts }: ProxiedPlace): string {
  const [, space = '', origin, host = '', path = ''] = parts.exec(link) ?? [];
  if (origin !== undefined && !hosts.has(host.toLowerCase())) return link;
  const local = origin !== undefined && !path.startsWith('/') ? `/${path}` : path;
  // A browser takes "\\" for "/", and two of them for the beginning of a host.
  if (!local.startsWith('/') || /^\/[/\\]/.test(local)) return link;
  const isPrefixed = local.startsWith(prefix) && /^(?:[/?#]|$)/.test(local.slice(prefix.length));
  return `${space}${isPrefixed ? '' : prefix}${local}`;
}

/** Space, scheme and host, host, the rest. */
const parts = /^([\t\n\f\r ]*)((?:https?:)?\/\/([^/?#\\@]*))?(.*)$/is;
