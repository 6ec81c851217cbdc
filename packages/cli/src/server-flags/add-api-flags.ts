import type { Command } from 'commander';
import { appendNames, namedFile } from '../flag-values.ts';

/** Adds what of its API a server has: flags of a kube-apiserver. */
export function addApiFlags(command: Command): Command {
  return command
    .optionsGroup('API:')
    .option(
      '--runtime-config <apis>',
      'what is served: group/version=false, group/version/resource=false, api/all=false (repeatable)',
      appendNames,
    )
    .option(
      '--feature-gates <gates>',
      'Name=true or Name=false; only what Kubernetes 1.36 has by default (repeatable)',
      appendNames,
    )
    .option('--enable-admission-plugins <names>', 'admission that is off by default', appendNames)
    .option('--disable-admission-plugins <names>', 'admission that is on by default', appendNames)
    .option(
      '--admission-control-config-file <file>',
      'what admission plugins are told: an AdmissionConfiguration',
      namedFile,
    )
    .option('--allow-privileged [bool]', 'whether containers may be privileged');
}
