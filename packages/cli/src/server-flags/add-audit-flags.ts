import type { Command } from 'commander';
import { namedFile } from '../flag-values.ts';
import { type AuditPlace, deliveryDefaults } from './audit-flags.ts';

/** Adds the flags of a kube-apiserver that say what is told of requests, and to whom. */
export function addAuditFlags(command: Command): Command {
  command
    .optionsGroup('Audit:')
    .option('--audit-policy-file <file>', 'a Policy of audit.k8s.io/v1: what is told', namedFile)
    .option('--audit-log-path <file>', 'where it is written; - is the standard output', namedFile)
    .option('--audit-log-format <format>', 'json or legacy (default: "json")')
    .option('--audit-log-version <version>', 'audit.k8s.io/v1')
    .option(
      '--audit-log-maxsize <megabytes>',
      'of a file, then another one is begun (default: 100)',
    )
    .option('--audit-log-maxage <days>', 'how long old files are kept (default: for ever)')
    .option('--audit-log-maxbackup <count>', 'how many old files are kept (default: all)')
    .option('--audit-log-compress [bool]', 'whether old files are compressed')
    .option('--audit-webhook-config-file <file>', 'a kubeconfig of the webhook', namedFile)
    .option('--audit-webhook-version <version>', 'audit.k8s.io/v1')
    .option('--audit-webhook-initial-backoff <d>', 'pause after a failure (default: "10s")');
  addDeliveryFlags(command, 'log');
  addDeliveryFlags(command, 'webhook');
  return command;
}

function addDeliveryFlags(command: Command, place: AuditPlace): void {
  const { mode, batchMax, wait, isThrottled } = deliveryDefaults[place];
  const prefix = `--audit-${place}`;
  command
    .option(`${prefix}-mode <mode>`, `batch, blocking or blocking-strict (default: "${mode}")`)
    .option(`${prefix}-batch-buffer-size <count>`, 'events that may wait (default: 10000)')
    .option(`${prefix}-batch-max-size <count>`, `events sent at once (default: ${batchMax})`)
    .option(`${prefix}-batch-max-wait <d>`, `for others to send along (default: "${wait}")`)
    .option(`${prefix}-batch-throttle-enable [bool]`, `(default: ${isThrottled})`)
    .option(`${prefix}-batch-throttle-qps <count>`, 'batches a second (default: 10)')
    .option(`${prefix}-batch-throttle-burst <count>`, 'batches at once (default: 15)')
    .option(`${prefix}-truncate-enabled [bool]`, 'whether large events lose their objects')
    .option(`${prefix}-truncate-max-event-size <bytes>`, '(default: 102400)')
    .option(`${prefix}-truncate-max-batch-size <bytes>`, '(default: 10485760)');
}
