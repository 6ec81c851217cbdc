import {
  type Draft,
  equalsJson,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
} from '@fairway/protocol';
import type { Container, Pod, PodSpec, ResourceRequirements } from '@fairway/kinds/core/v1';

import { FieldErrors } from '../field-checks.ts';
import { isMirrorPod } from '../pods/pod-references.ts';
import { keepAllButSpec } from './pod-ephemeral-containers.ts';
import { qosClassOf } from '../pods/qos-class.ts';
import { expectSameAppArmor } from './validate-profile-annotations.ts';

type PodDraft = ObjectDraft<Pod>;
type Containers = readonly Draft<Container>[];

const lists = ['containers', 'initContainers'] as const;

/**
 * `/resize` takes what containers ask for, and nothing else. When they are other containers
 * altogether everything is left in, for validation to refuse.
 */
export function preparePodResize(pod: PodDraft, stored: PodDraft): void {
  const spec = pod.spec ?? {};
  const old = stored.spec ?? {};
  if (lists.some((name) => !hasSameNames(spec[name] ?? [], old[name] ?? []))) return;
  const resized: Draft<PodSpec> = { ...old };
  for (const name of lists) {
    if (old[name]) resized[name] = withResources(old[name], spec[name] ?? []);
  }
  if (spec.resources) resized.resources = spec.resources;
  else delete resized.resources;
  keepAllButSpec(pod, stored, resized);
}

function hasSameNames(containers: Containers, old: Containers): boolean {
  if (containers.length !== old.length) return false;
  return containers.every(({ name }, index) => name === old[index]?.name);
}

function withResources(old: Containers, containers: Containers): Draft<Container>[] {
  return old.map((before, index) => {
    const { resources: _, resizePolicy: __, ...kept } = before;
    const { resources, resizePolicy } = containers[index] ?? {};
    return {
      ...kept,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  });
}

/**
 * Of a pod that runs only processor time and memory may change, to amounts that leave its quality of
 * service as it is.
 * Source: core validation, ValidatePodResize; KEP-1287.
 */
export function validatePodResize(pod: PodDraft, stored: PodDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  expectSameAppArmor(pod, stored, errors);
  if (isMirrorPod(stored as Pod)) {
    return [forbiddenField('', 'static pods cannot be resized')];
  }
  if (stored.spec?.os?.name === 'windows') {
    return [forbiddenField('', 'windows pods cannot be resized')];
  }
  const spec = pod.spec ?? {};
  const old = stored.spec ?? {};
  const before = stored.status?.qosClass ?? qosClassOf(old);
  if (qosClassOf(spec) !== before) {
    const text = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalidValue('spec', before, text));
  }
  if (isOnOldNode(stored)) {
    errors.push(forbiddenField('spec', 'Pod running on node without support for resize'));
  }
  validatePodResourcesResize(spec, old, errors);
  for (const name of lists) {
    const [after, was] = [spec[name] ?? [], old[name] ?? []];
    if (after.length === was.length) validateResizes(name, { after, was }, errors);
    else errors.push(forbiddenField('spec', `${name} may not be added or removed on resize`));
  }
  return errors;
}

/** A kubelet that cannot resize does not say what running containers have. */
function isOnOldNode(pod: PodDraft): boolean {
  const statuses = pod.status?.containerStatuses ?? [];
  return statuses.some(({ state, resources }) => state?.running && !resources);
}

function validateResizes(
  name: (typeof lists)[number],
  { after, was }: { readonly after: Containers; readonly was: Containers },
  errors: FieldErrors,
): void {
  after.forEach((container, index) => {
    const before = was[index] ?? {};
    const path = `spec.${name}[${index}]`;
    if (container.name !== before.name) {
      const text = 'containers may not be renamed or reordered on resize';
      errors.push(forbiddenField(`${path}.name`, text));
    }
    const isPassing = name === 'initContainers' && before.restartPolicy !== 'Always';
    if (isPassing) {
      if (equalsJson(container.resources ?? {}, before.resources ?? {})) return;
      const text = 'resources for non-sidecar init containers are immutable';
      errors.push(forbiddenField(`${path}.resources`, text));
      return;
    }
    expectNothingRemoved(container, { before, path }, errors);
    if (equalsJson(withStoredAmounts(container, before), before)) return;
    errors.push(forbiddenField('spec', 'only cpu and memory resources are mutable'));
  });
}

/** What the pod as a whole asks for changes as what its containers ask for does. */
function validatePodResourcesResize(
  { resources }: Draft<PodSpec>,
  { resources: before }: Draft<PodSpec>,
  errors: FieldErrors,
): void {
  if (before && !resources) {
    errors.push(forbiddenField('spec.resources', 'pod-level resources cannot be removed'));
    return;
  }
  for (const name of ['requests', 'limits'] as const) {
    if (!isAmountRemoved(resources?.[name], before?.[name])) continue;
    const text = `pod-level resource ${name} cannot be removed`;
    errors.push(forbiddenField(`spec.resources.${name}`, text));
  }
  const kept = withStoredAmounts({ resources: resources ?? {} }, { resources: before ?? {} });
  if (equalsJson({ ...kept.resources }, { ...before })) return;
  errors.push(forbiddenField('spec', 'only cpu and memory resources are mutable at pod-level'));
}

type Amounts = Readonly<Record<string, string>> | undefined;

function isAmountRemoved(amounts: Amounts, before: Amounts): boolean {
  return Object.keys(before ?? {}).some((name) => amounts?.[name] === undefined);
}

function expectNothingRemoved(
  container: Draft<Container>,
  { before, path }: { readonly before: Draft<Container>; readonly path: string },
  errors: FieldErrors,
): void {
  for (const name of ['requests', 'limits'] as const) {
    if (!isAmountRemoved(container.resources?.[name], before.resources?.[name])) continue;
    errors.push(forbiddenField(`${path}.resources.${name}`, `resource ${name} cannot be removed`));
  }
}

const resizable = ['cpu', 'memory'];

/** A container with the amounts back that may change: what differs then may not. */
function withStoredAmounts(
  container: Draft<Container>,
  before: Draft<Container>,
): Draft<Container> {
  const resources: Draft<ResourceRequirements> = { ...container.resources };
  for (const name of ['requests', 'limits'] as const) {
    const old = before.resources?.[name];
    const amounts: Record<string, string> = { ...resources[name] };
    for (const each of resizable) {
      const amount = old?.[each];
      if (amount === undefined) delete amounts[each];
      else amounts[each] = amount;
    }
    if (old === undefined && Object.keys(amounts).length === 0) delete resources[name];
    else resources[name] = amounts;
  }
  return { ...container, resources };
}
