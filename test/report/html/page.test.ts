// The page as a file: one document that names nothing outside itself, allows exactly its own style and script, and holds every host.
// How it behaves in a browser is in test/interop/report-page.test.ts.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { FleetView } from '../../../src/report/view/fleet-view.ts';
import type { PageData } from '../../../src/report/html/page-data.ts';
import { pageText } from './page-text.ts';
import { viewSnapshot } from '../../../src/report/view/snapshot-view.ts';
import { oneHost, desired } from '../../facts/some-facts.ts';
import { context, hostileRunView, hostNames, somePlanView, someRunView } from '../view/some-views.ts';

function between(page: string, from: string, to: string): string {
  const start = page.indexOf(from);
  if (start < 0) throw new Error(`no ${from}`);
  return page.slice(start + from.length, page.indexOf(to, start + from.length));
}

function dataOf(page: string): PageData {
  return JSON.parse(between(page, 'id="fleet-data">', '</script>')) as PageData;
}

/** The HTML of a host's details, as the script puts it together. */
function detailOf(page: string, host: string): string {
  const { rows, pieces } = dataOf(page);
  const row = rows.find((one) => one.name === host);
  if (row === undefined) throw new Error(`no ${host}`);
  return row.places.map((place) => pieces[place] ?? '').join('');
}

const views: readonly (readonly [string, () => Promise<FleetView>])[] = [
  ['a run', someRunView],
  ['a plan', somePlanView],
  ['a hostile run', hostileRunView],
];

describe.each(views)('%s', (_, makeView) => {
  test('is drawn the same whether hosts that are alike share their parts or not', async () => {
    const view = await makeView();
    const apart = { ...view, hosts: view.hosts.map((host) => structuredClone(host)) };
    expect(pageText(apart)).toBe(pageText(view));
    // The same ports under another wish are drawn anew.
    const wished = view.hosts.map((host, index) => (index % 2 === 0 ? host : { ...host, desired: [] }));
    const apartWished = wished.map((host) => structuredClone(host));
    expect(pageText({ ...view, hosts: wished })).toBe(pageText({ ...view, hosts: apartWished }));
  });

  test('the policy allows exactly the style and the script that are there', async () => {
    const page = pageText(await makeView());
    const policy = between(page, 'http-equiv="Content-Security-Policy"', '/>');
    const digest = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
    expect(policy).toContain('default-src &#39;none&#39;');
    expect(policy).toContain(digest(between(page, '<style>', '</style>')));
    expect(policy).toContain(digest(between(page, '<script>', '</script>')));
    expect(policy).not.toContain('unsafe');
    expect(page.match(/<script/g)).toHaveLength(2);
    const unquoted = page.replace(/<script[^]*/, '').replaceAll(/"[^"]*"/g, '""');
    expect(/<[^>]*\s(?:on\w+|style)=/.test(unquoted)).toBe(false);
  });

  test('nothing is loaded from anywhere', async () => {
    const page = pageText(await makeView());
    const markup = page.replace(/<script type="application\/json"[^]*?<\/script>/, '');
    expect(
      /<(?:link|img|iframe|object|embed|base|form)\b|@import|url\(|\bfetch\(|XMLHttpRequest/.exec(markup),
    ).toBeNull();
    expect(/https?:\/\//.exec(markup)).toBeNull();
  });

  test('every host is in the data and, for viewers without scripts, in the table', async () => {
    const page = pageText(await makeView());
    expect(
      dataOf(page)
        .rows.map((one) => one.name)
        .toSorted(),
    ).toEqual(hostNames.toSorted());
    const table = between(page, '<noscript', '</noscript');
    for (const host of hostNames) expect(table).toContain(`>${host}<`);
  });

  test('tags of every host’s details are balanced, so that no host’s text reaches into another’s', async () => {
    const page = pageText(await makeView());
    for (const host of hostNames) {
      const open: string[] = [];
      for (const [, close, name = '', rest = ''] of detailOf(page, host).matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/g)) {
        if (close === '/') expect(open.pop()).toBe(name);
        else if (!rest.endsWith('/') && name !== 'br') open.push(name);
      }
      expect(open).toEqual([]);
    }
  });
});

test('a hostile host’s text is in the page, as text only', async () => {
  const page = pageText(await hostileRunView());
  expect([page.includes('alert(1)</script>'), page.includes('<img')]).toEqual([false, false]);
  const detail = detailOf(page, 'bare-en');
  expect(detail).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
  expect(detail).toContain('\\u202e');
  expect(between(page, '<h1>', '</h1>')).toMatch(/^&lt;\/script&gt;/);
});

test('what was sent and answered is in the host’s details, and the ports before and after', async () => {
  const page = pageText(await someRunView());
  const detail = detailOf(page, 'bare-ja');
  expect(detail).toContain('netsh interface ipv4 add excludedportrange protocol=tcp startport=9933 numberofports=1');
  expect(detail).toContain('exit code 0, printed');
  expect(detail).toMatch(/aria-label="tcp ports 9900-9999 on ipv4: dynamic range 6005-65534; no exclusions"/);
  expect(detail).toMatch(
    /aria-label="tcp ports 9900-9999 on ipv4: [^"]*; exclusions 9933 administered, 9955 administered"/,
  );
  expect(detail.match(/<h4>/g)).toHaveLength(1);
});

test('families that show the same are one drawing, families that differ are drawn apart', async () => {
  const headings = (page: string, host: string): readonly string[] =>
    detailOf(page, host).match(/<h4>[^<]*<\/h4>/g) ?? [];
  expect(headings(pageText(await somePlanView()), 'bare-en')).toEqual(['<h4>tcp on IPv4 and IPv6</h4>']);
  const hosts = [{ target: 'uneven', facts: oneHost, failure: null }];
  const view = viewSnapshot(
    { takenAt: oneHost.collectedAt, toolVersion: '0.1.0', hosts },
    'night.json',
    () => desired,
    context,
  );
  expect(headings(pageText(view), 'uneven')).toEqual(['<h4>tcp on IPv4</h4>', '<h4>tcp on IPv6</h4>']);
});

test('pieces that hosts share are kept once: ten times the hosts, hardly more pieces', async () => {
  const view = await somePlanView();
  const hosts = Array.from({ length: 10 }, (_, round) =>
    view.hosts.map((one) => ({ ...one, host: `${one.host}-${round}` })),
  ).flat();
  const many = dataOf(pageText({ ...view, hosts }));
  expect(many.rows).toHaveLength(80);
  expect(many.pieces).toEqual(dataOf(pageText(view)).pieces);
});
