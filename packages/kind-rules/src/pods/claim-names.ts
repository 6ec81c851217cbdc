import type { Volume } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** The claim that a volume of a pod is, by its name; undefined for a volume that is none. */
export function claimNameOf(
  podName: string,
  { name, persistentVolumeClaim, ephemeral }: DeepReadonly<Volume>,
): string | undefined {
  return persistentVolumeClaim?.claimName ?? (ephemeral && ephemeralClaimName(podName, name));
}

/** The name of a claim that a pod brings along in a volume. */
export function ephemeralClaimName(podName: string, volumeName: string): string {
  return `${podName}-${volumeName}`;
}
