import type {
  Container,
  EphemeralContainer,
  Lifecycle,
  PodSpec,
  PodTemplateSpec,
  Probe,
  ResourceRequirements,
} from '@fairway/kinds/core/v1';

import type { Draft } from '@fairway/protocol';
import { applyVolumeDefaults } from './volume-defaults.ts';

type AnyContainer = Draft<Container> | Draft<EphemeralContainer>;

/** Fills in the template of a workload. */
export function applyPodTemplateDefaults(template: Draft<PodTemplateSpec>): void {
  template.metadata ??= {};
  template.spec ??= {};
  applyPodSpecDefaults(template.spec);
}

/**
 * Fills in what every pod spec gets, in a pod or in a template.
 * Source: core/v1 defaults, SetDefaults_PodSpec.
 */
export function applyPodSpecDefaults(spec: Draft<PodSpec>): void {
  for (const volume of spec.volumes ?? []) applyVolumeDefaults(volume);
  for (const container of spec.initContainers ?? []) applyContainerDefaults(container);
  for (const container of spec.containers ?? []) applyContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) applyContainerDefaults(container);
  if (!spec.restartPolicy) spec.restartPolicy = 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  if (!spec.dnsPolicy) spec.dnsPolicy = 'ClusterFirst';
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  spec.securityContext ??= {};
  if (!spec.schedulerName) spec.schedulerName = 'default-scheduler';
}

/** Fills in what only a pod itself gets: requests from limits, host ports, service links. */
export function applyPodOnlyDefaults(spec: Draft<PodSpec>): void {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  for (const container of containers) {
    if (container.resources) applyRequestDefaults(container.resources);
    if (spec.hostNetwork) applyHostPortDefaults(container);
  }
  if (spec.resources) applyPodRequestDefaults(spec.resources);
  spec.enableServiceLinks ??= true;
}

function applyContainerDefaults(container: AnyContainer): void {
  for (const port of container.ports ?? []) {
    if (!port.protocol) port.protocol = 'TCP';
  }
  for (const variable of container.env ?? []) {
    const source = variable.valueFrom;
    if (source?.fieldRef && !source.fieldRef.apiVersion) source.fieldRef.apiVersion = 'v1';
    if (source?.fileKeyRef) source.fileKeyRef.optional ??= false;
  }
  container.resources ??= {};
  applyProbeDefaults(container.livenessProbe);
  applyProbeDefaults(container.readinessProbe);
  applyProbeDefaults(container.startupProbe);
  applyLifecycleDefaults(container.lifecycle);
  if (!container.terminationMessagePath) container.terminationMessagePath = '/dev/termination-log';
  if (!container.terminationMessagePolicy) container.terminationMessagePolicy = 'File';
  if (!container.imagePullPolicy) {
    container.imagePullPolicy = isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent';
  }
}

/** An image without a tag and digest means `latest`. */
function isLatest(image: string): boolean {
  if (image === '' || /[A-Z\s]/.test(image.slice(image.lastIndexOf('/') + 1).split(':')[0] ?? '')) {
    return false;
  }
  const name = image.slice(image.lastIndexOf('/') + 1);
  if (name.includes('@')) return /:latest@/.test(name);
  const colon = name.indexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest';
}

function applyProbeDefaults(probe: Draft<Probe> | undefined): void {
  if (!probe) return;
  if (probe.httpGet) applyHttpGetDefaults(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
  if (!probe.timeoutSeconds) probe.timeoutSeconds = 1;
  if (!probe.periodSeconds) probe.periodSeconds = 10;
  if (!probe.successThreshold) probe.successThreshold = 1;
  if (!probe.failureThreshold) probe.failureThreshold = 3;
}

function applyLifecycleDefaults(lifecycle: Draft<Lifecycle> | undefined): void {
  if (lifecycle?.postStart?.httpGet) applyHttpGetDefaults(lifecycle.postStart.httpGet);
  if (lifecycle?.preStop?.httpGet) applyHttpGetDefaults(lifecycle.preStop.httpGet);
}

function applyHttpGetDefaults(action: NonNullable<Draft<Probe>['httpGet']>): void {
  if (!action.path) action.path = '/';
  if (!action.scheme) action.scheme = 'HTTP';
}

function applyRequestDefaults(resources: Draft<ResourceRequirements>): void {
  if (!resources.limits) return;
  for (const [name, limit] of Object.entries(resources.limits)) {
    if (limit === undefined || resources.requests?.[name] !== undefined) continue;
    resources.requests ??= {};
    resources.requests[name] = limit;
  }
}

const podLevelResources = ['cpu', 'memory'];

function applyPodRequestDefaults(resources: Draft<ResourceRequirements>): void {
  for (const [name, limit] of Object.entries(resources.limits ?? {})) {
    if (limit === undefined || resources.requests?.[name] !== undefined) continue;
    if (!podLevelResources.includes(name) && !name.startsWith('hugepages-')) continue;
    resources.requests ??= {};
    resources.requests[name] = limit;
  }
}

function applyHostPortDefaults(container: AnyContainer): void {
  for (const port of container.ports ?? []) {
    if (!port.hostPort && port.containerPort) port.hostPort = port.containerPort;
  }
}
