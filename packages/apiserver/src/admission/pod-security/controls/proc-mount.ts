import {
  type Check,
  type Control,
  containersOf,
  control,
  named,
  notInUserNamespace,
  quoted,
  sorted,
} from './control.ts';

const check: Check = (pod) => {
  const bad = containersOf(pod).flatMap(({ name, securityContext }) => {
    const { procMount = 'Default' } = securityContext ?? {};
    return procMount === 'Default' ? [] : [{ name, procMount }];
  });
  if (bad.length === 0) return undefined;
  const names = bad.map(({ name }) => name);
  const types = quoted(sorted(bad.map(({ procMount }) => procMount)));
  const why = `must not set securityContext.procMount to ${types}`;
  return { reason: 'procMount', detail: `${named('container', names)} ${why}` };
};

export const procMountBaseline: Control = {
  revisions: [
    { sinceMinor: 0, check },
    { sinceMinor: 35, check: notInUserNamespace(check) },
  ],
};

export const procMountRestricted: Control = {
  includes: procMountBaseline,
  ...control(check, 35),
};
