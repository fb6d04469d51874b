// The lab's machines as one life of the tool sees them: every request may meet a mishap. What is sent to change a server is held against
// the disk first: its intent has to be there.
import { reboot } from '../../src/lab/machine/machine.ts';
import { Failure } from '../../src/model/failure.ts';
import type { Answer, Connector, Session } from '../../src/model/seams.ts';
import { withPlainNames } from '../support/plain-names.ts';
import { loseRights } from './account.ts';
import { askMachine, forgetState, nonce, tellMachine } from './console.ts';
import { noteAnswer, noteMissingAnswer } from './judging/doubt.ts';
import { findSubject, listSubjects } from './judging/subject.ts';
import type { Life } from './life.ts';
import { changeMishaps, requestMishaps } from './mishap.ts';
import { meddle, meddleWithPlan, revert } from './stranger.ts';
import { differs, noteOthersWork, rebootValues, valuesOf, type Server } from './truth.ts';

type Kind = 'connect' | 'ask' | 'change';

export interface WorldOptions {
  readonly servers: ReadonlyMap<string, Server>;
  readonly life: Life;
  /** Before a change is sent: whether its intent is on disk. */
  readonly checkIntent: (host: string, shown: string) => void;
  /** Another operator, with a state directory of his own, works on that server. */
  readonly operate?: (server: Server, detail: number) => Promise<void>;
  /** The same, but his commands come between those of ours. */
  readonly operateBeside?: (server: Server) => void;
  /** What this life changes is somebody else's work. */
  readonly isOther?: boolean;
  /** Another process with the same state directory tries to. */
  readonly operateHere?: () => Promise<void>;
  /** Brings the server to the time of this life. */
  readonly passTime?: (server: Server) => void;
}

const nobody = (): Promise<void> => Promise.resolve();

export function connectorOf(options: WorldOptions): Connector {
  const { servers, life, checkIntent, operate = nobody, operateHere = nobody, isOther = false } = options;
  const { operateBeside = () => undefined, passTime = () => undefined } = options;

  async function perform(server: Server, kind: Kind, line: string, signal: AbortSignal | undefined): Promise<Answer> {
    refuseAborted(signal, 'none');
    await Promise.resolve();
    if (life.isDead) return life.never();
    life.steps += 1;
    life.requests += 1;
    life.passTime(40);
    passTime(server);
    if (kind === 'change') checkIntent(server.name, withPlainNames(line));
    let ending: (() => Promise<never>) | null = null;
    let isSent = true;
    let spoil = (answer: Answer): Answer => answer;
    let behind = (): void => undefined;
    const due = life.take(requestMishaps, life.requests);
    if (kind === 'change') life.changes += 1;
    const doubt = (): void => {
      for (const subject of listSubjects(withPlainNames(line))) noteMissingAnswer(server.doubts, subject);
    };
    const dueOfChange = kind === 'change' ? life.take(changeMishaps, life.changes) : [];
    for (const { what, detail } of [...due, ...dueOfChange]) {
      const isChange = kind === 'change';
      const fail = (effect: 'none' | 'unknown') => async (): Promise<never> => {
        if (isChange && effect === 'unknown') doubt();
        return Promise.reject(lost(isChange ? effect : 'none'));
      };
      switch (what) {
        case 'refused':
          [isSent, ending] = [false, fail('none')];
          break;
        case 'lost-before':
          [isSent, ending] = [false, fail('unknown')];
          break;
        case 'lost-after':
          ending = fail('unknown');
          break;
        case 'half-answer':
          if (isChange) doubt();
          spoil = (answer) => ({
            ...answer,
            stdout: answer.stdout.slice(0, Math.floor(answer.stdout.length * detail)),
          });
          break;
        case 'asked-twice':
          if (kind === 'ask') tellMachine(server.machine, line);
          break;
        case 'delay':
          life.passTime(detail * 90_000);
          passTime(server);
          break;
        case 'clock-jump':
          life.jump((detail - 0.5) * 7_200_000);
          break;
        case 'die-before':
        case 'die-after':
          if (isChange) doubt();
          isSent = what === 'die-after';
          ending = () => {
            life.die();
            return life.never();
          };
          break;
        case 'interrupt':
          life.isInterrupted = true;
          life.stop.request('interrupted');
          break;
        case 'abort':
          life.isInterrupted = true;
          life.stop.request('interrupted');
          life.abort.abort();
          isSent = detail < 0.5;
          if (isChange) doubt();
          ending = () => Promise.reject(interrupted(isChange ? 'unknown' : 'none'));
          break;
        case 'stranger':
          meddle(server, detail);
          break;
        case 'rival-before':
          meddleWithPlan(server, detail);
          break;
        case 'rival-after':
          behind = () => void meddleWithPlan(server, detail);
          break;
        case 'rival-reverts':
          behind = () => void revert(server, withPlainNames(line));
          break;
        case 'refused-change':
          [isSent, ending] = [false, fail('none')];
          break;
        case 'half-change':
          doubt();
          spoil = (answer) => ({ ...answer, stdout: cutAtMarker(answer.stdout, detail) });
          break;
        case 'operator':
          await operate(server, detail);
          break;
        case 'same-state':
          await operateHere();
          break;
        case 'operator-beside':
          operateBeside(server);
          break;
        case 'rights-lost':
          loseRights(server, detail);
          break;
        case 'reboot':
          restart(server);
          [isSent, ending] = [false, fail('unknown')];
          break;
        default:
          break;
      }
    }
    if (kind === 'connect') return ending === null ? nothing : ending();
    if (!isSent) return ending === null ? nothing : ending();
    const { machine } = server;
    if (isOther && kind === 'change') return tellAsOther(server, line);
    const answer = spoil(kind === 'ask' ? askMachine(machine, line) : tellMachine(machine, line));
    if (!isOther) noteAnswer(server.doubts);
    behind();
    return ending === null ? answer : ending();
  }

  return {
    async connect({ connection: { address } }, connecting) {
      const server = servers.get(address);
      if (server === undefined) throw new Failure('connect/name', `no host is at ${address}`, { where: address });
      await perform(server, 'connect', '', connecting?.signal);
      const session: Session = {
        ask: (line, asked) => perform(server, 'ask', line, asked?.signal),
        change: (line, changed) => perform(server, 'change', line, changed?.signal),
        list: () => Promise.reject(new Failure('wire/fault', 'no CIM here')),
        endLeft: () => Promise.resolve(),
        newNonce: () => nonce,
        close: () => Promise.resolve(),
      };
      return session;
    },
  };
}

const nothing: Answer = { stdout: '', stderr: '', exitCode: 0 };

function tellAsOther(server: Server, line: string): Answer {
  const before = valuesOf(server.machine);
  const answer = tellMachine(server.machine, line);
  if (noteOthersWork(server, before)) server.isMeddledWith = true;
  return answer;
}

/** The answer ends before or behind the marker of one of its parts: the last of a part, or all of one, is missing. */
function cutAtMarker(text: string, detail: number): string {
  const cuts = [...text.matchAll(/#fencepost:[^#]*#\s*/g)].flatMap((one) => [one.index, one.index + one[0].length]);
  return text.slice(0, cuts[Math.floor(detail * cuts.length)] ?? text.length);
}

/** Windows starts again. */
export function restart(server: Server): void {
  server.isRebooted = true;
  const before = new Map(server.expected);
  const wasThere = valuesOf(server.machine);
  reboot(server.machine);
  forgetState(server.machine);
  rebootValues(server.expected);
  rebootValues(server.untouched);
  for (const key of new Set([...before.keys(), ...server.expected.keys()])) {
    if (before.get(key) !== server.expected.get(key)) server.changedAtBoot.add(key);
  }
  // What somebody else had taken out of force, and the boot has put in force again, looks like his second change of mind.
  for (const row of differs(wasThere, server.machine, false)) {
    if (row.startsWith('+') && server.meddled.has(findSubject(row))) server.changedAtBoot.add(row.slice(1));
  }
}

function lost(effect: 'none' | 'unknown'): Failure {
  return new Failure('connect/lost', 'the connection broke off', { effect, retry: 'new-session' });
}

function interrupted(effect: 'none' | 'unknown'): Failure {
  return new Failure('interrupted', 'it was told to stop', { effect });
}

function refuseAborted(signal: AbortSignal | undefined, effect: 'none' | 'unknown'): void {
  if (signal?.aborted === true) throw interrupted(effect);
}
