import type { ServicePort, ServiceSpec } from '@fairway/kinds/core/v1';

import { type Draft, equalsJson } from '@fairway/protocol';

type Spec = Draft<ServiceSpec>;

/**
 * Keeps what was allocated for a service when an update leaves it out, and lets go of what its new
 * type has no use for. Source: core service registry, patchAllocatedValues and
 * dropTypeDependentFields.
 */
export function carryOverAllocations(spec: Spec, old: Spec): void {
  alignClusterAddresses(spec, old);
  if (hasClusterAddress(old) && hasClusterAddress(spec)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === old.clusterIP) {
      keep(spec, old, 'clusterIPs');
    }
    if (!spec.ipFamilies?.length) keep(spec, old, 'ipFamilies');
    if (!spec.ipFamilyPolicy) keep(spec, old, 'ipFamilyPolicy');
  }
  if (hasNodePorts(old) && hasNodePorts(spec)) keepNodePorts(spec, old);
  if (hasHealthCheckPort(old) && hasHealthCheckPort(spec) && !spec.healthCheckNodePort) {
    keep(spec, old, 'healthCheckNodePort');
  }
  dropUnused(spec, old);
}

/** Writes a single cluster address as the list that it is. */
export function alignClusterAddresses(spec: Spec, old: Spec = {}): void {
  if (!spec.clusterIP) return;
  const isListStale =
    spec.clusterIP !== old.clusterIP && equalsJson(spec.clusterIPs, old.clusterIPs);
  if (!spec.clusterIPs?.length || isListStale) spec.clusterIPs = [spec.clusterIP];
}

function dropUnused(spec: Spec, old: Spec): void {
  if (hasClusterAddress(old) && !hasClusterAddress(spec)) {
    for (const name of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) {
      dropUnchanged(spec, old, name);
    }
  }
  if (hasNodePorts(old) && !hasNodePorts(spec)) {
    const before = new Set((old.ports ?? []).map((port) => port.nodePort));
    for (const port of spec.ports ?? []) if (before.has(port.nodePort)) delete port.nodePort;
    dropUnchanged(spec, old, 'externalTrafficPolicy');
  }
  if (hasHealthCheckPort(old) && !hasHealthCheckPort(spec)) {
    dropUnchanged(spec, old, 'healthCheckNodePort');
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    dropUnchanged(spec, old, 'allocateLoadBalancerNodePorts');
    dropUnchanged(spec, old, 'loadBalancerClass');
  }
}

function keepNodePorts(spec: Spec, old: Spec): void {
  const used = new Set((spec.ports ?? []).map((port) => port.nodePort ?? 0));
  const before = new Map((old.ports ?? []).map((port) => [portKey(port), port.nodePort ?? 0]));
  for (const port of spec.ports ?? []) {
    const nodePort = before.get(portKey(port)) ?? 0;
    if (port.nodePort || nodePort === 0 || used.has(nodePort)) continue;
    port.nodePort = nodePort;
    used.add(nodePort);
  }
}

function portKey(port: Draft<ServicePort>): string {
  return `${port.protocol ?? 'TCP'}/${port.port ?? 0}`;
}

function keep(spec: Spec, old: Spec, name: keyof Spec): void {
  if (old[name] !== undefined) Object.assign(spec, { [name]: old[name] });
}

function dropUnchanged(spec: Spec, old: Spec, name: keyof Spec): void {
  if (equalsJson(spec[name], old[name])) delete spec[name];
}

function hasClusterAddress(spec: Spec): boolean {
  return spec.type !== 'ExternalName';
}

function hasNodePorts(spec: Spec): boolean {
  if (spec.type === 'LoadBalancer') return spec.allocateLoadBalancerNodePorts !== false;
  return spec.type === 'NodePort';
}

function hasHealthCheckPort(spec: Spec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}
