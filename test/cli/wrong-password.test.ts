// A wrong password is tried on one host of a fleet, whatever the command. What the servers counted is what counts.
import { expect, test } from 'vitest';
import { withLab } from '../support/lab.ts';

const servers = Array.from({ length: 6 }, (_, index) => ({ name: `ex0${String(index + 1)}` }));

test.each([['collect'], ['plan'], ['verify'], ['doctor'], ['apply', '--yes']])(
  '%s: one server sees a logon, the others none, and each says why',
  async (...command) => {
    await withLab(servers, async (lab) => {
      await lab.write('password', 'not-the-password\n');
      const { exitCode, stdout, stderr } = await lab.run([...command, '-i', lab.inventoryFile, '--json']);
      // The doctor asks for Identify, without a logon, before it logs on.
      const tried = lab.fleet.servers.filter((one) => one.requests.some(({ status }) => status === 401));
      expect(tried).toHaveLength(1);
      expect(`${stdout}${stderr}`).toContain('auth/held-back');
      expect(exitCode).toBe(3);
    });
  },
);
