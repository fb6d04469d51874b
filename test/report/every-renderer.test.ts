// Arbitrary hostile text in every field that a host, an inventory or a playbook fills, through every renderer of report/: nothing of it is
// obeyed by a terminal or a CI runner. A renderer that is not in the list fails the first test.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { shownAnnotations, shownText } from '../../src/cli/io/colours.ts';
import { Failure } from '../../src/model/failure.ts';
import { assumedPaces } from '../../src/model/headline/paces.ts';
import { makeHeadline } from '../../src/model/headline/plan-headline.ts';
import type { HostVerdict, RunEvent } from '../../src/model/outcome.ts';
import type { FleetPlan } from '../../src/model/plan.ts';
import type { RunStatus } from '../../src/model/run-status.ts';
import type { Connection } from '../../src/model/target.ts';
import { annotate, annotateIssues, writeAnnotations } from '../../src/report/ci/annotations.ts';
import { writeCodeQuality } from '../../src/report/ci/code-quality.ts';
import { tellDoctor } from '../../src/report/ci/doctor-ci.ts';
import { writeJunit } from '../../src/report/ci/junit.ts';
import { writeMarkdown } from '../../src/report/ci/markdown.ts';
import { listProblems } from '../../src/report/ci/problems.ts';
import { renderDiscovery, renderMissing } from '../../src/report/discovery/discovery-text.ts';
import { renderHeadline } from '../../src/report/headline/headline-text.ts';
import type { Observation, ObservedSpan } from '../../src/model/observations/observation.ts';
import { findSinceWhen } from '../../src/model/observations/since-when.ts';
import {
  renderFleetHistory,
  renderHostHistory,
  renderNews,
  type ShownHistory,
} from '../../src/report/history/history-text.ts';
import type { Rehearsal } from '../../src/model/rehearsal.ts';
import { renderRehearsal } from '../../src/report/rehearsal/rehearsal-text.ts';
import { renderDocument } from '../../src/report/html/document.ts';
import { pageText } from './html/page-text.ts';
import { noPaint } from '../../src/report/text/colour.ts';
import { renderCrossCheck, type CheckedHost } from '../../src/report/text/cross-check-text.ts';
import { renderDoctor, type DoctorHost } from '../../src/report/text/doctor-text.ts';
import { renderCollected } from '../../src/report/text/facts-text.ts';
import { renderFailure, renderHostFailure } from '../../src/report/text/failure-text.ts';
import { createHumanListener } from '../../src/report/text/human.ts';
import { renderHost, renderInventory, type ShownHost } from '../../src/report/text/inventory-text.ts';
import { renderIssue, renderIssues } from '../../src/report/text/issue-text.ts';
import { renderFrame } from '../../src/report/text/live-frame.ts';
import { afterProgress, idle } from '../../src/report/text/live-state.ts';
import { renderPlan } from '../../src/report/text/plan-text.ts';
import { renderEvent, renderRuns, renderVerdicts } from '../../src/report/text/run-text.ts';
import { renderSilentNetworks } from '../../src/report/text/silent-networks.ts';
import { renderCompletionFiles } from '../../src/report/setup/completion-text.ts';
import { renderStarterFiles } from '../../src/report/text/starter-text.ts';
import { webhookKinds } from '../../src/model/notifications/channel.ts';
import { makeNote, type Note } from '../../src/model/notifications/note.ts';
import { writeMailMessage } from '../../src/report/notify/mail-message.ts';
import { writeWebhookBody } from '../../src/report/notify/webhook-bodies.ts';
import { renderChannelTests, renderWatch } from '../../src/report/notify/watch-text.ts';
import { renderSiteOutcome, renderSiteRoles, renderSiteRuns } from '../../src/report/sites/site-text.ts';
import { renderConfirmed, renderGuards } from '../../src/report/guards/guards-text.ts';
import { renderRunStatus } from '../../src/report/text/status-text.ts';
import { renderFittingTable, renderTable } from '../../src/report/text/table.ts';
import { renderTrace } from '../../src/report/text/trace-text.ts';
import { viewPlan } from '../../src/report/view/plan-view.ts';
import { renderSignOffPage } from '../../src/report/sign-off/sign-off-page.ts';
import { renderPrompt, renderSignOff } from '../../src/report/sign-off/sign-off-text.ts';
import { viewSignOff } from '../../src/report/sign-off/sign-off-view.ts';
import { exchangeName } from '../../src/windows/exchange.ts';
import { windowsName } from '../../src/windows/version.ts';
import { at, drifted, historyOf, seen } from '../model/observations/some-observations.ts';
import { desired, oneHost } from '../facts/some-facts.ts';
import type { DiscoveredServer } from '../../src/model/discovery/discovery.ts';
import { amount } from '../support/amount.ts';
import { hostileText, obeyed } from '../support/hostile-text.ts';
import { memoryClock } from '../support/memory-clock.ts';
import { context, someRun, viewEvents, type SomeRun } from './view/some-views.ts';

/** Our own words: what a value is, never what somebody wrote. */
const ownKeys =
  /^(?:type|kind|state|severity|code|family|families|protocol|store|stores|verb|verdict|result|direction|onFailure|scheme|auth|credential|presence|effect|at|\w+At|retry|rights|startType|whenHeldByOwnService|does|on|fingerprint|standing|bound)$/;

function noteOf(text: string): Note {
  const words = { key: text, title: text, from: text, run: text, facts: [text, text], meaning: text, next: text };
  return makeNote({ ...words, event: 'in-doubt', at: '2026-12-05T22:00:00.000Z', severity: 'alarm' });
}

function discovered(text: string): DiscoveredServer {
  return {
    name: text,
    fqdn: text,
    site: text,
    version: null,
    roles: [],
    availabilityGroup: text,
    backEndPorts: { imap4: null, pop3: 995 },
    account: { kind: 'unknown' },
    dns: 'unknown',
    marks: ['edge'],
  };
}

/** The same value with `text` for every text that is not our own word. */
function poison<T>(value: T, text: string): T {
  return poisoned(value, text) as T;
}

function poisoned(value: unknown, text: string): unknown {
  if (typeof value === 'string') return text;
  if (Array.isArray(value)) return value.map((one: unknown) => poisoned(one, text));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]) => {
    const isOwn = ownKeys.test(key) && (typeof inner === 'string' || Array.isArray(inner));
    return [key, isOwn ? inner : poisoned(inner, text)];
  });
  return Object.fromEntries(entries) as unknown;
}

let run: SomeRun;

beforeAll(async () => {
  run = await someRun();
});

/** Hosts keep their names apart: two of one name are no plan. */
function plan(text: string): FleetPlan {
  const made = poison(run.plan, text);
  return { ...made, hosts: made.hosts.map((host, index) => ({ ...host, target: `${text}${index}` })) };
}

function events(text: string): readonly RunEvent[] {
  return run.events.map((event) => {
    const made = poison(event, text);
    // The name is what the story of a host hangs on; a name is hostile in the plan above.
    return 'host' in event
      ? { ...made, host: event.host }
      : event.type === 'run-started'
        ? { ...made, hosts: event.hosts }
        : made;
  }) as readonly RunEvent[];
}

const rehearsal = (text: string): Rehearsal => {
  const at = '2026-12-05T22:00:00.000Z';
  const night = (mishap: Rehearsal['nights'][number]['mishap']) => ({
    mishap,
    startedAt: at,
    durationMs: 1000,
    hosts: [{ host: text, verdict: 'failed-partial' as const, detail: text, batch: 1, startedAt: at, finishedAt: at }],
    counts: { 'failed-partial': 1 },
    outages: [{ host: text, service: text, fromAt: at, durationMs: null }],
    stopped: text,
    rollback: { durationMs: 1, changed: 1, notRestored: [text] },
  });
  const nights = [night(null), night({ kind: 'refused', host: text })];
  const notRehearsed = [{ host: text, reason: text }];
  return {
    digest: text,
    name: text,
    mishaps: 'worst',
    seed: 1,
    source: 'assumed',
    notRehearsed,
    nights,
    isGood: false,
  };
};
const shownHistory = (text: string): ShownHistory => {
  const span = (moment: string, more: Partial<Observation>): ObservedSpan => ({
    ...seen(moment, { run: text, code: text, ...more }),
    lastAt: at(moment),
    times: 1,
  });
  const about = { host: text, endpoint: text, playbook: text };
  const spans = [span('01T02:00', {}), span('02T02:00', { verdict: 'changed', ...drifted }), span('03T02:00', drifted)];
  return { since: findSinceWhen(historyOf(spans, about)), spans };
};
const runView = (text: string) => viewEvents(events(text), plan(text));
const planView = (text: string) =>
  viewPlan(plan(text), 'plan', text, {
    ...context,
    origins: new Map([[`${text}0`, { file: text, line: 4, column: 9 }]]),
  });
const connection: Connection = {
  address: 'a',
  port: 1,
  scheme: 'https',
  path: '/',
  auth: 'ntlm',
  username: 'u',
  password: { kind: 'prompt' },
  caFile: 'c',
  tlsServerName: 's',
  timeouts: { connectMs: 1, operationMs: 1, requestMs: 2, hostMs: 3 },
  proxy: { host: 'p', port: 1 },
};
const failure = (text: string) =>
  new Failure('wire/fault', text, {
    where: text,
    hint: text,
    issues: [{ file: text, line: 1, column: 2, message: text }],
  });
const record = (text: string) => ({ code: 'wire/fault' as const, message: text, where: text, hint: text });
const verdicts = (text: string): readonly HostVerdict[] =>
  (['changed', 'failed-partial', 'blocked', 'skipped'] as const).map((verdict, index) => ({
    host: `${text}${index}`,
    verdict,
    detail: index === 0 ? text : `other ${text}`,
    failure: record(text),
  }));
const doctored = (text: string): readonly DoctorHost[] =>
  (['ok', 'failed', 'warning'] as const).map((state) => ({
    target: { name: text, connection: poison(connection, text) },
    checks: [{ name: text, state, detail: text, evidence: text, cure: text, code: 'auth/refused' }],
  }));
const shownHost = (text: string): ShownHost => ({
  host: text,
  valuesFrom: null,
  origin: { file: text, line: 1, column: 1 },
  groups: [text],
  variables: { [text]: text },
  connection: { ...poison(connection, text), password: { kind: 'file', path: text } },
});
const checked = (text: string): readonly CheckedHost[] => [
  {
    host: text,
    crossCheck: { agreed: [text], findings: [{ result: 'disagrees', about: text, sentence: text, hint: text }] },
  },
];
const status = (text: string): RunStatus => ({
  run: text,
  kind: 'rollback',
  of: text,
  startedAt: text,
  isFinished: false,
  stopping: text,
  damage: text,
  next: text,
  hosts: [
    {
      host: text,
      verdict: null,
      isStarted: true,
      changed: [text],
      inDoubt: [text],
      down: [text],
      notBack: [text],
      rolledBackBy: null,
    },
  ],
});

/** How what it makes reaches a person: through a stream, as annotations, or as a file that is read as it is. */
type Way = 'stream' | 'annotations' | 'file';

const lists: Readonly<Record<string, readonly [Way, (text: string) => string]>> = {
  'text/cross-check-text.ts renderCrossCheck': ['stream', (text) => renderCrossCheck(checked(text))],
  'text/doctor-text.ts renderDoctor': [
    'stream',
    (text) => [true, false].map((verbose) => renderDoctor(doctored(text), { verbose, inventory: [text] })).join(''),
  ],
  'text/facts-text.ts renderCollected': [
    'stream',
    (text) =>
      renderCollected(
        [
          {
            host: text,
            address: text,
            desired,
            facts: { ...poison(oneHost, text), gaps: [{ question: text, reason: text }] },
            failure: null,
          },
          { host: text, address: text, desired, facts: null, failure: record(text) },
        ],
        { windows: windowsName, exchange: exchangeName },
      ),
  ],
  'text/failure-text.ts renderFailure': [
    'stream',
    (text) => renderFailure(failure(text), true, { paint: noPaint, lineOf: () => text }),
  ],
  'text/failure-text.ts renderHostFailure': ['stream', (text) => renderHostFailure(record(text), text, '  ')],
  'text/human.ts createHumanListener': [
    'stream',
    (text) => {
      let said = '';
      const listener = createHumanListener({
        write: (part) => (said += part),
        quiet: false,
        live: false,
        clock: memoryClock(),
      });
      for (const event of events(text)) listener.event(event);
      listener.dispose();
      return said;
    },
  ],
  'text/inventory-text.ts renderHost': ['stream', (text) => renderHost(shownHost(text))],
  'text/inventory-text.ts renderInventory': [
    'stream',
    (text) =>
      renderInventory({
        hosts: [shownHost(text)],
        groups: [{ name: text, hosts: [text] }],
        leftOut: [{ host: text, reason: text }],
      }),
  ],
  'text/issue-text.ts renderIssue': [
    'stream',
    (text) => renderIssue({ file: text, line: 1, column: 1, message: text }),
  ],
  'text/issue-text.ts renderIssues': ['stream', (text) => renderIssues(failure(text).issues, () => text, noPaint)],
  'text/live-frame.ts renderFrame': [
    'stream',
    (text) =>
      renderFrame(
        afterProgress(afterProgress(idle, { host: '', doing: text, total: 3 }, 0), { host: text, doing: text }, 1),
        9,
        { columns: 60, hostLines: 3 },
        noPaint,
      ).join('\n'),
  ],
  'text/plan-text.ts renderPlan': [
    'stream',
    (text) => [true, false].map((verbose) => renderPlan(plan(text), { verbose })).join(''),
  ],
  'headline/headline-text.ts renderHeadline': [
    'stream',
    (text) => renderHeadline(makeHeadline(plan(text), assumedPaces)),
  ],
  'rehearsal/rehearsal-text.ts renderRehearsal': ['stream', (text) => renderRehearsal(rehearsal(text))],
  'text/run-text.ts renderEvent': [
    'stream',
    (text) =>
      events(text)
        .map((event) => renderEvent(event) ?? '')
        .join(''),
  ],
  'text/run-text.ts renderRuns': [
    'stream',
    (text) => renderRuns([{ run: text, outline: null, problem: text, rolledBackBy: [] }]),
  ],
  'text/run-text.ts renderVerdicts': ['stream', (text) => renderVerdicts(verdicts(text), 'apply')],
  'text/silent-networks.ts renderSilentNetworks': [
    'stream',
    (text) =>
      renderSilentNetworks(Array.from({ length: 5 }, () => ({ address: `10.0.0.1${text}`, code: 'connect/timeout' }))),
  ],
  'setup/completion-text.ts renderCompletionFiles': [
    'stream',
    (text) => renderCompletionFiles([{ path: text, change: 'written' }], text),
  ],
  'text/starter-text.ts renderStarterFiles': [
    'stream',
    (text) => renderStarterFiles([{ path: text, written: true }], text, { realm: text, from: text, account: text }),
  ],
  'guards/guards-text.ts renderConfirmed': [
    'stream',
    (text) => renderConfirmed(text, [{ host: text, result: 'failed', detail: text, failure: null }]),
  ],
  'guards/guards-text.ts renderGuards': [
    'stream',
    (text) =>
      renderGuards([
        { host: text, guards: [text], failure: null },
        { host: text, guards: null, failure: null },
        { host: text, guards: [], failure: null },
      ]),
  ],
  'notify/webhook-bodies.ts writeWebhookBody': [
    'file',
    (text) => webhookKinds.map((kind) => writeWebhookBody(kind, noteOf(text), 'id')).join('\n'),
  ],
  'notify/mail-message.ts writeMailMessage': [
    'file',
    (text) => {
      const { subject, text: body } = writeMailMessage(noteOf(text), 'id');
      return `${subject}\n${body}`;
    },
  ],
  'notify/watch-text.ts renderWatch': [
    'stream',
    (text) =>
      renderWatch({
        dead: [{ run: text, lastAt: text, holder: text, next: text }],
        problem: text,
        channels: [{ channel: text, sent: 1, left: 1, problem: text }],
      }),
  ],
  'notify/watch-text.ts renderChannelTests': [
    'stream',
    (text) => renderChannelTests([{ channel: text, kind: text, isDelivered: false, problem: text }]),
  ],
  'sites/site-text.ts renderSiteOutcome': [
    'stream',
    (text) => renderSiteOutcome({ run: text, hosts: verdicts(text), problem: text }, text),
  ],
  'sites/site-text.ts renderSiteRuns': [
    'stream',
    (text) => renderSiteRuns([{ run: text, hosts: verdicts(text), problem: text }]),
  ],
  'sites/site-text.ts renderSiteRoles': ['stream', (text) => renderSiteRoles([{ site: text, role: text }])],
  'history/history-text.ts renderHostHistory': ['stream', (text) => renderHostHistory(shownHistory(text), 80)],
  'history/history-text.ts renderFleetHistory': [
    'stream',
    (text) => renderFleetHistory([shownHistory(text).since], 80),
  ],
  'discovery/discovery-text.ts renderDiscovery': [
    'stream',
    (text) =>
      renderDiscovery(
        { domain: text, controller: text, organization: text, servers: [discovered(text)], notes: [text] },
        { file: text, isUpdate: true, added: [text], gone: [text], changed: [text], unnamed: [text] },
      ),
  ],
  'discovery/discovery-text.ts renderMissing': ['stream', (text) => renderMissing([discovered(text)])],
  'history/history-text.ts renderNews': [
    'stream',
    (text) => renderNews([{ host: text, kind: 'drifted', lastAt: '2026-12-05T22:00:00.000Z', since: null }]),
  ],
  'text/status-text.ts renderRunStatus': ['stream', (text) => renderRunStatus(status(text))],
  'text/table.ts renderFittingTable': ['stream', (text) => renderFittingTable([[text, text]], 40)],
  'text/table.ts renderTable': ['stream', (text) => renderTable([[text, text]])],
  'text/trace-text.ts renderTrace': [
    'stream',
    (text) =>
      renderTrace({
        target: text,
        n: 1,
        what: text,
        status: 200,
        requestBytes: 1,
        answerBytes: 1,
        durationMs: 1,
        note: text,
      }),
  ],
  'ci/annotations.ts annotate': ['annotations', (text) => annotate(listProblems(runView(text)))],
  'ci/annotations.ts annotateIssues': ['annotations', (text) => annotateIssues(failure(text), (file) => file)],
  'ci/annotations.ts writeAnnotations': ['annotations', (text) => writeAnnotations(planView(text))],
  'ci/code-quality.ts writeCodeQuality': ['file', (text) => writeCodeQuality(runView(text))],
  'ci/doctor-ci.ts tellDoctor': ['file', (text) => tellDoctor(doctored(text), new Map()).summary(100_000)],
  'ci/junit.ts writeJunit': ['file', (text) => writeJunit(runView(text)) + writeJunit(planView(text))],
  'ci/markdown.ts writeMarkdown': ['file', (text) => writeMarkdown(runView(text)) + writeMarkdown(planView(text))],
  'sign-off/sign-off-text.ts renderSignOff': ['stream', (text) => renderSignOff(viewSignOff(plan(text), text))],
  'sign-off/sign-off-text.ts renderPrompt': ['stream', (text) => renderPrompt(viewSignOff(plan(text), text), text)],
  'sign-off/sign-off-page.ts renderSignOffPage': ['file', (text) => renderSignOffPage(viewSignOff(plan(text), text))],
  'html/document.ts renderDocument': ['file', (text) => renderDocument({ title: text, body: text })],
  'html/page.ts renderPage': ['file', (text) => pageText(runView(text)) + pageText(planView(text))],
};

/** Of no text but our own, or part of the page. */
const others: readonly string[] = [
  'text/explanation-text.ts renderExplanation',
  'text/explanation-text.ts renderExplanationList',
  'html/page-data.ts writePageData',
  'html/host-detail.ts renderHostDetail',
  'html/host-ports.ts renderPorts',
  'html/timeline.ts renderTimeline',
  'html/ticket.ts renderTicket',
  'headline/headline-html.ts renderHeadlineList',
  'history/drift-chart.ts renderDriftChart',
];

test('the list has every renderer of report/', () => {
  const root = join(import.meta.dirname, '../../src/report');
  const folders = readdirSync(root).filter((folder) => !['explanations', 'view'].includes(folder));
  const found = folders.flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((file) => {
      const code = readFileSync(join(root, folder, file), 'utf8');
      const names = code.matchAll(/^export function\*? ((?:render|write|annotate|tell|create\w*Listener)\w*)/gm);
      return [...names].map((one) => `${folder}/${file} ${one[1] ?? ''}`);
    }),
  );
  expect([...Object.keys(lists), ...others].toSorted()).toEqual(found.toSorted());
});

describe.each(Object.entries(lists))('%s', (name, [way, render]) => {
  test('shows hostile text and is obeyed by nothing', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const made = render(text);
        const shown = { stream: shownText, annotations: shownAnnotations, file: (one: string) => one }[way](made);
        const said = way === 'annotations' ? shown.replaceAll(/^::(?:error|warning) /gm, '') : shown;
        expect(obeyed(said)).toEqual([]);
      }),
      { numRuns: amount(name.startsWith('html/') ? { share: 5, ci: 20 } : { share: 15, ci: 60 }) },
    );
  });
});

test('a page is the same behind the guarded stream: its style and script are known by their digests', () => {
  const page = pageText(runView('ex01'));
  expect(shownText(page) === page).toBe(true);
});
