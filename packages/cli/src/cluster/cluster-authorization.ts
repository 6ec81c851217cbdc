import {
  type ConfiguredAuthorizer,
  readAuthorizationConfiguration,
  webhookAuthorizer,
} from '@fairway/access';
import type { AuthorizerChoice } from '@fairway/apiserver';
import { DisposalStack, type Host, type Timer } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import type { AuthorizationChoice } from './authorization-flags.ts';
import { openKubeconfigWebhook } from './kubeconfig-webhook.ts';

/** How often is looked whether the file has changed. */
const lookEveryMs = 10_000;

/**
 * Who authorizes in a cluster of `fairway up`, with the ways to webhooks. A file is read again when it
 * changes; one that is malformed then changes nothing, and the log says why.
 */
export class ClusterAuthorization implements AsyncDisposable {
  readonly #host: Host;
  #open: OpenAuthorizers;
  #timer: Timer | undefined;
  #isClosed = false;

  readonly choices = (): readonly AuthorizerChoice[] => this.#open.choices;

  private constructor(host: Host, authorizers: OpenAuthorizers) {
    this.#host = host;
    this.#open = authorizers;
  }

  /** Errors: `CommandError` for a file that is missing or malformed, `KubeconfigError` for a webhook's. */
  static async open(host: Host, choice: AuthorizationChoice): Promise<ClusterAuthorization> {
    if (choice.kind === 'flags') {
      return new ClusterAuthorization(host, await openAuthorizers(host, choice.authorizers));
    }
    const text = await readText(host, choice.path);
    const authorizers = await parseFile(choice.path, text);
    const opened = new ClusterAuthorization(host, await openAuthorizers(host, authorizers));
    opened.#follow(choice.path, text);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#open.ways[Symbol.asyncDispose]();
  }

  #follow(path: string, known: string): void {
    if (this.#isClosed) return;
    this.#timer = this.#host.clock.schedule(lookEveryMs, () => {
      void this.#look(path, known).then((text) => this.#follow(path, text));
    });
  }

  /** Answers what the file holds now. */
  async #look(path: string, known: string): Promise<string> {
    const { logger } = this.#host;
    let text = known;
    try {
      text = await readText(this.#host, path);
      if (text === known) return known;
      const next = await openAuthorizers(this.#host, await parseFile(path, text));
      const { ways } = this.#open;
      this.#open = next;
      logger.info('the authorization configuration was read again', { path });
      await ways[Symbol.asyncDispose]();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error('the authorization configuration stays as it was', { reason });
    }
    return text;
  }
}

interface OpenAuthorizers {
  readonly choices: readonly AuthorizerChoice[];
  /** To the webhooks. */
  readonly ways: AsyncDisposable;
}

async function openAuthorizers(
  host: Host,
  authorizers: readonly ConfiguredAuthorizer[],
): Promise<OpenAuthorizers> {
  await using opened = new DisposalStack();
  const choices: AuthorizerChoice[] = [];
  for (const each of authorizers) {
    if (each.type !== 'Webhook') choices.push(each.type);
    else {
      const { kubeConfigFile, ...settings } = each.webhook;
      const { send } = opened.use(await openKubeconfigWebhook(host, kubeConfigFile));
      choices.push(webhookAuthorizer({ ...settings, clock: host.clock, send }));
    }
  }
  return { choices, ways: opened.move() };
}

async function readText({ files }: Host, path: string): Promise<string> {
  const bytes = await files.read(path, { bytesMax: configurationBytesMax });
  if (bytes === undefined) throw refuse(path, ['no such file']);
  return Buffer.from(bytes).toString();
}

/** Some hundred authorizers with their conditions. */
const configurationBytesMax = 1024 * 1024;

async function parseFile(path: string, text: string): Promise<readonly ConfiguredAuthorizer[]> {
  const { parse, YAMLParseError } = await import('yaml');
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError) && !(error instanceof ReferenceError)) throw error;
    throw refuse(path, [(error.message.split('\n')[0] ?? '').replace(/:$/, '')]);
  }
  const read = await readAuthorizationConfiguration(document);
  if (read.kind === 'refused') throw refuse(path, read.problems);
  return read.authorizers;
}

function refuse(path: string, problems: readonly string[]): CommandError {
  return new CommandError(`cannot use --authorization-config ${path}: ${problems.join('; ')}`);
}
