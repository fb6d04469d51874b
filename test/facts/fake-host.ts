// A Session that answers each line of a script from a table, as a host would: text, then the marker. It knows cmd's `/s /c`
// rule and nothing of the code under test.
import type { Answer, Session } from '../../src/model/seams.ts';
import { showPersistentEntries } from '../../src/windows/persistent-entries.ts';
import type { Script } from '../../src/windows/cmd/script.ts';
import { withPlainNames } from '../support/plain-names.ts';

export interface FakeAnswer {
  readonly text: string;
  readonly exitCode?: number;
}

export interface FakeHost extends Session {
  /** Every command line sent, with the way it was sent. */
  readonly sent: readonly { readonly how: 'ask' | 'change'; readonly line: string }[];
}

/** `answerTo` is asked for each line; what it doesn't know fails the test. `spoil` changes the output as a whole. */
export function fakeHost(answerTo: (line: string) => FakeAnswer, spoil = (stdout: string) => stdout): FakeHost {
  const sent: { how: 'ask' | 'change'; line: string }[] = [];
  function run(how: 'ask' | 'change', line: string): Promise<Answer> {
    sent.push({ how, line });
    return Promise.resolve({ exitCode: 0, stderr: '', stdout: spoil(answerScript(line, answerTo)) });
  }
  return {
    sent,
    ask: (line) => run('ask', line),
    change: (line) => run('change', line),
    list: () => Promise.reject(new Error('the fake host answers no CIM')),
    endLeft: () => Promise.resolve(),
    newNonce: () => someNonce,
    close: () => Promise.resolve(),
  };
}

export const someNonce = '0123456789ab';

/** The answer to a script that was written for nobody. */
export function answerOf(script: Script, answerTo: (line: string) => FakeAnswer): Answer {
  return { stdout: answerScript(script.line, answerTo), stderr: '', exitCode: 0 };
}

/** Programs are asked for by their plain names, though the line names their files. */
function answerScript(script: string, answerTo: (line: string) => FakeAnswer): string {
  const plain = withPlainNames(script);
  const inner = /^cmd \/d \/v:on \/s \/c "(.*)"$/.exec(plain)?.[1];
  if (inner === undefined) throw new Error(`no script: ${script}`);
  let errorLevel = 0;
  return inner
    .split(' & ')
    .map((command) => {
      if (command.startsWith('echo '))
        return `${command.slice(5).replace('!errorlevel!', String(errorLevel | 0))} \r\n`;
      const { text, exitCode = 0 } = answerTo(command);
      errorLevel = exitCode;
      return text;
    })
    .join('');
}

function exclusionTable(...rows: readonly (readonly [first: number, last: number, star?: '*'])[]): FakeAnswer {
  const lines = rows.map(
    ([first, last, star]) =>
      `${String(first).padStart(10)}${String(last).padStart(12)}${star === undefined ? '' : '     *'}`,
  );
  const text = [
    '',
    '协议 tcp 端口排除范围',
    '',
    '开始端口    结束端口      ',
    '----------    --------      ',
    ...lines,
    '',
    '* - 管理的端口排除。',
    '',
  ];
  return { text: text.join('\r\n') };
}

function dynamicRange(start: number, count: number): FakeAnswer {
  return {
    text: `\r\nProtokoll tcp Dynamischer Portbereich\r\n${'-'.repeat(33)}\r\nStartport : ${start}\r\nAnzahl : ${count}\r\n\r\n`,
  };
}

/** `TCP 0.0.0.0:9933 0.0.0.0:0 LISTENING 5210` rows. */
function sockets(...rows: readonly string[]): FakeAnswer {
  return { text: rows.map((row) => `  ${row}\r\n`).join('') };
}

function processes(...rows: readonly (readonly [image: string, processId: number, services: string])[]): FakeAnswer {
  return { text: rows.map(([image, id, services]) => `"${image}","${id}","${services}"\r\n`).join('') };
}

export function serviceState(name: string, code: number, processId: number): FakeAnswer {
  const values = [
    '10  WIN32_OWN_PROCESS',
    `${code}  WORD`,
    '0  (0x0)',
    '0  (0x0)',
    '0x0',
    '0x0',
    String(processId),
    '',
  ];
  return { text: `\r\nSERVICE_NAME: ${name}\r\n${values.map((value) => `        LABEL : ${value}\r\n`).join('')}` };
}

function serviceConfig(name: string, code: number): FakeAnswer {
  return {
    text: `[SC] WORD\r\n\r\nSERVICE_NAME: ${name}\r\n        LABEL : 10  X\r\n        LABEL : ${code}   WORD\r\n        LABEL : 1\r\n`,
  };
}

const exchange2019: FakeAnswer = {
  text: [
    '',
    'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup',
    '    MsiProductMajor    REG_DWORD    0xf',
    '    MsiProductMinor    REG_DWORD    0x2',
    '    MsiBuildMajor    REG_DWORD    0x608',
    '    MsiBuildMinor    REG_DWORD    0x9',
    '',
  ].join('\r\n'),
};

export function keys(...paths: readonly string[]): FakeAnswer {
  return { text: paths.map((path) => `HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\${path}\r\n`).join('') };
}

const netsh = 'netsh interface';

/** A healthy Exchange server before the change, with IMAP4's back end running on 9933 and POP3's not installed. */
export const healthy: Readonly<Record<string, FakeAnswer>> = {
  ver: { text: '\r\nMicrosoft Windows [Version 10.0.17763.5458]\r\n' },
  [`${netsh} ipv4 show excludedportrange protocol=tcp store=active`]: exclusionTable([5985, 5985], [9955, 9955, '*']),
  [`${netsh} ipv4 show excludedportrange protocol=tcp store=persistent`]: { text: '\r\n' },
  [`${netsh} ipv6 show excludedportrange protocol=tcp store=active`]: exclusionTable([5985, 5985]),
  [`${netsh} ipv6 show excludedportrange protocol=tcp store=persistent`]: exclusionTable(),
  // The key is there and holds no range.
  [showPersistentEntries('tcp')]: { text: '\r\n' },
  [`${netsh} ipv4 show dynamicportrange protocol=tcp`]: dynamicRange(6005, 59530),
  [`${netsh} ipv6 show dynamicportrange protocol=tcp`]: dynamicRange(49152, 16384),
  'netstat -ano | findstr /i /c:":9933 " /c:":9955 " /c:":0 "': sockets(
    'TCP    0.0.0.0:5985           0.0.0.0:0              LISTENING       4',
    'TCP    0.0.0.0:9933           0.0.0.0:0              LISTENING       5210',
    'TCP    10.0.0.7:51000         10.0.0.8:9933          ESTABLISHED     7001',
    'TCP    10.0.0.7:9955          10.0.0.8:443           ESTABLISHED     7002',
    'TCP    [::]:9933              [::]:0                 LISTENING       5210',
  ),
  'tasklist /svc /fo csv /nh': processes(
    ['System Idle Process', 0, '暂缺'],
    ['System', 4, '暂缺'],
    ['Microsoft.Exchange.Imap4Service.exe', 5210, 'MSExchangeIMAP4BE'],
    ['w3wp.exe', 7001, '暂缺'],
    ['svchost.exe', 7002, 'Dnscache,NlaSvc'],
  ),
  'sc queryex MSExchangeIMAP4BE': serviceState('MSExchangeIMAP4BE', 4, 5210),
  'sc qc MSExchangeIMAP4BE': serviceConfig('MSExchangeIMAP4BE', 3),
  'sc queryex MSExchangePOP3BE': { text: '[SC] FAILED 1060:\r\n\r\nwords\r\n\r\n', exitCode: 1060 },
  'sc qc MSExchangePOP3BE': { text: '[SC] FAILED 1060:\r\n\r\nwords\r\n\r\n', exitCode: 1060 },
  'reg query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup': exchange2019,
  'reg query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer': keys('ExchangeServer\\v15'),
  'reg query HKLM\\SOFTWARE\\Microsoft | findstr /i /e "ExchangeServer Windows"': keys('ExchangeServer', 'Windows'),
  'schtasks /query /fo csv /nh': { text: '"\\Microsoft\\Windows\\Defrag\\ScheduledDefrag","N/A","Ready"\r\n' },
  'whoami /groups /fo csv /nh | findstr /i /c:"S-1-5-32-544" /c:"S-1-16-"': {
    text: '"VORDEFINIERT\\Administratoren","Alias","S-1-5-32-544","x"\r\n"Hoch","Bezeichnung","S-1-16-12288",""\r\n',
  },
  // Older Windows: the usage, of which the filter leaves nothing.
  'netstat -anoq | findstr /i /c:":9933 " /c:":9955 "': { text: '', exitCode: 1 },
};

/** Answers from a table; `changed` goes before `healthy`. */
export function answersOf(changed: Readonly<Record<string, FakeAnswer>> = {}): (line: string) => FakeAnswer {
  return (line) => {
    const answer = changed[line] ?? healthy[line];
    if (answer === undefined) throw new Error(`the fake host has no answer to: ${line}`);
    return answer;
  };
}
