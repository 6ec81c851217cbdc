import { untilAborted } from '@fairway/host';
import type { CommandContext } from '../command-context.ts';
import { type EtcdFlags, readEtcdFlags } from '../envtest/etcd-flags.ts';
import { serveEtcdStandIn } from '../envtest/etcd-stand-in.ts';
import { lineLogger } from '../output/line-logger.ts';

/** Stands in for the etcd of a test environment until it is stopped. */
export async function etcd(context: CommandContext, flags: EtcdFlags): Promise<void> {
  const { host, output, signal } = context;
  const { at, ...place } = readEtcdFlags(flags, host.environment.workingDirectory);
  const logger = lineLogger(output, host.clock);
  await host.files.makeDirectory(place.directory, { mode: 0o700 });
  const listeners = await serveEtcdStandIn({ clock: host.clock, logger }, at, place);
  for (const { url } of listeners) {
    await output.writeError(`Fairway's stand-in for etcd answers /health on ${url}\n`);
  }
  await untilAborted(signal);
  await Promise.all(listeners.map((each) => each.close()));
}
