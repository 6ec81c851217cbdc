import type { SecureContext } from 'node:tls';
import { Secret } from '@fairway/kinds/core/v1';
import { Ingress, IngressClass } from '@fairway/kinds/networking/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type Informer, type Informers, leanInformer } from '@fairway/reconcile';
import { isServedHere } from './ingress-class.ts';
import { oldestFirst, rulesOf } from './ingress-rules.ts';
import { type RoutingTable, routingTable } from './routing-table.ts';
import {
  SecretCertificates,
  type SecretCertificate,
  secretFor,
  secretsByHost,
} from './tls-certificates.ts';

/** What ingresses of the cluster say now. */
export interface FollowedIngresses {
  readonly ingresses: Informer<Ingress>;
  readonly classes: Informer<IngressClass>;
  readonly secrets: Informer<Secret>;
  table(): RoutingTable;
  isServed(ingress: DeepReadonly<Ingress>): boolean;
  /** The certificate for a name that a client asks for; undefined: there is none. */
  contextFor(serverName: string): SecureContext | undefined;
  certificateOf(secretKey: string): SecretCertificate;
  /** Resolves once there is an ingress that is served here; never when the signal aborts before. */
  untilServed(): Promise<void>;
  readonly synced: Promise<unknown>;
}

/** Follows ingresses, their classes and secrets until the signal aborts. Whole once their caches are. */
export function followIngresses(informers: Informers, signal: AbortSignal): FollowedIngresses {
  const ingresses = leanInformer(informers, Ingress);
  const classes = leanInformer(informers, IngressClass);
  const secrets = leanInformer(informers, Secret, { fieldSelector: 'type=kubernetes.io/tls' });
  const certificates = new SecretCertificates();
  const isServed = (ingress: DeepReadonly<Ingress>): boolean =>
    isServedHere(ingress, (name) => classes.get(name));
  const make = (): Made => {
    const served = oldestFirst(ingresses.objects()).filter(isServed);
    return { table: routingTable(served.map(rulesOf)), secretsByHost: secretsByHost(served) };
  };
  let made: Made | undefined;
  const forget = (): void => void (made = undefined);
  const leave = [ingresses.subscribe(forget), classes.subscribe(forget)];
  signal.addEventListener('abort', () => leave.forEach((end) => end()), { once: true });
  const certificateOf = (key: string): SecretCertificate => certificates.of(key, secrets.get(key));
  return {
    ingresses,
    classes,
    secrets,
    isServed,
    certificateOf,
    synced: Promise.all([ingresses.synced, classes.synced, secrets.synced]),
    table: () => (made ??= make()).table,
    untilServed() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = (): void => {
        if ([...ingresses.objects()].some(isServed)) resolve();
      };
      const ends = [ingresses.subscribe(look), classes.subscribe(look)];
      look();
      return promise.then(() => ends.forEach((end) => end()));
    },
    contextFor(serverName) {
      const key = secretFor((made ??= make()).secretsByHost, serverName);
      const found = key === undefined ? undefined : certificateOf(key);
      return found?.kind === 'certificate' ? found.context : undefined;
    },
  };
}

interface Made {
  readonly table: RoutingTable;
  readonly secretsByHost: ReadonlyMap<string, string>;
}
