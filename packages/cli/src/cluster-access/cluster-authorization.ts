import {
  type ConfiguredAuthorizer,
  readAuthorizationConfiguration,
  webhookAuthorizer,
} from '@fairway/access';
import type { AuthorizerChoice } from '@fairway/apiserver';
import { DisposalStack, type Host } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import type { AuthorizationChoice } from './authorization-flags.ts';
import { followFile } from './follow-file.ts';
import { openKubeconfigWebhook } from './kubeconfig-webhook.ts';

/**
 * Who authorizes in a cluster, with the ways to webhooks. A file is read again when it changes; one that is
 * malformed then changes nothing, and the log says why.
 */
export class ClusterAuthorization implements AsyncDisposable {
  readonly #host: Host;
  #open: OpenAuthorizers;
  #following: Disposable | undefined;
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
    this.#following?.[Symbol.dispose]();
    await this.#open.ways[Symbol.asyncDispose]();
  }

  #follow(path: string, known: string): void {
    this.#following = followFile(this.#host, known, {
      name: 'the authorization configuration',
      path,
      read: () => readText(this.#host, path),
      take: async (text) => {
        const next = await openAuthorizers(this.#host, await parseFile(path, text));
        // Whoever closed it meanwhile has left the new ways to us.
        if (this.#isClosed) return next.ways[Symbol.asyncDispose]();
        const { ways } = this.#open;
        this.#open = next;
        await ways[Symbol.asyncDispose]();
      },
    });
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
