import type { Transport } from '@fairway/client/connect';
import type { Host } from '@fairway/host';
import type { Handler } from '@fairway/protocol';

/** A way to a webhook that a kubeconfig describes: its cluster is the webhook, its user this server. */
export interface KubeconfigWebhook extends AsyncDisposable {
  /** Sends a request to the URL of the webhook, whatever its path says. */
  readonly send: Handler;
}

/**
 * Opens the webhook of the current context in a kubeconfig; absent: the API server of the cluster that this
 * program runs in.
 *
 * Errors: `KubeconfigError`.
 */
export async function openKubeconfigWebhook(
  host: Host,
  path: string | undefined,
): Promise<KubeconfigWebhook> {
  const [kubeconfig, { buildTransport }] = await Promise.all([
    import('@fairway/client/kubeconfig'),
    import('@fairway/client/connect'),
  ]);
  const target =
    path === undefined
      ? await kubeconfig.inClusterTarget(host)
      : await kubeconfig.targetFromKubeconfig(
          host,
          await kubeconfig.loadKubeconfig(host.files, await kubeconfig.findKubeconfig(host, path)),
        );
  const url = new URL(target.server);
  const { clock, random } = host;
  const transport: Transport = buildTransport({ ...target, server: url.origin }, { clock, random });
  return {
    send: (request) => transport.send({ ...request, path: url.pathname }),
    [Symbol.asyncDispose]: async () => transport.close(),
  };
}
