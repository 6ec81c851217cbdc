import { DisposalStack, type Host } from '@fairway/host';
import type { ContainerHost, NodeRuntime } from '@fairway/node-agent';

/** The runtime of somebody else behind an endpoint of CRI, in words; or why it cannot be used. */
export type ExistingRuntime =
  | { readonly kind: 'runtime'; readonly words: string }
  | { readonly kind: 'none'; readonly why: string };

/** What the agent itself needs of the machine, whoever runs the containers. */
const needed = ['linux', 'root', 'cgroups'];

/** Asks a runtime who it is. */
export async function findExistingRuntime(
  host: Host,
  endpoint: string,
  { capabilities, ...facts }: ContainerHost,
): Promise<ExistingRuntime> {
  const { RuntimeError, lackedCapabilities } = await import('@fairway/node-agent');
  const own = capabilities.filter(({ name }) => needed.includes(name));
  const why = lackedCapabilities({ ...facts, capabilities: own });
  if (why !== undefined) return { kind: 'none', why };
  try {
    await using opened = await openExistingRuntime(host, endpoint);
    return { kind: 'runtime', words: `${opened.runtime.version} at ${endpoint}` };
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const remedy = 'is the runtime running, and may you use its socket?';
    return { kind: 'none', why: `nobody answers at ${endpoint}: ${error.message}; ${remedy}` };
  }
}

/**
 * Opens it, with the images and the network that it has. Disposed of, it runs on, and so does what it runs.
 *
 * Errors: `RuntimeError`.
 */
export async function openExistingRuntime(host: Host, endpoint: string): Promise<NodeRuntime> {
  const agent = await import('@fairway/node-agent');
  await using opened = new DisposalStack();
  const client = agent.criClientOf(endpoint, host);
  opened.defer(() => client[Symbol.dispose]());
  const runtime = opened.use(await agent.criRuntime(client, host));
  const sandboxImage = await agent.sandboxImageOf(client);
  const all = opened.move();
  return {
    runtime,
    images: agent.criImages(client),
    ...(sandboxImage === undefined ? {} : { sandboxImage }),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}
