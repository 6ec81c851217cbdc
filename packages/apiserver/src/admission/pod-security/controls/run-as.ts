import {
  type Check,
  type Control,
  containersOf,
  named,
  namesOf,
  notInUserNamespace,
  setters,
} from './control.ts';

const checkNonRoot: Check = (pod) => {
  const reason = 'runAsNonRoot != true';
  const ofPod = pod.spec.securityContext?.runAsNonRoot;
  const containers = containersOf(pod);
  const refusing = namesOf(containers, (each) => each.securityContext?.runAsNonRoot === false);
  if (ofPod === false || refusing.length > 0) {
    const who = setters(ofPod === false, refusing);
    return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  }
  if (ofPod === true) return undefined;
  const silent = namesOf(containers, (each) => each.securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  const who = `pod or ${named('container', silent)}`;
  return { reason, detail: `${who} must set securityContext.runAsNonRoot=true` };
};

export const runAsNonRoot: Control = {
  revisions: [
    { sinceMinor: 0, check: checkNonRoot },
    { sinceMinor: 35, check: notInUserNamespace(checkNonRoot) },
  ],
};

const checkUser: Check = (pod) => {
  const isSetByPod = pod.spec.securityContext?.runAsUser === 0;
  const bad = namesOf(containersOf(pod), (each) => each.securityContext?.runAsUser === 0);
  if (!isSetByPod && bad.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${setters(isSetByPod, bad)} must not set runAsUser=0` };
};

export const runAsUser: Control = {
  revisions: [
    { sinceMinor: 23, check: checkUser },
    { sinceMinor: 35, check: notInUserNamespace(checkUser) },
  ],
};
