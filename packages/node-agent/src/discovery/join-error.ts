/** Why a machine cannot join a cluster, and what helps; trying again would not. */
export class JoinError extends Error {
  override readonly name = 'JoinError';
}
