import { type Environment, type Processes, withToolPath } from '@fairway/host';

/** nftables did not take what it was given. */
export class NftError extends Error {
  override readonly name = 'NftError';
}

/** The program `nft` of this machine. */
export interface Nft {
  /** Carries a script out as one transaction. Errors: `NftError`. */
  apply(script: string): Promise<void>;
  /** Hands on what `nft monitor` prints, until the signal aborts. Errors: when it ends before. */
  watch(onOutput: (chunk: Uint8Array) => void, signal: AbortSignal): Promise<void>;
  /** Whether a table is there. */
  hasTable(name: string): Promise<boolean>;
}

const outputBytesMax = 1024 * 1024;
/** It repeats the whole script. */
const messageCharactersMax = 2_000;

export function nftOf({
  processes,
  environment,
}: {
  readonly processes: Processes;
  readonly environment: Environment;
}): Nft {
  const command = {
    file: 'nft',
    environment: withToolPath(environment.variables),
    input: 'none',
    errors: 'in-output',
    outputBytesMax,
    timeoutMs: 30_000,
  } as const;
  const run = (args: readonly string[], input?: string) =>
    processes.run({
      ...command,
      arguments: args,
      ...(input === undefined ? {} : { input: { text: input } }),
    });
  return {
    async apply(script) {
      const { exitCode, output } = await run(['-f', '-'], script);
      if (exitCode === 0) return;
      const why = Buffer.from(output).toString().slice(0, messageCharactersMax).trim();
      throw new NftError(`nft took none of the rules (code ${exitCode}): ${why}`);
    },
    async watch(onOutput, signal) {
      const { exitCode } = await processes.run(
        {
          ...command,
          // It ends with this process, also when that is killed.
          file: 'setpriv',
          arguments: ['--pdeathsig=KILL', 'nft', 'monitor'],
          onOutput,
          timeoutMs: Infinity,
        },
        signal,
      );
      throw new NftError(`nft monitor has ended (code ${exitCode})`);
    },
    async hasTable(name) {
      const { output } = await run(['list', 'tables', 'ip']);
      return Buffer.from(output).toString().split('\n').includes(`table ip ${name}`);
    },
  };
}
