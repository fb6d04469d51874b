import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { showLine } from '../../src/yaml/shown-line.ts';

describe('shownLine', () => {
  test.each([
    ['a line as it is', 'all:\n  hosts: 7\n', 2, '  hosts: 7'],
    ['line ends of Windows', 'a: 1\r\nb: 2\r\n', 2, 'b: 2'],
    ['a tab as one blank, so that columns hold', '\ta: 1', 1, ' a: 1'],
    ['no control characters', 'a: \u001b[31mred', 1, 'a: ?[31mred'],
    ['a login in a URL by stars', 'proxy: http://me:pw@p:1', 1, 'proxy: http://*****@p:1'],
    ['up to a password', 'winrm: { port: 1, password: Geheim }', 1, 'winrm: { port: 1, password: (not shown)'],
    ['a password key alone', '    password:', 1, '    password:'],
    ['up to a quoted key', '{"api_token": "Geheim"}', 1, '{"api_token": (not shown)'],
    ['nothing of an empty line', 'a:\n\nb:', 2, null],
    ['nothing behind the end', 'a: 1', 7, null],
    ['nothing of a value on the line below its key', 'password:\n  Geheim', 2, null],
    ['nothing of a block below a password', 'ansible_password: |\n  one\n  Geheim: x\nb: 1', 3, null],
    ['nothing of a mapping below a password', 'winrm:\n  password:\n    evn: Geheim\n  port: 1', 3, null],
    ['what comes after it', 'winrm:\n  password:\n    env: NAME\n  port: 1', 4, '  port: 1'],
    ['nothing of a quoted text that goes on unindented', 'a: {password: "Ge\nheim"}', 2, null],
    ['nothing of a list below a secret', 'secrets:\n- Geheim', 2, null],
    [
      'up to a password of INI',
      'ex01 ansible_port=x ansible_password=Geheim a',
      1,
      'ex01 ansible_port=x ansible_password= (not shown)',
    ],
    ['up to a password of INI with blanks around', 'ansible_password = Geheim', 1, 'ansible_password = (not shown)'],
    [
      'up to a password of INI in quotation marks',
      `ex01 "ansible_password=Geheim 1`,
      1,
      `ex01 "ansible_password= (not shown)`,
    ],
    ['up to a password in a dict of INI', `winrm={'password': 'Geheim'}`, 1, `winrm={'password': (not shown)`],
  ])('%s', (_, text, line, shown) => {
    expect(showLine(text, line)).toBe(shown);
  });

  test('whatever stands behind a password on its line is not shown', () => {
    const key = fc.constantFrom(
      'password',
      'ansible_password',
      'ansible_winrm_pass',
      '"password"',
      'api_token',
      'private_key',
    );
    const around = fc.constantFrom(
      '',
      '- ',
      'winrm: { port: 1, ',
      'a: {b: [1, {',
      'ex01 ansible_port=1 ',
      'ex01 a="b c" ',
    );
    fc.assert(
      fc.property(
        around,
        key,
        fc.constantFrom(':', '=', ' = ', ' :'),
        fc.constantFrom(' ', ' "', " '", ' !x ', ' *', ''),
        (before, name, sign, quote) => {
          expect(showLine(`${before}${name}${sign}${quote}Geheim-1`, 1)).not.toContain('Geheim');
        },
      ),
    );
  });
});
