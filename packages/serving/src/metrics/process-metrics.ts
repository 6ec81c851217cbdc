import type { ProcessFigures } from '@fairway/host';
import type { Metrics } from './metrics.ts';

/** Tells of the process, under the names that every Prometheus client has. */
export function tellOfProcess(metrics: Metrics, readFigures: () => Promise<ProcessFigures>): void {
  const gauge = (name: string, help: string) => metrics.gauge({ name, help });
  const cpu = metrics.counter({
    name: 'process_cpu_seconds_total',
    help: 'Time of processors that was used, in the program and for it in the system.',
  });
  const resident = gauge('process_resident_memory_bytes', 'Memory that is resident.');
  const virtual = gauge('process_virtual_memory_bytes', 'Virtual memory.');
  const started = gauge('process_start_time_seconds', 'When it began, in seconds since 1970.');
  const openFiles = gauge('process_open_fds', 'File descriptors that are open.');
  const openFilesMax = gauge('process_max_fds', 'File descriptors that may be open.');
  const heapUsed = gauge('nodejs_heap_size_used_bytes', 'Memory that objects of JavaScript take.');
  const heapTotal = gauge('nodejs_heap_size_total_bytes', 'Memory for objects of JavaScript.');
  metrics.beforeReading(async () => {
    const figures = await readFigures();
    const counter = cpu.of();
    counter.add(figures.cpuSeconds - counter.value);
    resident.of().set(figures.residentBytes);
    started.of().set(figures.startedMs / 1000);
    heapUsed.of().set(figures.heapUsedBytes);
    heapTotal.of().set(figures.heapTotalBytes);
    for (const [family, value] of [
      [virtual, figures.virtualBytes],
      [openFiles, figures.openFiles],
      [openFilesMax, figures.openFilesMax],
    ] as const) {
      if (value !== undefined) family.of().set(value);
    }
  });
}
