import { appArmorOfContainer } from '@fairway/kind-rules/pods';
import { type Control, containersOf, control, plural, quoted, setters, sorted } from './control.ts';

/** Fields and, from before there were fields, annotations. */
export const appArmorProfile: Control = control((pod) => {
  const ofPod = forbidden(pod.spec.securityContext?.appArmorProfile);
  const ofContainers = containersOf(pod).flatMap(({ name, securityContext }) => {
    const type = forbidden(securityContext?.appArmorProfile);
    return type === undefined ? [] : [{ name, type }];
  });
  const annotations = Object.entries(pod.metadata?.annotations ?? {})
    .filter(([key, value]) => key.startsWith(appArmorOfContainer) && !isAllowedAnnotation(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const types = [...(ofPod === undefined ? [] : [ofPod]), ...ofContainers.map(({ type }) => type)];
  const values = [...sorted(types), ...sorted(annotations)];
  if (values.length === 0) return undefined;
  const who = [
    setters(
      ofPod !== undefined,
      ofContainers.map(({ name }) => name),
    ),
    annotations.length === 0 ? '' : plural('annotation', annotations),
  ].filter((each) => each !== '');
  return {
    reason: plural('forbidden AppArmor profile', values),
    detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
});

function forbidden(profile: { readonly type: string } | undefined): string | undefined {
  if (profile === undefined) return undefined;
  return ['RuntimeDefault', 'Localhost'].includes(profile.type) ? undefined : profile.type;
}

function isAllowedAnnotation(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}
