import { formatProxyName } from '@fairway/protocol';

/** What a host of the proxy stands for: a port of a service or a pod. */
export interface HostedName {
  readonly kind: 'service' | 'pod';
  readonly namespace: string;
  readonly name: string;
  /** A number or a name; empty: the usual one. */
  readonly port: string;
}

const hostPattern = /^(.+)\.(svc|pod)\.localhost$/;
/** Source: RFC 1123. */
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Reads `NAME.NAMESPACE.svc.localhost` and `NAME.NAMESPACE.pod.localhost`, before which a port may stand:
 * `PORT.NAME…`. Before a pod, whose name may have dots, only a number is a port.
 *
 * `hostAndPort`: of a request. Undefined for the host of anything else, which may be malformed.
 */
export function parseHostedName(hostAndPort: string): HostedName | undefined {
  const [, words = '', zone] = hostPattern.exec(withoutPort(hostAndPort).toLowerCase()) ?? [];
  const labels = words.split('.');
  if (!labels.every((each) => label.test(each))) return undefined;
  const namespace = labels.pop() ?? '';
  if (zone === 'pod') return podIn(namespace, labels);
  const [name, port = '', ...more] = labels.reverse();
  if (name === undefined || more.length > 0) return undefined;
  return { kind: 'service', namespace, name, port };
}

/** Whether a host is below those that stand for services and pods, although perhaps for none. */
export function isHostedZone(hostAndPort: string): boolean {
  return /\.(svc|pod)\.localhost$/i.test(withoutPort(hostAndPort));
}

/** The host that stands for it. */
export function hostOf({ kind, namespace, name, port }: HostedName): string {
  const zone = kind === 'service' ? 'svc' : 'pod';
  return `${port === '' ? '' : `${port}.`}${name}.${namespace}.${zone}.localhost`;
}

/** The path below which the API server leads to the same. */
export function proxiedPath(
  { kind, namespace, name, port }: HostedName,
  scheme: '' | 'https' = '',
): string {
  const id = formatProxyName({ scheme, name, port });
  return `/api/v1/namespaces/${namespace}/${kind === 'service' ? 'services' : 'pods'}/${id}/proxy`;
}

function podIn(namespace: string, labels: readonly string[]): HostedName | undefined {
  const [first = '', ...rest] = labels;
  if (first === '') return undefined;
  const hasPort = /^\d+$/.test(first) && rest.length > 0;
  const name = (hasPort ? rest : labels).join('.');
  return { kind: 'pod', namespace, name, port: hasPort ? first : '' };
}

function withoutPort(hostAndPort: string): string {
  return hostAndPort.replace(/:\d*$/, '');
}
