import { DisposalStack, type Host, silentLogger } from '@fairway/host';
import { parseDuration } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { allSteps } from '../doctor/all-steps.ts';
import { type NameService, systemNames } from '../doctor/name-service.ts';
import { asReported, reportOf } from '../doctor/report.ts';
import { endText, stepText } from '../doctor/report-text.ts';
import { type ExaminedStep, runSteps } from '../doctor/run-steps.ts';
import type { Facts, Tools, Wish } from '../doctor/step.ts';
import { credentialStep } from '../doctor/steps/find-credential.ts';
import { documentFormat } from '../output/output-format.ts';

export interface DoctorFlags extends ClusterFlags {
  /** Pairs of verb and resource. */
  readonly can?: readonly string[];
  readonly subresource?: string;
  readonly output?: string;
  readonly stepTimeout: string;
  readonly pluginTimeout: string;
}

/** Says why a cluster cannot be got into; answers the exit code: that of the first layer that fails, or 0. */
export async function doctor(
  context: CommandContext,
  flags: DoctorFlags,
  names: NameService = systemNames,
): Promise<number> {
  const { output, program, signal } = context;
  const format = await formatOf(flags.output);
  const stepTimeoutMs = readTimeout('--step-timeout', flags.stepTimeout);
  const pluginTimeoutMs = readTimeout('--plugin-timeout', flags.pluginTimeout);
  const host = boundPlugins(context.host, pluginTimeoutMs);
  const wishes = readWishes(flags);
  await using open = new DisposalStack();
  const tools: Tools = { host, names, flags, wishes, stepTimeoutMs, open, signal };
  const limits = { [credentialStep.name]: pluginTimeoutMs + stepTimeoutMs };
  // People see each step as soon as it is over: the next one may wait for somebody.
  const onExamined = async (step: ExaminedStep, facts: Facts): Promise<void> => {
    if (format !== undefined) return;
    await output.writeStyled(stepText(asReported(step, facts, program.command), output));
  };
  const examination = await runSteps(tools, allSteps, { limits, onExamined });
  const report = reportOf(examination, program.command);
  if (format === undefined) await output.writeStyled(endText(report, output));
  else await output.write(format(report));
  return report.exitCode;
}

async function formatOf(
  text: string | undefined,
): Promise<((value: unknown) => string) | undefined> {
  if (text === undefined) return undefined;
  const format = text === 'json' || text === 'yaml' ? await documentFormat(text) : undefined;
  if (format === undefined) throw new CommandError("--output must be 'json' or 'yaml'");
  return format;
}

function readTimeout(flag: string, text: string): number {
  const timeoutMs = parseDuration(text) ?? 0;
  if (timeoutMs >= 1 && timeoutMs <= timeoutMsMax) return timeoutMs;
  throw new CommandError(
    `cannot use ${flag} ${JSON.stringify(text)}: it is a time from 1ms to 1h, as in 5s`,
  );
}

const timeoutMsMax = 3_600_000;

function readWishes({ can = [], subresource = '' }: DoctorFlags): readonly Wish[] {
  if (can.length % 2 !== 0) {
    throw new CommandError(
      '--can takes a verb and a resource, as in `fairway doctor --can get pods`',
    );
  }
  return Array.from({ length: can.length / 2 }, (_, index) => ({
    verb: can[index * 2] ?? '',
    what: can[index * 2 + 1] ?? '',
    subresource,
  }));
}

/** The machine, on which plugins have less time than elsewhere; what is worth a word is in the report. */
function boundPlugins(host: Host, pluginTimeoutMs: number): Host {
  const { processes } = host;
  return {
    ...host,
    logger: silentLogger,
    processes: {
      run: (command, signal) => {
        const timeoutMs = Math.min(command.timeoutMs, pluginTimeoutMs);
        return processes.run({ ...command, timeoutMs }, signal);
      },
    },
  };
}
