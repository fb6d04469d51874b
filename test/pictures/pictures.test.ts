// The two pictures of README are of what the tool shows today: the terminal from a real `plan`, the report from the page of a real run.
// `npm run pictures` makes them again (Chromium takes the report's).
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { pageText } from '../report/html/page-text.ts';
import { someRunView } from '../report/view/some-views.ts';
import { repository } from '../support/cli.ts';
import { openLab } from '../support/lab.ts';
import { drawTerminal } from './terminal-svg.ts';

const folder = join(repository, 'docs/pictures');
const isWriting = process.env['FENCEPOST_PICTURES'] === 'write';
const tooOld = 'the picture is not of what is shown today: npm run pictures';
const mostBytes = 60_000;

/** The picture of `fencepost plan` as 80 columns show it. */
async function drawPlan(): Promise<string> {
  const running = { imap: 'running', pop: 'running' } as const;
  const lab = await openLab([
    { name: 'ex01', ...running },
    { name: 'ex02', language: 'fr', ...running },
    { name: 'ex03', language: 'ja', ...running },
    {
      name: 'ex04',
      ...running,
      pop: 'stopped',
      holders: [
        {
          port: 9955,
          protocol: 'tcp',
          image: 'svchost.exe',
          services: ['Dnscache'],
          families: ['ipv4', 'ipv6'],
          state: 'LISTENING',
        },
      ],
    },
  ]);
  try {
    await mkdir(lab.path('inventory'));
    const inventory = await readFile(lab.inventoryFile, 'utf8');
    await lab.write('inventory/prod.yml', inventory.replace('file: password', 'file: ../password'));
    await mkdir(lab.path('playbooks'));
    const playbook = 'playbooks/exchange-backend-ports.yml';
    await lab.write(playbook, await readFile(join(repository, playbook), 'utf8'));
    const shown = await lab.run(['plan', '--quiet'], { cwd: lab.folder, env: { FORCE_COLOR: '1' }, fresh: true });
    expect([shown.exitCode, shown.stderr]).toEqual([3, '']);
    return drawTerminal('fencepost plan', `$ fencepost plan\n${shown.stdout}`, 80);
  } finally {
    await lab.close();
  }
}

test('the terminal', async () => {
  const file = join(folder, 'terminal.svg');
  const svg = await drawPlan();
  if (isWriting) await writeFile(file, svg);
  expect(await readFile(file, 'utf8'), tooOld).toBe(svg);
  expect(svg.length).toBeLessThan(mostBytes);
});

test('the report, light and dark', async () => {
  const page = pageText(await someRunView());
  const note = join(folder, 'report.sha256');
  const sha256 = createHash('sha256').update(page).digest('hex');
  if (isWriting) {
    await photograph(page);
    await writeFile(note, `${sha256}  the page that report-light.webp and report-dark.webp show\n`);
  }
  expect((await readFile(note, 'utf8')).split(' ')[0], tooOld).toBe(sha256);
  for (const scheme of ['light', 'dark']) {
    expect((await stat(join(folder, `report-${scheme}.webp`))).size).toBeLessThan(mostBytes);
  }
});

async function photograph(page: string): Promise<void> {
  const { chromium } = await import('playwright-core');
  const html = join(repository, '.fencepost/picture.html');
  await mkdir(join(repository, '.fencepost'), { recursive: true });
  await writeFile(html, page);
  const executablePath = process.env['FENCEPOST_CHROMIUM'] ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const tab = await browser.newPage({ colorScheme, viewport: { width: 1000, height: 720 } });
      await tab.goto(pathToFileURL(html).href);
      const session = await tab.context().newCDPSession(tab);
      const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 60 });
      await writeFile(join(folder, `report-${colorScheme}.webp`), Buffer.from(data, 'base64'));
    }
  } finally {
    await browser.close();
  }
}
