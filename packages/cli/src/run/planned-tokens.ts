import { ApiError, type Client, type GivenToken } from '@fairway/client';
import type { NewFile } from '@fairway/host';
import { accountFiles } from '@fairway/node-agent';
import type { Output } from '../output/output.ts';
import type { PodProgram } from './as-pod.ts';
import type { Road } from './choose-road.ts';
import { accountVolume } from './elsewhere.ts';
import type { VolumeContent } from './place-volumes.ts';
import { type AccountName, type TokenWish, requestAccountToken } from './request-token.ts';

/** A token that a program gets in a file, and is given anew. */
export interface PlannedToken {
  readonly wish: TokenWish;
  readonly volume: string;
  /** The whole volume with this token in it. */
  filesWith(token: string): ReadonlyMap<string, NewFile>;
}

/** The token by which a program is let into the API, in the files of its account. */
export function accountToken(wish: TokenWish, { authority }: Road): PlannedToken {
  const { namespace } = wish.account;
  return {
    wish,
    volume: accountVolume,
    filesWith: (token) => accountFiles({ token, authority, namespace }),
  };
}

/** The tokens in the volumes of a pod. */
export function volumeTokens(
  account: AccountName,
  { tokens, bound, volumes }: PodProgram,
): readonly PlannedToken[] {
  const drafts = new Map<string, Map<string, NewFile>>();
  return tokens.map(({ volume, path, mode, audience, expirationSeconds }) => {
    const draft = drafts.get(volume) ?? new Map(filesOf(volumes.get(volume)));
    drafts.set(volume, draft);
    return {
      wish: { account, pod: bound, expirationSeconds, ...(audience ? { audience } : {}) },
      volume,
      filesWith: (token) => draft.set(path, { bytes: new TextEncoder().encode(token), mode }),
    };
  });
}

function filesOf(content: VolumeContent | undefined): ReadonlyMap<string, NewFile> {
  return content === undefined || content === 'empty' ? new Map() : content;
}

/**
 * Asks for tokens. Where an API server cannot bind one to a pod, it is bound to the account alone, and
 * the user is told once.
 */
export function tokenRequester(
  client: Client,
  output: Output,
): (wish: TokenWish) => Promise<GivenToken> {
  let canBind = true;
  return async ({ pod, ...wish }) => {
    if (pod === undefined || !canBind) return requestAccountToken(client, wish);
    try {
      return await requestAccountToken(client, { ...wish, pod });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 501) throw error;
      if (canBind) {
        canBind = false;
        await output.writeError(
          'Warning: this API server binds no token to a pod; this one is bound to the account alone\n',
        );
      }
      return requestAccountToken(client, wish);
    }
  };
}
