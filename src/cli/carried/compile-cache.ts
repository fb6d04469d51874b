// I/O: lets Node keep what it compiled for the next start, where it can (22.1 and later). Not in Node's default place, a folder that all
// users of the machine share: what is read from there is run.
import nodeModule from 'node:module';
import { isSea } from 'node:sea';
import { makeCacheDirectory } from './cache-directory.ts';

interface WithCompileCache {
  readonly enableCompileCache?: (directory: string) => unknown;
}

/** Only what is loaded afterwards is kept. The single executable bears its compiled code already. */
export function keepCompiledCode(): void {
  const { enableCompileCache } = nodeModule as WithCompileCache;
  if (enableCompileCache === undefined || isSea()) return;
  const directory = makeCacheDirectory('compiled');
  if (directory !== null) enableCompileCache(directory);
}
