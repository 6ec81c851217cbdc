import { CommandError } from '../command-error.ts';
import type { Register } from './registration.ts';

/** A command of kubectl that is not built, and what to type instead. */
export interface AbsentCommand {
  readonly name: string;
  readonly instead: string;
}

/** Who types one out of habit is not led to a word that looks like it. */
export const absentCommands: readonly AbsentCommand[] = [
  { name: 'autoscale', instead: '`fairway create -f` of a HorizontalPodAutoscaler' },
  { name: 'completion', instead: '`fairway --help`, for what there is to type' },
  { name: 'debug', instead: '`fairway exec`, where the image has the tools' },
  { name: 'expose', instead: '`fairway create service clusterip NAME --tcp=80:8080`' },
  { name: 'kustomize', instead: '`kustomize build FOLDER | fairway apply -f -`' },
  {
    name: 'options',
    instead: '`fairway get --help`, which lists the flags of every command at its end',
  },
  { name: 'plugin', instead: 'the plugin itself, `kubectl-NAME`' },
];

/** Registers a command that says that it is not there. */
export function registerAbsent({ name, instead }: AbsentCommand): Register {
  return (command) => {
    command
      .argument('[words...]')
      .allowUnknownOption()
      .action(() => {
        throw new CommandError(
          `kubectl has ${JSON.stringify(name)}, and this command not yet; try ${instead}`,
        );
      });
  };
}
