import { open } from 'node:fs/promises';
import type { Files } from './files.ts';
import { undefinedWhenAbsent } from './nodejs-system-errors.ts';

export const readEnd: Files['readEnd'] = async (path, { skippedBytes, bytesMax }) => {
  const opened = await undefinedWhenAbsent(open(path));
  if (opened === undefined) return undefined;
  await using file = opened;
  const { size } = await file.stat();
  const start = Math.max(skippedBytes, size - bytesMax);
  const bytes = Buffer.alloc(Math.max(0, size - start));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  return bytes.subarray(0, bytesRead);
};

export const readParts: Files['readParts'] = async (path) => {
  const file = await undefinedWhenAbsent(open(path));
  return file?.createReadStream();
};
