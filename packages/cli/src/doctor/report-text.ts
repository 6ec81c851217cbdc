import { styleText } from 'node:util';
import { visibleText } from '../output/visible-text.ts';
import type { DoctorReport } from './report.ts';
import type { ExaminedStep } from './run-steps.ts';

interface Look {
  readonly hasColors: boolean;
}

const marks = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  failed: ['✗', 'red'],
  unknown: ['?', 'yellow'],
  skipped: ['–', 'dim'],
  'not-tried': ['–', 'dim'],
} as const;

/** As wide as the longest name, and two more. */
const nameWidth = 'credentials'.length + 2;

/** A step for people: a line, and below it what helps where it is needed. Nothing for one that was not tried. */
export function stepText(step: ExaminedStep, look: Look): string {
  const { status, name, tried, remedies = [] } = step;
  if (status === 'not-tried') return '';
  const [mark, color] = marks[status];
  const found = inLine(step.found);
  const shown = status === 'skipped' ? styled('dim', found, look) : found;
  const head = `${styled(color, mark, look)} ${styled('bold', name.padEnd(nameWidth), look)}${shown}\n`;
  if (status === 'ok' || status === 'skipped') return head;
  const below = [
    ['tried', tried],
    ...remedies.map((text, index) => [index === 0 ? 'remedy' : 'or', text]),
  ];
  return head + below.map(([title = '', text = '']) => detailLine(title, text, look)).join('');
}

function detailLine(title: string, text: string, look: Look): string {
  const indent = ' '.repeat(nameWidth + 2);
  return `${indent}${styled('dim', title.padEnd(8), look)}${inLine(text)}\n`;
}

/** What follows the steps: those that were not tried, and where the way ends. */
export function endText(report: DoctorReport, look: Look): string {
  const untried = report.steps.filter(({ status }) => status === 'not-tried');
  const names = untried.map(({ name }) => name).join(', ');
  const line = `– ${'not tried'.padEnd(nameWidth)}${names}`;
  const rest = untried.length === 0 ? '' : `${styled('dim', line, look)}\n`;
  return `${rest}\n${inLine(summaryOf(report))}\n`;
}

function summaryOf({ failed, exitCode, steps, server }: DoctorReport): string {
  if (failed !== null) return `The way in ends at ${failed} (exit code ${exitCode}).`;
  const warned = steps.filter(({ status }) => status === 'warning').map(({ name }) => name);
  const but = warned.length === 0 ? '' : `, with warnings: ${warned.join(', ')}`;
  return `The way into ${server} is open${but}.`;
}

function styled(
  format: Parameters<typeof styleText>[0],
  text: string,
  { hasColors }: Look,
): string {
  return hasColors ? styleText(format, text, { validateStream: false }) : text;
}

function inLine(text: string): string {
  return visibleText(text.replaceAll(/\s*[\r\n]+\s*/g, ' '));
}
