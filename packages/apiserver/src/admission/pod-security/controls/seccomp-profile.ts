import { seccompOfContainer, seccompOfPod } from '@fairway/kind-rules/pods';
import {
  type Check,
  type CheckedPod,
  type Control,
  containersOf,
  named,
  namesOf,
  notOnWindows,
  plural,
  quoted,
  setters,
  sorted,
} from './control.ts';

const reason = 'seccompProfile';

/** From before there were fields. */
const checkAnnotations: Check = (pod) => {
  const annotations = pod.metadata?.annotations ?? {};
  const keys = [
    seccompOfPod,
    ...containersOf(pod).map(({ name }) => `${seccompOfContainer}${name}`),
  ];
  const bad = keys.flatMap((key) => {
    const value = annotations[key];
    return value === undefined || isAllowedAnnotation(value)
      ? []
      : [`${key}=${JSON.stringify(value)}`];
  });
  if (bad.length === 0) return undefined;
  const all = sorted(bad);
  return { reason, detail: `forbidden ${plural('annotation', all)} ${all.join(', ')}` };
};

function isAllowedAnnotation(value: string): boolean {
  return ['runtime/default', 'docker/default'].includes(value) || value.startsWith('localhost/');
}

const checkFields: Check = (pod) => {
  const ofPod = pod.spec.securityContext?.seccompProfile;
  const bad = containersOf(pod).flatMap(({ name, securityContext }) => {
    const profile = securityContext?.seccompProfile;
    return isForbidden(profile) ? [{ name, type: profile.type }] : [];
  });
  const types = [...(isForbidden(ofPod) ? [ofPod.type] : []), ...bad.map(({ type }) => type)];
  if (types.length === 0) return undefined;
  const who = setters(
    isForbidden(ofPod),
    bad.map(({ name }) => name),
  );
  const what = quoted(sorted(types));
  return { reason, detail: `${who} must not set securityContext.seccompProfile.type to ${what}` };
};

type Profile = { readonly type: string };

function isForbidden(profile: Profile | undefined): profile is Profile {
  return profile !== undefined && !['RuntimeDefault', 'Localhost'].includes(profile.type);
}

export const seccompProfileBaseline: Control = {
  revisions: [
    { sinceMinor: 0, check: checkAnnotations },
    { sinceMinor: 19, check: checkFields },
  ],
};

const checkSet: Check = (pod) => checkFields(pod) ?? checkMissing(pod);

function checkMissing(pod: CheckedPod): ReturnType<Check> {
  if (pod.spec.securityContext?.seccompProfile) return undefined;
  const names = namesOf(containersOf(pod), (each) => !each.securityContext?.seccompProfile);
  if (names.length === 0) return undefined;
  const what = 'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  return { reason, detail: `pod or ${named('container', names)} must set ${what}` };
}

export const seccompProfileRestricted: Control = {
  includes: seccompProfileBaseline,
  revisions: [
    { sinceMinor: 19, check: checkSet },
    { sinceMinor: 25, check: notOnWindows(checkSet) },
  ],
};
