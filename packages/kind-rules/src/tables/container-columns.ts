import type { PodSpec } from '@fairway/kinds/core/v1';
import { type CellColumn, text } from './define-table.ts';
import type { Shown } from './shown.ts';

/**
 * Names and images of the containers that `podSpecOf` finds.
 * Source: kube-apiserver printers, layoutContainerCells.
 */
export function containerColumns<Row>(
  podSpecOf: (object: Row) => Shown<PodSpec> | undefined,
): readonly [CellColumn<Row>, CellColumn<Row>] {
  const containersOf = (object: Row) => podSpecOf(object)?.containers ?? [];
  return [
    text('Containers', 'Names of the containers.', (object) =>
      containersOf(object)
        .map((container) => container.name)
        .join(','),
    ),
    text('Images', 'Images of the containers.', (object) =>
      containersOf(object)
        .map((container) => container.image)
        .join(','),
    ),
  ];
}
