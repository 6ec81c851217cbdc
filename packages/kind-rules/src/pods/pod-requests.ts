import type { Container, ContainerStatus, Pod } from '@fairway/kinds/core/v1';
import {
  type DeepReadonly,
  type Quantity,
  addQuantities,
  compareQuantities,
  parseQuantity,
} from '@fairway/protocol';
import { podCondition } from './pod-state.ts';

/** Amounts by the names of their resources. */
export type ResourceAmounts = ReadonlyMap<string, Quantity>;

type AnyPod = DeepReadonly<Pod>;
type Written = DeepReadonly<NonNullable<Container['resources']>['requests']>;

/**
 * What a pod takes of a node while it runs and while it starts: its containers together with its
 * sidecars, or the most that one init container takes beside the sidecars before it, whatever is more;
 * the pod's own requests in their place; and its overhead. While a container is resized it counts with
 * what it has and with what it shall have, whatever is more.
 *
 * `missing`: what a container counts with that says nothing of a resource.
 * Source: Kubernetes documentation, sidecar containers, pod-level resources, resizing containers.
 */
export function podRequests(
  pod: AnyPod,
  { missing = nothing }: { readonly missing?: ResourceAmounts } = {},
): ResourceAmounts {
  const { spec } = pod;
  if (spec === undefined) return nothing;
  const running = together(pod, (container, statuses) =>
    withMissing(containerRequests(pod, container, statuses), missing),
  );
  for (const [name, amount] of writtenAmounts(spec.resources?.requests)) {
    if (isPodLevel(name)) running.set(name, amount);
  }
  add(running, writtenAmounts(spec.overhead));
  return running;
}

/** What a pod may take at the most, by the same rules. What is not limited has no amount, overhead or not. */
export function podLimits({ spec, ...pod }: AnyPod): ResourceAmounts {
  if (spec === undefined) return nothing;
  const limits = together({ spec, ...pod }, ({ resources }) => writtenAmounts(resources?.limits));
  for (const [name, amount] of writtenAmounts(spec.resources?.limits)) {
    if (isPodLevel(name)) limits.set(name, amount);
  }
  const overhead = [...writtenAmounts(spec.overhead)].filter(([name]) => limits.has(name));
  add(limits, new Map(overhead));
  return limits;
}

type AmountsOfContainer = (
  container: DeepReadonly<Container>,
  statuses: Statuses,
) => ResourceAmounts;

/** Of all containers as they run, or start, together. */
function together(pod: AnyPod, of: AmountsOfContainer): Map<string, Quantity> {
  const { spec, status } = pod;
  const running = new Map<string, Quantity>();
  for (const container of spec?.containers ?? [])
    add(running, of(container, status?.containerStatuses));
  const sidecars = new Map<string, Quantity>();
  const starting = new Map<string, Quantity>();
  for (const container of spec?.initContainers ?? []) {
    const amounts = of(container, status?.initContainerStatuses);
    const isSidecar = container.restartPolicy === 'Always';
    if (isSidecar) {
      add(running, amounts);
      add(sidecars, amounts);
    }
    const beside = new Map(sidecars);
    if (!isSidecar) add(beside, amounts);
    raise(starting, beside);
  }
  raise(running, starting);
  return running;
}

type Statuses = readonly DeepReadonly<ContainerStatus>[] | undefined;

const nothing: ResourceAmounts = new Map();

function containerRequests(
  pod: AnyPod,
  container: DeepReadonly<Container>,
  statuses: Statuses,
): ResourceAmounts {
  const wanted = writtenAmounts(container.resources?.requests);
  const status = statuses?.find(({ name }) => name === container.name);
  if (status?.resources === undefined && status?.allocatedResources === undefined) return wanted;
  const held = new Map(isResizeInfeasible(pod) ? nothing : wanted);
  raise(held, writtenAmounts(status.resources?.requests));
  raise(held, writtenAmounts(status.allocatedResources));
  return held;
}

/** The node has said that the pod will never get what it shall have. */
function isResizeInfeasible(pod: AnyPod): boolean {
  const pending = podCondition(pod, 'PodResizePending');
  return pending?.status === 'True' && pending.reason === 'Infeasible';
}

function withMissing(requests: ResourceAmounts, missing: ResourceAmounts): ResourceAmounts {
  if (missing.size === 0) return requests;
  const all = new Map(missing);
  for (const [name, amount] of requests) all.set(name, amount);
  return all;
}

function isPodLevel(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

/** Amounts as objects hold them; what is no quantity is left out. */
export function writtenAmounts(written: Written): ResourceAmounts {
  if (written === undefined) return nothing;
  const amounts = new Map<string, Quantity>();
  for (const [name, text] of Object.entries(written)) {
    const amount = parseQuantity(String(text));
    if (amount !== undefined) amounts.set(name, amount);
  }
  return amounts;
}

function add(to: Map<string, Quantity>, amounts: ResourceAmounts): void {
  for (const [name, amount] of amounts) {
    const known = to.get(name);
    to.set(name, known === undefined ? amount : addQuantities(known, amount));
  }
}

function raise(to: Map<string, Quantity>, amounts: ResourceAmounts): void {
  for (const [name, amount] of amounts) {
    const known = to.get(name);
    if (known === undefined || compareQuantities(known, amount) < 0) to.set(name, amount);
  }
}
