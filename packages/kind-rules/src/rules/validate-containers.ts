import {
  type Draft,
  duplicate,
  forbiddenField,
  invalidValue,
  missing,
  required,
} from '@fairway/protocol';
import type { Container, ContainerPort, PodSpec } from '@fairway/kinds/core/v1';

import { type PodClaims, claimsOf, validateContainerResources } from './compute-resources.ts';
import {
  expectDnsLabel,
  expectOneOf,
  expectPortNumber,
  expectUnique,
  type FieldErrors,
  expectNoneOf,
} from '../field-checks.ts';
import { portNameProblems } from '../string-formats.ts';
import { validateRestartRules } from './validate-restart-rules.ts';
import { validateMounts } from './validate-mounts.ts';
import { validateEnvironment, validateEnvironmentSources } from './validate-environment.ts';
import { validateHooksAndProbes } from './validate-probes.ts';
import { validateContainerSecurity } from './validate-security-context.ts';
import type { VolumesByName } from './validate-volumes.ts';

/** Where the containers of a pod stand. */
interface PodPlace {
  readonly spec: Draft<PodSpec>;
  readonly volumes: VolumesByName;
  /** The path of the pod spec. */
  readonly field: string;
}

/** What the containers of a pod are held against. */
interface ContainerPlace extends PodPlace {
  readonly claims: PodClaims;
}

const protocols: readonly string[] = ['SCTP', 'TCP', 'UDP'];

/**
 * What is wrong with all containers of a pod: regular, init and ephemeral ones.
 * Source: core validation, validateContainers; KEP-753 for init containers that keep running.
 */
export function validateAllContainers(pod: PodPlace, errors: FieldErrors): void {
  const place = { ...pod, claims: claimsOf(pod.spec) };
  validateRegularContainers(place, errors);
  validateInitContainers(place, errors);
  validateEphemeralContainers(place, errors);
}

function validateRegularContainers(place: ContainerPlace, errors: FieldErrors): void {
  const containers = place.spec.containers ?? [];
  const field = `${place.field}.containers`;
  if (containers.length === 0) {
    errors.push(required(field));
    return;
  }
  const names = new Set<string>();
  const gracePeriodSeconds = place.spec.terminationGracePeriodSeconds;
  containers.forEach((container, index) => {
    const path = `${field}[${index}]`;
    validateContainer(container, { ...place, field: path }, errors);
    expectUnique(names, { value: container.name ?? '', field: `${path}.name` }, errors);
    validateHooksAndProbes(container, { field: path, gracePeriodSeconds }, errors);
    validateContainerRestart(container, path, errors);
  });
  expectDistinctHostPorts(containers, field, errors);
}

function validateContainerRestart(
  container: Draft<Container>,
  field: string,
  errors: FieldErrors,
): void {
  if (container.restartPolicy) {
    const supported = ['Always', 'Never', 'OnFailure'];
    const place = { field: `${field}.restartPolicy`, supported };
    expectOneOf(container.restartPolicy, place, errors);
  }
  const rules = container.restartPolicyRules ?? [];
  if (rules.length > 0 && !container.restartPolicy) {
    const text = 'must specify restartPolicy when restart rules are used';
    errors.push(required(`${field}.restartPolicy`, text));
  }
  validateRestartRules(rules, `${field}.restartPolicyRules`, errors);
}

function validateInitContainers(place: ContainerPlace, errors: FieldErrors): void {
  const field = `${place.field}.initContainers`;
  const names = new Set((place.spec.containers ?? []).map((container) => container.name ?? ''));
  const gracePeriodSeconds = place.spec.terminationGracePeriodSeconds;
  place.spec.initContainers?.forEach((container, index) => {
    const path = `${field}[${index}]`;
    validateContainer(container, { ...place, field: path }, errors);
    if (container.restartPolicy) {
      const supported = ['Always', 'Never', 'OnFailure'];
      expectOneOf(container.restartPolicy, { field: `${path}.restartPolicy`, supported }, errors);
    }
    const rules = container.restartPolicyRules ?? [];
    validateRestartRules(rules, `${path}.restartPolicyRules`, errors);
    if (container.name) {
      expectUnique(names, { value: container.name, field: `${path}.name` }, errors);
    }
    expectDistinctHostPorts([container], field, errors);
    if (container.restartPolicy === 'Always') {
      validateHooksAndProbes(container, { field: path, gracePeriodSeconds }, errors);
      return;
    }
    for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[name]) {
        const text = 'may not be set for init containers without restartPolicy=Always';
        errors.push(forbiddenField(`${path}.${name}`, text));
      }
    }
  });
}

const forbiddenInEphemeral = [
  'ports',
  'resources',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'resizePolicy',
  'restartPolicy',
] as const;

function validateEphemeralContainers(place: ContainerPlace, errors: FieldErrors): void {
  const ephemeral = place.spec.ephemeralContainers ?? [];
  if (ephemeral.length === 0) return;
  const lasting = [...(place.spec.containers ?? []), ...(place.spec.initContainers ?? [])];
  const targets = new Set(lasting.map((container) => container.name ?? ''));
  const names = new Set(targets);
  ephemeral.forEach((container, index) => {
    const path = `${place.field}.ephemeralContainers[${index}]`;
    validateContainer(container, { ...place, field: path }, errors);
    expectTrimmedImage(container, path, errors);
    expectUnique(names, { value: container.name ?? '', field: `${path}.name` }, errors);
    const target = container.targetContainerName;
    if (target && !targets.has(target)) {
      errors.push(missing(`${path}.targetContainerName`, target));
    }
    for (const name of forbiddenInEphemeral) {
      if (isGiven(container[name])) {
        errors.push(forbiddenField(`${path}.${name}`, 'cannot be set for an Ephemeral Container'));
      }
    }
    container.volumeMounts?.forEach((mount, mountIndex) => {
      for (const name of ['subPath', 'subPathExpr'] as const) {
        if (mount[name]) {
          const mountPath = `${path}.volumeMounts[${mountIndex}].${name}`;
          errors.push(forbiddenField(mountPath, 'cannot be set for an Ephemeral Container'));
        }
      }
    });
  });
}

function isGiven(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  return Object.keys(value).length > 0;
}

function validateContainer(
  container: Draft<Container>,
  place: ContainerPlace,
  errors: FieldErrors,
): void {
  const path = place.field;
  if (!container.name) errors.push(required(`${path}.name`));
  else expectDnsLabel(container.name, `${path}.name`, errors);
  if (!container.image) errors.push(required(`${path}.image`));
  expectOneOf(
    container.terminationMessagePolicy,
    { field: `${path}.terminationMessagePolicy`, supported: ['File', 'FallbackToLogsOnError'] },
    errors,
  );
  if (container.ports) validateContainerPorts(container.ports, `${path}.ports`, errors);
  if (container.env) validateEnvironment(container.env, `${path}.env`, errors);
  if (container.envFrom) {
    validateEnvironmentSources(container.envFrom, `${path}.envFrom`, errors);
  }
  validateMounts(container, { field: path, volumes: place.volumes }, errors);
  expectOneOf(
    container.imagePullPolicy,
    { field: `${path}.imagePullPolicy`, supported: ['Always', 'IfNotPresent', 'Never'] },
    errors,
  );
  const resources = { field: `${path}.resources`, claims: place.claims };
  validateContainerResources(container.resources, resources, errors);
  validateResizePolicy(container, place, errors);
  const security = { field: `${path}.securityContext`, hostUsers: place.spec.hostUsers };
  validateContainerSecurity(container.securityContext, security, errors);
}

function validateContainerPorts(
  ports: readonly Draft<ContainerPort>[],
  field: string,
  errors: FieldErrors,
): void {
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const path = `${field}[${index}]`;
    if (port.name) {
      const wrong = portNameProblems(port.name);
      expectNoneOf(wrong, { value: port.name, field: `${path}.name` }, errors);
      if (wrong.length === 0)
        expectUnique(names, { value: port.name, field: `${path}.name` }, errors);
    }
    if (!port.containerPort) errors.push(required(`${path}.containerPort`));
    else expectPortNumber(port.containerPort, `${path}.containerPort`, errors);
    if (port.hostPort) expectPortNumber(port.hostPort, `${path}.hostPort`, errors);
    expectOneOf(port.protocol, { field: `${path}.protocol`, supported: protocols }, errors);
  });
}

/** A port of the node goes to one container only. */
function expectDistinctHostPorts(
  containers: readonly Draft<Container>[],
  field: string,
  errors: FieldErrors,
): void {
  const taken = new Set<string>();
  containers.forEach((container, index) => {
    container.ports?.forEach((port, portIndex) => {
      if (!port.hostPort) return;
      const value = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`;
      const path = `${field}[${index}].ports[${portIndex}].hostPort`;
      if (taken.has(value)) errors.push(duplicate(path, value));
      taken.add(value);
    });
  });
}

function validateResizePolicy(
  container: Draft<Container>,
  place: ContainerPlace,
  errors: FieldErrors,
): void {
  const field = `${place.field}.resizePolicy`;
  const names = new Set<string>();
  container.resizePolicy?.forEach((policy, index) => {
    const name = policy.resourceName ?? '';
    expectUnique(names, { value: name, field: `${field}[${index}]` }, errors);
    expectOneOf(name, { field, supported: ['cpu', 'memory'] }, errors);
    const supported = ['NotRequired', 'RestartContainer'];
    expectOneOf(policy.restartPolicy, { field, supported }, errors);
    if (place.spec.restartPolicy === 'Never' && policy.restartPolicy !== 'NotRequired') {
      const text = "must be 'NotRequired' when `restartPolicy` is 'Never'";
      errors.push(invalidValue(field, policy.restartPolicy ?? '', text));
    }
  });
}

/** Pods, unlike templates, may not have blanks around an image name. */
export function expectTrimmedImage(
  container: { readonly image?: string },
  field: string,
  errors: FieldErrors,
): void {
  const image = container.image ?? '';
  if (image.trim().length !== image.length) {
    const text = 'must not have leading or trailing whitespace';
    errors.push(invalidValue(`${field}.image`, image, text));
  }
}

/** With the network of the node, container ports are ports of the node. */
export function validateHostNetworkPorts(
  place: { readonly spec: Draft<PodSpec>; readonly field: string; readonly isPod: boolean },
  errors: FieldErrors,
): void {
  if (!place.spec.hostNetwork) return;
  place.spec.containers?.forEach((container, index) => {
    container.ports?.forEach((port, portIndex) => {
      const hostPort = port.hostPort ?? 0;
      if ((place.isPod || hostPort !== 0) && hostPort !== port.containerPort) {
        const path = `${place.field}.containers[${index}].ports[${portIndex}].hostPort`;
        const text = 'must match `containerPort` when `hostNetwork` is true';
        errors.push(invalidValue(path, hostPort, text));
      }
    });
  });
}
