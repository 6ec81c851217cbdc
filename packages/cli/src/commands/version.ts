import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { documentFormat } from '../output/output-format.ts';
import { platformOf } from '../platform-name.ts';
import { productVersion } from '../product-version.ts';
import { readJson } from '../connection/read-json.ts';

/** Shows the versions of this command and of the cluster. */
export async function version(
  context: CommandContext,
  flags: ClusterFlags & { readonly client?: boolean; readonly output?: string },
): Promise<void> {
  const { host, output } = context;
  const format = await formatOf(flags.output);
  const clientVersion = {
    gitVersion: `v${productVersion}`,
    platform: platformOf(host.environment),
  };
  // What is known here is said even when the cluster does not answer.
  if (format === undefined) await output.write(`Client Version: ${clientVersion.gitVersion}\n`);
  const serverVersion = flags.client === true ? undefined : await askServer(context, flags);
  if (format !== undefined) {
    const both = { clientVersion, ...(serverVersion === undefined ? {} : { serverVersion }) };
    await output.write(format(both));
  } else if (serverVersion !== undefined) {
    await output.write(`Server Version: ${serverVersion.gitVersion ?? 'unknown'}\n`);
  }
}

async function askServer(
  context: CommandContext,
  flags: ClusterFlags,
): Promise<{ readonly gitVersion?: string }> {
  await using client = await openClient(context, flags);
  return await readJson(client, { path: '/version', signal: context.signal });
}

async function formatOf(
  text: string | undefined,
): Promise<((value: unknown) => string) | undefined> {
  if (text === undefined) return undefined;
  const format = text === 'json' || text === 'yaml' ? await documentFormat(text) : undefined;
  if (format === undefined) throw new CommandError(`--output must be 'yaml' or 'json'`);
  return format;
}
