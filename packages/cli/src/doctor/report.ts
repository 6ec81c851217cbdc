import { spellCommands } from '../command-spelling.ts';
import { leaveOut, secretsIn } from './leave-out.ts';
import type { ExaminedStep, Examination } from './run-steps.ts';
import type { Facts } from './step.ts';

/** What `-o json` and `-o yaml` print. */
export interface DoctorReport {
  readonly kind: 'DoctorReport';
  /** Where the cluster was found, and its address; empty when none was. */
  readonly origin: string;
  readonly server: string;
  readonly steps: readonly ExaminedStep[];
  /** The first step that failed; null when none did. */
  readonly failed: string | null;
  readonly exitCode: number;
}

/** The report of an examination, as users may see it. */
export function reportOf({ steps, exitCode, facts }: Examination, command: string): DoctorReport {
  return {
    kind: 'DoctorReport',
    origin: facts.target?.origin ?? '',
    server: facts.target?.server ?? '',
    steps: steps.map((each) => asReported(each, facts, command)),
    failed: steps.find(({ status }) => status === 'failed')?.name ?? null,
    exitCode,
  };
}

/** A step without any secret that is known by now, with the commands in it as this user types them. */
export function asReported(examined: ExaminedStep, facts: Facts, command: string): ExaminedStep {
  const { remedies } = examined;
  // To be copied into a shell, so without the backquotes.
  const typed = remedies?.map((text) => spellCommands(text, command).replaceAll('`', ''));
  const step = typed === undefined ? examined : { ...examined, remedies: typed };
  return leaveOut(secretsIn(facts), step);
}
