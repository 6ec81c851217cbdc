import { type Quantity, addQuantities, milliOf, parseQuantity, wholeOf } from '@fairway/protocol';

/** What something uses of the machine. */
export interface Usage {
  readonly cpu: Quantity;
  readonly memory: Quantity;
}

/** As the metrics API says it; what is missing is nothing. */
export type UsageText = Readonly<Record<string, string>> | undefined;

/** Reads amounts. */
export function readUsage(amounts: UsageText): Usage {
  const read = (name: string): Quantity =>
    parseQuantity(amounts?.[name] ?? '0') ?? { nanos: 0n, format: 'DecimalSI' };
  return { cpu: read('cpu'), memory: read('memory') };
}

/** All of them together. */
export function sumOf(usages: readonly Usage[]): Usage {
  return usages.reduce(
    (sum, each) => ({
      cpu: addQuantities(sum.cpu, each.cpu),
      memory: addQuantities(sum.memory, each.memory),
    }),
    readUsage({}),
  );
}

/** `250m`, and `1024Mi`: whole mebibytes, rounded down. */
export function usageCells({ cpu, memory }: Usage): readonly [string, string] {
  return [`${milliOf(cpu)}m`, `${Math.floor(wholeOf(memory) / 2 ** 20)}Mi`];
}

/** How much of what there is, in percent: `51%`. */
export function shareCells(usage: Usage, available: Usage): readonly [string, string] {
  const share = (part: number, whole: number): string =>
    whole === 0 ? unknown : `${Math.floor((part / whole) * 100)}%`;
  return [
    share(milliOf(usage.cpu), milliOf(available.cpu)),
    share(wholeOf(usage.memory), wholeOf(available.memory)),
  ];
}

/** For what nobody has measured. */
export const unknown = '<unknown>';
