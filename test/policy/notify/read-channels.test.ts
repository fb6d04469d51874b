// `notify:` in policy.yml -> channels, or every fault at its line. What is written there may be a secret, so no message repeats it.
import { describe, expect, test } from 'vitest';
import { findAddressFault } from '../../../src/policy/notify/read-channels.ts';
import { resolvePolicy } from '../../../src/policy/resolve.ts';
import { noteEvents } from '../../../src/model/notifications/note.ts';
import { readYaml } from '../../../src/yaml/document.ts';

const resolve = (text: string) => resolvePolicy(readYaml(text, 'policy.yml'), (path) => `/etc/${path}`);
const faults = (text: string) => resolve(text).issues.map((one) => `${one.line}: ${one.message}`);

test('each way, with its defaults, references and paths beside the policy', () => {
  const { value, issues } = resolve(`
notify:
  noc:
    webhook: https://noc.corp.example/hooks/fencepost
    token: { file: noc-token }
    ca_file: corp-ca.pem
    proxy: http://proxy.corp.example:3128
    events: [drift]
  room:
    teams: { env: FENCEPOST_TEAMS }
  chat:
    slack: { command: [vault, read, slack] }
  on-call:
    mail:
      server: smtp.corp.example
      username: fencepost
      password: { keyring: smtp }
      from: fencepost@corp.example
      to: [on-call@corp.example]
    events: []
`);
  expect(issues).toEqual([]);
  const ways = { token: null, caFile: null, proxy: null };
  expect(value?.channels).toEqual([
    {
      name: 'noc',
      events: ['drift'],
      way: {
        kind: 'webhook',
        url: { kind: 'inline', value: 'https://noc.corp.example/hooks/fencepost' },
        token: { kind: 'file', path: '/etc/noc-token' },
        caFile: '/etc/corp-ca.pem',
        proxy: { host: 'proxy.corp.example', port: 3128 },
      },
    },
    {
      name: 'room',
      events: noteEvents,
      way: { kind: 'teams', url: { kind: 'env', name: 'FENCEPOST_TEAMS' }, ...ways },
    },
    {
      name: 'chat',
      events: noteEvents,
      way: { kind: 'slack', url: { kind: 'command', argv: ['vault', 'read', 'slack'] }, ...ways },
    },
    {
      name: 'on-call',
      events: [],
      way: {
        kind: 'mail',
        server: 'smtp.corp.example',
        port: 587,
        security: 'starttls',
        login: { username: 'fencepost', password: { kind: 'keyring', name: 'smtp' } },
        from: 'fencepost@corp.example',
        to: ['on-call@corp.example'],
        caFile: null,
      },
    },
  ]);
});

const mail = 'server: localhost, from: a@b.example, to: [c@d.example]';

test.each([
  ['tls', 465],
  ['starttls', 587],
  ['none', 25],
])('mail with security %s goes to port %i', (security, port) => {
  const { value } = resolve(`notify: { m: { mail: { ${mail}, security: ${security} } } }\n`);
  expect(value?.channels[0]?.way).toMatchObject({ security, port });
});

test.each([
  ['notify: { a b: { teams: { env: X } } }', /^1: notify\.a b: .*at most 40/],
  ['notify: { room: {} }', /^1: notify\.room: expected exactly one of webhook, teams, slack or mail, found none/],
  ['notify: { room: { teams: { env: A }, slack: { env: B } } }', /exactly one of .* found 2/],
  ['notify: { room: { teams: { env: A }, token: { env: B } } }', /token: goes with webhook only/],
  [`notify: { m: { mail: { ${mail} }, proxy: "http://p:1" } }`, /proxy: is for webhooks/],
  [`notify: { m: { mail: { ${mail}, username: x } } }`, /password is missing/],
  [`notify: { m: { mail: { ${mail.replace('localhost', 'smtp.example')}, security: none } } }`, /on this machine/],
  [`notify: { m: { mail: { ${mail.replace('a@b.example', '"A <a@b>"')} } } }`, /mail\.from: expected an address/],
  ['notify: { room: { teams: { env: A }, events: [run-begun] } }', /events\[0\]: /],
  ['notify: { room: { teams: { env: A }, event: [drift] } }', /did you mean "events"/],
  ['notify: { room: { teams: { prompt: true } } }', /teams/],
  ['notify: { room: { webhook: "http://hooks.example/x" } }', /webhook: expected https/],
])('%s is refused where it stands', (text, words) => {
  expect(faults(`${text}\n`)).toEqual([expect.stringMatching(words)]);
});

test.each([
  'notify: { room: { slack: "hooks.slack.example/T0/B0/s3cr3t" } }',
  'notify: { room: { slack: "http://hooks.slack.example/T0/B0/s3cr3t" } }',
  'notify: { room: { webhook: "https://me:s3cr3t@hooks.example/" } }',
  'notify: { room: { teams: [s3cr3t] } }',
  'notify: { room: { webhook: { env: A }, token: s3cr3t } }',
])('%s: what may be a secret is not repeated', (text) => {
  const found = faults(`${text}\n`);
  expect(found).toHaveLength(1);
  expect(found.join()).not.toContain('s3cr3t');
});

describe('an address that a reference names', () => {
  test.each([
    ['https://hooks.example/x', null],
    ['http://127.0.0.1:8080/x', null],
    ['http://[::1]:8080/x', null],
    ['http://localhost/x', null],
    ['http://127.0.0.1.evil.example/', /https/],
    ['http://hooks.example/x', /https/],
    ['ftp://hooks.example/x', /https/],
    ['https://a:b@hooks.example/x', /without user/],
    ['nonsense', /https/],
  ])('%s', (address, fault) => {
    if (fault === null) expect(findAddressFault(address)).toBeNull();
    else expect(findAddressFault(address)).toMatch(fault);
  });
});
