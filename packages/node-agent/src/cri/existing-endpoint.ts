import type { Clock } from '@fairway/host';
import { isJsonObject } from '@fairway/protocol';
import { CriClient, socketPathOf } from './cri-client.ts';

/** Calls to the runtime behind an endpoint as kubelets are given it. Errors: `RuntimeError` for what is none. */
export function criClientOf(endpoint: string, { clock }: { readonly clock: Clock }): CriClient {
  return new CriClient({ socketPath: socketPathOf(endpoint), clock });
}

/** What the runtime itself makes sandboxes of, where it says so: containerd does. Errors: `RuntimeError`. */
export async function sandboxImageOf(client: CriClient): Promise<string | undefined> {
  const { info = {} } = await client.call('Status', { verbose: true });
  const config: unknown = JSON.parse(info['config'] ?? '{}');
  const image = isJsonObject(config) ? config['sandboxImage'] : undefined;
  return typeof image === 'string' ? image : undefined;
}
