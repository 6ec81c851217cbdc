/** What a name below the cluster's domain asks for. */
export type ZoneName =
  /** Nothing lies here, but names lie below it: `svc`, `my-space.svc`. */
  | { readonly kind: 'branch'; readonly namespace?: string }
  | ServiceName
  | { readonly kind: 'pod'; readonly namespace: string; readonly dashed: string }
  | { readonly kind: 'domain' | 'version' | 'server' | 'unknown' };

export interface ServiceName {
  readonly kind: 'service';
  readonly namespace: string;
  readonly service: string;
  /** One endpoint, by its hostname or its address with dashes. */
  readonly endpoint?: string;
  readonly port?: { readonly name: string; readonly protocol: string };
}

const unknown: ZoneName = { kind: 'unknown' };

/**
 * Reads a name below the domain, in lower case and without the domain; empty for the domain itself.
 * Source: Kubernetes DNS-Based Service Discovery 1.1.0.
 */
export function parseZoneName(text: string): ZoneName {
  if (text === '') return { kind: 'domain' };
  if (text === 'dns-version') return { kind: 'version' };
  if (text === 'dns') return { kind: 'branch' };
  if (text === 'ns.dns') return { kind: 'server' };
  const labels = text.split('.');
  const branch = labels.pop();
  if (branch !== 'svc' && branch !== 'pod') return unknown;
  const namespace = labels.pop();
  if (namespace === undefined) return { kind: 'branch' };
  const name = labels.pop();
  if (name === undefined) return { kind: 'branch', namespace };
  if (branch === 'pod') {
    return labels.length === 0 ? { kind: 'pod', namespace, dashed: name } : unknown;
  }
  const service: ServiceName = { kind: 'service', namespace, service: name };
  const [first = '', second = ''] = labels;
  if (labels.length === 0) return service;
  if (labels.length === 1) return { ...service, endpoint: first };
  if (labels.length > 2 || !first.startsWith('_') || !second.startsWith('_')) return unknown;
  return { ...service, port: { name: first.slice(1), protocol: second.slice(1) } };
}
