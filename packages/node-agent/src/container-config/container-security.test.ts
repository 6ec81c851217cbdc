import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSecurityContext, SecurityContext } from '@fairway/kinds/core/v1';
import type { ContainerSecurity } from '../runtime/container.ts';
import { containerSecurity } from './container-security.ts';

interface Row {
  readonly pod?: PodSecurityContext;
  readonly own?: SecurityContext;
  readonly image?: { readonly userId?: number; readonly userName?: string };
}

function securityOf({ pod, own, image = {} }: Row): ContainerSecurity {
  return containerSecurity({
    pod: {
      metadata: { name: 'web-0', namespace: 'shop', uid: 'u1' },
      spec: { containers: [], ...(pod === undefined ? {} : { securityContext: pod }) },
    },
    container: { name: 'main', ...(own === undefined ? {} : { securityContext: own }) },
    image,
    seccompDirectory: '/root/seccomp',
  });
}

test('containerSecurity() takes what the container says, then its pod, then its image', () => {
  const rows: [Row, Partial<ContainerSecurity>][] = [
    [{}, { runAsUser: 0, seccomp: { kind: 'unconfined' }, noNewPrivileges: false }],
    [{ image: { userId: 65_534 } }, { runAsUser: 65_534 }],
    [{ image: { userName: 'web' } }, { runAsUserName: 'web' }],
    [
      { image: { userId: 1 }, pod: { runAsUser: 2, runAsGroup: 3 } },
      { runAsUser: 2, runAsGroup: 3 },
    ],
    [
      { pod: { runAsUser: 2, runAsGroup: 3 }, own: { runAsUser: 4, runAsGroup: 0 } },
      { runAsUser: 4, runAsGroup: 0 },
    ],
    [{ pod: { fsGroup: 7, supplementalGroups: [8] } }, { supplementalGroups: [7, 8] }],
    [{ own: { allowPrivilegeEscalation: false } }, { noNewPrivileges: true }],
    [
      { own: { privileged: true, readOnlyRootFilesystem: true } },
      { isPrivileged: true, hasReadOnlyRoot: true },
    ],
    [
      { own: { capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] } } },
      { addedCapabilities: ['NET_ADMIN'], droppedCapabilities: ['ALL'] },
    ],
    [
      { pod: { seccompProfile: { type: 'RuntimeDefault' } } },
      { seccomp: { kind: 'runtime-default' } },
    ],
    [
      {
        pod: { seccompProfile: { type: 'RuntimeDefault' } },
        own: { seccompProfile: { type: 'Localhost', localhostProfile: 'a/b.json' } },
      },
      { seccomp: { kind: 'localhost', path: '/root/seccomp/a/b.json' } },
    ],
    [{ own: { procMount: 'Unmasked' } }, { maskedPaths: [], readOnlyPaths: [] }],
  ];
  for (const [row, expected] of rows) {
    const security = securityOf(row);
    const found = Object.keys(expected).map((key) => [
      key,
      security[key as keyof ContainerSecurity],
    ]);
    assert.deepEqual(Object.fromEntries(found), expected);
  }
  const { maskedPaths, readOnlyPaths } = securityOf({});
  assert.ok(maskedPaths?.includes('/proc/kcore') && readOnlyPaths?.includes('/proc/sys'));
});

test('containerSecurity() lets nobody be root who must not, in the words of a kubelet', () => {
  const where = '(pod: "web-0_shop(u1)", container: main)';
  const rows: [Row, string | undefined][] = [
    [{ own: { runAsNonRoot: true, runAsUser: 1 } }, undefined],
    [{ own: { runAsNonRoot: true }, image: { userId: 7 } }, undefined],
    [{ pod: { runAsNonRoot: true }, own: { runAsNonRoot: false } }, undefined],
    [
      { pod: { runAsNonRoot: true } },
      `container has runAsNonRoot and image will run as root ${where}`,
    ],
    [
      { own: { runAsNonRoot: true }, image: { userName: 'web' } },
      `container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root ${where}`,
    ],
    [
      { pod: { runAsNonRoot: true, runAsUser: 0 } },
      `container's runAsUser breaks non-root policy ${where}`,
    ],
  ];
  for (const [row, message] of rows) {
    if (message === undefined) securityOf(row);
    else assert.throws(() => securityOf(row), { name: 'PodError', message });
  }
});

test('containerSecurity() takes profiles of seccomp from their folder only', () => {
  for (const localhostProfile of ['/etc/passwd', '../x.json', 'a/../../x', '']) {
    const own: SecurityContext = { seccompProfile: { type: 'Localhost', localhostProfile } };
    assert.throws(() => securityOf({ own }), { name: 'PodError' });
  }
});
