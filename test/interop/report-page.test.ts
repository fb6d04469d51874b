// The report page in a real browser: what it shows, filters and search, keyboard, dark, telephone, paper, accessibility by axe, and
// that it asks nobody for anything. The page is opened as a file, as a change manager opens an attachment.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetView } from '../../src/report/view/fleet-view.ts';
import { pageText } from '../report/html/page-text.ts';
import { hostileRunView, hostNames, somePlanView, someRunView } from '../report/view/some-views.ts';

const executablePath = process.env['FENCEPOST_CHROMIUM'] ?? '/usr/bin/chromium';

let browser: Browser;
let folder: string;
const files = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-page-'));
  browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  await save('run', await someRunView());
  await save('plan', await somePlanView());
  await save('hostile', await hostileRunView());
  await save('large', large(await someRunView(), 5000));
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

async function save(name: string, view: FleetView): Promise<void> {
  const file = join(folder, `${name}.html`);
  await writeFile(file, pageText(view));
  files.set(name, pathToFileURL(file).href);
}

/** The same hosts over and over, under names of their own. */
function large(view: FleetView, count: number): FleetView {
  const hosts = Array.from({ length: count }, (_, index) => {
    const host = view.hosts[index % view.hosts.length];
    if (host === undefined) throw new Error('no hosts');
    return { ...host, host: `${host.host}-${String(index).padStart(4, '0')}` };
  });
  return { ...view, hosts };
}

interface Opened {
  readonly page: Page;
  /** Console messages, page errors, and requests for anything but the page. */
  readonly noise: readonly string[];
}

async function withPage(
  name: string,
  body: (opened: Opened) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const noise: string[] = [];
  const url = files.get(name) ?? '';
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(error.message));
  page.on('dialog', (dialog) => {
    noise.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== url) noise.push(request.url());
  });
  try {
    await page.goto(url);
    await body({ page, noise });
    expect(noise).toEqual([]);
  } finally {
    await context.close();
  }
}

function shownNames(page: Page): Promise<readonly string[]> {
  return page.locator('#hosts summary .name').allTextContents();
}

describe('what it shows', () => {
  test('every host, worst first, and its details when it is opened', async () => {
    await withPage('run', async ({ page }) => {
      const names = await shownNames(page);
      expect(names.toSorted()).toEqual(hostNames.toSorted());
      expect(names[0]).toBe('refusing');
      expect(await page.locator('.body').count()).toBe(0);
      await page.locator('#host-bare-ja > summary').click();
      const body = page.locator('#host-bare-ja > .body');
      await body.waitFor();
      expect(await body.textContent()).toMatch(/netsh interface ipv4 add excludedportrange[^]*exit code 0/);
      expect(await body.locator('.checks .mark').allTextContents()).toEqual([
        'not reserved',
        'reserved',
        'not reserved',
        'reserved',
      ]);
      expect(await body.getByRole('img', { name: /^tcp ports 0-65535 on ipv4/ }).count()).toBe(2);
      expect(await page.locator('.timeline').innerText()).toContain('Batch 1 (canary) started: bare-en');
    });
  });

  test('a link to a host opens it', async () => {
    await withPage('large', async ({ page }) => {
      await page.evaluate("location.hash = '#host-done-4994'");
      await page.locator('#host-done-4994[open] > .body').waitFor();
      expect(await page.evaluate('document.activeElement.parentElement.id')).toBe('host-done-4994');
    });
  });

  test('what a hostile host printed is text: nothing runs, nothing is asked for', async () => {
    await withPage('hostile', async ({ page }) => {
      await page.getByRole('button', { name: 'Expand or collapse all shown' }).click();
      await page.locator('.body').first().waitFor();
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.locator('h1').innerText()).toMatch(/^<\/script><script>alert\(1\)/);
    });
  });
});

describe('filters', () => {
  test('by standing, by group, by words; together; and back', async () => {
    await withPage('run', async ({ page }) => {
      const status = page.getByRole('status');
      await page.getByRole('button', { name: /blocked/ }).click();
      expect((await shownNames(page)).toSorted()).toEqual(['old', 'stranger']);
      await page.getByRole('button', { name: /unreachable/ }).click();
      expect((await shownNames(page)).toSorted()).toEqual(['down', 'old', 'stranger']);
      expect(await status.innerText()).toBe('3 of 8 hosts match');
      await page.getByLabel('Group').selectOption('paris');
      expect(await shownNames(page)).toEqual(['old']);
      await page.getByRole('button', { name: 'Clear filters' }).click();
      expect(await status.innerText()).toBe('All 8 hosts');
      await page.getByLabel('Search').fill('Windows 2022 VERIFIED');
      expect(await shownNames(page)).toEqual(['bare-ja']);
      await page.getByLabel('Search').fill('nothing like it');
      expect(await status.innerText()).toBe('0 of 8 hosts match');
    });
  });

  test('by the keyboard alone: / searches, Escape clears, Tab and arrows walk the hosts, Enter opens', async () => {
    await withPage('run', async ({ page }) => {
      const focused = (): Promise<unknown> =>
        page.evaluate('document.activeElement.closest("details")?.id ?? document.activeElement.id');
      await page.keyboard.press('/');
      expect(await focused()).toBe('search');
      await page.keyboard.type('bare');
      expect(await shownNames(page)).toEqual(['bare-en', 'bare-ja']);
      await page.keyboard.press('Escape');
      expect(await shownNames(page)).toHaveLength(8);
      await page.keyboard.type('bare');
      for (let presses = 0; presses < 8 && (await focused()) !== 'host-bare-en'; presses += 1)
        await page.keyboard.press('Tab');
      expect(await focused()).toBe('host-bare-en');
      await page.keyboard.press('ArrowDown');
      expect(await focused()).toBe('host-bare-ja');
      await page.keyboard.press('Enter');
      await page.locator('#host-bare-ja[open] > .body').waitFor();
      await page.keyboard.press('Enter');
      expect(await page.locator('#host-bare-ja[open]').count()).toBe(0);
    });
  });

  test('over 5,000 hosts: what a key press costs', async () => {
    await withPage('large', async ({ page }) => {
      expect((await shownNames(page)).length).toBeLessThanOrEqual(300);
      const durations = await page.evaluate<readonly number[]>(`(async () => {
        const search = document.getElementById('search');
        const durations = [];
        for (const text of ['s', 'st', 'str', 'stranger-4', '', 'exchange 2019', 'no such host', '']) {
          search.value = text;
          const begun = performance.now();
          search.dispatchEvent(new Event('input'));
          document.getElementById('hosts').getBoundingClientRect();
          durations.push(performance.now() - begun);
          await new Promise(requestAnimationFrame);
        }
        return durations;
      })()`);
      const sorted = durations.toSorted((a, b) => a - b);
      const [median = 0, worst = 0] = [sorted.at(sorted.length / 2), sorted.at(-1)];
      const size = (await readFile(new URL(files.get('large') ?? ''))).length;
      console.log(
        `5,000 hosts: a page of ${(size / 1e6).toFixed(1)} MB; a filter answers in ${median.toFixed(1)} ms (median), ${worst.toFixed(1)} ms at most, layout included`,
      );
      await page.getByLabel('Search').fill('stranger-');
      expect(await page.getByRole('status').innerText()).toBe('625 of 5000 hosts match');
    });
  });

  test('the rest comes as one scrolls, and all of it is reached', async () => {
    await withPage('large', async ({ page }) => {
      await page.getByLabel('Search').fill('refusing-');
      for (let scrolls = 0; scrolls < 100 && (await page.locator('#more').isVisible()); scrolls += 1) {
        await page.locator('#hosts > li').last().scrollIntoViewIfNeeded();
      }
      expect(new Set(await shownNames(page)).size).toBe(625);
    });
  });
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** axe is run as the page's own debugger would: the page's policy stays in force for everything else. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const { violations } = await page.evaluate<AxeResult>(
    `${source}; axe.run(document, { resultTypes: ['violations'] })`,
  );
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map((node) => `${id} (${impact ?? 'unknown'}): ${node.html.slice(0, 160)}: ${node.failureSummary}`),
  );
}

describe('for everybody', () => {
  test.each(['light', 'dark'] as const)('no violation found by axe, %s, with hosts unfolded', async (colorScheme) => {
    for (const name of ['run', 'plan']) {
      await withPage(
        name,
        async ({ page }) => {
          await page.getByRole('button', { name: 'Expand or collapse all shown' }).click();
          await page.locator('.body').last().waitFor();
          expect(await violationsOf(page)).toEqual([]);
        },
        { colorScheme },
      );
    }
  });

  test('dark is dark and light is light', async () => {
    const grounds: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await withPage(
        'run',
        async ({ page }) => {
          grounds.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
        },
        { colorScheme },
      );
    }
    expect(grounds).toEqual(['rgb(246, 247, 249)', 'rgb(18, 22, 28)']);
  });

  test.each(['run', 'plan', 'hostile'])('on a telephone nothing is wider than the screen: %s', async (name) => {
    await withPage(
      name,
      async ({ page }) => {
        await page.getByRole('button', { name: 'Expand or collapse all shown' }).click();
        await page.locator('.body').last().waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
        expect(await violationsOf(page)).toEqual([]);
      },
      { viewport: { width: 390, height: 844 } },
    );
  });

  test('without scripts every host is listed with its standing', async () => {
    await withPage(
      'run',
      async ({ page }) => {
        const table = await page.locator('table.plain').innerText();
        for (const host of hostNames) expect(table).toContain(host);
      },
      { javaScriptEnabled: false },
    );
  });

  test('on paper every host is unfolded, in dark ink on white, and folded again afterwards', async () => {
    await withPage(
      'run',
      async ({ page }) => {
        await page.evaluate(
          "addEventListener('beforeprint', () => { window.onPaper = document.querySelectorAll('details[open] > .body').length; })",
        );
        const pdf = await page.pdf({ format: 'A4', printBackground: true });
        expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
        expect(await page.evaluate('window.onPaper')).toBe(8);
        expect(await page.locator('#hosts > li > details[open]').count()).toBe(0);
        await page.emulateMedia({ media: 'print' });
        expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
      },
      { colorScheme: 'dark' },
    );
  });
});
