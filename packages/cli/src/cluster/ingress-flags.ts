import type { IngressPorts } from '@fairway/network';
import { CommandError } from '../command-error.ts';
import { parseListenFlag } from './listen-flag.ts';

/** Where ingresses are served, as `fairway up` is told. */
export interface IngressFlags {
  readonly ingress?: string;
  readonly ingressTls?: string;
}

/** Where ingresses are served: nowhere, or on ports of the machine. */
export type IngressWish = { readonly kind: 'none' } | (IngressPorts & { readonly kind: 'ports' });

/** Undefined: behind a load balancer, where there are any. Errors: `CommandError`. */
export function readIngressFlags({ ingress, ingressTls }: IngressFlags): IngressWish | undefined {
  if (ingress === 'none') {
    if (ingressTls === undefined) return { kind: 'none' };
    throw new CommandError('cannot use --ingress-tls with --ingress none; leave one of them out');
  }
  if (ingress === undefined && ingressTls === undefined) return undefined;
  return {
    kind: 'ports',
    ...(ingress === undefined ? {} : { http: parseListenFlag(ingress, '--ingress') }),
    ...(ingressTls === undefined ? {} : { https: parseListenFlag(ingressTls, '--ingress-tls') }),
  };
}
