import { Service } from '@fairway/kinds/core/v1';
import { type DeepReadonly, type JsonValue, equalsJson, formatTime } from '@fairway/protocol';
import {
  type Controller,
  type EventText,
  hasFinalizer,
  isBeingDeleted,
  keyOf,
  requeueAfter,
  unlessOutdated,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts, LoadBalancerAddresses } from '../controller-parts.ts';
import { chooseAddress } from './choose-address.ts';

/** What a service may name as its `loadBalancerClass` to get its address here, as it does without one. */
export const loadBalancerClass = 'fairway.dev/load-balancer';

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';
/** Whoever waits for an address looks for one so often, should nobody tell of one that is free. */
const lookEveryMs = 60_000;
/** Says why a load balancer has no address. */
const conditionType = 'LoadBalancerReady';

type AnyService = DeepReadonly<Service>;
type ServiceStatus = NonNullable<Service['status']>;

/**
 * Gives services of type LoadBalancer an address, which the rules of nodes lead to their programs, and takes it
 * back with the type or the service. Undefined where somebody else does.
 *
 * Source: the service controller of k8s.io/cloud-provider, whose events and finalizer these are.
 */
export function loadBalancers(parts: ControllerParts): Controller | undefined {
  const { client, informers, loadBalancerAddresses: addresses } = parts;
  if (addresses === undefined) return undefined;
  const services = sharedInformer(informers, Service);
  const underWay = new AddressesUnderWay();
  const takenBut = (key: string): ReadonlySet<string> =>
    new Set([
      ...[...services.objects()].flatMap((each) => (keyOf(each) === key ? [] : addressesOf(each))),
      ...underWay.but(key),
    ]);
  const waiting = (): readonly string[] =>
    [...services.objects()].flatMap((each) =>
      conditionOf(each) === undefined ? [] : [keyOf(each)],
    );
  return sharedController(parts, Service, {
    // An address that one service gives back may be what others wait for.
    watches: [
      watchShared(Service, ({ type, object, old }) => {
        const before = addressesOf(old ?? object);
        const now = type === 'deleted' ? [] : addressesOf(object);
        return before.some((each) => !now.includes(each)) ? waiting() : [];
      }),
    ],
    async reconcile({ object: service, key, record, signal, reached }) {
      if (service === undefined) return void underWay.forget(key);
      const facts = { addresses, taken: takenBut(key), now: formatTime(client.clock.now()) };
      const next = isOurs(service) ? ensured(service, facts) : released(service);
      if (next === undefined || isSame(service, next)) {
        underWay.forget(key);
        return next?.isWaiting === true ? requeueAfter(lookEveryMs) : undefined;
      }
      const { name = '', namespace = '' } = service.metadata ?? {};
      // All at once, by the one part of a service that the role of this controller may write.
      const part = client.subresource<Service>(Service, name, 'status', { namespace });
      const { finalizers, status } = next;
      const metadata = { ...service.metadata, finalizers };
      const wanted = { ...service, metadata, status } as Service;
      underWay.note(key, addressesOf(wanted));
      const written = await unlessOutdated(part.replace(wanted, { signal }));
      if (written === undefined) return;
      for (const event of next.events) record(event);
      // One that waited for nothing else is gone with its finalizer.
      if (!isBeingDeleted(written) || finalizers.length > 0) await reached(written);
      underWay.forget(key);
      return next.isWaiting ? requeueAfter(lookEveryMs) : undefined;
    },
  });
}

/** Addresses that were written and may not be in the cache yet, also where the answer was lost. */
class AddressesUnderWay {
  /** By the service. */
  readonly #addresses = new Map<string, ReadonlySet<string>>();

  note(key: string, addresses: readonly string[]): void {
    this.#addresses.set(key, new Set([...(this.#addresses.get(key) ?? []), ...addresses]));
  }

  forget(key: string): void {
    this.#addresses.delete(key);
  }

  but(key: string): readonly string[] {
    return [...this.#addresses].flatMap(([other, addresses]) =>
      other === key ? [] : [...addresses],
    );
  }
}

/** A service as it is to be, and what to tell of that. */
interface NextService {
  readonly finalizers: readonly string[];
  readonly status: DeepReadonly<ServiceStatus>;
  readonly events: readonly EventText[];
  /** It has no address, and may get one that somebody else gives back. */
  readonly isWaiting: boolean;
}

function isOurs(service: AnyService): boolean {
  if (isBeingDeleted(service) || service.spec?.type !== 'LoadBalancer') return false;
  return isOurClass(service);
}

function isOurClass({ spec }: AnyService): boolean {
  return spec?.loadBalancerClass === undefined || spec.loadBalancerClass === loadBalancerClass;
}

function ensured(
  service: AnyService,
  facts: {
    readonly addresses: LoadBalancerAddresses;
    readonly taken: ReadonlySet<string>;
    readonly now: string;
  },
): NextService {
  const before = service.metadata?.finalizers ?? [];
  const finalizers = before.includes(finalizer) ? before : [...before, finalizer];
  const choice = chooseAddress(facts.addresses, service, facts.taken);
  const others = otherConditions(service);
  if (choice.kind === 'address') {
    const ingress = [{ ip: choice.address, ipMode: 'VIP' }];
    return {
      finalizers,
      status: { ...service.status, ...others, loadBalancer: { ingress } },
      events: [
        normal('EnsuringLoadBalancer', 'Ensuring load balancer'),
        normal('EnsuredLoadBalancer', `Ensured load balancer at ${choice.address}`),
      ],
      isWaiting: false,
    };
  }
  const { reason, why: message } = choice;
  const told = conditionOf(service);
  const isTold = told?.message === message;
  const lastTransitionTime = told?.lastTransitionTime ?? facts.now;
  const condition = { type: conditionType, status: 'False', reason, message, lastTransitionTime };
  const conditions = [...(others.conditions ?? []), isTold ? told : condition];
  const text = `Error syncing load balancer: failed to ensure load balancer: ${message}`;
  return {
    finalizers,
    status: { ...service.status, conditions, loadBalancer: {} },
    events: isTold ? [] : [{ type: 'Warning', reason: 'SyncLoadBalancerFailed', message: text }],
    isWaiting: facts.addresses.kind === 'network',
  };
}

/** Undefined: there is nothing of ours to take back. */
function released(service: AnyService): NextService | undefined {
  const isForeign = service.spec?.type === 'LoadBalancer' && !isOurClass(service);
  if (isForeign || !hasFinalizer(service, finalizer)) return undefined;
  return {
    finalizers: (service.metadata?.finalizers ?? []).filter((each) => each !== finalizer),
    status: { ...service.status, ...otherConditions(service), loadBalancer: {} },
    events: [
      normal('DeletingLoadBalancer', 'Deleting load balancer'),
      normal('DeletedLoadBalancer', 'Deleted load balancer'),
    ],
    isWaiting: false,
  };
}

function isSame({ metadata, status }: AnyService, next: NextService): boolean {
  return (
    equalsJson((metadata?.finalizers ?? []) as JsonValue, next.finalizers as JsonValue) &&
    equalsJson((status ?? {}) as JsonValue, next.status as JsonValue)
  );
}

function addressesOf({ status }: AnyService): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}

type Condition = NonNullable<DeepReadonly<ServiceStatus>['conditions']>[number];

function conditionOf({ status }: AnyService): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === conditionType);
}

/** Conditions but ours; the field as it was where there is none of ours. */
function otherConditions({ status }: AnyService): { readonly conditions?: readonly Condition[] } {
  if (status?.conditions === undefined) return {};
  return { conditions: status.conditions.filter(({ type }) => type !== conditionType) };
}

function normal(reason: string, message: string): EventText {
  return { type: 'Normal', reason, message };
}
