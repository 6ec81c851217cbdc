import {
  type Check,
  type Control,
  containersOf,
  control,
  named,
  namesOf,
  notOnWindows,
  quoted,
  sorted,
} from './control.ts';

const usual: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** What a container runtime gives a container unasked, and no more. */
export const capabilitiesBaseline: Control = control((pod) => {
  const added = addedBeside(pod, usual);
  return added === undefined ? undefined : { reason: 'non-default capabilities', detail: added };
});

const alone: ReadonlySet<string> = new Set(['NET_BIND_SERVICE']);

const checkRestricted: Check = (pod) => {
  const keeping = namesOf(
    containersOf(pod),
    ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'),
  );
  const added = addedBeside(pod, alone);
  const details = [
    ...(keeping.length === 0
      ? []
      : [`${named('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(added === undefined ? [] : [added]),
  ];
  if (details.length === 0) return undefined;
  return { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

export const capabilitiesRestricted: Control = {
  includes: capabilitiesBaseline,
  revisions: [
    { sinceMinor: 22, check: checkRestricted },
    { sinceMinor: 25, check: notOnWindows(checkRestricted) },
  ],
};

function addedBeside(pod: Parameters<Check>[0], allowed: ReadonlySet<string>): string | undefined {
  const names: string[] = [];
  const added: string[] = [];
  for (const { name, securityContext } of containersOf(pod)) {
    const others = (securityContext?.capabilities?.add ?? []).filter((each) => !allowed.has(each));
    if (others.length === 0) continue;
    names.push(name);
    added.push(...others);
  }
  if (names.length === 0) return undefined;
  const what = `${quoted(sorted(added))} in securityContext.capabilities.add`;
  return `${named('container', names)} must not include ${what}`;
}
