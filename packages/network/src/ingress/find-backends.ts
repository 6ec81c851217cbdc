import { Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { type DeepReadonly, hostPort } from '@fairway/protocol';
import { type Informers, formatKey, keyOf, leanInformer } from '@fairway/reconcile';
import {
  type Backend,
  type EndpointPortName,
  endpointsOfPort,
  usableBackends,
} from '../service-backends.ts';
import { serviceKeyOf, slicesByService } from '../service-slices.ts';
import type { ExternalNames } from './external-names.ts';
import type { Route } from './routing-table.ts';

/** Where a route leads now, or why nowhere. */
export type BackendChoice = { readonly kind: 'backends'; readonly backends: Backends } | NoBackends;

interface NoBackends {
  readonly kind: 'none';
  readonly why: string;
  /** Nothing is wrong: programs of the service may start, or have ended. */
  readonly isPassing: boolean;
}

/** Finds the programs of the service of a route. */
export type FindBackends = (route: Route) => BackendChoice | Promise<BackendChoice>;

export interface FindBackendsParts {
  readonly informers: Informers;
  readonly externalNames: ExternalNames;
  /** Whether clients may be led to a place. */
  readonly mayLeadTo: (place: Backend) => boolean;
}

/** Programs that take turns. */
export class Backends {
  readonly #all: readonly Backend[];
  #turn = 0;

  constructor(all: readonly Backend[]) {
    this.#all = all;
  }

  /** All of them, the one whose turn it is first. */
  inTurn(): readonly Backend[] {
    const { length } = this.#all;
    const first = this.#turn++ % length;
    return first === 0 ? this.#all : [...this.#all.slice(first), ...this.#all.slice(0, first)];
  }
}

/**
 * Follows services and their endpoints until the signal aborts. Those to which the ingress may lead nobody are left
 * out: it stands in the network of the machine, and reaches what clients do not.
 */
export function followBackends(
  parts: FindBackendsParts,
  signal: AbortSignal,
): { readonly findBackends: FindBackends; readonly synced: Promise<unknown> } {
  const { informers, externalNames, mayLeadTo } = parts;
  const services = leanInformer(informers, Service);
  const slices = leanInformer(informers, EndpointSlice);
  const slicesOf = slicesByService(slices);
  /** By service and port, until something of the service changes. */
  const known = new Map<string, Map<number | string, BackendChoice>>();
  const leave = [
    services.subscribe(({ object }) => void known.delete(keyOf(object))),
    slices.subscribe(({ object, old }) => {
      for (const each of [object, old]) known.delete((each && serviceKeyOf(each)) ?? '');
    }),
  ];
  signal.addEventListener('abort', () => leave.forEach((end) => end()), { once: true });
  const allowed = (places: readonly Backend[], what: string): BackendChoice => {
    const good = places.filter(mayLeadTo);
    if (good.length > 0) return { kind: 'backends', backends: new Backends(good) };
    const [bad] = places;
    if (bad === undefined) return none(`${what} has no ready endpoints`, { isPassing: true });
    const place = hostPort(bad.address, bad.port);
    return none(`${what} leads to ${place}, to which no ingress may lead`);
  };
  const findBackends: FindBackends = (route) => {
    const key = formatKey({ namespace: route.namespace, name: route.service });
    const found = known.get(key)?.get(route.port);
    if (found !== undefined) return found;
    const what = `the service ${key}`;
    const service = services.get(key);
    if (service === undefined) return none(`${what} does not exist`);
    const { type, externalName = '' } = service.spec ?? {};
    if (type === 'ExternalName') {
      const { port } = route;
      if (typeof port === 'string') return none(`${what} is a name, whose port must be a number`);
      return externalNames.addressesOf(externalName.replace(/\.$/, '')).then((addresses) =>
        allowed(
          addresses.map((address) => ({ address, port })),
          what,
        ),
      );
    }
    const port = portOf(service, route.port);
    if (port === undefined) return none(`${what} has no port ${route.port}`);
    const endpoints = endpointsOfPort(slicesOf(key), port);
    const choice = allowed(usableBackends(endpoints), what);
    const ofService = known.get(key) ?? new Map<number | string, BackendChoice>();
    known.set(key, ofService.set(route.port, choice));
    return choice;
  };
  return { findBackends, synced: Promise.all([services.synced, slices.synced]) };
}

function portOf(
  { spec }: DeepReadonly<Service>,
  wanted: number | string,
): EndpointPortName | undefined {
  const found = spec?.ports?.find(
    ({ port, name, protocol = 'TCP' }) =>
      protocol === 'TCP' && (typeof wanted === 'number' ? port === wanted : name === wanted),
  );
  return found && { name: found.name ?? '', protocol: 'TCP' };
}

function none(why: string, { isPassing = false } = {}): BackendChoice {
  return { kind: 'none', why, isPassing };
}
