import type { Duplex } from 'node:stream';
import type { BackendPod } from '@fairway/apiserver';
import type { TransportOptions } from '@fairway/client/connect';

/** Opens a stream to a port of a pod. Errors: an `Error` with the reason. */
export type OpenPodPort = (pod: BackendPod, port: number) => Promise<Duplex>;

/** How a port of a pod is reached. */
export interface PodRoad {
  /** Which pod it is, where its address alone does not tell; else empty. */
  readonly place: string;
  readonly options: Pick<TransportOptions, 'openStream'>;
}

/** Pods that are processes have a network of their own, into which their node alone leads. */
export function podRoad(
  openPodPort: OpenPodPort,
  { pod, port }: { readonly pod?: BackendPod | undefined; readonly port: number },
): PodRoad {
  if (pod?.containerRuntime.startsWith('process:') !== true) return { place: '', options: {} };
  return {
    place: `${pod.namespace}/${pod.name}`,
    options: { openStream: () => openPodPort(pod, port) },
  };
}
