// netsh's grammar and refusals, netstat, tasklist, reg, findstr and powershell: arguments in, text and exit code out.
import { describe, expect, it } from 'vitest';
import { families } from '../../../src/model/host-state.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { splitArguments } from '../../../src/lab/programs/program.ts';
import { bareMachine, runLine } from '../run-line.ts';

const held = {
  port: 9933,
  protocol: 'tcp',
  image: 'svchost.exe',
  services: ['Dnscache', 'Nla'],
  families,
  state: 'LISTENING',
} as const;

describe('netsh', () => {
  it.each([
    'netsh interface ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1',
    'netsh int ip add ex tcp 9933 1 persistent',
    'netsh i i ad ex numberofports=1 startport=9933 protocol=tcp',
    'NETSH INTERFACE IPV4 ADD EXCLUDEDPORTRANGE TCP START=9933 NUM=1 STORE=PERSISTENT',
  ])('takes %s', (line) => {
    const machine = bareMachine();
    expect(runLine(machine, line)).toEqual({ stdout: 'Ok.\r\n\r\n', stderr: '', exitCode: 0 });
    expect(machine.exclusions.tcp.ipv4.persistent).toEqual([{ range: portRange(9933), administered: true }]);
  });

  it.each([
    ['netsh int ipv4 get dynamicport tcp', 'The following command was not found: int ipv4 get dynamicport tcp.'],
    ['netsh nosuch', 'The following command was not found: nosuch.'],
    [
      'netsh int ipv4 set excludedportrange tcp 1 1',
      'The following command was not found: int ipv4 set excludedportrange tcp 1 1.',
    ],
    ['netsh int ipv4 show excludedportrange', 'One or more parameters for the command are not correct or missing.'],
    [
      'netsh int ipv4 show excludedportrange sctp',
      'One or more parameters for the command are not correct or missing.',
    ],
    [
      'netsh int ipv4 add excludedportrange tcp 9933',
      'One or more parameters for the command are not correct or missing.',
    ],
    [
      'netsh int ipv4 add excludedportrange tcp x 1',
      'The filename, directory name, or volume label syntax is incorrect.',
    ],
    ['netsh int ipv4 add excludedportrange tcp 0 1', 'The parameter is incorrect.'],
    ['netsh int ipv4 delete excludedportrange tcp 1 1', 'The system cannot find the file specified.'],
  ])('%s: on stdout, exit 1', (line, first) => {
    const { stdout, stderr, exitCode } = runLine(bareMachine(), line);
    expect({ first: stdout.split('\r\n')[0], stderr, exitCode }).toEqual({ first, stderr: '', exitCode: 1 });
  });

  it('exits 0 with a refusal when the scenario says that exit codes lie', () => {
    const machine = bareMachine({ holders: [held] }, { exitCodesLie: true });
    const ran = runLine(machine, 'netsh int ipv4 add excludedportrange tcp 9933 1');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toMatch(/being used by another process/);
  });

  it('of 2008 R2 has no excludedportrange without the hotfix', () => {
    const show = 'netsh int ipv4 show excludedportrange protocol=tcp';
    const ran = [false, true].map((hotfix) => runLine(bareMachine({ windows: '2008r2', hotfix }), show));
    expect(ran.map((one) => one.exitCode)).toEqual([1, 0]);
    expect(ran[0]?.stdout).toMatch(/was not found/);
    expect(
      runLine(bareMachine({ windows: '2008r2', hotfix: false }), 'netsh int ipv4 show dynamicport tcp').exitCode,
    ).toBe(0);
  });

  it('shows an empty persistent store as a frame, or as one blank line', () => {
    const show = 'netsh int ipv4 show excludedportrange protocol=tcp store=persistent';
    expect(runLine(bareMachine(), show).stdout).toMatch(
      /^\r\nProtocol tcp.*\r\n\r\n\* - Administered port exclusions\.\r\n\r\n$/s,
    );
    expect(runLine(bareMachine({}, { persistentShowWhenEmpty: 'blank' }), show)).toEqual({
      stdout: '\r\n',
      stderr: '',
      exitCode: 0,
    });
  });

  it('shows a table and the registry as they are, however often they were asked for before', () => {
    const machine = bareMachine();
    const shows = [
      'netsh int ipv4 show excludedportrange protocol=tcp store=active',
      'netsh int ipv6 show excludedportrange protocol=tcp store=persistent',
      'reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nsi\\{eb004a03-9b1a-11d4-9123-0050047759bc}\\29',
    ];
    const ask = () => shows.map((line) => /9933|26cd0100/.test(runLine(machine, line).stdout));
    expect([ask(), ask()]).toEqual([Array(3).fill(false), Array(3).fill(false)]);
    runLine(machine, 'netsh int ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1');
    expect([ask(), ask()]).toEqual([Array(3).fill(true), Array(3).fill(true)]);
    runLine(machine, 'netsh int ipv4 delete excludedportrange protocol=tcp startport=9933 numberofports=1');
    expect(ask()).toEqual(Array(3).fill(false));
    const german = bareMachine({ language: 'de' });
    german.exclusions.tcp.ipv4.active = machine.exclusions.tcp.ipv4.active;
    expect(runLine(german, shows[0] ?? '').stdout).not.toBe(runLine(machine, shows[0] ?? '').stdout);
  });

  it('ignores a bare `persistent` behind show dynamicportrange, in two bytes', () => {
    expect(runLine(bareMachine(), 'netsh interface ipv4 show dynamicportrange udp persistent')).toMatchObject({
      stdout: '\r\n',
      exitCode: 0,
    });
  });

  it('does not wait for input when it is called alone', () => {
    expect(runLine(bareMachine(), 'netsh')).toMatchObject({ exitCode: 0 });
    expect([runLine(bareMachine(), 'netsh ?').exitCode, runLine(bareMachine(), 'netsh help').exitCode]).toEqual([1, 0]);
  });

  it('starts with the range of the release or of Exchange, on both families, tcp only', () => {
    const range = (exchange: 'none' | '2019', what: string): string =>
      runLine(bareMachine({ exchange }), `netsh int ${what}`)
        .stdout.match(/\d{4,}/g)
        ?.join('/') ?? '';
    expect(range('2019', 'ipv6 show dynamicport tcp')).toBe('6005/59530');
    expect(range('2019', 'ipv4 show dynamicport udp')).toBe('49152/16384');
    expect(range('none', 'ipv4 show dynamicport tcp')).toBe('49152/16384');
  });
});

describe('netstat', () => {
  const holders = [
    held,
    { ...held, port: 9955, state: 'TIME_WAIT' as const },
    { ...held, port: 53, protocol: 'udp' as const, families: ['ipv4' as const] },
  ];

  it('prints listeners, connections and udp in columns', () => {
    expect(runLine(bareMachine({ holders }), 'netstat -ano').stdout.split('\r\n')).toEqual([
      '',
      'Active Connections',
      '',
      '  Proto  Local Address          Foreign Address        State           PID',
      '  TCP    0.0.0.0:9933           0.0.0.0:0              LISTENING       1004',
      '  TCP    127.0.0.1:9955         127.0.0.1:64327        TIME_WAIT       0',
      '  TCP    [::]:9933              [::]:0                 LISTENING       1004',
      '  TCP    [::1]:9955             [::1]:64327            TIME_WAIT       0',
      '  UDP    0.0.0.0:53             *:*                                    1004',
      '',
    ]);
  });

  it.each([
    ['netstat -an -p udp', 1],
    ['netstat -ano -p tcpv6', 2],
    ['netstat -a -n -o', 5],
    ['netstat -n', 0],
  ])('%s shows %i rows', (line, count) => {
    expect(runLine(bareMachine({ holders }), line).stdout.match(/^ {2}(?:TCP|UDP)/gm)?.length ?? 0).toBe(count);
  });

  it('translates the state word in German only where that was seen', () => {
    const word = (language: 'de' | 'ko'): boolean =>
      runLine(bareMachine({ language, holders }), 'netstat -ano').stdout.includes('LISTENING');
    expect([word('de'), word('ko')]).toEqual([false, true]);
  });
});

describe('tasklist', () => {
  it('writes CSV with every field quoted', () => {
    expect(runLine(bareMachine({ holders: [held], language: 'de' }), 'tasklist /svc /fo csv /nh').stdout).toBe(
      '"System Idle Process","0","Nicht zutreffend"\r\n"System","4","Nicht zutreffend"\r\n"svchost.exe","1004","Dnscache,Nla"\r\n',
    );
  });

  it.each([
    [
      'tasklist /fo csv /fi "PID eq 4"',
      '"Image Name","PID","Session Name","Session#","Mem Usage"\r\n"System","4","Services","0","24,576 K"\r\n',
      0,
    ],
    ['tasklist /svc /nh /fi "PID eq 9999"', 'INFO: No tasks are running which match the specified criteria.\r\n', 0],
    ['tasklist /fi "nonsense"', '', 1],
  ])('%s', (line, stdout, exitCode) => {
    expect(runLine(bareMachine(), line)).toMatchObject({ stdout, exitCode });
  });
});

describe('reg', () => {
  const key = 'HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup';

  it.each([
    ['2013', '15.0.1497.2'],
    ['2016', '15.1.2507.6'],
    ['2019', '15.2.1544.4'],
    ['se', '15.2.2562.17'],
  ] as const)('knows Exchange %s', (exchange, version) => {
    const { stdout } = runLine(bareMachine({ exchange }), `reg query ${key}`);
    const value = (name: string): number =>
      Number(new RegExp(`    ${name}    REG_DWORD    (0x[0-9a-f]+)\\r\\n`).exec(stdout)?.[1]);
    const read = ['MsiProductMajor', 'MsiProductMinor', 'MsiBuildMajor', 'MsiBuildMinor'].map(value).join('.');
    expect(read).toBe(version);
  });

  it('says that a key is missing on stderr, exit 1', () => {
    expect(runLine(bareMachine({ exchange: 'none' }), `reg query ${key}`)).toEqual({
      stdout: '',
      stderr: 'ERROR: The system was unable to find the specified registry key or value.\r\n',
      exitCode: 1,
    });
  });

  it.each([
    [
      'reg query "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion" /v CurrentBuild',
      '    CurrentBuild    REG_SZ    17763',
    ],
    [
      'reg query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer /s',
      `HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup`,
    ],
    ['reg query HKLM\\SOFTWARE\\Microsoft', 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\ExchangeServer'],
  ])('%s', (line, expected) => {
    expect(runLine(bareMachine(), line).stdout.split('\r\n')).toContain(expected);
  });
});

describe('findstr', () => {
  it.each([
    ['a', 'abc\r\nxay\r\n', 0],
    ['/c:"b c" /c:x', 'ab c\r\nxay\r\n', 0],
    // Of literal texts of different length that overlap it may miss the shorter, unless the case is not minded (SS64).
    ['/c:"b c" /c:xab /c:xa', 'ab c\r\n', 0],
    ['/i /c:"b c" /c:xab /c:xa', 'ab c\r\nxay\r\n', 0],
    ['"b y"', 'abc\r\nab c\r\nxay\r\n', 0],
    ['/i A', 'abc\r\nab c\r\nxay\r\n', 0],
    ['/v a', '(z\r\n', 0],
    ['/r "^x.y$"', 'xay\r\n', 0],
    ['/x abc', 'abc\r\n', 0],
    ['/l (', '(z\r\n', 0],
    ['/r "["', '', 1],
    ['zzz', '', 1],
  ])('findstr %s', (words, stdout, exitCode) => {
    const input = '(echo abc&echo ab c&echo xay&echo ^(z)';
    const expected = words === 'a' ? 'abc\r\nab c\r\nxay\r\n' : stdout;
    expect(runLine(bareMachine(), `${input} | findstr ${words}`)).toMatchObject({ stdout: expected, exitCode });
  });
});

describe('powershell', () => {
  const encoded = (script: string): string =>
    `PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand ${Buffer.from(script, 'utf16le').toString('base64')}`;

  it.each([
    ['hostname', 'ex01\r\n', 0],
    [
      'netsh int ipv4 delete excludedportrange tcp 1 1 | findstr file; exit $LASTEXITCODE',
      'The system cannot find the file specified.\r\n',
      0,
    ],
    ['cmd /c "exit 5"', '', 1],
    ['cmd /c "exit 5"; exit $LASTEXITCODE', '', 5],
    [
      "cmd /c 'exit 5'\r\nIf (-not $?) { If (Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue) { exit $LASTEXITCODE } Else { exit 1 } }",
      '',
      5,
    ],
    ["$ErrorActionPreference = 'Stop'\nWrite-Output 'a b'\n& hostname", 'a b\r\nex01\r\n', 0],
    ['exit 9', '', 9],
    [
      'cmd --% /v:on /s /c "hostname | findstr /c:"ex0" & echo !errorlevel!; exit"; hostname',
      'ex01\r\n0; exit; hostname\r\n',
      0,
    ],
    ['cmd --% /s /c "hostname"\nhostname', 'ex01\r\nex01\r\n', 0],
    ['sc query Dnscache', '', 0],
  ])('%s', (script, stdout, exitCode) => {
    expect(runLine(bareMachine(), encoded(script))).toEqual({ stdout, stderr: '', exitCode });
  });

  it.each(['ver', 'title x'])('%s is only in cmd', (script) => {
    expect(runLine(bareMachine(), encoded(script))).toMatchObject({ stdout: '', exitCode: 1 });
    expect(runLine(bareMachine(), encoded(`cmd /c ${script}`))).toMatchObject({ stderr: '', exitCode: 0 });
  });

  it('2008 R2 has PowerShell 2.0, which knows no --%', () => {
    const old = bareMachine({ windows: '2008r2' });
    expect(runLine(old, encoded('cmd --% /c hostname'))).toMatchObject({ stdout: '' });
  });

  it.each([
    ['powershell -Command "hostname; exit 4"', 'ex01\r\n', 4],
    ['powershell.exe -NoProfile hostname', 'ex01\r\n', 0],
    ['powershell -c Get-Nonsense', '', 1],
    ['powershell -enc QQ==', '', 1],
  ])('%s', (line, stdout, exitCode) => {
    expect(runLine(bareMachine(), line)).toMatchObject({ stdout, exitCode });
  });
});

describe('splitArguments', () => {
  it.each([
    ['a b', ['a', 'b']],
    ['"a b" c', ['a b', 'c']],
    ['/c:":9933 " x', ['/c::9933 ', 'x']],
    ['a\\"b ""', ['a"b', '']],
    ['  ', []],
  ])('%s', (raw, words) => {
    expect(splitArguments(raw)).toEqual(words);
  });
});
