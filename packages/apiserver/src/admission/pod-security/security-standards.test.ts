import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '@fairway/kinds/core/v1';
import { detailsOf, reasonsOf, violationsOf } from './security-standards.ts';

function details(level: 'baseline' | 'restricted', version: string, pod: object): string {
  const { metadata, ...spec } = pod as { metadata?: object };
  return detailsOf(
    violationsOf({ level, version }, { ...(metadata && { metadata }), spec: spec as PodSpec }),
  );
}

const container = (securityContext: object = {}, name = 'c'): object => ({ name, securityContext });

test('violationsOf() holds a pod to the rules of the version, and to those of the newest beyond it', () => {
  const sysctl = (name: string): object => ({
    containers: [],
    securityContext: { sysctls: [{ name, value: '1' }] },
  });
  const engine = { containers: [container({ seLinuxOptions: { type: 'container_engine_t' } })] };
  const probe = { containers: [{ name: 'c', livenessProbe: { httpGet: { host: 'h', port: 1 } } }] };
  const unmasked = { hostUsers: false, containers: [container({ procMount: 'Unmasked' })] };
  const unconfined = { containers: [container({ seccompProfile: { type: 'Unconfined' } })] };
  const annotated = {
    metadata: { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' } },
    containers: [container()],
  };
  // From the first version that lets it be on, or the last that does.
  const rows: readonly (readonly [object, allowed: string, refused: string, RegExp])[] = [
    [sysctl('net.ipv4.ip_local_reserved_ports'), 'v1.27', 'v1.26', /^forbidden sysctls \(net/],
    [sysctl('net.ipv4.tcp_fin_timeout'), 'v1.29', 'v1.28', /^forbidden sysctls/],
    [sysctl('net.ipv4.tcp_wmem'), 'v1.32', 'v1.31', /^forbidden sysctls/],
    [engine, 'v1.31', 'v1.30', /^seLinuxOptions .*: type "container_engine_t"\)$/],
    [probe, 'v1.33', 'v1.34', /uses probe or lifecycle host "h"\)$/],
    [probe, 'v1.0', 'v1.99', /^probe or lifecycle host/],
    [unmasked, 'v1.35', 'v1.34', /must not set securityContext.procMount to "Unmasked"\)$/],
    [unconfined, 'v1.18', 'v1.19', /seccompProfile.type to "Unconfined"\)$/],
    [
      annotated,
      'v1.19',
      'v1.18',
      /^seccompProfile \(forbidden annotation seccomp.*="unconfined"\)$/,
    ],
  ];
  for (const [pod, allowed, refused, text] of rows) {
    assert.equal(details('baseline', allowed, pod), '', `${text}`);
    assert.match(details('baseline', refused, pod), text);
  }
});

test('violationsOf() adds the rules of restricted from their versions on, in place of those they include', () => {
  const bare = { containers: [container()], volumes: [{ name: 'v', hostPath: {} }] };
  const reasons = (version: string): string =>
    reasonsOf(violationsOf({ level: 'restricted', version }, { spec: bare as unknown as PodSpec }));
  const [escalation, volumes] = ['allowPrivilegeEscalation != false', 'restricted volume types'];
  const [nonRoot, seccomp] = ['runAsNonRoot != true', 'seccompProfile'];
  assert.equal(reasons('v1.7'), [volumes, nonRoot].join(', '));
  assert.equal(reasons('v1.8'), [escalation, volumes, nonRoot].join(', '));
  assert.equal(reasons('v1.19'), [escalation, volumes, nonRoot, seccomp].join(', '));
  const all = [escalation, 'unrestricted capabilities', volumes, nonRoot, seccomp].join(', ');
  assert.equal(reasons('v1.22'), all);
  assert.equal(reasons('latest'), all);
  const added = { containers: [container({ capabilities: { drop: ['ALL'], add: ['SYS_TIME'] } })] };
  const once = details('restricted', 'latest', added);
  assert.equal(once.split('SYS_TIME').length, 2, 'what both levels forbid is told once');
  assert.match(details('restricted', 'v1.21', added), /^non-default capabilities/);
});

test('violationsOf() asks less of pods for Windows and of pods with users of their own', () => {
  const windows = { os: { name: 'windows' }, containers: [container({ runAsNonRoot: true })] };
  assert.equal(details('restricted', 'v1.25', windows), '');
  assert.match(details('restricted', 'v1.24', windows), /^allowPrivilegeEscalation/);
  const fine = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const seccompProfile = { type: 'RuntimeDefault' };
  const root = {
    hostUsers: false,
    securityContext: { seccompProfile, runAsNonRoot: false, runAsUser: 0 },
    containers: [container({ ...fine, runAsUser: 0 })],
  };
  assert.equal(details('restricted', 'v1.35', root), '');
  const refused = details('restricted', 'v1.34', root);
  assert.match(refused, /runAsNonRoot != true \(pod must not set securityContext.runAsNonRoot=fa/);
  assert.match(refused, /runAsUser=0 \(pod and container "c" must not set runAsUser=0\)/);
  const unmasked = { ...root, containers: [container({ ...fine, procMount: 'Unmasked' })] };
  assert.match(details('restricted', 'v1.35', unmasked), /^procMount \(container "c" must not/);
});

test('violationsOf() names pod and containers, and what they share once', () => {
  const options = (type: string): object => ({ seLinuxOptions: { type, user: 'u' } });
  const pod = {
    securityContext: options('z_t'),
    initContainers: [container(options('a_t'), 'i')],
    containers: [container(options('z_t'), 'c')],
    ephemeralContainers: [container({ privileged: true }, 'e')],
  };
  assert.equal(
    details('baseline', 'latest', pod),
    'privileged (container "e" must not set securityContext.privileged=true), ' +
      'seLinuxOptions (pod and containers "i", "c" set forbidden securityContext.seLinuxOptions: ' +
      'types "a_t", "z_t"; user may not be set)',
  );
  const ports = (...all: number[]): object => all.map((hostPort) => ({ hostPort }));
  const several = {
    containers: [
      { name: 'a', ports: ports(8080, 80) },
      { name: 'b', ports: ports(80, 0) },
    ],
  };
  assert.equal(
    details('baseline', 'latest', several),
    'hostPort (containers "a", "b" use hostPorts 80, 8080)',
  );
  const hostProcess = { windowsOptions: { hostProcess: true } };
  const windows = { securityContext: hostProcess, containers: [container(hostProcess)] };
  assert.match(details('baseline', 'latest', windows), /^hostProcess \(pod and container "c" must/);
  const restrictedVolumes = [
    { name: 'a', nfs: {} },
    { name: 'b', iscsi: {} },
    { name: 'c', image: {} },
  ];
  assert.match(
    details('restricted', 'latest', { containers: [], volumes: restrictedVolumes }),
    /volumes "a", "b" use restricted volume types "iscsi", "nfs"/,
  );
  assert.deepEqual(
    violationsOf({ level: 'privileged', version: 'latest' }, { spec: pod as never }),
    [],
  );
});
