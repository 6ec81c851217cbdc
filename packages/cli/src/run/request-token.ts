import { ApiError, type Client, type GivenToken, requestToken } from '@fairway/client';
import { CommandError } from '../command-error.ts';

export interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

/** Which token a program gets. */
export interface TokenWish {
  readonly account: AccountName;
  /** Absent: the API server itself. */
  readonly audience?: string;
  readonly expirationSeconds?: number;
  /** A pod with which the token ends. */
  readonly pod?: { readonly name: string; readonly uid: string };
}

/** What a flag names: `NS/NAME`, or a name in the namespace that the flags or the kubeconfig name. */
export function parseName(flag: string, text: string, namespace: string): AccountName {
  const parts = text.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2 || first === '' || second === '') {
    throw new CommandError(`${flag} ${JSON.stringify(text)} names nothing; write NAMESPACE/NAME`);
  }
  return second === undefined ? { namespace, name: first } : { namespace: first, name: second };
}

/**
 * Asks for a token as the user of the kubeconfig. Errors: `CommandError` with a remedy when there is
 * no such account or the user may not ask; else those of the client.
 */
export async function requestAccountToken(client: Client, wish: TokenWish): Promise<GivenToken> {
  const { account, audience, expirationSeconds = 3_600, pod } = wish;
  try {
    return await requestToken(client, account.name, {
      namespace: account.namespace,
      expirationSeconds,
      ...(audience === undefined ? {} : { audiences: [audience] }),
      ...(pod === undefined ? {} : { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...pod } }),
    });
  } catch (error) {
    const remedy = error instanceof ApiError ? remedyOf(error, account) : undefined;
    if (remedy === undefined || !(error instanceof ApiError)) throw error;
    throw new CommandError(`${error.message}; ${remedy}`, { cause: error });
  }
}

function remedyOf(
  { code, status }: ApiError,
  { namespace, name }: AccountName,
): string | undefined {
  if (code === 404 && status.details?.kind === 'namespaces') {
    return `create the namespace: kubectl create namespace ${namespace}`;
  }
  if (code === 404) {
    return `create the account: kubectl create serviceaccount ${name} --namespace ${namespace}`;
  }
  if (code === 403) {
    return `ask for the right to create tokens of it: verb "create" on "serviceaccounts/token" in namespace "${namespace}"`;
  }
  return undefined;
}
