import { checkDnsSubdomain, type UserInfo } from '@fairway/protocol';

/** The group of all nodes. */
export const nodesGroup = 'system:nodes';

const prefix = 'system:node:';

/**
 * The name of the node that a user is: empty for one that says it is a node and not which; undefined for
 * everybody else. Source: Kubernetes, using Node authorization.
 */
export function nodeNameOf({ username, groups }: UserInfo): string | undefined {
  if (!username.startsWith(prefix) || !groups.includes(nodesGroup)) return undefined;
  return username.slice(prefix.length);
}

/** The node that a username stands for, whoever has it; undefined for any other. */
export function parseNodeUsername(username: string): string | undefined {
  if (!username.startsWith(prefix)) return undefined;
  const name = username.slice(prefix.length);
  return checkDnsSubdomain(name) === undefined ? name : undefined;
}
