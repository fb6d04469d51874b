// Pages of what can go wrong with a state that is kept in a database (docs/state.md).
import { act, here, type Page } from './page.ts';

type StateCode = 'run/lease-lost' | 'run/left-behind' | 'state/unavailable' | 'state/other-version';

const check = here('see how the database stands', 'fencepost state check');

export const statePages: Readonly<Record<StateCode, Page>> = {
  'run/lease-lost': {
    meaning:
      'This process gave no sign of life for longer than a lease lasts, and another run took the host, or the run, over. What this process still had to write and to send was refused.',
    causes: [
      'the machine slept, or was stopped, in the middle of a run',
      'the database could not be reached from here for too long',
      'someone freed the lock: fencepost unlock',
    ],
    cures: [
      here('see which runs there are', 'fencepost runs'),
      here('see what became of the host', 'fencepost status RUN'),
      here('continue the run from a machine that stays awake', 'fencepost resume RUN'),
    ],
    see: ['run/host-locked', 'state/unavailable'],
  },
  'run/left-behind': {
    meaning:
      'The host was taken from another run that did not give it back: its process is dead or asleep. A command that it had begun to send could still be carried out, in a shell that could not be deleted or of which nothing is known. Nothing was changed on the host.',
    causes: [
      'the server refused to delete the shell, for example because it is of another account',
      'the journal of that run is damaged',
    ],
    cures: [
      here('see what that run did on the host', 'fencepost runs show RUN'),
      here('finish that run first', 'fencepost resume RUN'),
      here('or take back what it did', 'fencepost rollback RUN'),
      act('or wait until Windows has ended the shell, which it does with one that nobody uses, and try again'),
    ],
    see: ['locked', 'run/lease-lost'],
  },
  'state/unavailable': {
    meaning:
      'The database that --state or FENCEPOST_STATE names can not be reached, or does not let this user in. Nothing was changed by this command.',
    causes: [
      'the server is down, or a firewall is in between',
      'the password is missing or wrong',
      'its certificate is not trusted here, or is of another name',
    ],
    cures: [
      check,
      act('give the password in a file that PGPASSFILE names: host:port:database:user:password, mode 600'),
      act('name the authority of its certificate: ?sslrootcert=FILE'),
    ],
    see: ['journal/unwritable', 'state/other-version'],
  },
  'state/other-version': {
    meaning:
      'The database follows rules of another version than this Fencepost knows. Who does not know the rules of its leases can not keep them.',
    causes: ['Fencepost was raised on this machine and not in the database', 'or the other way around'],
    cures: [
      check,
      here('bring an older database up to this Fencepost', 'fencepost state init'),
      act('use the Fencepost that the others use'),
    ],
    see: ['state/unavailable'],
  },
};
