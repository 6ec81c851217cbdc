import { CommandError } from '../command-error.ts';

/** A JSONPath template that is wrong, or does not fit what it is applied to. */
export class JsonPathError extends CommandError {}
