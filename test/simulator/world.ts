// The lab's machines as one life of the tool sees them: every request may meet a mishap. What is sent to change a server is held against
// the disk first: its intent has to be there.
import { reboot } from '../../src/lab/machine/machine.ts';
import type { StrangerDeed } from '../../src/lab/scenario/server-spec.ts';
import { doAsStranger } from '../../src/lab/stranger.ts';
import { Failure } from '../../src/model/failure.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Answer, Connector, Session } from '../../src/model/seams.ts';
import { withPlainNames } from '../support/plain-names.ts';
import { askMachine, forgetState, nonce, tellMachine } from './console.ts';
import type { Life } from './life.ts';
import { requestMishaps, type Mishap } from './mishap.ts';
import { rebootValues, workAsOther, type Server } from './truth.ts';

type Kind = 'connect' | 'ask' | 'change';

export interface WorldOptions {
  readonly servers: ReadonlyMap<string, Server>;
  readonly life: Life;
  /** Before a change is sent: whether its intent is on disk. */
  readonly checkIntent: (host: string, shown: string) => void;
}

export function connectorOf({ servers, life, checkIntent }: WorldOptions): Connector {
  async function perform(
    server: Server,
    kind: Kind,
    line: string,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    refuseAborted(signal, 'none');
    await Promise.resolve();
    if (life.isDead) return life.never();
    life.steps += 1;
    life.requests += 1;
    life.passTime(40);
    if (kind === 'change') checkIntent(server.name, withPlainNames(line));
    let ending: (() => Promise<never>) | null = null;
    let isSent = true;
    let spoil = (answer: Answer): Answer => answer;
    for (const mishap of life.take(requestMishaps, life.requests)) {
      const { what, detail } = mishap;
      const isChange = kind === 'change';
      const fail = (effect: 'none' | 'unknown') => async (): Promise<never> => {
        if (isChange && effect === 'unknown') server.isInDoubt = true;
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
          if (isChange) server.isInDoubt = true;
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
          break;
        case 'clock-jump':
          life.jump((detail - 0.5) * 7_200_000);
          break;
        case 'die-before':
        case 'die-after':
          if (isChange) server.isInDoubt = true;
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
          if (isChange) server.isInDoubt = true;
          ending = () => Promise.reject(interrupted(isChange ? 'unknown' : 'none'));
          break;
        case 'stranger':
          meddle(server, mishap);
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
    const answer = spoil(kind === 'ask' ? askMachine(machine, line) : tellMachine(machine, line));
    return ending === null ? answer : ending();
  }

  return {
    async connect({ name }, options) {
      const server = servers.get(name);
      if (server === undefined) throw new Failure('connect/name', `no host is called ${name}`, { where: name });
      await perform(server, 'connect', '', options?.signal);
      const session: Session = {
        ask: (line, asked) => perform(server, 'ask', line, asked?.signal),
        change: (line, changed) => perform(server, 'change', line, changed?.signal),
        list: () => Promise.reject(new Failure('wire/fault', 'no CIM here')),
        newNonce: () => nonce,
        close: () => Promise.resolve(),
      };
      return session;
    },
  };
}

const nothing: Answer = { stdout: '', stderr: '', exitCode: 0 };

const permanent = { protocol: 'tcp', store: 'persistent', families } as const;
const deeds: readonly StrangerDeed[] = [
  { ...permanent, does: 'reserve', range: portRange(9933) },
  { ...permanent, does: 'reserve', range: portRange(9955) },
  { ...permanent, does: 'reserve', range: portRange(9955), store: 'active' },
  { ...permanent, does: 'reserve', range: portRange(9933), store: 'active' },
  { ...permanent, does: 'release', range: portRange(9955), store: 'active' },
  { ...permanent, does: 'release', range: portRange(9933) },
  { ...permanent, does: 'release', range: portRange(7000, 10) },
  { does: 'stop', service: 'MSExchangeIMAP4BE' },
  { does: 'start', service: 'MSExchangeIMAP4BE' },
];

/**
 * Some of what strangers do has nothing to do with the plan. What has, happens once a night on a server: two such deeds can undo each
 * other unseen, and then nobody could tell whose the outcome is. Returns it when it came to something.
 */
export function meddle(server: Server, { detail }: Pick<Mishap, 'detail'>): StrangerDeed | null {
  const deed = detail < 0.3 ? null : (deeds[Math.floor(((detail - 0.3) / 0.7) * deeds.length)] ?? null);
  if (deed !== null && server.isMeddledWith) return null;
  const parts: readonly StrangerDeed[] =
    deed === null
      ? families.map((family) => ({
          ...permanent,
          does: 'reserve',
          range: portRange(20_000 + Math.floor(detail * 200)),
          families: [family],
        }))
      : [deed];
  const isChanged = workAsOther(server, (machine) => {
    for (const part of parts) doAsStranger(machine, part);
  });
  if (deed !== null && isChanged) server.isMeddledWith = true;
  return isChanged ? deed : null;
}

function restart(server: Server): void {
  server.isRebooted = true;
  const before = new Map(server.expected);
  reboot(server.machine);
  forgetState(server.machine);
  rebootValues(server.expected);
  rebootValues(server.untouched);
  for (const key of new Set([...before.keys(), ...server.expected.keys()])) {
    if (before.get(key) !== server.expected.get(key)) server.changedAtBoot.add(key);
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
