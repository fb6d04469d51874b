// The account of the run loses its rights on a server in the middle of a night, as a policy of the domain does, and has them again later: in
// the next life, or not before somebody has asked for them in the morning. What it could not do from the beginning says servers.ts.
import { forgetState } from './console.ts';
import type { LostRights, Server } from './truth.ts';

export function loseRights(server: Server, detail: number): void {
  const { machine } = server;
  if (machine.rights !== 'administrator') return;
  server.lostRights = { before: machine.rights, until: (detail * 2) % 1 < 0.5 ? 'next-life' : 'morning' };
  machine.rights = detail < 0.5 ? 'filtered' : 'user';
  forgetState(machine);
}

export function regainRights(server: Server, when: LostRights['until']): void {
  const { lostRights, machine } = server;
  if (lostRights === null || (when === 'next-life' && lostRights.until === 'morning')) return;
  machine.rights = lostRights.before;
  server.lostRights = null;
  forgetState(machine);
}
