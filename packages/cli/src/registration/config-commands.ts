import type { Command } from 'commander';
import type { EditedFields, Kubeconfig, KubeconfigEdit } from '@fairway/client/kubeconfig';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type {
  ClusterFieldFlags,
  ContextFieldFlags,
  UserFieldFlags,
} from '../commands/config-fields.ts';
import type { Register } from './registration.ts';

type ConfigModule = typeof import('../commands/config.ts');
interface Flags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Registers `config`: kubeconfig files shown and changed. */
export const registerConfig: Register = (config, { context, withGlobals }) => {
  config
    .helpCommand(false)
    .enablePositionalOptions()
    .option('--kubeconfig <file>', 'kubeconfig to use, and no other')
    .option('--context <name>', 'context to show with --minify');
  const globals = (flags: object): Flags => withGlobals({ ...config.opts(), ...flags });
  const add = (usage: string, description: string): Command =>
    config
      .command(usage)
      .description(description)
      .option('--kubeconfig <file>', 'kubeconfig to use, and no other');
  addReading({ add, globals, context });
  addChanging({ add, globals, context });
  addSetting({ add, globals, context });
};

interface Adding {
  readonly add: (usage: string, description: string) => Command;
  readonly globals: (flags: object) => Flags;
  readonly context: CommandContext;
}

function load(): Promise<ConfigModule> {
  return import('../commands/config.ts');
}

function loadFields(): Promise<typeof import('../commands/config-fields.ts')> {
  return import('../commands/config-fields.ts');
}

function addReading({ add, globals, context }: Adding): void {
  add('view', 'show the kubeconfig, without its secrets')
    .option('-o, --output <format>', 'yaml, json or jsonpath=TEMPLATE', 'yaml')
    .option('--raw', 'with its secrets')
    .option('--minify', 'only what the current context needs')
    .option('--flatten', 'with the files that it names read into it')
    .option('--context <name>', 'context to show with --minify')
    .action(async (flags) => (await load()).viewConfig(context, { ...globals(flags), ...flags }));
  add('get-contexts [names...]', 'list contexts')
    .option('-o, --output <format>', 'name')
    .option('--no-headers', 'leave out the names of the columns')
    .action(async (names: readonly string[], flags) =>
      (await load()).getContexts(context, names, { ...globals(flags), ...flags }),
    );
  add('get-clusters', 'list the names of clusters').action(async (flags) =>
    (await load()).getNames(context, 'clusters', globals(flags)),
  );
  add('get-users', 'list the names of users').action(async (flags) =>
    (await load()).getNames(context, 'users', globals(flags)),
  );
  add('current-context', 'say which context counts').action(async (flags) =>
    (await load()).currentContext(context, globals(flags)),
  );
}

function addChanging({ add, globals, context }: Adding): void {
  const change = async (
    flags: object,
    edit: (config: Kubeconfig) => KubeconfigEdit,
    done: (outcome: { readonly file: string; readonly isNew: boolean }) => string,
  ): Promise<void> => (await load()).changeConfig(context, globals(flags), { edit, done });

  add('use-context <name>', 'choose the context that counts').action((name: string, flags) =>
    change(
      flags,
      () => ({ kind: 'use-context', name }),
      () => `Switched to context "${name}".`,
    ),
  );
  add('rename-context <old> <new>', 'give a context another name').action(
    (from: string, to: string, flags) =>
      change(
        flags,
        () => ({ kind: 'rename-context', from, to }),
        () => `Context "${from}" renamed to "${to}".`,
      ),
  );
  for (const section of ['contexts', 'clusters', 'users'] as const) {
    const kind = section.slice(0, -1);
    add(`delete-${kind} <name>`, `take a ${kind} away`).action((name: string, flags) =>
      change(
        flags,
        () => ({ kind: 'delete', section, name }),
        ({ file }) => `deleted ${kind} ${name} from ${file}`,
      ),
    );
  }
  add('set <property> <value>', 'set one property: contexts.dev.namespace').action(
    async (property: string, value: string, flags) => {
      const { editOfProperty } = await load();
      return change(
        flags,
        (config) => editOfProperty(config, property, value),
        () => `Property "${property}" set.`,
      );
    },
  );
  add('unset <property>', 'take one property away').action(async (property: string, flags) => {
    const { editOfProperty } = await load();
    return change(
      flags,
      (config) => editOfProperty(config, property),
      () => `Property "${property}" unset.`,
    );
  });
}

interface ContextFlags extends ContextFieldFlags {
  readonly current?: boolean;
}

function addSetting({ add, globals, context }: Adding): void {
  add('set-context [name]', 'make or change a context')
    .option('--current', 'the current one')
    .option('--cluster <name>', 'its cluster')
    .option('--user <name>', 'its user')
    .option('-n, --namespace <name>', 'its namespace')
    .action(async (name: string | undefined, flags: ContextFlags) => {
      const { changeConfig } = await load();
      const { contextFields } = await loadFields();
      let named = '';
      return changeConfig(context, globals(flags), {
        edit: (config) => {
          named = contextName(config, name, flags);
          return {
            kind: 'set',
            section: 'contexts',
            name: named,
            fields: contextFields(flags),
          };
        },
        done: ({ isNew }) => `Context "${named}" ${isNew ? 'created' : 'modified'}.`,
      });
    });
  const { workingDirectory } = context.host.environment;
  const set = async (flags: object, { section, title, name, fields }: Setting): Promise<void> =>
    (await load()).changeConfig(context, globals(flags), {
      edit: () => ({ kind: 'set', section, name, fields }),
      done: () => `${title} "${name}" set.`,
    });
  add('set-cluster <name>', 'make or change a cluster')
    .option('-s, --server <url>', 'address of the API')
    .option('--certificate-authority <file>', 'certificates to trust')
    .option('--tls-server-name <name>', 'name that the certificate must have')
    .option('--proxy-url <url>', 'proxy on the way to the cluster')
    .option('--insecure-skip-tls-verify', 'trust any certificate')
    .action(async (name: string, flags: ClusterFieldFlags) => {
      const { clusterFields } = await loadFields();
      const fields = clusterFields(flags, workingDirectory);
      await set(flags, { section: 'clusters', title: 'Cluster', name, fields });
    });
  add('set-credentials <name>', 'make or change a user')
    .option('--token <token>', 'bearer token')
    .option('--username <name>', 'user name for basic authentication')
    .option('--password <password>', 'password for basic authentication')
    .option('--client-certificate <file>', 'client certificate')
    .option('--client-key <file>', 'key of the client certificate')
    .action(async (name: string, flags: UserFieldFlags) => {
      const { userFields } = await loadFields();
      const fields = userFields(flags, workingDirectory);
      await set(flags, { section: 'users', title: 'User', name, fields });
    });
}

/** A cluster or user to make or change. */
interface Setting {
  readonly section: 'clusters' | 'users';
  readonly title: string;
  readonly name: string;
  readonly fields: EditedFields;
}

function contextName(
  { currentContext }: Kubeconfig,
  name: string | undefined,
  { current = false }: ContextFlags,
): string {
  if (current === (name !== undefined)) {
    throw new CommandError('name a context or give --current, and not both');
  }
  const found = name ?? currentContext;
  if (found === undefined || found === '') {
    throw new CommandError('no current context is set; name one');
  }
  return found;
}
