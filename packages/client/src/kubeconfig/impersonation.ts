import type { Impersonation } from '../cluster-target.ts';

/** The user to act as; undefined when the caller acts as itself. */
export function impersonationOf(wish: {
  readonly as?: string;
  readonly asUid?: string;
  readonly asGroups?: readonly string[];
  readonly asUserExtra?: Readonly<Record<string, readonly string[]>>;
}): Impersonation | undefined {
  const { as: user, asUid: uid, asGroups: groups = [], asUserExtra: extra = {} } = wish;
  if (!user) return undefined;
  return {
    user,
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}
