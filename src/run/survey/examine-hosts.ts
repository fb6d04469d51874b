// Checks each host step by step, in parallel over hosts. It logs on once per host, asks once, and changes nothing: its sessions are
// read-only.
import { cutText } from '../../model/text/cut-text.ts';
import type { FactsRequest } from '../../facts/collect.ts';
import { examineHost } from '../../facts/examine.ts';
import { createAlike } from '../../model/lists/alike.ts';
import type { HostFacts } from '../../model/facts.ts';
import { asFailure } from '../../model/failure.ts';
import type { Target } from '../../model/target.ts';
import type { Finding } from '../../model/plan.ts';
import type { Desired } from '../../model/desired.ts';
import type { Clock, Connector, SafeListener, Session } from '../../model/seams.ts';
import { doubtful, failedWith, notNeeded, passed, withUnreached, type Check, type CheckName } from './check.ts';
import { makeChecks } from './make-checks.ts';
import { withDeadline } from '../fleet/deadline.ts';
import { createSlowHosts } from '../fleet/slow-hosts.ts';
import { forEachHost } from '../fleet/pool.ts';
import { readOnly } from './read-only.ts';

/** What can be found out about a host without logging on. Each rejects with a Failure. */
export interface Approach {
  /** Addresses of the name. */
  resolve(target: Target): Promise<readonly string[]>;
  reachPort(target: Target, signal: AbortSignal): Promise<void>;
  /** The certificate; null over http. */
  reachSecurely(
    target: Target,
    signal: AbortSignal,
  ): Promise<{ readonly subject: string; readonly expiresAt: string } | null>;
  identify(
    target: Target,
    signal: AbortSignal,
  ): Promise<{ readonly product: string | null; readonly offers: string | null; readonly server: string | null }>;
}

export interface ExamineOptions {
  readonly approach: Approach;
  readonly connector: Connector;
  readonly clock: Clock;
  readonly listener: SafeListener;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly desiredOf: (target: Target) => Desired;
  /** What to ask of this host, for what is desired of it. */
  readonly requestOf: (target: Target) => FactsRequest;
  /** What a plan would find on a host with these facts. */
  readonly findingsOf: (facts: HostFacts, desired: Desired) => readonly Finding[];
}

export interface ExaminedHost {
  readonly target: Target;
  /** All of them, in their order. */
  readonly checks: readonly Check[];
}

/** One entry per target, in the order given. Never rejects. */
export async function examineHosts(
  targets: readonly Target[],
  options: ExamineOptions,
): Promise<readonly ExaminedHost[]> {
  const connector = readOnly(options.connector);
  const patience = createSlowHosts(options.clock);
  const alike = createAlike();
  const examined = new Array<ExaminedHost>(targets.length);
  await forEachHost(targets, { concurrency: options.concurrency }, async (target, place) => {
    const over = patience.watch(place);
    const checks: Check[] = [];
    /** The check that is under way, for a deadline that ends it from outside. */
    let current = 'name' as CheckName;
    const begin = (name: CheckName): void => {
      current = name;
      options.listener.progress({ host: target.name, doing: `checking ${name}`, phase: 'check' });
    };
    try {
      await withDeadline(target, options.signal, async (signal) => {
        await approachHost(target, { ...options, signal, checks, begin });
        await enterHost(target, { ...options, connector, signal, checks, begin });
      });
    } catch (thrown) {
      const failure = asFailure(thrown);
      // A shell that is refused comes after a logon that worked.
      if (current === 'logon' && isRefusedShell(failure.code)) {
        checks.push(passed('logon', 'the logon is accepted'));
        current = 'shell';
      }
      checks.push(failedWith(current, failure));
    }
    over(checks.every((one) => one.state !== 'failed'));
    options.listener.progress({ host: target.name, doing: 'checked', over: true });
    examined[place.index] = { target, checks: withUnreached(checks).map(alike.one) };
  });
  return examined;
}

interface Walk extends ExamineOptions {
  readonly checks: Check[];
  readonly begin: (name: CheckName) => void;
}

async function approachHost(target: Target, { approach, clock, signal, checks, begin }: Walk): Promise<void> {
  const { address, port, scheme, proxy, tls } = target.connection;
  if (proxy === undefined) {
    begin('name');
    const addresses = await approach.resolve(target);
    checks.push(passed('name', 'the name resolves', `${address}: ${addresses.join(', ')}`));
    begin('port');
    await approach.reachPort(target, signal);
    checks.push(passed('port', 'the port is open', `${address}:${port}`));
  } else {
    const detail = `done by the proxy ${proxy.host}:${proxy.port}`;
    checks.push(notNeeded('name', detail), notNeeded('port', detail));
  }
  begin('tls');
  if (scheme === 'http') {
    checks.push(notNeeded('tls', 'http: the logon encrypts each message'));
  } else {
    const certificate = await approach.reachSecurely(target, signal);
    checks.push(checkOfCertificate(certificate, tls?.validation === 'ignore', clock.now()));
  }
  begin('winrm');
  const { product, offers, server } = await approach.identify(target, signal);
  const seen = [product, offers === null ? null : `offers ${offers}`, server].filter((one) => one !== null);
  checks.push(passed('winrm', product === null ? 'asks for a logon' : 'WinRM answers', seen.join('; ')));
}

const dayMs = 86_400_000;
const soonDays = 30;

function checkOfCertificate(
  certificate: { readonly subject: string; readonly expiresAt: string } | null,
  isIgnored: boolean,
  now: string,
): Check {
  const trusted = 'the certificate is trusted';
  if (certificate === null) return passed('tls', trusted);
  const { subject, expiresAt } = certificate;
  const evidence = `${cutText(subject.replaceAll('\n', ', '))}; expires ${expiresAt.slice(0, 10)}`;
  if (isIgnored) {
    const cure = 'verify it: winrm: { ca_file: PATH } with the CA of the servers';
    return doubtful('tls', 'any certificate is accepted: the inventory says so', {
      evidence,
      cure,
      code: 'tls/untrusted',
    });
  }
  const daysLeft = Math.floor((Date.parse(expiresAt) - Date.parse(now)) / dayMs);
  if (daysLeft >= soonDays) return passed('tls', trusted, evidence);
  const detail = `the certificate expires within ${soonDays} days`;
  return doubtful('tls', detail, { evidence, cure: 'renew it before it does', code: 'tls/expired' });
}

async function enterHost(target: Target, walk: Walk): Promise<void> {
  const { connector, clock, signal, checks, begin } = walk;
  begin('logon');
  const session: Session = await connector.connect(target, { signal });
  checks.push(passed('logon', 'the logon is accepted', target.connection.username));
  try {
    begin('shell');
    const examination = await examineHost(session, walk.requestOf(target), clock, { signal });
    const desired = walk.desiredOf(target);
    const findings = walk.findingsOf(examination.facts, desired);
    checks.push(passed('shell', 'commands run'), ...makeChecks(examination, { desired: desired.exclusions, findings }));
  } finally {
    await session.close();
  }
}

/** WinRM's own refusals travel inside an authenticated connection. */
function isRefusedShell(code: string): boolean {
  return ['wire/fault', 'wire/access-denied', 'wire/quota', 'wire/too-large', 'wire/shell-gone'].includes(code);
}
