import { ApiError, addressesOf, createClient } from '@fairway/client';
import { DisposalStack, messageOf, untilAborted } from '@fairway/host';
import { type Handler, hostPort } from '@fairway/protocol';
import {
  type HostedName,
  createProxy,
  defaultAcceptRules,
  findPodPorts,
  hostOf,
} from '@fairway/proxy';
import { listen } from '@fairway/serving';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { listenPort } from '../flag-values.ts';
import { withListenRemedy } from '../listen-remedy.ts';
import { lineLogger } from '../output/line-logger.ts';
import { openProxiedCluster } from '../proxy/proxied-cluster.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';

export interface OpenFlags extends ClusterFlags {
  readonly port: string;
  readonly browser: boolean;
}

/** How long requests may go on after somebody asked for an end. */
const graceMs = 1_000;

/**
 * Shows a service or a pod in the browser, at an origin of its own that only this machine reaches, until somebody
 * asks for an end. Nothing else of the cluster is there.
 */
export async function open(context: CommandContext, word: string, flags: OpenFlags): Promise<void> {
  const { host, output, signal } = context;
  await using opened = new DisposalStack();
  const { target, transport } = await openProxiedCluster(context, flags);
  opened.use(transport);
  const name = { ...hostedName(word), namespace: target.namespace };
  await requireNamed(context, { send: transport.send, name });
  const logger = lineLogger(output, host.clock);
  const proxy = opened.use(
    createProxy({
      transport,
      servers: addressesOf(target),
      logger,
      hosts: { clock: host.clock, random: host.random, only: name },
      // No host but those of services and pods, and of these the browser goes to one.
      rules: { ...defaultAcceptRules, acceptHosts: [] },
      apiPrefix: '/',
      mayImpersonate: false,
      keepAliveMs: undefined,
    }),
  );
  const { handler, upgradeHandler } = proxy;
  const place = { host: '127.0.0.1', port: listenPort(flags.port) };
  const listener = await listen({
    ...place,
    handler,
    upgradeHandler,
    logger,
    clock: host.clock,
  }).catch((error: unknown) => {
    throw withListenRemedy(error, '--port 0');
  });
  const { address } = listener;
  const port = 'port' in address ? address.port : place.port;
  const url = `http://${hostPort(hostOf(name), port)}/`;
  await output.write(`${url}\n`);
  if (flags.browser) await showInBrowser(context, url);
  await untilAborted(signal);
  await listener.close({ graceMs });
}

/** What is not there is said before a browser is. Whether something answers already is not asked. */
async function requireNamed(
  { host: { clock, random } }: CommandContext,
  { send, name }: { readonly send: Handler; readonly name: HostedName },
): Promise<void> {
  const client = createClient({ transport: send, clock, random });
  await findPodPorts(client, name).catch((error: unknown) => {
    // Another way may be open, or something answer in a moment.
    if (!(error instanceof ApiError) || ![403, 503].includes(error.code)) throw error;
  });
}

/** Reads `svc/web`, `pod/web-0` or `web`, each perhaps with `:PORT`. */
function hostedName(word: string): Omit<HostedName, 'namespace'> {
  const [, type = 'service', name = '', port = ''] =
    /^(?:([a-z]+)\/)?([a-z0-9][-.a-z0-9]*)(?::([-a-z0-9]+))?$/.exec(word) ?? [];
  const kind = kinds.get(type);
  if (name === '' || kind === undefined) {
    throw new CommandError(
      `cannot open ${JSON.stringify(word)}: write svc/NAME or pod/NAME, with :PORT after it where there are several`,
    );
  }
  if (kind === 'pod' && !/^\d*$/.test(port)) {
    throw new CommandError(`cannot open ${JSON.stringify(word)}: the port of a pod is a number`);
  }
  return { kind, name, port };
}

const kinds: ReadonlyMap<string, HostedName['kind']> = new Map([
  ...['svc', 'service', 'services'].map((type) => [type, 'service'] as const),
  ...['po', 'pod', 'pods'].map((type) => [type, 'pod'] as const),
]);

async function showInBrowser(
  { host, attached, output }: CommandContext,
  url: string,
): Promise<void> {
  const { variables, workingDirectory, platform } = host.environment;
  const [file, ...words] = browserCommand(platform, variables['BROWSER']);
  try {
    const started = await attached.start({
      file,
      arguments: [...words, url],
      environment: variables,
      workingDirectory,
    });
    void started.ended;
  } catch (error) {
    await output.writeError(
      `No browser was started (${messageOf(error)}): open the address above, or name one in BROWSER.\n`,
    );
  }
}

function browserCommand(
  platform: string,
  wanted: string | undefined,
): readonly [string, ...string[]] {
  if (wanted !== undefined && wanted !== '') return [wanted];
  if (platform === 'darwin') return ['open'];
  return platform === 'win32' ? ['explorer'] : ['xdg-open'];
}
