import type { Files } from '@fairway/host';
import type { AcceptFlags } from './accept-flags.ts';
import type { ListenFlags } from './listen-flags.ts';

interface WarnedFlags
  extends Pick<AcceptFlags, 'disableFilter'>, Pick<ListenFlags, 'address' | 'unixSocket'> {
  readonly www: string;
  readonly tokenFile?: string;
}

/** What may be a mistake in the flags that say who may come in, and to what: a sentence for each. */
export async function flagWarnings(
  files: Files,
  { www, disableFilter, tokenFile, address, unixSocket }: WarnedFlags,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  if (www !== '' && (await files.stat(www))?.isDirectory !== true) {
    warnings.push(`there is no folder ${www} to serve files from`);
  }
  if (disableFilter === true && unixSocket === '' && tokenFile === undefined) {
    warnings.push(
      'the filter is off: every web page that you open can use this proxy in your name',
    );
  }
  const isForNetworks = /^(\[?::\]?|0\.0\.0\.0)$/.test(address) && unixSocket === '';
  if (isForNetworks && tokenFile === undefined) {
    warnings.push(
      `${address} means every network of this machine: whoever reaches it acts in your name`,
    );
  }
  if (tokenFile !== undefined && (((await files.stat(tokenFile))?.mode ?? 0) & 0o077) !== 0) {
    warnings.push(
      `others may read ${tokenFile}, and call this proxy with its tokens; chmod 600 it`,
    );
  }
  return warnings;
}
