// Why the service manager refused a command, by the exit code of `sc` (the Win32 error), and what to do about it. A code that is not here is
// no proof that nothing happened: after 1053 (no answer in time) the service may still stop or start, so the host is asked.
// Source: winerror.h; the errors that ControlService and StartService are documented to return. Pure.

export interface ServiceRefusal {
  readonly reason: string;
  /** What to do on the host, before the command is given again. */
  readonly fix: string;
  /** It may pass within a second: worth one more try. */
  readonly isMomentary: boolean;
}

interface Words {
  readonly reason: string;
  readonly fix: (service: string) => string;
}

const askState = (service: string): string => `see what it is doing: sc queryex ${service}`;
const askConfig = (service: string): string => `see how it is set up: sc qc ${service}`;

const words: Readonly<Record<number, Words>> = {
  2: { reason: 'its program was not found', fix: askConfig },
  3: { reason: 'its program was not found', fix: askConfig },
  5: {
    reason: 'access denied',
    fix: () => 'use an account that may stop and start services (a local administrator with full rights)',
  },
  1051: {
    reason: 'other running services depend on it',
    fix: (service) => `see which ones and stop them first: sc enumdepend ${service}`,
  },
  1052: { reason: 'it does not accept this command', fix: askState },
  1054: { reason: 'no thread could be created for it', fix: () => 'the host may be out of memory: restart it' },
  1055: {
    reason: 'the service database is locked',
    fix: () => 'wait until the installation that locks it has finished: sc querylock',
  },
  1056: { reason: 'an instance of it is already running', fix: askState },
  1058: {
    reason: 'it is disabled',
    fix: (service) => `find out why it was disabled; to enable it: sc config ${service} start= demand`,
  },
  1060: { reason: 'it is not installed', fix: askConfig },
  1061: {
    reason: 'it accepts no commands at this time',
    fix: (service) => `wait until it has started or stopped, then plan again; ${askState(service)}`,
  },
  1068: {
    reason: 'a service that it depends on did not start',
    fix: (service) => `start that service first; see which one: sc qc ${service}`,
  },
  1069: {
    reason: 'its account could not log on',
    fix: (service) => `check the account and password of the service: sc qc ${service}`,
  },
  1072: { reason: 'it is marked for deletion', fix: () => 'close services.msc everywhere, or restart the host' },
  1075: { reason: 'a service that it depends on does not exist', fix: askConfig },
  1115: { reason: 'the host is shutting down', fix: () => 'wait until it has restarted, then plan again' },
};

const momentary: readonly number[] = [1056, 1061];

/** Null: not a refusal, or an exit code that does not prove one. */
export function readServiceRefusal(exitCode: number, service: string): ServiceRefusal | null {
  const known = words[exitCode];
  if (known === undefined) return null;
  return { reason: known.reason, fix: known.fix(service), isMomentary: momentary.includes(exitCode) };
}
