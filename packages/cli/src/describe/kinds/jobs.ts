import { type Shown, selectorText } from '@fairway/kind-rules/shown';
import { CronJob, Job, type JobTemplateSpec } from '@fairway/kinds/batch/v1';
import { humanDuration, parseTime } from '@fairway/protocol';
import { describerOf } from '../describer.ts';
import { type Lines, field, fieldIfAny, lines } from '../lines.ts';
import { annotationLines, controllerOf, headLines, labelLines } from '../metadata-lines.ts';
import { type Moment, timeText } from '../moment.ts';
import { podTemplateLines } from './pod-template.ts';

/** Describes a job: how far it is, and from which template its pods are. */
export const job = describerOf<Job>({
  resource: Job,
  describe: (work, _, moment) => {
    const { metadata, spec = {} } = work;
    return lines(
      field('Name', metadata?.name ?? ''),
      field('Namespace', metadata?.namespace ?? ''),
      field('Selector', selectorText(spec.selector, '')),
      labelLines('Labels', metadata?.labels),
      annotationLines(metadata?.annotations),
      fieldIfAny('Controlled By', controllerOf(work)),
      fieldIfAny('Parallelism', spec.parallelism),
      field('Completions', spec.completions ?? '<unset>'),
      fieldIfAny('Completion Mode', spec.completionMode),
      fieldIfAny('Suspend', spec.suspend),
      fieldIfAny('Backoff Limit', spec.backoffLimit),
      fieldIfAny('TTL Seconds After Finished', spec.ttlSecondsAfterFinished),
      timeLines(work, moment),
      spec.activeDeadlineSeconds === undefined
        ? undefined
        : field('Active Deadline Seconds', `${spec.activeDeadlineSeconds}s`),
      countLines(work),
      podTemplateLines(spec.template),
    );
  },
});

/** Describes a cron job: when it runs, and what. */
export const cronJob = describerOf<CronJob>({
  resource: CronJob,
  describe: (work, _, moment) => {
    const { spec = {}, status = {} } = work;
    const { startingDeadlineSeconds: deadline, suspend } = spec;
    const { lastScheduleTime, active = [] } = status;
    return lines(
      headLines(work),
      field('Schedule', spec.schedule ?? ''),
      field('Concurrency Policy', spec.concurrencyPolicy ?? ''),
      field('Suspend', suspend === undefined ? '<unset>' : suspend ? 'True' : 'False'),
      field('Time Zone', spec.timeZone ?? '<unset>'),
      field('Successful Job History Limit', spec.successfulJobsHistoryLimit ?? '<unset>'),
      field('Failed Job History Limit', spec.failedJobsHistoryLimit ?? '<unset>'),
      field('Starting Deadline Seconds', deadline === undefined ? '<unset>' : `${deadline}s`),
      jobTemplateLines(spec.jobTemplate),
      field(
        'Last Schedule Time',
        lastScheduleTime === undefined ? '<unset>' : timeText(lastScheduleTime, moment),
      ),
      field('Active Jobs', active.map(({ name = '' }) => name).join(', ') || '<none>'),
    );
  },
});

function timeLines({ status = {} }: Shown<Job>, moment: Moment): Lines {
  const { startTime, completionTime } = status;
  const startMs = parseTime(startTime ?? '');
  const endMs = parseTime(completionTime ?? '');
  return lines(
    startTime && field('Start Time', timeText(startTime, moment)),
    completionTime && field('Completed At', timeText(completionTime, moment)),
    startMs === undefined || endMs === undefined
      ? undefined
      : field('Duration', humanDuration(endMs - startMs)),
  );
}

function countLines({ spec, status = {} }: Shown<Job>): Lines {
  const { active = 0, ready, succeeded = 0, failed = 0 } = status;
  const readyText = ready === undefined ? '' : ` (${ready} Ready)`;
  return lines(
    field(
      'Pods Statuses',
      `${active} Active${readyText} / ${succeeded} Succeeded / ${failed} Failed`,
    ),
    spec?.completionMode === 'Indexed'
      ? field('Completed Indexes', indexesText(status.completedIndexes ?? ''))
      : undefined,
  );
}

/** Long lists end at the first comma after so many characters. */
const indexCharactersMin = 50;

function indexesText(indexes: string): string {
  const comma = indexes.indexOf(',', indexCharactersMin);
  if (comma < 0) return indexes || '<none>';
  return `${indexes.slice(0, comma + 1)}...`;
}

function jobTemplateLines({ spec = {} }: Shown<JobTemplateSpec> = {}): Lines {
  const { selector, activeDeadlineSeconds: deadline } = spec;
  return lines(
    field('Selector', selector === undefined ? '<unset>' : selectorText(selector, '')),
    field('Parallelism', spec.parallelism ?? '<unset>'),
    field('Completions', spec.completions ?? '<unset>'),
    deadline === undefined ? undefined : field('Active Deadline Seconds', `${deadline}s`),
    podTemplateLines(spec.template),
  );
}
