// I/O: gives a file another name. Windows refuses that while another program has either of the two open for itself, as scanners and backups
// have for a moment: there it is tried again for a while. It gives up with the system's own error.
import { rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readErrnoCode } from '../model/failures/errno-code.ts';

const tries = 10;
const pauseMs = 100;
/** ERROR_ACCESS_DENIED and ERROR_SHARING_VIOLATION, as Node calls them. */
const heldCodes = ['EPERM', 'EACCES', 'EBUSY'];

/** What has the new name already is replaced. */
export async function renameFile(from: string, to: string): Promise<void> {
  for (let left = tries; ; left -= 1) {
    try {
      await rename(from, to);
      return;
    } catch (thrown) {
      const mayPass = process.platform === 'win32' && heldCodes.includes(readErrnoCode(thrown) ?? '');
      if (!mayPass || left === 0) throw thrown;
    }
    await sleep(pauseMs);
  }
}
