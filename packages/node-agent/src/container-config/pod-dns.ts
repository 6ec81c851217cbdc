import type { EventText } from '@fairway/reconcile';
import type { NodeFacts } from '../node/node-facts.ts';
import { type AnyPod, fullPodName } from '../pod-lifecycle/pod-containers.ts';
import type { DnsConfig } from '../runtime/sandbox.ts';

/** What resolvers of common libraries read of a resolv.conf; they leave out the rest, or give up. */
const serversMax = 3;
const searchesMax = 32;
const searchCharactersMax = 2_048;
const domainCharactersMax = 253;

export interface PodDns {
  readonly config: DnsConfig;
  /** What of it could not be as the pod asks. */
  readonly events: readonly EventText[];
}

/** Whom the programs of a pod ask for names. Source: Kubernetes documentation, "Pod's DNS Policy". */
export function podDns(pod: AnyPod, node: NodeFacts): PodDns {
  const events: EventText[] = [];
  const warn = (reason: string, message: string): void =>
    void events.push({ type: 'Warning', reason, message });
  let config = ofPolicy(pod, node);
  if (config === undefined) {
    warn('MissingClusterDNS', `pod: "${fullPodName(pod)}". ${missingClusterDns}`);
    config = node.hostDns;
  }
  const { nameservers = [], searches = [], options = [] } = pod.spec?.dnsConfig ?? {};
  const merged: DnsConfig = {
    servers: unique([...config.servers, ...nameservers]),
    searches: unique([...config.searches, ...searches]),
    options: mergedOptions(config.options, options),
  };
  return { config: withinLimits(merged, warn), events };
}

const missingClusterDns =
  'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.';

/** Undefined where the cluster's servers are wanted and there are none. */
function ofPolicy({ metadata, spec }: AnyPod, node: NodeFacts): DnsConfig | undefined {
  const { dnsPolicy = 'ClusterFirst', hostNetwork = false } = spec ?? {};
  if (dnsPolicy === 'None') return { servers: [], searches: [], options: [] };
  const isCluster =
    dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  if (!isCluster) return node.hostDns;
  if (node.clusterDns.length === 0) return undefined;
  const domain = node.clusterDomain;
  const own = [`${metadata?.namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return {
    servers: node.clusterDns,
    searches: unique([...(domain === '' ? [] : own), ...node.hostDns.searches]),
    options: ['ndots:5'],
  };
}

/** What the pod says of an option counts, once. */
function mergedOptions(
  given: readonly string[],
  ofPod: readonly { readonly name?: string; readonly value?: string }[],
): readonly string[] {
  const options = new Map<string, string>();
  for (const option of given) options.set(option.split(':', 1)[0] ?? '', option);
  for (const { name = '', value } of ofPod) options.set(name, value ? `${name}:${value}` : name);
  return [...options.values()];
}

function withinLimits(
  { servers, searches, options }: DnsConfig,
  warn: (reason: string, message: string) => void,
): DnsConfig {
  const fewServers = servers.slice(0, serversMax);
  if (fewServers.length < servers.length) {
    warn(
      'DNSConfigForming',
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${fewServers.join(' ')}`,
    );
  }
  const fewSearches = searches
    .slice(0, searchesMax)
    .filter((domain) => domain.length <= domainCharactersMax);
  while (fewSearches.join(' ').length > searchCharactersMax) fewSearches.pop();
  if (fewSearches.length < searches.length) {
    warn(
      'DNSConfigForming',
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${fewSearches.join(' ')}`,
    );
  }
  return { servers: fewServers, searches: fewSearches, options };
}

/** Reads a `resolv.conf`: all servers, the last list of domains and of options. Source: resolv.conf(5). */
export function parseResolvConf(text: string): DnsConfig {
  const servers: string[] = [];
  let searches: readonly string[] = [];
  let options: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver' && rest[0] !== undefined) servers.push(rest[0]);
    if (word === 'search') searches = rest.map((domain) => domain.replace(/(.)\.$/, '$1'));
    if (word === 'options') options = rest;
  }
  return { servers, searches, options };
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
