// Before all peers: a folder for what they share in this run (made-once.ts), in a place where nothing else is; after all of them it goes.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    readonly sharedFolder: string;
  }
}

export default async function openSharedFolder({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-peers-'));
  // Some servers run as somebody else.
  await chmod(folder, 0o755);
  provide('sharedFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
}
