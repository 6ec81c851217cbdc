import { Option } from 'commander';

/** Whether roles are for the objects that were named, or for all of their kind. */
export function namesOption(flag: string): Option {
  return new Option(flag, 'grant what was used on objects for these names, or for any')
    .choices(['keep', 'drop'])
    .default('keep');
}
