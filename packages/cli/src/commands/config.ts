import {
  type Kubeconfig,
  type KubeconfigEdit,
  type KubeconfigLocation,
  editKubeconfig,
  findKubeconfig,
  flattenKubeconfig,
  loadKubeconfig,
  minifyKubeconfig,
  propertyEdit,
  viewKubeconfig,
} from '@fairway/client/kubeconfig';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { documentFormat } from '../output/output-format.ts';
import { TablePrinter } from '../output/table-printer.ts';

/** Which kubeconfig a command is about. */
export interface ConfigFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Shows the merged kubeconfig, secrets left out unless `raw`. */
export async function viewConfig(
  context: CommandContext,
  flags: ConfigFlags & {
    readonly output: string;
    readonly raw?: boolean;
    readonly minify?: boolean;
    readonly flatten?: boolean;
  },
): Promise<void> {
  const { host, output } = context;
  const format = await documentFormat(flags.output);
  if (format === undefined) {
    throw new CommandError(
      `unable to match a printer suitable for the output format "${flags.output}", allowed formats are: json,jsonpath,yaml`,
    );
  }
  let { config } = await open(context, flags);
  if (flags.minify === true)
    config = minifyKubeconfig(config, flags.context ?? config.currentContext);
  if (flags.flatten === true) {
    config = await flattenKubeconfig(host.files, config, host.environment.platform);
  }
  const secrets = flags.raw === true || flags.flatten === true ? 'shown' : 'redacted';
  await output.write(format(viewKubeconfig(config, { secrets })));
}

/** Lists the contexts, or those that are named. */
export async function getContexts(
  context: CommandContext,
  names: readonly string[],
  flags: ConfigFlags & { readonly output?: string; readonly headers: boolean },
): Promise<void> {
  const { config } = await open(context, flags);
  const isNamesOnly = flags.output === 'name';
  if (flags.output !== undefined && !isNamesOnly) {
    throw new CommandError(
      `unable to match a printer suitable for the output format "${flags.output}", allowed formats are: name`,
    );
  }
  const known = [...config.contexts.keys()].toSorted();
  const shown = names.length === 0 ? known : known.filter((name) => names.includes(name));
  const text = isNamesOnly
    ? shown.map((name) => `${name}\n`).join('')
    : contextTable(config, shown, flags.headers);
  await context.output.write(text);
  const failures = names
    .filter((name) => !config.contexts.has(name))
    .map((name) => new CommandError(`context ${name} not found`));
  if (failures.length > 0) throw new AggregateError(failures);
}

/** Lists the names of one section: `clusters` or `users`. */
export async function getNames(
  context: CommandContext,
  section: 'clusters' | 'users',
  flags: ConfigFlags,
): Promise<void> {
  const { config } = await open(context, flags);
  const names = [...config[section].keys()].toSorted();
  await context.output.write(['NAME', ...names].map((name) => `${name}\n`).join(''));
}

/** Says which context is used when none is named. Errors: `CommandError` when none is. */
export async function currentContext(context: CommandContext, flags: ConfigFlags): Promise<void> {
  const { config, location } = await open(context, flags);
  if (!config.currentContext) {
    const absent = await absentFiles(context, location);
    const cause = absent.length === 0 ? '' : ` (${absent.join(', ')}: no such file or directory)`;
    throw new CommandError(
      `current-context is not set${cause}; choose one with \`fairway config use-context NAME\``,
    );
  }
  await context.output.write(`${config.currentContext}\n`);
}

/** As kubectl does, `config` passes over files that are not there. */
async function absentFiles(
  { host }: CommandContext,
  { files }: KubeconfigLocation,
): Promise<readonly string[]> {
  const facts = await Promise.all(files.map((file) => host.files.stat(file)));
  return files.filter((_, index) => facts[index] === undefined);
}

/** Makes one change and says what it did. A file that is not there is made, also one that was named. */
export async function changeConfig(
  context: CommandContext,
  flags: ConfigFlags,
  change: {
    readonly edit: (config: Kubeconfig) => KubeconfigEdit;
    readonly done: (outcome: { readonly file: string; readonly isNew: boolean }) => string;
  },
): Promise<void> {
  const location = await findKubeconfig(context.host, flags.kubeconfig);
  let isContextLost = false;
  const { outcomes } = await editKubeconfig(context.host, location, (config) => {
    const edit = change.edit(config);
    isContextLost =
      edit.kind === 'delete' && edit.section === 'contexts' && edit.name === config.currentContext;
    return [edit];
  });
  const [outcome] = outcomes;
  if (outcome !== undefined) await context.output.write(`${change.done(outcome)}\n`);
  if (isContextLost) {
    await context.output.writeError(
      `warning: this removed your active context, use "${context.program.command} config use-context" to select a different one\n`,
    );
  }
}

/** The edit that sets a property to a value, or takes it away. */
export const editOfProperty: typeof propertyEdit = propertyEdit;

async function open(
  { host }: CommandContext,
  flags: ConfigFlags,
): Promise<{ readonly config: Kubeconfig; readonly location: KubeconfigLocation }> {
  const location = await findKubeconfig(host, flags.kubeconfig);
  return { location, config: await loadKubeconfig(host.files, location) };
}

function contextTable(config: Kubeconfig, names: readonly string[], hasHeaders: boolean): string {
  const columns = ['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'];
  const printer = new TablePrinter({
    isWide: false,
    hasHeaders,
    showNamespace: false,
    showLabels: false,
  });
  return printer.print({
    columnDefinitions: columns.map((name) => ({
      name,
      type: 'string',
      format: '',
      description: '',
      priority: 0,
    })),
    rows: names.map((name) => {
      const { cluster = '', user = '', namespace = '' } = config.contexts.get(name)?.value ?? {};
      const mark = name === config.currentContext ? '*' : '';
      return { cells: [mark, name, cluster, user, namespace] };
    }),
  });
}
