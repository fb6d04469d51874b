// `notify:` as written -> channels, with all issues. It reads no secret: references stay references, paths become those beside the policy.
import type { Channel, ChannelWay, WebhookWay } from '../../model/notifications/channel.ts';
import { readProxy } from '../../model/text/connection-text.ts';
import type { Proxy, SecretRef } from '../../model/target.ts';
import type { DocumentPath } from '../../yaml/document-path.ts';
import type { WrittenChannel, WrittenMail, WrittenNotify, WrittenReference } from './notify-schema.ts';

export interface ChannelReading {
  readonly report: (path: DocumentPath, message: string) => void;
  /** What a path in the policy means. */
  readonly besideFile: (path: string) => string;
}

export function readChannels(written: WrittenNotify, reading: ChannelReading): readonly Channel[] {
  return Object.entries(written).flatMap(([name, channel]) => {
    const way = readWay(channel, ['notify', name], reading);
    return way === null ? [] : [{ name, events: channel.events, way }];
  });
}

function readWay(
  written: WrittenChannel,
  path: DocumentPath,
  { report, besideFile }: ChannelReading,
): ChannelWay | null {
  const { webhook, teams, slack, mail } = written;
  const ways = Object.entries({ webhook, teams, slack, mail }).filter(([, one]) => one !== undefined);
  if (ways.length !== 1) {
    report(
      path,
      `expected exactly one of webhook, teams, slack or mail, found ${ways.length === 0 ? 'none' : ways.length}`,
    );
    return null;
  }
  const caFile = written.ca_file === undefined ? null : besideFile(written.ca_file);
  if (written.token !== undefined && webhook === undefined) report([...path, 'token'], 'goes with webhook only');
  if (mail !== undefined) {
    if (written.proxy !== undefined) report([...path, 'proxy'], 'is for webhooks; mail goes to its server directly');
    return readMail(mail, caFile, [...path, 'mail'], { report, besideFile });
  }
  const kind: WebhookWay['kind'] = webhook !== undefined ? 'webhook' : teams !== undefined ? 'teams' : 'slack';
  const address = webhook ?? teams ?? slack;
  if (address === undefined) return null;
  if (typeof address === 'string') {
    const fault = findAddressFault(address);
    if (fault !== null) report([...path, kind], fault);
  }
  return {
    kind,
    url: typeof address === 'string' ? { kind: 'inline', value: address } : readReference(address, besideFile),
    token: written.token === undefined ? null : readReference(written.token, besideFile),
    caFile,
    proxy: written.proxy === undefined ? null : readProxyOf(written.proxy, [...path, 'proxy'], report),
  };
}

function readMail(
  written: WrittenMail,
  caFile: string | null,
  path: DocumentPath,
  { report, besideFile }: ChannelReading,
): ChannelWay {
  const { server, security, username, password, from, to } = written;
  if ((username === undefined) !== (password === undefined)) {
    report(path, `username and password go together, ${username === undefined ? 'username' : 'password'} is missing`);
  }
  if (security === 'none' && !isThisMachine(server)) {
    report([...path, 'security'], `none is for a server on this machine (localhost) only, not ${server}`);
  }
  const login =
    username === undefined || password === undefined
      ? null
      : { username, password: readReference(password, besideFile) };
  const port = written.port ?? (security === 'tls' ? 465 : security === 'none' ? 25 : 587);
  return { kind: 'mail', server, port, security, login, from, to, caFile };
}

/** Null: a note may be sent there. Judged here for an address in the file, and when it is read for one that a reference names. */
export function findAddressFault(address: string): string | null {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return 'expected an https address';
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return 'expected an address without user and password';
  if (url.protocol === 'http:' && !isThisMachine(url.hostname.replaceAll(/[[\]]/g, ''))) {
    return 'expected https: http is for this machine (localhost) only';
  }
  return null;
}

/** What is sent to it does not leave this machine. */
function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function readReference(written: WrittenReference, besideFile: (path: string) => string): SecretRef {
  if (written.env !== undefined) return { kind: 'env', name: written.env };
  if (written.file !== undefined) return { kind: 'file', path: besideFile(written.file) };
  if (written.keyring !== undefined) return { kind: 'keyring', name: written.keyring };
  return { kind: 'command', argv: written.command ?? [] };
}

function readProxyOf(written: string, path: DocumentPath, report: ChannelReading['report']): Proxy | null {
  const proxy = readProxy(written);
  if (proxy === null) report(path, 'expected a proxy such as http://proxy.corp.example:3128');
  return proxy;
}
