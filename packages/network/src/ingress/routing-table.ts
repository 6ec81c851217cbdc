import { canonicalPath } from './canonical-path.ts';

/** Where what an ingress has a rule for goes. */
export interface Route {
  /** `shop/front`: the ingress whose rule it is. */
  readonly ingress: string;
  readonly namespace: string;
  readonly service: string;
  /** The number or the name of a port of the service. */
  readonly port: number | string;
}

/** One path of one rule. */
export interface PathRule {
  /** Empty: every host. `*.example.com`: every one with one more label. */
  readonly host: string;
  readonly path: string;
  readonly pathType: 'Exact' | 'Prefix';
  readonly route: Route;
}

/** The rules of one ingress. */
export interface IngressRules {
  readonly paths: readonly PathRule[];
  /** For what has no rule. */
  readonly fallback: Route | undefined;
}

/** Which rule is for a request. */
export interface RoutingTable {
  /** `host` in lower case and without a port, `path` as it came. Undefined: no rule is for them. */
  match(host: string, path: string): Route | undefined;
}

/**
 * Makes a table of ingresses, of which earlier ones win.
 *
 * The most specific host that has rules decides: an exact one, then one with a wildcard, then rules for every
 * host. Among its paths the longest one wins, and an exact one before a prefix of the same length. What no path
 * is for goes to the default backend of an ingress that has rules for the host, or else of any.
 *
 * Source: Kubernetes documentation, "Ingress": path types, multiple matches, hostname wildcards.
 */
export function routingTable(ingresses: readonly IngressRules[]): RoutingTable {
  const hosts = new Map<string, HostPaths>();
  for (const { paths, fallback } of ingresses) {
    for (const rule of paths) {
      const host = rule.host.toLowerCase();
      const known = hosts.get(host) ?? new HostPaths();
      hosts.set(host, known);
      known.add(rule);
      known.fallback ??= fallback;
    }
  }
  const fallback = ingresses.find((each) => each.fallback !== undefined)?.fallback;
  return {
    match(host, path) {
      const found = hosts.get(host) ?? hosts.get(wildcardOf(host)) ?? hosts.get('');
      return found?.match(canonicalPath(path)) ?? found?.fallback ?? fallback;
    },
  };
}

/** `shop.example.com` is one of `*.example.com`. */
function wildcardOf(host: string): string {
  const dot = host.indexOf('.');
  return dot > 0 ? `*${host.slice(dot)}` : '*';
}

/** The paths of one host. */
class HostPaths {
  fallback: Route | undefined;
  readonly #exact = new Map<string, Route>();
  /** By their elements, without a slash at the end: `/shop`, and the empty one for all. */
  readonly #prefixes = new Map<string, Route>();
  /** Characters of the longest prefix. */
  #longest = 0;

  add({ path, pathType, route }: PathRule): void {
    const canonical = canonicalPath(path);
    const [map, key] =
      pathType === 'Exact'
        ? [this.#exact, canonical]
        : [this.#prefixes, canonical.replace(/\/+$/, '')];
    if (!map.has(key)) map.set(key, route);
    if (map === this.#prefixes) this.#longest = Math.max(this.#longest, key.length);
  }

  /** From its longest beginning that may have a rule to its shortest: as much work as rules are long. */
  match(path: string): Route | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return exact;
    const before = (end: number): number => (end < 0 ? -1 : path.lastIndexOf('/', end));
    const { length } = path;
    for (
      let end = length <= this.#longest ? length : before(this.#longest);
      end >= 0;
      end = before(end - 1)
    ) {
      const found = this.#prefixes.get(path.slice(0, end));
      if (found !== undefined) return found;
    }
    return this.#prefixes.get('');
  }
}
