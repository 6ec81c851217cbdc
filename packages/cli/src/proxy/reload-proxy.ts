import { findKubeconfig, loadKubeconfig } from '@fairway/client/kubeconfig';
import { type Logger, messageOf } from '@fairway/host';
import type { SwitchedProxy } from '@fairway/proxy';
import { followFile } from '../cluster-access/follow-file.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { LayeredFlags } from './flags-file.ts';
import type { OpenProxyFlags, OpenedProxy } from './open-proxy.ts';

/** What a proxy is made of that may change while it runs. */
export interface ReloadOptions<Flags extends OpenProxyFlags> {
  readonly path: string;
  readonly layered: LayeredFlags<Flags>;
  /** Those that count now. */
  readonly flags: Flags;
  /** Of flags that count from a start to the next. */
  readonly fixed: readonly (keyof Flags)[];
  readonly open: (flags: Flags) => Promise<OpenedProxy>;
  readonly onOpened: (opened: OpenedProxy) => void;
  readonly proxy: SwitchedProxy;
  readonly logger: Logger;
}

/** Reads the flags in a file. Errors: `CommandError`. */
export async function readFlags<Flags>(
  { host }: Pick<CommandContext, 'host'>,
  path: string,
  layered: LayeredFlags<Flags>,
): Promise<Flags> {
  return layered.with(path, await textOf(host, path));
}

async function textOf({ files }: CommandContext['host'], path: string): Promise<string> {
  const bytes = await files.read(path);
  if (bytes === undefined) throw new CommandError(`there is no file ${path}, of --config`);
  return Buffer.from(bytes).toString();
}

/**
 * The flags with the context that the kubeconfig has now: that it has another one later, since somebody works elsewhere,
 * shall not lead the callers of a running proxy there.
 */
export async function withPinnedContext<Flags extends OpenProxyFlags>(
  { host }: Pick<CommandContext, 'host'>,
  flags: Flags,
): Promise<Flags> {
  const { isInCluster, context, server } = flags;
  if (isInCluster === true || context !== undefined || server !== undefined) return flags;
  const config = await loadKubeconfig(host.files, await findKubeconfig(host, flags.kubeconfig));
  const { currentContext } = config;
  return currentContext === undefined || currentContext === ''
    ? flags
    : { ...flags, context: currentContext };
}

/** Makes a proxy anew when asked, and when its files have changed, until it is disposed of. */
export class ReloadedProxy<Flags extends OpenProxyFlags> implements AsyncDisposable {
  readonly #context: Pick<CommandContext, 'host' | 'output'>;
  readonly #options: ReloadOptions<Flags>;
  readonly #following: Promise<Disposable>;
  #reloading: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(context: Pick<CommandContext, 'host' | 'output'>, options: ReloadOptions<Flags>) {
    this.#context = context;
    this.#options = options;
    this.#following = this.#follow();
  }

  /** Reads all files again. What cannot be used changes nothing, and the log says why. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(async () => {
      if (this.#isOver) return;
      const { logger, path } = this.#options;
      try {
        if (!(await this.#switch())) return;
        logger.warn('the flags and the kubeconfig were read again', { path });
      } catch (error) {
        logger.error('the proxy goes on as it was', { reason: messageOf(error) });
      }
    });
    return this.#reloading;
  }

  /** Answers whether it did: not when all is over meanwhile. */
  async #switch(): Promise<boolean> {
    const { path, layered, open, onOpened, proxy, flags, fixed, logger } = this.#options;
    const next = await readFlags(this.#context, path, layered);
    const later = fixed.filter(
      (name) => JSON.stringify(next[name]) !== JSON.stringify(flags[name]),
    );
    if (later.length > 0) {
      logger.warn('some flags count after a restart only', { flags: later.join(' ') });
    }
    const context = next.context ?? flags.context;
    const opened = await open(context === undefined ? next : { ...next, context });
    if (this.#isOver) {
      await opened[Symbol.asyncDispose]();
      return false;
    }
    for (const text of opened.warnings) logger.warn(text);
    onOpened(opened);
    proxy.switchTo(opened);
    return true;
  }

  async #follow(): Promise<Disposable> {
    const { path, logger, flags } = this.#options;
    const { host } = this.#context;
    const files =
      flags.isInCluster === true ? [] : (await findKubeconfig(host, flags.kubeconfig)).files;
    const read = async (): Promise<string> => {
      const texts = await Promise.all([path, ...files].map((file) => host.files.read(file)));
      return texts.map((bytes) => Buffer.from(bytes ?? []).toString()).join('\0');
    };
    const followed = { name: 'the configuration of the proxy', path, read };
    // It tells itself what comes of it.
    const silent = { ...logger, info: () => {} };
    return followFile({ clock: host.clock, logger: silent }, await read(), {
      ...followed,
      take: () => this.reload(),
    });
  }

  /** Ends when nothing is opened any more: what is being opened then is closed again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    (await this.#following)[Symbol.dispose]();
    await this.#reloading;
  }
}
