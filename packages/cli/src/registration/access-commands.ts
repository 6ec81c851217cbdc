import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import { append } from '../flag-values.ts';

/** Adds what is about rights: `auth`, `who-can` and `create token`. */
export function addAccessCommands(
  program: Command,
  context: CommandContext,
  onEnd: (exitCode: number) => void,
): void {
  addAuth(program, context, onEnd);
  const whoCan = program
    .command('who-can')
    .description('say who may do something, and by which binding and role')
    .usage('VERB TYPE | TYPE/NAME | PATH [flags]')
    .argument('[words...]', 'as in: get pods, delete deploy/web, get /healthz')
    .option('-A, --all-namespaces', 'by the bindings of every namespace')
    .option('--subresource <name>', 'a part of it: log, exec, scale')
    .option('-o, --output <format>', 'json, yaml or jsonpath=TEMPLATE');
  addClusterFlags(whoCan).action(async (words: readonly string[], flags) =>
    (await import('../commands/who-can.ts')).showWhoCan(context, words, {
      ...program.opts(),
      ...flags,
    }),
  );
  addCreateToken(program, context);
}

function addAuth(
  program: Command,
  context: CommandContext,
  onEnd: (exitCode: number) => void,
): void {
  const auth = program
    .command('auth')
    .description('say who you are and what you may do, and change what roles grant')
    .helpCommand(false)
    .enablePositionalOptions();
  addClusterFlags(auth, { isHidden: true });
  const globals = (flags: object): object => ({ ...program.opts(), ...auth.opts(), ...flags });
  addClusterFlags(
    auth
      .command('whoami')
      .description('say as whom the server knows you')
      .option('-o, --output <format>', 'json, yaml, name or jsonpath=TEMPLATE'),
  ).action(async (flags) =>
    (await import('../commands/auth-whoami.ts')).whoami(context, globals(flags)),
  );
  addClusterFlags(
    auth
      .command('can-i')
      .description('say whether you may do something: 0 is yes, 1 no')
      .usage('VERB TYPE | TYPE/NAME | PATH [flags]')
      .argument('[words...]', 'as in: get pods, delete deploy/web, get /healthz')
      .option('-A, --all-namespaces', 'in every namespace')
      .option('--list', 'everything that you may do')
      .option('--no-headers', 'leave out the names of the columns')
      .option('-q, --quiet', 'print nothing: the exit code says it')
      .option('--subresource <name>', 'a part of it: log, exec, scale'),
  ).action(async (words: readonly string[], flags) =>
    onEnd(await (await import('../commands/auth-can-i.ts')).canI(context, words, globals(flags))),
  );
  addClusterFlags(
    auth
      .command('reconcile')
      .description('make roles and bindings grant what files say')
      .option(
        '-f, --filename <file>',
        'YAML or JSON of roles and bindings (repeatable)',
        append,
        [],
      )
      .option('--dry-run [strategy]', 'none, or client: say what would be done')
      .option('--remove-extra-permissions', 'take away what the files do not say of roles')
      .option('--remove-extra-subjects', 'take away subjects that the files do not name')
      .option('-o, --output <format>', 'json, yaml, name or jsonpath=TEMPLATE'),
  ).action(async (flags) => {
    const { reconcile } = await import('../commands/auth-reconcile.ts');
    await reconcile(context, { filename: [], ...globals(flags) });
  });
}

function addCreateToken(program: Command, context: CommandContext): void {
  const create = program
    .command('create')
    .description('make something: a token of a service account')
    .helpCommand(false)
    .enablePositionalOptions();
  addClusterFlags(create, { isHidden: true });
  addClusterFlags(
    create
      .command('token')
      .description('ask for a token of a service account')
      .argument('[names...]', 'the account')
      .option('--audience <name>', 'whom the token is for (repeatable)', append, [])
      .option(
        '--duration <time>',
        'how long it shall live: 10m, 1h; 0s leaves it to the server',
        '0s',
      )
      .option('--bound-object-kind <kind>', 'end it with an object: Node, Pod or Secret')
      .option('--bound-object-name <name>', 'the name of that object')
      .option('--bound-object-uid <uid>', 'its uid; that of the one there when absent')
      .option('-o, --output <format>', 'json, yaml, name or jsonpath=TEMPLATE'),
  ).action(async (names: readonly string[], flags) =>
    (await import('../commands/create-token.ts')).createToken(context, names, {
      ...program.opts(),
      ...create.opts(),
      ...flags,
    }),
  );
}
