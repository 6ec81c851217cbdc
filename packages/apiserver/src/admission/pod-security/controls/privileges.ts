import {
  type Check,
  type Control,
  containersOf,
  control,
  named,
  namesOf,
  notOnWindows,
  setters,
} from './control.ts';

export const privileged: Control = control((pod) => {
  const bad = namesOf(containersOf(pod), (each) => each.securityContext?.privileged === true);
  if (bad.length === 0) return undefined;
  const detail = `${named('container', bad)} must not set securityContext.privileged=true`;
  return { reason: 'privileged', detail };
});

export const windowsHostProcess: Control = control((pod) => {
  const isSetByPod = pod.spec.securityContext?.windowsOptions?.hostProcess === true;
  const bad = namesOf(
    containersOf(pod),
    ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true,
  );
  if (!isSetByPod && bad.length === 0) return undefined;
  const why = 'must not set securityContext.windowsOptions.hostProcess=true';
  return { reason: 'hostProcess', detail: `${setters(isSetByPod, bad)} ${why}` };
});

const checkEscalation: Check = (pod) => {
  const bad = namesOf(
    containersOf(pod),
    ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
  );
  if (bad.length === 0) return undefined;
  const why = 'must set securityContext.allowPrivilegeEscalation=false';
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${named('container', bad)} ${why}`,
  };
};

export const allowPrivilegeEscalation: Control = {
  revisions: [
    { sinceMinor: 8, check: checkEscalation },
    { sinceMinor: 25, check: notOnWindows(checkEscalation) },
  ],
};
