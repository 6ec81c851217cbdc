import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '@fairway/kinds/core/v1';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { SandboxConfig } from '../runtime/sandbox.ts';
import { exampleNode as node } from '../../test/example-node.ts';
import { podHosts, nodeHosts } from './hosts-file.ts';
import { podHostname } from './pod-hostname.ts';
import { podRefusal } from './pod-refusal.ts';
import { sandboxConfig } from './sandbox-config.ts';

const main = { name: 'main', image: 'web' };

function podOf(spec: Partial<PodSpec> = {}, name = 'web-0'): AnyPod {
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: 'u1',
      labels: { app: 'web' },
      annotations: { note: 'x' },
    },
    spec: { containers: [main], ...spec },
  };
}

function sandboxOf(spec: Partial<PodSpec>): SandboxConfig {
  return sandboxConfig(podOf(spec), node, { attempt: 2 });
}

test('sandboxConfig() has all that a kubelet says of a plain pod', () => {
  assert.deepEqual(sandboxOf({}), {
    pod: { name: 'web-0', namespace: 'shop', uid: 'u1' },
    attempt: 2,
    hostname: 'web-0',
    logDirectory: '/var/log/pods/shop_web-0_u1',
    dns: {
      servers: ['10.96.0.10'],
      searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.com'],
      options: ['ndots:5'],
    },
    portMappings: [],
    labels: {
      app: 'web',
      'io.kubernetes.pod.name': 'web-0',
      'io.kubernetes.pod.namespace': 'shop',
      'io.kubernetes.pod.uid': 'u1',
    },
    annotations: { note: 'x' },
    cgroupParent: '/agent/besteffort/podu1',
    namespaces: { network: 'pod', pid: 'container', ipc: 'pod' },
    sysctls: {},
    security: {
      supplementalGroups: [],
      isPrivileged: false,
      seccomp: { kind: 'runtime-default' },
    },
  });
});

test('sandboxConfig() follows what a pod shares and asks for', () => {
  const limits = { cpu: '1', memory: '1Gi' };
  const rows: [Partial<PodSpec>, Partial<SandboxConfig>][] = [
    [{ shareProcessNamespace: true }, { namespaces: { network: 'pod', pid: 'pod', ipc: 'pod' } }],
    [
      { hostPID: true, hostIPC: true, shareProcessNamespace: true },
      { namespaces: { network: 'pod', pid: 'node', ipc: 'node' } },
    ],
    [
      {
        containers: [
          {
            ...main,
            ports: [{ containerPort: 80 }, { containerPort: 53, hostPort: 5353, protocol: 'UDP' }],
          },
        ],
        initContainers: [
          { name: 'once', ports: [{ containerPort: 1, hostPort: 1 }] },
          {
            name: 'sidecar',
            restartPolicy: 'Always',
            ports: [{ containerPort: 2, hostPort: 3, hostIP: '127.0.0.1' }],
          },
        ],
      },
      {
        portMappings: [
          { protocol: 'TCP', containerPort: 2, hostPort: 3, hostIp: '127.0.0.1' },
          { protocol: 'UDP', containerPort: 53, hostPort: 5353 },
        ],
      },
    ],
    [
      {
        securityContext: {
          runAsUser: 1000,
          runAsGroup: 2000,
          fsGroup: 3000,
          supplementalGroups: [4000],
          sysctls: [{ name: 'net/ipv4/tcp_syncookies', value: '1' }],
        },
        containers: [{ ...main, securityContext: { privileged: true } }],
      },
      {
        sysctls: { 'net.ipv4.tcp_syncookies': '1' },
        security: {
          runAsUser: 1000,
          runAsGroup: 2000,
          supplementalGroups: [3000, 4000],
          isPrivileged: true,
          seccomp: { kind: 'runtime-default' },
        },
      },
    ],
    [
      { containers: [{ ...main, resources: { limits, requests: limits } }] },
      { cgroupParent: '/agent/podu1' },
    ],
    [
      { containers: [{ ...main, resources: { requests: { cpu: '1m' } } }] },
      { cgroupParent: '/agent/burstable/podu1' },
    ],
    [
      { overhead: { cpu: '250m', memory: '64Mi' } },
      { overhead: { cpuShares: 256, memoryBytesMax: 67_108_864 } },
    ],
  ];
  for (const [spec, expected] of rows) {
    const config: Partial<SandboxConfig> = sandboxOf(spec);
    const found = Object.keys(expected).map((key) => [key, config[key as keyof SandboxConfig]]);
    assert.deepEqual(Object.fromEntries(found), expected);
  }
  const { hostname, portMappings, namespaces } = sandboxOf({
    hostNetwork: true,
    containers: [{ ...main, ports: [{ containerPort: 80, hostPort: 80 }] }],
  });
  assert.deepEqual([hostname, portMappings, namespaces.network], [undefined, [], 'node']);
  const attempt = { attempt: 0, runtimeHandler: 'kata' };
  assert.equal(sandboxConfig(podOf(), node, attempt).runtimeHandler, 'kata');
});

test('sandboxConfig() names a pod as its spec says, within what a kernel holds', () => {
  const nameOf = (spec: Partial<PodSpec>, name?: string): string | undefined =>
    sandboxConfig(podOf(spec, name), node, { attempt: 0 }).hostname;
  assert.equal(nameOf({ hostname: 'db', subdomain: 'data' }), 'db');
  assert.equal(
    nameOf({ hostname: 'db', subdomain: 'data', setHostnameAsFQDN: true }),
    'db.data.shop.svc.cluster.local',
  );
  assert.equal(nameOf({ setHostnameAsFQDN: true }), 'web-0');
  assert.equal(nameOf({ hostnameOverride: 'a.b', hostname: 'db', subdomain: 'data' }), 'a.b');
  assert.equal(nameOf({}, `${'x'.repeat(62)}--${'y'.repeat(9)}`), 'x'.repeat(62));
  assert.throws(
    () => nameOf({ subdomain: 'd'.repeat(60), setHostnameAsFQDN: true }),
    /^PodError: failed to construct FQDN .* is too long \(64 characters is the max, 89 characters/,
  );
});

test('the hosts file of a pod has its names and aliases', () => {
  const pod = podOf({
    subdomain: 'data',
    hostAliases: [{ ip: '1.2.3.4', hostnames: ['foo', 'bar'] }, { ip: '::5' }],
  });
  const aliases = '\n# Entries added by HostAliases.\n1.2.3.4\tfoo\tbar\n::5\n';
  const text = podHosts(pod, podHostname(pod, 'cluster.local'), ['10.1.0.2', 'fd00::2']);
  assert.equal(
    text,
    `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
10.1.0.2\tweb-0.data.shop.svc.cluster.local\tweb-0
fd00::2\tweb-0.data.shop.svc.cluster.local\tweb-0
${aliases}`,
  );
  assert.match(podHosts(podOf(), { hostname: 'web-0' }, ['10.1.0.2']), /\n10\.1\.0\.2\tweb-0\n$/);
  const ofHost = '127.0.0.1 machine\n';
  const header = '# Kubernetes-managed hosts file (host network).\n';
  assert.equal(nodeHosts(pod, ofHost), header + ofHost + aliases);
});

test('podRefusal() says what this node never runs, in the words of a kubelet', () => {
  const sysctl = (name: string) => ({ securityContext: { sysctls: [{ name, value: '1' }] } });
  const appArmorProfile = { type: 'RuntimeDefault' } as const;
  const rows: [Partial<PodSpec>, string | undefined][] = [
    [{}, undefined],
    [sysctl('net.ipv4.tcp_syncookies'), undefined],
    [{ os: { name: 'linux' } }, undefined],
    [{ securityContext: { appArmorProfile: { type: 'Unconfined' } } }, undefined],
    [
      { os: { name: 'windows' } },
      "PodOSNotSupported: Failed to admit pod as the OS field doesn't match node OS",
    ],
    [sysctl('kernel.msgmax'), 'SysctlForbidden: forbidden sysctl: "kernel.msgmax" not allowlisted'],
    [
      { ...sysctl('net.ipv4.tcp_syncookies'), hostNetwork: true },
      'SysctlForbidden: forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
    ],
    [
      { ...sysctl('kernel.shm_rmid_forced'), hostIPC: true },
      'SysctlForbidden: forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled',
    ],
    [
      { containers: [{ ...main, securityContext: { appArmorProfile } }] },
      'AppArmor: Cannot enforce AppArmor: AppArmor is not enabled on the host',
    ],
    [
      { securityContext: { supplementalGroupsPolicy: 'Strict' } },
      'SupplementalGroupsPolicyNotSupported: SupplementalGroupsPolicy=Strict is not supported in this node',
    ],
    [
      { hostUsers: false },
      'PodFeatureUnsupported: this node has no user namespaces for pods (hostUsers: false); leave hostUsers out',
    ],
  ];
  for (const [spec, expected] of rows) {
    const refusal = podRefusal(podOf(spec), node);
    assert.equal(refusal && `${refusal.reason}: ${refusal.message}`, expected);
  }
});

test('sandboxConfig() refuses names that lead elsewhere on the machine', () => {
  for (const name of ['a/b', '/../../etc', 'a\nb', 'x'.repeat(250)]) {
    for (const metadata of [
      { name, uid: 'u1' },
      { name: 'web', uid: name },
    ]) {
      const pod = { ...podOf(), metadata: { namespace: 'shop', ...metadata } };
      assert.throws(() => sandboxConfig(pod, node, { attempt: 0 }), { name: 'PodError' }, name);
    }
  }
});
