import type { Pod, Service } from '@fairway/kinds/core/v1';
import { CommandError } from '../command-error.ts';

/** One of the ports that are typed: `8080`, `8443:https`, `:80`. */
export interface ForwardedPort {
  /** 0 is any that is free. */
  readonly local: number;
  /** In the pod that was named first. */
  readonly remote: number;
  /** The number of the port in a pod. Errors: `CommandError` where it has no port of the name. */
  readonly remoteIn: (pod: Pod) => number;
}

/**
 * Reads `LOCAL:REMOTE`, where `REMOTE` is a number or name of a port: of the pod, or of a service that leads to it. Without
 * a local port it is the same, after nothing (`:80`) any.
 *
 * Errors: `CommandError`.
 */
export function readForwardedPort(
  text: string,
  { pod, service }: { readonly pod: Pod; readonly service: Service | undefined },
): ForwardedPort {
  const parts = text.split(':');
  const [first = '', second] = parts;
  const named = second ?? first;
  if (parts.length > 2 || named === '') {
    throw new CommandError(
      `invalid port format '${text}': write PORT, LOCAL:REMOTE, or :REMOTE for any free local port`,
    );
  }
  const remoteIn = (each: Pod): number =>
    service === undefined ? portOfPod(each, named) : portOfService(each, service, named);
  const remote = remoteIn(pod);
  if (second !== undefined) {
    return { local: first === '' ? 0 : readLocal(first), remote, remoteIn };
  }
  const local = service === undefined ? remote : servicePort(service, named).port;
  return { local, remote, remoteIn };
}

function readLocal(text: string): number {
  return readNumber(text) ?? refuse(`error parsing local port '${text}': it is no number to 65535`);
}

function readNumber(text: string): number | undefined {
  return /^\d{1,6}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

function refuse(message: string): never {
  throw new CommandError(message);
}

function portOfPod(pod: Pod, text: string): number {
  const ports = portsOf(pod);
  if (!/^\d+$/.test(text)) {
    const found = ports.find(({ name }) => name === text);
    if (found !== undefined) return found.containerPort;
    return refuse(`Pod '${pod.metadata?.name ?? ''}' does not have a named port '${text}'`);
  }
  const port = readNumber(text) ?? refuse(`error parsing remote port '${text}': it is above 65535`);
  if (port === 0) refuse('remote port must be > 0');
  const declared = ports.filter(({ containerPort }) => containerPort === port);
  const isForUdp = declared.length > 0 && declared.every(({ protocol }) => protocol === 'UDP');
  return isForUdp ? refuse(`UDP protocol is not supported for ${text}`) : port;
}

function portsOf({ spec }: Pod) {
  const { containers = [], initContainers = [] } = spec ?? {};
  return [...containers, ...initContainers].flatMap(({ ports = [] }) => ports);
}

function servicePort({ metadata, spec }: Service, text: string) {
  const number = readNumber(text);
  const found = (spec?.ports ?? []).find(({ name, port }) =>
    number === undefined ? name === text : port === number,
  );
  const { name: service = '' } = metadata ?? {};
  if (found === undefined) {
    return number === undefined
      ? refuse(`Service '${service}' does not have a named port '${text}'`)
      : refuse(`Service ${service} does not have a service port ${number}`);
  }
  return found.protocol === 'UDP' ? refuse(`UDP protocol is not supported for ${text}`) : found;
}

// Source: kubectl, LookupContainerPortNumberByServicePort. Nothing translates the ports of a headless service.
function portOfService(pod: Pod, service: Service, text: string): number {
  const { port, targetPort } = servicePort(service, text);
  if (service.spec?.clusterIP === 'None') return port;
  if (typeof targetPort === 'string') return portOfPod(pod, targetPort);
  return targetPort === undefined || targetPort === 0 ? port : targetPort;
}
