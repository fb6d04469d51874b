// A command line as WinRM's cmd runs it on a simulated machine: variables, pipes, quotes, exit codes, bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCommandLine, startCommandLine } from '../../../src/lab/cmd/console.ts';
import { languages } from '../../../src/lab/machine/releases.ts';
import { bareMachine, runLine } from '../run-line.ts';

describe('cmd', () => {
  it.each([
    ['hostname', 'ex01\r\n', 0],
    ['HOSTNAME.EXE', 'ex01\r\n', 0],
    ['C:\\Windows\\System32\\hostname.exe', 'ex01\r\n', 0],
    ['"hostname"', 'ex01\r\n', 0],
    ['"hostname & echo b"', 'ex01\r\nb\r\n', 0],
    ['echo a & echo b', 'a \r\nb\r\n', 0],
    ['echo.', '\r\n', 0],
    ['echo', 'ECHO is on.\r\n', 0],
    ['cmd /q /c echo', 'ECHO is off.\r\n', 0],
    ['exit 7', '', 7],
    ['exit -1', '', 4294967295],
    ['exit 3 & echo no', '', 3],
    ['cmd /c exit 3', '', 3],
    ['cmd /c "exit 3" & echo %errorlevel%', '0\r\n', 3],
    ['cmd /v:on /c "cmd /c exit 3 & echo !errorlevel!"', '3\r\n', 3],
    ['cmd /v:on /s /c "echo "a" & echo b"', '"a" \r\nb\r\n', 0],
    ['cmd /c "echo !errorlevel!"', '!errorlevel!\r\n', 0],
    ['cmd /v:on /c "echo !nosuch!x"', 'x\r\n', 0],
    ['cmd /v:on /c "echo !errorlevel! | more"', '!errorlevel! \r\n', 0],
    ['set x=1& if defined x (echo yes) else (echo no)', 'yes\r\n', 0],
    ['if defined nosuch (echo yes) else (echo no)', 'no\r\n', 0],
    ['cmd /v:on /s /c "set x=7& if !x!==7 echo yes"', 'yes\r\n', 0],
    ['for /l %i in (1,1,3) do (echo %i)', '1\r\n2\r\n3\r\n', 0],
    // What a loop sets is seen in it only with `!`.
    ['cmd /v:on /s /c "(for /l %i in (1,1,3) do (set n=%i& if !n!==2 echo two)) & echo !n!"', 'two\r\n3\r\n', 0],
    ['ping -n 1 127.0.0.1 >nul && echo answered', 'answered\r\n', 0],
    ['hostname && echo yes || echo no', 'ex01\r\nyes \r\n', 0],
    ['cmd /c exit 1 && echo yes || echo no', 'no\r\n', 1],
    ['(echo a & echo b & echo c) | findstr /v b', 'a \r\nc\r\n', 0],
    ['echo a | findstr z', '', 1],
    ['echo a>nul', '', 0],
    ['echo a>f.txt& type f.txt', 'a\r\n', 0],
    // The blank before `&` is part of what is echoed, on either side of the redirection.
    ['echo a>f.txt & type f.txt', 'a \r\n', 0],
    ['nosuch 2>nul || echo gone', 'gone\r\n', 9009],
    [
      'nosuch 2>&1 | findstr /c:"not recognized"',
      "'nosuch' is not recognized as an internal or external command,\r\n",
      0,
    ],
    ['echo %computername% %nosuch%', 'EX01 %nosuch%\r\n', 0],
    ['set a=5& cmd /v:on /c echo !a!', '5\r\n', 0],
    ['set a=5&set a', 'a=5\r\n', 0],
    ['chcp', 'Active code page: 65001\r\n', 0],
    ['ver', '\r\nMicrosoft Windows [Version 10.0.17763.7558]\r\n', 0],
    ['echo a & rem b', 'a \r\n', 0],
    ['', '', 0],
  ])('%s', (line, stdout, exitCode) => {
    expect(runLine(bareMachine(), line)).toEqual({ stdout, stderr: '', exitCode });
  });

  it.each([
    ['nosuch.exe /x', 1, /^'nosuch.exe' is not recognized/],
    ['(', 255, /was unexpected at this time/],
    ['type nosuch.txt', 1, /cannot find the file/],
    ['more <nosuch.txt', 1, /cannot find the file/],
    ['set nosuchvariable', 1, /not defined/],
    [`echo ${'a'.repeat(8187)}`, 1, /^The command line is too long\.\r\n$/],
    ['hostname >&2', 0, /^ex01/],
    ['timeout /t 3', 1, /Input redirection/],
  ] as const)('complains about %.30s', (line, exitCode, message) => {
    const ran = runLine(bareMachine(), line);
    expect(ran).toMatchObject({ exitCode, stdout: '' });
    expect(ran.stderr).toMatch(message);
  });

  it.each([
    ['echo a', 'banner \r\na\r\n'],
    ['cmd /c echo a', 'banner \r\nbanner \r\na\r\n'],
    ['cmd /d /c echo a', 'banner \r\na\r\n'],
    // Each end of a pipe is a `cmd /S /D /c`.
    ['echo a | more', 'banner \r\na \r\n'],
    ['echo %seen%', 'banner \r\nyes\r\n'],
  ])('carries AutoRun out first, unless told not to: %s', (line, stdout) => {
    const machine = bareMachine({}, { cmdAutoRun: 'echo banner & set seen=yes' });
    expect(runLine(machine, line)).toEqual({ stdout, stderr: '', exitCode: 0 });
  });

  it('runs nothing when AutoRun ends the shell', () => {
    expect(runLine(bareMachine({}, { cmdAutoRun: 'exit 3' }), 'echo a')).toMatchObject({ stdout: '' });
  });

  it.each([
    ['netsh interface', 'this is netsh.cmd in the current folder\r\n'],
    ['NETSH.EXE interface', 'this is netsh.cmd in the current folder\r\n'],
    ['hostname', 'ex01\r\n'],
    ['%SystemRoot%\\System32\\hostname.exe', 'ex01\r\n'],
  ])('finds a script in the current folder before a program of that name: %s', (line, stdout) => {
    expect(runLine(bareMachine({}, { scriptsInFolder: ['netsh'] }), line)).toMatchObject({ stdout, exitCode: 0 });
  });

  it.each(['C:\\tools\\hostname.exe', '.\\hostname', 'C:\\Windows\\hostname.exe', '%nosuch%\\System32\\hostname.exe'])(
    'finds no program where Windows keeps none: %s',
    (line) => {
      expect(runLine(bareMachine(), line)).toMatchObject({ stdout: '', exitCode: 1 });
    },
  );

  it('takes a line of 8191 characters, as typed and as expanded', () => {
    expect(runLine(bareMachine(), `echo ${'a'.repeat(8186)}`).stdout).toHaveLength(8188);
    const line = `set a=${'a'.repeat(100)}& cmd /c echo ${'a'.repeat(8100)}%Path%`;
    expect(runLine(bareMachine(), line)).toMatchObject({ stdout: '', exitCode: 1 });
  });

  it('names the missing program in the words of each language', () => {
    const texts = languages.map((language) => runLine(bareMachine({ language }), 'nosuch').stderr);
    expect(texts.every((text) => text.includes('nosuch') && text.endsWith('\r\n'))).toBe(true);
    expect(new Set(texts).size).toBe(languages.length);
  });

  it('writes the bytes of the code page, `?` for what it lacks', () => {
    const machine = bareMachine({ language: 'de' });
    const footnote = (codePage: number): string => {
      const { stdout } = runCommandLine(machine, 'netsh int ipv4 show ex tcp', { codePage, elevated: true });
      return (
        [...stdout]
          .map((byte) => String.fromCharCode(byte))
          .join('')
          .split('\r\n')
          .at(-3) ?? ''
      );
    };
    expect(footnote(437)).toBe('* - Verwaltete Portausschl\x81sse.');
    expect(footnote(65001)).toBe('* - Verwaltete Portausschl\xc3\xbcsse.');
    expect(footnote(866)).toBe('* - Verwaltete Portausschl?sse.');
    const changed = runCommandLine(machine, 'chcp 850 >nul & netsh nosuch & cmd /c echo ü', {
      codePage: 65001,
      elevated: true,
    });
    expect(changed.stdout.at(-3)).toBe(0x81);
  });

  it('never throws and never hangs, whatever the line is', () => {
    const piece = fc.constantFrom(
      'netsh',
      'interface',
      'ipv6',
      'add',
      'excludedportrange',
      'protocol=tcp',
      'startport=',
      '1',
      'sc',
      'query',
      'stop',
      'MSExchangeIMAP4BE',
      'cmd',
      '/c',
      '/v:on',
      '/s',
      '"',
      '(',
      ')',
      '&',
      '&&',
      '|',
      '||',
      '>',
      '2>&1',
      '%path%',
      '!x!',
      '^',
      'reg',
      'HKLM',
      'findstr',
      '/c:"',
      '[a',
      '\\<',
      '*',
      'powershell',
      '-Command',
      '-enc',
      'tasklist',
      '/fi',
      'netstat',
      '-ano',
      'echo',
      'set',
      'exit',
      'chcp',
      '65001',
      'é',
      '\u{1f600}',
      '\\',
      "'",
      ';',
      '$x',
      'net',
      'start',
    );
    const line = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(' ')),
    );
    fc.assert(
      fc.property(line, fc.constantFrom(65001, 437, 936, 1), fc.boolean(), (text, codePage, elevated) => {
        const machine = bareMachine({ imap: 'running' });
        const { exitCode, stdout } = runCommandLine(machine, text, { codePage, elevated });
        expect(Number.isInteger(exitCode) && exitCode >= 0 && exitCode <= 0xffffffff).toBe(true);
        expect(stdout).toBeInstanceOf(Uint8Array);
      }),
      { numRuns: 600 },
    );
    expect(runLine(bareMachine(), `${'cmd /c '.repeat(1000)}ver`).stderr).toMatch(/memory/);
    expect(runLine(bareMachine(), 'echo a &'.repeat(1000)).stdout).toHaveLength(4000);
  });
});

describe('a line carried out bit by bit', () => {
  it.each([
    ['ver & netsh int ipv4 show dynamicport tcp & echo a', 1],
    ['hostname & nosuch & hostname || echo gone', 2],
    ['netstat -ano | findstr /c:":9933 " & hostname', 3],
    ['cmd /v:on /s /c "hostname & echo !errorlevel! & hostname"', 2],
    ['echo a>f.txt & type f.txt & exit 3 & hostname', 0],
    ['hostname & exit 3 & hostname', 1],
    ['@ hostname & (hostname & hostname)', 3],
  ])('%s prints what it prints at once, and stops before each of its %i programs', (line, programs) => {
    const options = { codePage: 65001, elevated: true };
    const work = startCommandLine(bareMachine(), line, options);
    let stops = 0;
    let next = work.next();
    for (; next.done !== true; next = work.next()) stops += 1;
    expect(stops).toBe(programs);
    expect(next.value).toEqual(runCommandLine(bareMachine(), line, options));
  });
});

describe('one line that asks everything', () => {
  const questions = [
    'ver',
    'reg query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup',
    'netsh interface ipv4 show dynamicportrange protocol=tcp',
    'netsh interface ipv6 show excludedportrange protocol=tcp store=persistent',
    'netstat -ano | findstr /i /c:":9933 " /c:":9955 " /c:":0 "',
    'tasklist /svc /fo csv /nh',
    'sc queryex MSExchangeIMAP4BE',
    'sc qc MSExchangePOP3BE',
  ];

  it('cuts apart by its markers, with each exit code', () => {
    const machine = bareMachine({ imap: 'running', pop: 'missing' });
    const body = questions.map((question, index) => `${question} & echo #mark:${index + 1}:!errorlevel!#`).join(' & ');
    const { stdout, stderr, exitCode } = runLine(machine, `cmd /v:on /s /c "${body}"`);
    const parts = stdout.split(/#mark:\d+:\d+# ?\r\n/);
    expect([...stdout.matchAll(/#mark:(\d+):(\d+)#/g)].map(([, number, code]) => `${number}:${code}`)).toEqual([
      '1:0',
      '2:0',
      '3:0',
      '4:0',
      '5:0',
      '6:0',
      '7:0',
      '8:1060',
    ]);
    for (const [index, question] of questions.entries()) {
      expect(parts[index], question).toBe(runLine(machine, question).stdout);
    }
    expect(parts[4]).toBe(
      '  TCP    0.0.0.0:9933           0.0.0.0:0              LISTENING       1004\r\n' +
        '  TCP    [::]:9933              [::]:0                 LISTENING       1004\r\n',
    );
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 1060 });
  });
});
