import type { Client } from '@fairway/client';
import { SelfSubjectRulesReview } from '@fairway/kinds/authorization/v1';
import { readQuestion } from '../access/access-question.ts';
import { askAccess } from '../access/ask-access.ts';
import { ruleTable } from '../access/rule-table.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';

export interface CanIFlags extends ClusterFlags {
  readonly allNamespaces?: boolean;
  readonly list?: boolean;
  /** False for `--no-headers`. */
  readonly headers?: boolean;
  readonly quiet?: boolean;
  readonly subresource?: string;
}

/** Says whether the caller may do something; answers the exit code: 1 for no. */
export async function canI(
  context: CommandContext,
  words: readonly string[],
  flags: CanIFlags,
): Promise<number> {
  checkFlags(words, flags);
  await using client = await openClient(context, flags);
  if (flags.list === true) return await listRights(context, client, flags);
  const { output } = context;
  const [verb = '', what = ''] = words;
  const question = await readQuestion(client, {
    verb,
    what,
    subresource: flags.subresource ?? '',
    namespace: flags.allNamespaces === true ? '' : client.namespace,
  });
  for (const { text } of question.warnings) await output.writeError(`Warning: ${text}\n\n`);
  const status = await askAccess(client, question.target, context.signal);
  if (flags.quiet !== true) {
    const reasons = [status?.reason, status?.evaluationError].filter((each) => (each ?? '') !== '');
    const no = ['no', ...reasons].join(' - ');
    await output.write(`${status?.allowed === true ? 'yes' : no}\n`);
  }
  return status?.allowed === true ? 0 : 1;
}

function checkFlags(words: readonly string[], flags: CanIFlags): void {
  const { list = false, quiet = false, allNamespaces = false, subresource = '' } = flags;
  if (!list) {
    if (words.length !== 2) {
      throw new CommandError(
        'you must specify two arguments: verb resource or verb resource/resourceName; see `fairway auth can-i --help`',
      );
    }
    if (flags.headers === false) {
      throw new CommandError('--no-headers cannot be set without --list specified');
    }
    return;
  }
  if (words.length > 0) {
    throw new CommandError('list option must be specified with no arguments');
  }
  if (quiet || allNamespaces || subresource !== '') {
    throw new CommandError(
      "list option can't be specified with neither quiet, all-namespaces nor subresource options",
    );
  }
}

async function listRights(
  { output, signal }: CommandContext,
  client: Client,
  flags: CanIFlags,
): Promise<number> {
  const { namespace } = client;
  const review = { spec: { namespace } };
  const { status } = await client.create(SelfSubjectRulesReview, review, { signal });
  const { resourceRules = [], nonResourceRules = [], incomplete, evaluationError } = status ?? {};
  if (incomplete === true) {
    const why = evaluationError ?? '';
    await output.writeError(`Warning: the list may be incomplete: ${why}\n`);
  }
  const rules = [...resourceRules, ...nonResourceRules];
  await output.write(ruleTable(rules, { hasHeaders: flags.headers !== false }));
  return 0;
}
