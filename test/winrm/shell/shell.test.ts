import { afterEach, describe, expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import type { FailureCode, Retry } from '../../../src/model/failure.ts';
import type { SoapChannel, SendOptions } from '../../../src/winrm/channel/reconnecting-channel.ts';
import { ShellMessages } from '../../../src/winrm/shell/shell-messages.ts';
import { maxCommandLineCharacters, CommandShell } from '../../../src/winrm/shell/shell.ts';
import { countTries, maxRepetitions } from '../../../src/winrm/retries.ts';
import { failureOf } from '../../support/failure-of.ts';
import * as answers from '../../support/soap-answers.ts';

type Answerer = string | Failure | ((message: string, options: SendOptions) => string | Promise<string>);
/** What is expected to be sent, in order, and what comes of it. */
type Step = readonly [what: SendOptions['what'], answer: Answerer];

interface Scripted {
  readonly shell: CommandShell;
  readonly sent: readonly { readonly what: string; readonly message: string; readonly options: SendOptions }[];
  readonly sleepsMs: readonly number[];
  readonly closed: () => number;
  /** Throws unless all steps were taken. */
  readonly finish: () => void;
}

let tellShell: ((shellId: string) => Promise<void>) | undefined;
let beforeChange: (() => void) | undefined;
afterEach(() => {
  tellShell = undefined;
  beforeChange = undefined;
});

function scripted(...steps: Step[]): Scripted {
  const sent: { what: string; message: string; options: SendOptions }[] = [];
  const sleepsMs: number[] = [];
  let closed = 0;
  let ids = 0;
  const channel: SoapChannel = {
    where: 'ex01:5985',
    async send(message, options) {
      sent.push({ what: options.what, message, options });
      const [what, answer] = steps[sent.length - 1] ?? ['nothing', ''];
      if (what !== options.what) throw new Error(`step ${sent.length}: expected ${what}, got ${options.what}`);
      if (answer instanceof Failure) throw answer;
      return typeof answer === 'string' ? answer : await answer(message, options);
    },
    close: () => void (closed += 1),
  };
  const sleep = (durationMs: number): Promise<void> => {
    sleepsMs.push(durationMs);
    return Promise.resolve();
  };
  const newId = (): string => `uuid:${(ids += 1)}`;
  const messages = new ShellMessages({ channel, url: 'http://ex01:5985/wsman', operationMs: 20_000, newId });
  const shell = new CommandShell({
    where: 'ex01:5985',
    messages,
    newTries: () => countTries(sleep, () => 0.5),
    sleep,
    onShell: tellShell,
    beforeChange: () => beforeChange?.(),
  });
  const finish = (): void => {
    expect(sent.map((one) => one.what)).toEqual(steps.map(([what]) => what));
  };
  return { shell, sent, sleepsMs, closed: () => closed, finish };
}

function failure(code: FailureCode, effect: 'none' | 'unknown', retry: Retry = 'new-session'): Failure {
  return new Failure(code, `made: ${code}`, { effect, retry });
}

const create: Step = ['create', answers.createAnswer('S1')];
const command: Step = ['command', answers.commandAnswer('C1')];
const done: Step = ['receive', answers.receiveAnswer('ok', 0)];
const lost = failure('connect/lost', 'unknown');

describe('open', () => {
  test('asks for UTF-8, no profile, and a shell that goes away by itself', async () => {
    const { shell, sent } = scripted(create);
    await shell.open();
    expect(sent[0]?.message).toContain('<w:Option Name="WINRS_CODEPAGE">65001</w:Option>');
    expect(sent[0]?.message).toContain('<w:Option Name="WINRS_NOPROFILE">TRUE</w:Option>');
    expect(sent[0]?.message).toContain('<rsp:IdleTimeOut>PT900.000S</rsp:IdleTimeOut>');
  });

  test('falls back to code page 437 once, and stays there', async () => {
    const steps: Step[] = [
      ['create', answers.faultAnswer(87)],
      create,
      ['command', answers.shellGone],
      create,
      command,
      done,
    ];
    const { shell, sent, finish } = scripted(...steps);
    await shell.open();
    await shell.run('x', 'ask');
    expect(sent.filter((one) => one.what === 'create').map((one) => /CODEPAGE">(\d+)/.exec(one.message)?.[1])).toEqual([
      '65001',
      '437',
      '437',
    ]);
    finish();
  });

  test('two faults are the end of it', async () => {
    const { shell, finish } = scripted(['create', answers.faultAnswer(87)], ['create', answers.faultAnswer(87)]);
    expect((await failureOf(shell.open())).code).toBe('wire/fault');
    finish();
  });

  test.each([
    ['access denied', answers.faultAnswer(5), 'wire/access-denied'],
    ['refused', failure('connect/refused', 'none'), 'connect/refused'],
    ['wrong password', failure('auth/refused', 'none', 'never'), 'auth/refused'],
  ] as const)('%s: said at once', async (_name, answer, code) => {
    const { shell, finish } = scripted(['create', answer]);
    expect(await failureOf(shell.open())).toMatchObject({ code, effect: 'none', where: 'ex01:5985' });
    finish();
  });

  test('a full server is asked again, each time later, and not for ever', async () => {
    const full: Step = ['create', answers.tooManyOperations];
    const { shell, sleepsMs, finish } = scripted(...Array.from({ length: maxRepetitions + 1 }, () => full));
    expect((await failureOf(shell.open())).code).toBe('wire/quota');
    finish();
    expect(sleepsMs).toEqual([188, 375, 750, 1500]);
  });
});

describe('before a change is sent', () => {
  test('it is asked each time, also when a full server is asked again; what it throws is said, and nothing is sent', async () => {
    const { shell, finish } = scripted(
      create,
      command,
      done,
      ['command', answers.tooManyOperations],
      ['delete', answers.deleteAnswer],
      create,
    );
    let asked = 0;
    beforeChange = () => {
      if ((asked += 1) > 1) throw failure('run/lease-lost', 'none', 'never');
    };
    await shell.open();
    await shell.run('a question', 'ask');
    expect(asked).toBe(0);
    expect(await failureOf(shell.run('a change', 'change'))).toMatchObject({ code: 'run/lease-lost', effect: 'none' });
    expect(asked).toBe(2);
    finish();
  });
});

describe('run', () => {
  test('collects the output of many Receives, and sends no Signal', async () => {
    const text = Buffer.from('größe 東');
    const { shell, finish } = scripted(
      create,
      command,
      ['receive', answers.timedOut],
      ['receive', answers.receiveAnswer(text.subarray(0, 3), null)],
      ['receive', answers.receiveAnswer('', null)],
      ['receive', answers.receiveAnswer(text.subarray(3), 3221225786, 'warning')],
      ['command', answers.commandAnswer('C2')],
      done,
    );
    await shell.open();
    expect(await shell.run('x', 'ask')).toEqual({ exitCode: 3221225786, stdout: 'größe 東', stderr: 'warning' });
    expect((await shell.run('y', 'change')).stdout).toBe('ok');
    finish();
  });

  test('a server that answers empty at once is not asked in a tight loop', async () => {
    const empty: Step = ['receive', answers.receiveAnswer('', null)];
    const { shell, sleepsMs } = scripted(create, command, empty, empty, empty, empty, done);
    await shell.open();
    await shell.run('x', 'ask');
    expect(sleepsMs).toEqual([50, 75, 100]);
  });

  test('refuses a line that cmd.exe would cut, before sending anything', async () => {
    const { shell, finish } = scripted(create, command, done);
    await shell.open();
    const tooLong = await failureOf(shell.run('x'.repeat(maxCommandLineCharacters + 1), 'change'));
    expect(tooLong).toMatchObject({ code: 'command/too-long', effect: 'none' });
    await shell.run('x'.repeat(maxCommandLineCharacters), 'change');
    finish();
  });

  test('a change is sent with care', async () => {
    const { shell, sent } = scripted(create, command, done, command, done);
    await shell.open();
    await shell.run('x', 'ask');
    await shell.run('x', 'change');
    const commands = sent.filter((one) => one.what === 'command');
    expect(commands.map((one) => one.options.careful)).toEqual([false, true]);
  });
});

describe('the answer to Command is lost', () => {
  test.each([lost, failure('deadline/request', 'unknown'), failure('wire/invalid', 'unknown')])(
    'a change is in doubt and never sent again ($code)',
    async (trouble) => {
      const { shell, finish } = scripted(create, ['command', trouble]);
      await shell.open();
      expect(await failureOf(shell.run('x', 'change'))).toMatchObject({ code: trouble.code, effect: 'unknown' });
      finish();
    },
  );

  test('a question is asked again, in the same shell', async () => {
    const { shell, sent, finish } = scripted(create, ['command', lost], command, done);
    await shell.open();
    expect((await shell.run('x', 'ask')).stdout).toBe('ok');
    expect(sent[2]?.options.note).toBe('again after connect/lost');
    finish();
  });

  test('a question is asked again in a new shell when the old one went too', async () => {
    const { shell, sent, finish } = scripted(
      create,
      ['command', lost],
      ['command', answers.shellGone],
      ['create', answers.createAnswer('S2')],
      command,
      done,
    );
    await shell.open();
    await shell.run('x', 'ask');
    expect(sent[5]?.message).toContain('>S2<');
    finish();
  });

  test('a question is not asked for ever', async () => {
    const { shell, sleepsMs } = scripted(
      create,
      ...Array.from({ length: maxRepetitions + 1 }, (): Step => ['command', lost]),
    );
    await shell.open();
    expect(await failureOf(shell.run('x', 'ask'))).toMatchObject({ code: 'connect/lost', effect: 'none' });
    expect(sleepsMs).toHaveLength(maxRepetitions);
  });
});

describe('Command was surely not carried out', () => {
  const before: readonly (readonly [string, Failure | string])[] = [
    ['shell gone', answers.shellGone],
    ['quota', answers.tooManyOperations],
    ['not ready', failure('http/status', 'none', 'same-request')],
    ['not sent', failure('connect/lost', 'none')],
    ['no connection', failure('connect/timeout', 'none')],
  ];
  test.each(before)('a change is sent again: %s', async (name, answer) => {
    // Operations that are used up are given back with their shell only (MS-WSMV note 118).
    const again: readonly Step[] =
      name === 'quota' ? [['delete', answers.deleteAnswer], create] : name === 'shell gone' ? [create] : [];
    const { shell, finish } = scripted(create, ['command', answer], ...again, command, done);
    await shell.open();
    expect((await shell.run('x', 'change')).stdout).toBe('ok');
    finish();
  });

  test('a Create lost on the way to a change leaves no doubt about the change', async () => {
    const { shell, finish } = scripted(create, ['command', answers.shellGone], ['create', lost], create, command, done);
    await shell.open();
    expect((await shell.run('x', 'change')).stdout).toBe('ok');
    finish();
  });

  test.each([
    ['an operation cut off (995)', 995, 'unknown'],
    ['an unknown fault', 4711, 'unknown'],
    ['access denied', 5, 'none'],
    ['too long after all', 2147942606, 'none'],
  ] as const)('a fault that ends it says so: %s', async (_name, code, effect) => {
    const { shell } = scripted(create, ['command', answers.faultAnswer(code)]);
    await shell.open();
    expect((await failureOf(shell.run('x', 'change'))).effect).toBe(effect);
  });
});

describe('a Receive is lost', () => {
  const part: Step = ['receive', answers.receiveAnswer('be', null)];
  const receives = (all: Scripted['sent']): readonly string[] =>
    all.filter((one) => one.what === 'receive').map((one) => one.message);

  test('of a change: it is sent again byte for byte, and the next one is a new message', async () => {
    const { shell, sent, finish } = scripted(create, command, part, ['receive', lost], ['receive', lost], part, done);
    await shell.open();
    expect((await shell.run('x', 'change')).stdout).toBe('bebeok');
    finish();
    const [first, second, third, fourth, last] = receives(sent);
    expect([third, fourth]).toEqual([second, second]);
    expect(new Set([first, second, last]).size).toBe(3);
  });

  test('of a question: it is sent again byte for byte to its end, and then the whole line is asked again', async () => {
    const { shell, sent, sleepsMs, finish } = scripted(
      create,
      command,
      part,
      ['receive', lost],
      ['receive', answers.receiveAnswer('rest of it', 0)],
      ['command', answers.commandAnswer('C2')],
      done,
    );
    await shell.open();
    expect((await shell.run('x', 'ask')).stdout).toBe('ok');
    finish();
    expect(receives(sent)[2]).toBe(receives(sent)[1]);
    expect(sleepsMs).toHaveLength(2);
  });

  test('that the server surely refused costs a question nothing: no output was lost', async () => {
    const busy = failure('http/status', 'none', 'same-request');
    const { shell, finish } = scripted(create, command, part, ['receive', busy], done);
    await shell.open();
    expect((await shell.run('x', 'ask')).stdout).toBe('beok');
    finish();
  });

  test('again and again, of a question: a failure, and never the joined output', async () => {
    const round: readonly Step[] = [command, ['receive', lost], done];
    const { shell, finish } = scripted(create, ...Array.from({ length: maxRepetitions + 1 }, () => round).flat());
    await shell.open();
    expect(await failureOf(shell.run('x', 'ask'))).toMatchObject({ code: 'connect/lost', effect: 'none' });
    finish();
  });

  test('the shell is gone then: a change is in doubt, a question starts over', async () => {
    const gone: Step = ['receive', answers.shellGone];
    const change = scripted(create, command, ['receive', lost], gone);
    await change.shell.open();
    expect(await failureOf(change.shell.run('x', 'change'))).toMatchObject({
      code: 'wire/shell-gone',
      effect: 'unknown',
    });
    change.finish();

    const ask = scripted(create, command, ['receive', lost], gone, create, command, done);
    await ask.shell.open();
    expect((await ask.shell.run('x', 'ask')).stdout).toBe('ok');
    ask.finish();
  });

  test('no exit code: a change is in doubt', async () => {
    const { shell } = scripted(create, command, ['receive', answers.receiveAnswer('x', undefined)]);
    await shell.open();
    expect(await failureOf(shell.run('x', 'change'))).toMatchObject({ code: 'wire/invalid', effect: 'unknown' });
  });
});

describe('an abort', () => {
  const aborted = (stop: AbortController) => (): Promise<string> => {
    stop.abort();
    return Promise.reject(failure('interrupted', 'unknown', 'never'));
  };

  test.each(['ask', 'change'] as const)(
    'while it runs, %s: terminated, deleted, and the next line gets a new shell',
    async (kind) => {
      const stop = new AbortController();
      const { shell, sent, finish } = scripted(
        create,
        command,
        ['receive', aborted(stop)],
        ['signal', answers.signalAnswer],
        ['delete', answers.deleteAnswer],
        ['create', answers.createAnswer('S2')],
        command,
        done,
      );
      await shell.open();
      const ended = await failureOf(shell.run('x', kind, { signal: stop.signal }));
      expect(ended).toMatchObject({ code: 'interrupted', effect: kind === 'change' ? 'unknown' : 'none' });
      expect((await shell.run('y', 'ask')).stdout).toBe('ok');
      expect(sent[3]?.message).toContain('signal/terminate');
      expect(sent[3]?.options.signal).not.toBe(stop.signal);
      finish();
    },
  );

  test('while Command is under way: only the shell can be deleted', async () => {
    const stop = new AbortController();
    const { shell, finish } = scripted(create, ['command', aborted(stop)], ['delete', answers.deleteAnswer]);
    await shell.open();
    expect((await failureOf(shell.run('x', 'change', { signal: stop.signal }))).effect).toBe('unknown');
    await shell.close();
    finish();
  });

  test('before anything is sent', async () => {
    const { shell, finish } = scripted(create);
    await shell.open();
    const ended = await failureOf(shell.run('x', 'change', { signal: AbortSignal.abort() }));
    expect(ended).toMatchObject({ code: 'interrupted', effect: 'none' });
    finish();
  });

  test('cleaning up that fails is nobody`s trouble', async () => {
    const stop = new AbortController();
    const { shell, closed, finish } = scripted(
      create,
      command,
      ['receive', aborted(stop)],
      ['signal', lost],
      ['delete', lost],
    );
    await shell.open();
    await failureOf(shell.run('x', 'change', { signal: stop.signal }));
    await shell.close();
    expect(closed()).toBe(1);
    finish();
  });
});

describe('an abort while Create is under way', () => {
  test('after it has left: its answer is waited for, so that the shell can be deleted', async () => {
    const stop = new AbortController();
    const { shell, finish } = scripted(
      [
        'create',
        (_message, options) => {
          options.onFlushed?.();
          stop.abort();
          expect(options.signal?.aborted).toBe(false);
          return answers.createAnswer('S1');
        },
      ],
      ['delete', answers.deleteAnswer],
    );
    expect(await failureOf(shell.open(stop.signal))).toMatchObject({ code: 'interrupted', effect: 'none' });
    await shell.close();
    finish();
  });

  test('before it has left: at once', async () => {
    const stop = new AbortController();
    const { shell, finish } = scripted([
      'create',
      (_message, options) => {
        stop.abort();
        expect(options.signal?.aborted).toBe(true);
        return Promise.reject(failure('interrupted', 'none', 'never'));
      },
    ]);
    expect((await failureOf(shell.open(stop.signal))).code).toBe('interrupted');
    await shell.close();
    finish();
  });
});

describe('shells that a dead process left', () => {
  const left = ['S8', 'S9'];

  test('are deleted before one is opened', async () => {
    const { shell, sent, finish } = scripted(
      ['delete', answers.deleteAnswer],
      ['delete', answers.deleteAnswer],
      create,
    );
    await shell.open(undefined, { leftBehind: left });
    expect(sent.slice(0, 2).map((one) => />(S\d)<\/w:Selector>/.exec(one.message)?.[1])).toEqual(left);
    expect(sent[0]?.options.note).toContain('left behind');
    finish();
  });

  test.each([
    ['gone by now', answers.shellGone],
    ['of another account', answers.faultAnswer(5)],
    ['whose Delete is lost', lost],
    ['whose Delete is not answered in time', failure('deadline/request', 'unknown')],
  ])('%s: nobody`s trouble, and not tried again', async (_what, answer) => {
    const { shell, finish } = scripted(['delete', answer], ['delete', answer], create, [
      'delete',
      answers.deleteAnswer,
    ]);
    await shell.open(undefined, { leftBehind: left });
    await shell.close();
    finish();
  });

  test('a host that refuses the logon is not asked a second time', async () => {
    const { shell, finish } = scripted(['delete', failure('auth/refused', 'none', 'never')]);
    expect((await failureOf(shell.open(undefined, { leftBehind: left }))).code).toBe('auth/refused');
    finish();
  });

  test('a full server that was asked again is not asked to delete again', async () => {
    const full: Step = ['create', answers.faultAnswer(2150859173, 'w:QuotaLimit')];
    const { shell, finish } = scripted(['delete', answers.deleteAnswer], full, create);
    await shell.open(undefined, { leftBehind: ['S8'] });
    finish();
  });
});

describe('a line that runs on when its answer is lost', () => {
  const deleted = (message: string | undefined): string | undefined => />(S\d)<\/w:Selector>/.exec(message ?? '')?.[1];
  const secondShell: Step = ['create', answers.createAnswer('S2')];

  test.each([
    ['its Command is lost', [['command', lost]]],
    ['its output is lost', [command, ['receive', answers.shellGone]]],
  ] as [string, Step[]][])('%s: its shell is left until it is ended, once', async (_what, steps) => {
    const { shell, sent, finish } = scripted(
      create,
      ...steps,
      secondShell,
      command,
      done,
      ['delete', lost],
      ['delete', answers.deleteAnswer],
      ['delete', answers.deleteAnswer],
    );
    await shell.open();
    expect((await failureOf(shell.run('x', 'change', { runsOn: true }))).effect).toBe('unknown');
    await shell.run('y', 'ask');
    await shell.endLeft();
    await shell.endLeft();
    await shell.close();
    finish();
    expect(sent.slice(-3).map((one) => deleted(one.message))).toEqual(['S1', 'S1', 'S2']);
  });

  test('says so where its shell may still be there', async () => {
    const { shell, finish } = scripted(create, ['command', lost], ['delete', answers.faultAnswer(5)]);
    await shell.open();
    await failureOf(shell.run('x', 'change', { runsOn: true }));
    expect((await failureOf(shell.endLeft())).code).toBe('wire/access-denied');
    finish();
  });
});

describe('a change whose answer is lost', () => {
  const secondShell: Step = ['create', answers.createAnswer('S2')];

  test.each([
    ['its Command is lost', [['command', lost]]],
    ['its output is lost', [command, ['receive', answers.faultAnswer(5)]]],
  ] as [string, Step[]][])('%s: its shell is used on, and deleted for who asks for that', async (_what, steps) => {
    const { shell, finish } = scripted(
      create,
      ...steps,
      command,
      done,
      ['delete', lost],
      ['delete', answers.deleteAnswer],
      secondShell,
      command,
      done,
      ['delete', answers.deleteAnswer],
    );
    await shell.open();
    expect((await failureOf(shell.run('x', 'change'))).effect).toBe('unknown');
    await shell.run('y', 'ask');
    await shell.endLeft();
    await shell.endLeft();
    await shell.run('z', 'ask');
    await shell.close();
    finish();
  });

  test.each([
    ['never sent', [['command', answers.faultAnswer(5)]]],
    ['gone with its shell', [['command', answers.shellGone], secondShell]],
  ] as [string, Step[]][])('%s: nothing has to be ended', async (what, steps) => {
    const { shell, finish } = scripted(create, ...steps, command, done, ['delete', answers.deleteAnswer]);
    await shell.open();
    await shell.run('x', 'change').catch(() => undefined);
    await shell.endLeft();
    if (what === 'never sent') await shell.run('y', 'ask');
    await shell.close();
    finish();
  });
});

test('every shell is told of before a line is run in it, and closed when that fails', async () => {
  const told: string[] = [];
  const tell = (shellId: string): Promise<void> => {
    told.push(shellId);
    return told.length < 2 ? Promise.resolve() : Promise.reject(failure('journal/unwritable', 'none', 'never'));
  };
  tellShell = tell;
  const { shell, finish } = scripted(
    create,
    ['command', answers.shellGone],
    ['create', answers.createAnswer('S2')],
    ['delete', answers.deleteAnswer],
  );
  await shell.open();
  expect((await failureOf(shell.run('x', 'change'))).code).toBe('journal/unwritable');
  await shell.close();
  expect(told).toEqual(['S1', 'S2']);
  finish();
});

describe('close', () => {
  test('resolves when the Delete is written, not when it is answered', async () => {
    let answer: (text: string) => void = () => undefined;
    const { shell, sent, closed } = scripted(create, [
      'delete',
      (_message, options) => {
        options.onFlushed?.();
        return new Promise((resolve) => (answer = resolve));
      },
    ]);
    await shell.open();
    await shell.close();
    expect(sent[1]?.options.background).toBe(true);
    expect(closed()).toBe(0);
    answer(answers.deleteAnswer);
    await new Promise(setImmediate);
    expect(closed()).toBe(1);
  });

  test('never rejects, sends one Delete, and none without a shell', async () => {
    const one = scripted(create, ['delete', lost]);
    await one.shell.open();
    await one.shell.close();
    await one.shell.close();
    one.finish();

    const none = scripted(['create', answers.faultAnswer(5)]);
    await failureOf(none.shell.open());
    await none.shell.close();
    expect(none.closed()).toBe(1);
    none.finish();
  });
});
