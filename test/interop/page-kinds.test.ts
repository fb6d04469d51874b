// Every kind of page in a real browser: wide, on a telephone, dark and on paper. Accessible by axe, never wider than its screen, and a plan of
// a fleet on two sheets for the change ticket. With FENCEPOST_SCREENSHOTS=FOLDER it leaves a picture of each there.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageText } from '../report/html/page-text.ts';
import { renderSignOffPage } from '../../src/report/sign-off/sign-off-page.ts';
import { viewSignOff } from '../../src/report/sign-off/sign-off-view.ts';
import type { FleetView } from '../../src/report/view/fleet-view.ts';
import { viewPlan } from '../../src/report/view/plan-view.ts';
import { viewSnapshot } from '../../src/report/view/snapshot-view.ts';
import { context, somePlanView, someRun, viewEvents } from '../report/view/some-views.ts';

const executablePath = process.env['FENCEPOST_CHROMIUM'] ?? '/usr/bin/chromium';
const pictures = process.env['FENCEPOST_SCREENSHOTS'];
const kinds = ['run', 'plan', 'verify', 'snapshot', 'history', 'sign-off', 'fleet'] as const;
const wide = { viewport: { width: 1600, height: 1000 } };
const phone = { viewport: { width: 390, height: 844 } };
const ways: Readonly<Record<string, BrowserContextOptions>> = {
  wide: { ...wide, colorScheme: 'light' },
  dark: { ...wide, colorScheme: 'dark' },
  phone: { ...phone, colorScheme: 'light' },
  'phone-dark': { ...phone, colorScheme: 'dark' },
};

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-pages-'));
  if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  const { plan, events } = await someRun();
  const run = viewEvents(events, plan);
  const planView = viewPlan(plan, 'plan', 'digest-of-the-plan', context);
  const hosts = plan.hosts.flatMap(({ target, facts, failure }) =>
    facts === null && failure === null ? [] : [{ target, facts, failure }],
  );
  const collected = { takenAt: '2026-12-05T21:00:00.000Z', toolVersion: '0.1.0', hosts };
  const pages: Readonly<Record<(typeof kinds)[number], string>> = {
    run: pageText(run),
    plan: pageText(planView),
    verify: pageText(await somePlanView('verify')),
    snapshot: pageText(viewSnapshot(collected, 'night.json', () => plan.hosts[0]?.desired ?? noDesire, context)),
    history: pageText({ ...run, drift }),
    'sign-off': renderSignOffPage(viewSignOff(plan, 'digest-of-the-plan')),
    fleet: pageText(manyOf(planView, 200)),
  };
  for (const kind of kinds) await writeFile(join(folder, `${kind}.html`), pages[kind]);
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

const noDesire = { exclusions: [], whenHeldByOwnService: 'block' } as const;
const drift = Array.from({ length: 12 }, (_, index) => ({
  at: `2026-11-${String(index + 10).padStart(2, '0')}T03:00:00.000Z`,
  drifted: index % 5,
  asDesired: 8 - (index % 5),
  unknown: 0,
}));

/** The same hosts again and again, under the names of a fleet. */
function manyOf(view: FleetView, count: number): FleetView {
  const hosts = Array.from({ length: count }, (_, index) => {
    const host = view.hosts[index % view.hosts.length];
    if (host === undefined) throw new Error('no hosts');
    return { ...host, host: `ex${String(index + 1).padStart(3, '0')}` };
  });
  return { ...view, hosts };
}

async function withPage<T>(kind: string, options: BrowserContextOptions, body: (page: Page) => Promise<T>): Promise<T> {
  const tab = await browser.newContext(options);
  try {
    const page = await tab.newPage();
    await page.goto(pathToFileURL(join(folder, `${kind}.html`)).href);
    return await body(page);
  } finally {
    await tab.close();
  }
}

async function findViolations(page: Page): Promise<readonly string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const { violations } = await page.evaluate<{
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  }>(`${source}; axe.run(document, { resultTypes: ['violations'] })`);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

describe.each(kinds)('the %s page', (kind) => {
  test.each(Object.entries(ways))(
    '%s: axe finds nothing, and nothing is wider than the screen',
    async (way, options) => {
      await withPage(kind, options, async (page) => {
        if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${kind}-${way}.png`) });
        expect(await findViolations(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      });
    },
  );
});

test('the plan of 200 hosts is printed on two sheets at most, with every host on them', async () => {
  await withPage('fleet', ways['dark'] ?? {}, async (page) => {
    const pdf = await page.pdf({ format: 'A4', printBackground: true });
    if (pictures !== undefined) await writeFile(join(pictures, 'fleet.pdf'), pdf);
    const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page(?![a-z])/g) ?? [];
    expect(sheets.length).toBeGreaterThan(0);
    expect(sheets.length).toBeLessThanOrEqual(2);
    await page.emulateMedia({ media: 'print' });
    const printed = await page.locator('.ticket').innerText();
    expect(printed).toMatch(/\d+ hosts: ex\d/);
  });
});
