import type { GivenToken } from '@fairway/client';
import { type Host, messageOf } from '@fairway/host';
import { type Trouble, keepToken } from '@fairway/node-agent';
import type { Output } from '../output/output.ts';
import type { AccountName } from './request-token.ts';

/** Renews the token of an account until disposed of, and tells the user when that fails. */
export function renewing(
  { host, output }: { readonly host: Host; readonly output: Output },
  given: GivenToken,
  token: {
    readonly account: AccountName;
    request(): Promise<GivenToken>;
    onToken(given: GivenToken): Promise<void>;
  },
): AsyncDisposable {
  const stopping = new AbortController();
  const { namespace, name } = token.account;
  const keeper = {
    clock: host.clock,
    random: host.random,
    request: () => token.request(),
    onToken: (next: GivenToken) => token.onToken(next),
    onTrouble({ cause, goodForMs, nextTryMs }: Trouble) {
      const why = messageOf(cause);
      const end = goodForMs > 0 ? `it ends in ${Math.ceil(goodForMs / 1_000)} s` : 'it has ended';
      void output.writeError(
        `Warning: the token of ${namespace}/${name} cannot be renewed: ${why}; ${end}, trying again in ${Math.ceil(nextTryMs / 1_000)} s\n`,
      );
    },
  };
  const kept = keepToken(keeper, given, stopping.signal);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await kept;
    },
  };
}
