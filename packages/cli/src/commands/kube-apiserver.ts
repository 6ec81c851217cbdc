import { flushCompileCache } from 'node:module';
import { stampResourceVersion } from '@fairway/apiserver/stamp';
import { DisposalStack, type Host, untilAborted } from '@fairway/host';
import { openSqliteStore } from '@fairway/store';
import type { KubeApiserverFlags } from '../cluster/kube-apiserver-flags.ts';
import { openEncryption } from '../cluster-access/open-encryption.ts';
import type { CommandContext } from '../command-context.ts';
import { findStore } from '../envtest/find-store.ts';
import { requireFlags } from '../envtest/require-flags.ts';
import { lineLogger } from '../output/line-logger.ts';

/** How long requests may go on after somebody asked for an end. */
const graceMs = 2_000;

/** Stands in for the kube-apiserver of a test environment until it is stopped: the API, and no controllers. */
export async function kubeApiserver(
  context: CommandContext,
  flags: KubeApiserverFlags,
): Promise<void> {
  const { output, signal } = context;
  const { clock } = context.host;
  const host: Host = { ...context.host, logger: lineLogger(output, clock) };
  const place = await findStore(requireFlags(flags).etcdServers);
  await using running = new DisposalStack();
  const { atRest } = running.use(await openEncryption(host, flags));
  // Its thread starts and reads while the server is loaded, which takes as long.
  const opening = openSqliteStore({ ...place, stamp: stampResourceVersion, clock, seal: atRest });
  // One that cannot be opened is told of where it is waited for.
  const opened = opening.catch(() => undefined);
  running.defer(async () => (await opened)?.close());
  const { serveKubeApiserver } = await import('../envtest/serve-kube-apiserver.ts');
  const ownKeyFile = `${place.directory}/service-account.key`;
  const api = running.use(
    await serveKubeApiserver(host, flags, { opening, ownKeyFile, encryption: atRest }),
  );
  await output.writeError(`Serving securely on ${api.listener.url}\n`);
  // A test environment may end it by force, and Node.js would lose what it has compiled.
  flushCompileCache();
  await untilAborted(signal);
  await api.announceEnd();
  await api.stop({ graceMs });
}
