import { join } from 'node:path';
import { milliOf, wholeOf } from '@fairway/protocol';
import { cpuSharesOf } from '../cgroups/linux-amounts.ts';
import { podCgroup } from '../cgroups/pod-place.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import { type AnyPod, podContainers } from '../pod-lifecycle/pod-containers.ts';
import { pathPart } from '../node/pod-folders.ts';
import type { ContainerResources, ContainerSecurity } from '../runtime/container.ts';
import type { PortMapping, SandboxConfig, SandboxNamespaces } from '../runtime/sandbox.ts';
import { podGroups } from './container-security.ts';
import { sandboxLabels } from './kubelet-labels.ts';
import { podDns } from './pod-dns.ts';
import { kernelHostname } from './pod-hostname.ts';
import { podIdentity } from './pod-identity.ts';
import { podSysctls } from './pod-sysctls.ts';

/**
 * What the containers of a pod share on this node, as a kubelet sets it.
 *
 * Errors: `PodError` for what cannot be: a host name that is too long, names that are no part of a path.
 */
export function sandboxConfig(
  pod: AnyPod,
  node: NodeFacts,
  { attempt, runtimeHandler }: { readonly attempt: number; readonly runtimeHandler?: string },
): SandboxConfig {
  const { spec, metadata } = pod;
  const identity = podIdentity(pod);
  const onHost = spec?.hostNetwork === true;
  const overhead = overheadOf(pod);
  return {
    pod: identity,
    attempt,
    // The kernel takes no other name where the machine's is shared.
    ...(onHost ? {} : { hostname: kernelHostname(pod, node.clusterDomain) }),
    logDirectory: podLogDirectory(pod, node),
    dns: podDns(pod, node).config,
    portMappings: onHost ? [] : hostPorts(pod),
    labels: sandboxLabels(pod),
    annotations: metadata?.annotations ?? {},
    ...(node.cgroupRoot === undefined ? {} : { cgroupParent: podCgroup(node.cgroupRoot, pod) }),
    namespaces: namespacesOf(pod),
    sysctls: podSysctls(pod),
    security: sandboxSecurity(pod),
    ...(runtimeHandler === undefined ? {} : { runtimeHandler }),
    ...(overhead === undefined ? {} : { overhead }),
  };
}

/** Where the logs of a pod's containers are. */
export function podLogDirectory(pod: AnyPod, { logDirectory }: NodeFacts): string {
  const { name, namespace, uid } = podIdentity(pod);
  return join(logDirectory, pathPart(`${namespace}_${name}_${uid}`, 'the name of a pod'));
}

function namespacesOf({ spec }: AnyPod): SandboxNamespaces {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = spec ?? {};
  const ownPid = shareProcessNamespace === true ? 'pod' : 'container';
  return {
    network: hostNetwork === true ? 'node' : 'pod',
    pid: hostPID === true ? 'node' : ownPid,
    ipc: hostIPC === true ? 'node' : 'pod',
  };
}

function hostPorts(pod: AnyPod): readonly PortMapping[] {
  return podContainers(pod)
    .filter(({ kind }) => kind === 'main' || kind === 'sidecar')
    .flatMap(({ spec }) => spec.ports ?? [])
    .flatMap(({ protocol = 'TCP', containerPort, hostPort = 0, hostIP }): PortMapping[] =>
      hostPort === 0
        ? []
        : [{ protocol, containerPort, hostPort, ...(hostIP ? { hostIp: hostIP } : {}) }],
    );
}

function sandboxSecurity(pod: AnyPod): ContainerSecurity {
  const { runAsUser, runAsGroup } = pod.spec?.securityContext ?? {};
  return {
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsUser === undefined || runAsGroup === undefined ? {} : { runAsGroup }),
    supplementalGroups: podGroups(pod),
    isPrivileged: podContainers(pod).some(({ spec }) => spec.securityContext?.privileged === true),
    seccomp: { kind: 'runtime-default' },
  };
}

function overheadOf({ spec }: AnyPod): ContainerResources | undefined {
  const { cpu, memory } = spec?.overhead ?? {};
  if (cpu === undefined && memory === undefined) return undefined;
  return {
    ...(cpu === undefined ? {} : { cpuShares: cpuSharesOf(milliOf(cpu)) }),
    ...(memory === undefined ? {} : { memoryBytesMax: wholeOf(memory) }),
  };
}
