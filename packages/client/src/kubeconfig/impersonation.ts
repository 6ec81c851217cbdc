import type { Impersonation } from '../cluster-target.ts';

/** Who a caller wants to act as, if anybody. */
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
