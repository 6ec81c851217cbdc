/** Somebody whom the machine knows. */
export interface HostUser {
  readonly name: string;
  readonly userId: number;
  readonly groupId: number;
  readonly home: string;
}

/** Source: passwd(5). */
export function parseUsers(text: string): readonly HostUser[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , userId, groupId, , home = '/'] = line.split(':');
    if (!userId || !groupId) return [];
    return { name, userId: Number(userId), groupId: Number(groupId), home };
  });
}
