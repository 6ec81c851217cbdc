import { type Draft, type ObjectDraft, annotationsOf, equalsJson } from '@fairway/protocol';
import type { AppArmorProfile, Container, Pod } from '@fairway/kinds/core/v1';

import { appArmorDeprecation, appArmorOfContainer } from '../pods/profile-annotations.ts';
import { localProfileBytesMax } from './validate-security-context.ts';

/**
 * A new pod that asks for AppArmor profiles by annotations, as before there were fields, gets the fields.
 * Source: KEP-24, "Version Skew Strategy".
 */
export function fillAppArmorFields(pod: ObjectDraft<Pod>, warn: (text: string) => void): void {
  const annotations = annotationsOf(pod);
  const { spec } = pod;
  if (!spec || spec.os?.name === 'windows') return;
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec;
  const ofPod = spec.securityContext?.appArmorProfile;
  for (const container of [...initContainers, ...containers, ...ephemeralContainers]) {
    const key = `${appArmorOfContainer}${container.name}`;
    const annotation = annotations[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue;
    const profile = profileOf(annotation);
    if (profile !== undefined && ofPod && equalsJson(profile, ofPod)) continue;
    if (profile !== undefined) setProfile(container, profile);
    warn(`metadata.annotations[${key}]: ${appArmorDeprecation}`);
  }
}

function setProfile(
  container: Draft<Pick<Container, 'securityContext'>>,
  profile: AppArmorProfile,
): void {
  container.securityContext = { ...container.securityContext, appArmorProfile: profile };
}

/** Undefined for what no field can say. */
function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (!annotation.startsWith('localhost/')) return undefined;
  const localhostProfile = annotation.slice('localhost/'.length);
  const isUsable =
    localhostProfile !== '' &&
    localhostProfile.trim() === localhostProfile &&
    Buffer.byteLength(localhostProfile) <= localProfileBytesMax;
  return isUsable ? { type: 'Localhost', localhostProfile } : undefined;
}
