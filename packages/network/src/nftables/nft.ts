import {
  CommandNotFoundError,
  type Environment,
  type Processes,
  withToolPath,
} from '@fairway/host';

/** nftables did not take what it was given. */
export class NftError extends Error {
  override readonly name = 'NftError';
}

/** The program `nft` of this machine. */
export interface Nft {
  /** Carries a script out as one transaction, or as several that follow one another. Errors: `NftError`. */
  apply(script: string): Promise<void>;
  /** Hands on what `nft monitor` prints, until the signal aborts. Errors: when it ends before. */
  watch(onOutput: (chunk: Uint8Array) => void, signal: AbortSignal): Promise<void>;
  /** Whether there is such a program, and it may look at the rules. */
  isUsable(): Promise<boolean>;
  /** Whether a table is there. */
  hasTable(name: string): Promise<boolean>;
}

const outputBytesMax = 1024 * 1024;
/** It repeats the whole script. */
const messageCharactersMax = 2_000;

export function nftOf({
  processes,
  environment,
  enter = async () => [],
  mayBeParted = false,
}: {
  readonly processes: Processes;
  readonly environment: Environment;
  /** What brings it into another network, before its command; absent: that of this process. */
  readonly enter?: () => Promise<readonly string[]>;
  /**
   * The kernel takes some 200 KB in one transaction from a user who is not root. True: what is longer is carried
   * out in parts, and others see a table that is not yet whole; absent: it is refused.
   */
  readonly mayBeParted?: boolean;
}): Nft {
  const command = {
    environment: withToolPath(environment.variables),
    input: 'none',
    errors: 'in-output',
    outputBytesMax,
    timeoutMs: 30_000,
  } as const;
  const words = async (
    own: readonly string[],
  ): Promise<{ readonly file: string; readonly arguments: readonly string[] }> => {
    const [file = '', ...rest] = [...(await enter()), ...own];
    return { file, arguments: rest };
  };
  const run = async (args: readonly string[], input?: string) =>
    processes.run({
      ...command,
      ...(await words(['nft', ...args])),
      ...(input === undefined ? {} : { input: { text: input } }),
    });
  /** In one transaction; where that would be too long, in one for each half of the commands. */
  const applyAll = async (commands: readonly string[]): Promise<void> => {
    const { exitCode, output } = await run(['-f', '-'], `${commands.join('\n')}\n`);
    if (exitCode === 0) return;
    const why = Buffer.from(output).toString();
    const middle = Math.floor(commands.length / 2);
    if (middle === 0 || !why.includes('Message too long')) {
      const shown = why.slice(0, messageCharactersMax).trim();
      throw new NftError(`nft took none of the rules (code ${exitCode}): ${shown}`);
    }
    await applyAll(commands.slice(0, middle));
    await applyAll(commands.slice(middle));
  };
  return {
    apply: (script) => applyAll(mayBeParted ? commandsOf(script) : [script]),
    async watch(onOutput, signal) {
      const { exitCode } = await processes.run(
        {
          ...command,
          // It ends with this process, also when that is killed.
          ...(await words(['setpriv', '--pdeathsig=KILL', 'nft', 'monitor'])),
          onOutput,
          timeoutMs: Infinity,
        },
        signal,
      );
      throw new NftError(`nft monitor has ended (code ${exitCode})`);
    },
    async isUsable() {
      try {
        return (await run(['list', 'tables', 'ip'])).exitCode === 0;
      } catch (error) {
        if (error instanceof CommandNotFoundError) return false;
        throw error;
      }
    },
    async hasTable(name) {
      const { output } = await run(['list', 'tables', 'ip']);
      return Buffer.from(output).toString().split('\n').includes(`table ip ${name}`);
    },
  };
}

/** What belongs to a command and is on lines of its own begins further in, or is a brace that closes it. */
function commandsOf(script: string): readonly string[] {
  return script.split(/\n(?=\w)/);
}
