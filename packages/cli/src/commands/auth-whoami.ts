import type { DynamicObject } from '@fairway/client';
import { SelfSubjectReview } from '@fairway/kinds/authentication/v1';
import type { CommandContext } from '../command-context.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { shown } from '../output/shown-object.ts';
import { ColumnWidths } from '../output/column-widths.ts';
import { parseOutputFormat } from '../output/output-format.ts';
import { visibleText } from '../output/visible-text.ts';

/** Shows as whom the server knows its caller. */
export async function whoami(
  context: CommandContext,
  flags: ClusterFlags & { readonly output?: string },
): Promise<void> {
  const { output, signal } = context;
  const format = await parseOutputFormat(flags.output);
  await using client = await openClient(context, flags);
  const review = await client.create(SelfSubjectReview, {}, { signal });
  if (format.kind === 'document') {
    return await output.write(format.format(shown(review as unknown as DynamicObject, false)));
  }
  if (format.kind === 'name') {
    return await output.write('selfsubjectreview.authentication.k8s.io/<unknown>\n');
  }
  const { username = '', uid = '', groups = [], extra = {} } = review.status?.userInfo ?? {};
  const list = (values: readonly string[]): string => `[${values.join(' ')}]`;
  const rows = [
    ['ATTRIBUTE', 'VALUE'],
    ...(username === '' ? [] : [['Username', username]]),
    ...(uid === '' ? [] : [['UID', uid]]),
    ...(groups.length === 0 ? [] : [['Groups', list(groups)]]),
    ...Object.keys(extra)
      .sort()
      .map((key) => [`Extra: ${key}`, list(extra[key] ?? [])]),
  ];
  await output.write(new ColumnWidths().align(rows.map((row) => row.map(visibleText))));
}
