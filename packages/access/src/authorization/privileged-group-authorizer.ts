import { type Authorizer, noOpinion } from './authorizer.ts';
import { mastersGroup } from '../well-known-names.ts';

/** Allows members of `system:masters` everything, so that no policy can lock an administrator out. */
export const privilegedGroupAuthorizer: Authorizer = ({ user }) =>
  user.groups.includes(mastersGroup) ? { kind: 'allow', reason: '' } : noOpinion;
