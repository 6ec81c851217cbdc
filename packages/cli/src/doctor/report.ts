import { styleText } from 'node:util';
import { spellCommands } from '../command-spelling.ts';
import { visibleText } from '../output/visible-text.ts';
import { leaveOut, secretsIn } from './leave-out.ts';
import type { ExaminedStep, Examination } from './run-steps.ts';

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

/** The report of an examination, without any secret, with the commands in it as this user types them. */
export function reportOf({ steps, exitCode, facts }: Examination, command: string): DoctorReport {
  const typed = steps.map((each) =>
    each.remedies === undefined
      ? each
      : { ...each, remedies: each.remedies.map((text) => asTyped(text, command)) },
  );
  const report: DoctorReport = {
    kind: 'DoctorReport',
    origin: facts.target?.origin ?? '',
    server: facts.target?.server ?? '',
    steps: typed,
    failed: steps.find(({ status }) => status === 'failed')?.name ?? null,
    exitCode,
  };
  return leaveOut(secretsIn(facts), report);
}

/** To be copied into a shell, so without the backquotes. */
function asTyped(text: string, command: string): string {
  return spellCommands(text, command).replaceAll('`', '');
}

const marks = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  failed: ['✗', 'red'],
  unknown: ['?', 'yellow'],
  skipped: ['–', 'dim'],
  'not-tried': ['–', 'dim'],
} as const;

/** The report for people: a line for each step, and what helps below those that need it. */
export function reportText(
  report: DoctorReport,
  { hasColors }: { readonly hasColors: boolean },
): string {
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    hasColors ? styleText(format, text, { validateStream: false }) : text;
  const width = Math.max(...report.steps.map(({ name }) => name.length)) + 2;
  const untried = report.steps.filter(({ status }) => status === 'not-tried');
  const lines = report.steps
    .filter((each) => !untried.includes(each))
    .flatMap((each) => {
      const [mark, color] = marks[each.status];
      const found =
        each.status === 'skipped' ? style('dim', inLine(each.found)) : inLine(each.found);
      const head = `${style(color, mark)} ${style('bold', each.name.padEnd(width))}${found}`;
      if (each.status === 'ok' || each.status === 'skipped') return [head];
      const below = [
        ['tried', each.tried],
        ...(each.remedies ?? []).map((text, index) => [index === 0 ? 'remedy' : 'or', text]),
      ];
      return [
        head,
        ...below.map(
          ([title = '', text = '']) =>
            `${' '.repeat(width + 2)}${style('dim', title.padEnd(8))}${inLine(text)}`,
        ),
      ];
    });
  if (untried.length > 0) {
    const names = untried.map(({ name }) => name).join(', ');
    lines.push(style('dim', `– not tried    ${names}`));
  }
  return `${lines.join('\n')}\n\n${inLine(summaryOf(report))}\n`;
}

function summaryOf({ failed, exitCode, steps, server }: DoctorReport): string {
  if (failed !== null) return `The way in ends at ${failed} (exit code ${exitCode}).`;
  const warned = steps.filter(({ status }) => status === 'warning').map(({ name }) => name);
  const but = warned.length === 0 ? '' : `, with warnings: ${warned.join(', ')}`;
  return `The way into ${server} is open${but}.`;
}

function inLine(text: string): string {
  return visibleText(text.replaceAll(/\s*[\r\n]+\s*/g, ' '));
}
