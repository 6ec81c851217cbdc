import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TablePrinter } from './table-printer.ts';

const plain = { isWide: false, hasHeaders: true, showNamespace: false, showLabels: false };
const column = (
  name: string,
  priority = 0,
): { name: string; type: string; format: string; description: string; priority: number } => ({
  name,
  type: 'string',
  format: name === 'Name' ? 'name' : '',
  description: '',
  priority,
});
const columnDefinitions = [column('Name'), column('R'), column('Age'), column('IP', 1)];
const row = (name: string, ...cells: unknown[]) => ({
  cells: [name, ...cells],
  object: { metadata: { name, namespace: 'shop', labels: { b: '2', a: '1' } } },
});

test('TablePrinter.print() lays columns out as kubectl does', () => {
  const rows = [row('web', 1, '5s', '10.0.0.1'), row('a-long-name', null, '12d', '')];
  assert.equal(
    new TablePrinter(plain).print({ columnDefinitions, rows }),
    'NAME          R     AGE\nweb           1     5s\na-long-name         12d\n',
  );
  assert.equal(
    new TablePrinter({ ...plain, isWide: true, hasHeaders: false }).print({
      columnDefinitions,
      rows: rows.slice(0, 1),
    }),
    'web   1     5s    10.0.0.1\n',
  );
});

test('TablePrinter.print() adds namespace, type and labels where they are asked for', () => {
  const printer = new TablePrinter({
    ...plain,
    showNamespace: true,
    showLabels: true,
    typeName: 'pod',
  });
  assert.equal(
    printer.print({ columnDefinitions: columnDefinitions.slice(0, 1), rows: [row('web')] }),
    'NAMESPACE   NAME      LABELS\nshop        pod/web   a=1,b=2\n',
  );
});

test('TablePrinter.print() goes on below the same header, and never narrower', () => {
  const printer = new TablePrinter(plain);
  printer.print({ columnDefinitions, rows: [row('a-long-name', 1, '1s')] });
  const later = { columnDefinitions: [], rows: [row('b', 2, '3s')] };
  assert.equal(printer.print(later), 'b             2     3s\n');
});

test('TablePrinter.print() escapes headers, namespaces, types and labels like cells', () => {
  const printer = new TablePrinter({
    ...plain,
    showNamespace: true,
    showLabels: true,
    typeName: 'p\u001bd',
  });
  const metadata = { name: 'a', namespace: 's\u001bp', labels: { 'a\u001b': '\tb' } };
  const printed = printer.print({
    columnDefinitions: [column('Name\u001b]0;')],
    rows: [{ cells: ['web\t'], object: { metadata } }],
  });
  assert.doesNotMatch(printed, /[^\n -~]/);
  assert.match(printed, /NAME\^\[\]0;.*\n.*s\^\[p/s);
});

test('TablePrinter.print() keeps a cell to one line that cannot steer the terminal', () => {
  const rows = [row('\u001b[31mred', 'two\nlines', 'a\u0007b')];
  assert.equal(
    new TablePrinter({ ...plain, hasHeaders: false }).print({ columnDefinitions, rows }),
    '^[[31mred   two...   a\\x07b\n',
  );
});
