import { type Client, type DynamicObject, createDiscovery } from '@fairway/client';
import { Event } from '@fairway/kinds/core/v1';
import { apiVersionOf } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { ageText, byTime } from '../describe/events.ts';
import { momentOf } from '../describe/moment.ts';
import { formatSources } from '../get/get-format.ts';
import { ColumnWidths } from '../output/column-widths.ts';
import { type OutputFormat, parseOutputFormat } from '../output/output-format.ts';
import { shown } from '../output/shown-object.ts';
import { typeNameOf } from '../output/type-name.ts';
import { visibleText } from '../output/visible-text.ts';

export interface EventsFlags extends ClusterFlags {
  readonly allNamespaces?: boolean;
  readonly for?: string;
  readonly types?: readonly string[];
  readonly watch?: boolean;
  readonly output?: string;
  readonly headers: boolean;
  readonly showManagedFields?: boolean;
  readonly chunkSize: string;
}

/** Shows what has happened, the latest last, and with `--watch` what happens from then on. */
export async function events(context: CommandContext, flags: EventsFlags): Promise<void> {
  const types = readTypes(flags.types ?? []);
  const format = await readFormat(context, flags);
  await using client = await openClient(context, flags);
  const fieldSelector = await subjectSelector(client, flags.for);
  const isWanted = ({ type = '' }: Event): boolean =>
    types.length === 0 || types.includes(type.toLowerCase());
  const options = {
    signal: context.signal,
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(flags.allNamespaces === true ? { allNamespaces: true } : {}),
  };
  const print = eventPrinter(context, flags, format);
  const limit = Number(flags.chunkSize);
  if (flags.watch === true) return await follow(client, { options, isWanted, print });
  const { items } = await client.list(Event, { ...options, limit }).all();
  const found = items.filter(isWanted).toSorted(byTime);
  if (found.length === 0 && format.kind === 'table') {
    const where = flags.allNamespaces === true ? '' : ` in ${client.namespace} namespace`;
    return await context.output.writeError(`No events found${where}.\n`);
  }
  await print(found, format.kind === 'document');
}

function readTypes(types: readonly string[]): readonly string[] {
  const wanted = types.map((type) => type.toLowerCase());
  if (wanted.every((type) => type === 'normal' || type === 'warning')) return wanted;
  throw new CommandError('valid --types are Normal or Warning');
}

async function readFormat(context: CommandContext, flags: EventsFlags): Promise<OutputFormat> {
  if (!/^\d{1,9}$/.test(flags.chunkSize)) {
    throw new CommandError(
      `--chunk-size ${JSON.stringify(flags.chunkSize)} is no number of objects`,
    );
  }
  const format = await parseOutputFormat(flags.output, formatSources(context));
  if (format.kind !== 'table' || !format.isWide) return format;
  throw new CommandError(
    'unable to match a printer suitable for the output format "wide", allowed formats are: json,jsonpath,jsonpath-as-json,jsonpath-file,name,yaml',
  );
}

/** Of the object that `--for` names. */
async function subjectSelector(
  client: Client,
  subject: string | undefined,
): Promise<string | undefined> {
  if (subject === undefined || subject === '') return undefined;
  const [type = '', name = '', ...more] = subject.split('/');
  if (type === '' || name === '' || more.length > 0) {
    throw new CommandError('--for must be in resource/name form');
  }
  const resource = await createDiscovery(client).find(type);
  if (resource === undefined) {
    throw new CommandError(`the server doesn't have a resource type "${type}"`);
  }
  const { kind } = resource;
  return `involvedObject.kind=${kind},involvedObject.name=${name},involvedObject.apiVersion=${apiVersionOf(resource)}`;
}

/** Prints events one below the other; `isList` for all of them as one document. */
type PrintEvents = (found: readonly Event[], isList: boolean) => Promise<void>;

function eventPrinter(
  context: CommandContext,
  flags: EventsFlags,
  format: OutputFormat,
): PrintEvents {
  const { output } = context;
  const widths = new ColumnWidths();
  const isPlaced = flags.allNamespaces === true;
  let header = flags.headers
    ? [[...(isPlaced ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']]
    : [];
  const whole = (event: Event): DynamicObject =>
    shown({ apiVersion: 'v1', kind: 'Event', ...event }, flags.showManagedFields === true);
  return async (found, isList) => {
    if (format.kind === 'name') {
      const lines = found.map(({ metadata }) => `${typeNameOf(Event)}/${metadata?.name ?? ''}\n`);
      return await output.write(lines.join(''));
    }
    if (format.kind === 'document') {
      const list = { apiVersion: 'v1', items: found.map(whole), kind: 'EventList', metadata: {} };
      if (isList) return await output.write(format.format(list));
      for (const event of found) await output.write(format.format(whole(event)));
      return;
    }
    const moment = momentOf(context.host);
    const rows = found.map((event) =>
      [
        ...(isPlaced ? [event.metadata?.namespace ?? ''] : []),
        ageText(event, moment),
        event.type ?? '',
        event.reason ?? '',
        `${event.involvedObject.kind ?? ''}/${event.involvedObject.name ?? ''}`,
        (event.message ?? '').trim(),
      ].map(visibleText),
    );
    await output.write(widths.align([...header, ...rows]));
    header = [];
  };
}

interface Following {
  readonly options: { readonly signal: AbortSignal };
  readonly isWanted: (event: Event) => boolean;
  readonly print: PrintEvents;
}

async function follow(client: Client, { options, isWanted, print }: Following): Promise<void> {
  let before: Event[] | undefined = [];
  for await (const change of client.reflect(Event, options)) {
    if (change.type === 'InitApply') before?.push(change.object);
    else if (change.type === 'InitDone' && before !== undefined) {
      const found: readonly Event[] = before.filter(isWanted).toSorted(byTime);
      before = undefined;
      if (found.length > 0) await print(found, false);
    } else if (change.type === 'Apply' && isWanted(change.object)) {
      await print([change.object], false);
    }
  }
}
