import type { VolumeSetUp } from './volume-set-up.ts';

/**
 * Gives a volume to the group of its pod (`fsGroup`), where it has one; once in the life of an agent.
 * `OnRootMismatch`: not where the folder itself has the group already.
 */
export async function giveToPod(
  directory: string,
  { pod, machine, memory }: VolumeSetUp,
  changePolicy: 'Always' | 'OnRootMismatch' = 'Always',
): Promise<void> {
  const groupId = pod.spec?.securityContext?.fsGroup;
  if (memory.isGiven === true) return;
  if (groupId !== undefined) {
    const onlyOnMismatch = changePolicy === 'OnRootMismatch';
    await machine.giveToGroup(directory, { groupId, onlyOnMismatch });
  }
  memory.isGiven = true;
}
