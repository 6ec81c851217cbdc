import type { Command } from 'commander';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { Generator } from '../generators/generator.ts';
import { append } from '../flag-values.ts';
import { addFileFlags, addLabelFlag } from '../selection/selection-flags.ts';
import { addValidateFlag, addWriteFlags } from '../writes/write-flags.ts';
import { type TabledGenerator, createGenerators } from './create-generators.ts';
import type { Register, Registration } from './registration.ts';

/** Registers `create`. */
export const registerCreate: Register = (create, registration) => {
  const { context, withGlobals } = registration;
  create
    .helpCommand(false)
    .enablePositionalOptions()
    .usage('-f FILE [flags] | COMMAND [flags]')
    .argument('[words...]')
    .option('--save-config', 'note in the object what it is, for `apply`');
  addValidateFlag(addWriteFlags(addLabelFlag(addFileFlags(create)), 'kubectl-create'));
  addClusterFlags(create).action(async (words: readonly string[], flags) =>
    (await import('../commands/create.ts')).create(context, words, withGlobals(flags)),
  );
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
    (await import('../commands/create-token.ts')).createToken(
      context,
      names,
      withGlobals({ ...create.opts(), ...flags }),
    ),
  );
  for (const generator of createGenerators) registerGenerator(create, generator, registration);
};

function registerGenerator(
  create: Command,
  { command: path, alias, description, addFlags, load }: TabledGenerator,
  { context, withGlobals, passedOn }: Registration,
): void {
  const [type = '', variant] = path.split(' ');
  const parent = variant === undefined ? create : groupOf(create, type);
  const command = parent
    .command(variant ?? type)
    .description(description)
    .argument('[name...]', 'how it is called')
    .option('--save-config', 'note in the object what it is, for `apply`');
  if (alias !== undefined) command.alias(alias);
  addValidateFlag(addWriteFlags(addFlags(command), 'kubectl-create'));
  addClusterFlags(command).action(async (words: readonly string[], flags) => {
    const [{ createGenerated }, generator] = await Promise.all([
      import('../commands/create-generated.ts'),
      load(),
    ]);
    // The `--user` of a binding is whom it is for, and not one of the kubeconfig.
    const { user, ...others } = flags;
    const own = Array.isArray(user) ? { ...others, subjectUsers: user } : flags;
    const globals = withGlobals({ ...create.opts(), ...own });
    // Its flags are those that `addFlags` has given the command.
    const made = { command: path, generator: generator as Generator<object>, words, passedOn };
    await createGenerated(context, made, globals);
  });
}

/** `secret` and `service` have several forms. */
function groupOf(create: Command, type: string): Command {
  const known = create.commands.find((each) => each.name() === type);
  if (known !== undefined) return known;
  const group = create.command(type).helpCommand(false).description(`make a ${type}`);
  return type === 'service' ? group.alias('svc') : group;
}
