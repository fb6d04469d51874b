// GitLab code quality: fingerprints that stay the same from night to night and differ within one, and a place for every issue.
import { expect, test } from 'vitest';
import { codeQualitySeverities, writeCodeQuality, type CodeQualityIssue } from '../../../src/report/ci/code-quality.ts';
import type { FleetView } from '../../../src/report/view/fleet-view.ts';
import { bareContext, hostileRunView, somePlanView, someRunView } from '../view/some-views.ts';

function issuesOf(view: FleetView): readonly CodeQualityIssue[] {
  return JSON.parse(writeCodeQuality(view)) as readonly CodeQualityIssue[];
}

test('every fingerprint is there once, and the same the next night although process ids and times differ', async () => {
  const view = await somePlanView('verify');
  const first = issuesOf(view).map((one) => one.fingerprint);
  expect(new Set(first).size).toBe(first.length);
  const nextNight = {
    ...view,
    at: '2026-12-06T22:00:00.000Z',
    hosts: view.hosts.map((host) => ({
      ...host,
      findings: host.findings.map((one) => ({ ...one, sentence: one.sentence.replaceAll(/pid \d+/g, 'pid 77777') })),
    })),
  };
  expect(issuesOf(nextNight).map((one) => one.description)).not.toEqual(issuesOf(view).map((one) => one.description));
  expect(issuesOf(nextNight).map((one) => one.fingerprint)).toEqual(first);
});

test('severities, checks and places: the line of the inventory, else the playbook', async () => {
  const issues = issuesOf(await somePlanView('verify'));
  const of = (host: string) => issues.filter((one) => one.description.startsWith(`${host}: `));
  expect(of('stranger').map((one) => [one.severity, one.check_name])).toEqual([
    ['critical', 'fencepost/held-by-stranger'],
  ]);
  expect(of('down')).toMatchObject([
    {
      severity: 'major',
      check_name: 'fencepost/connect/refused',
      location: { path: 'inventory/prod.yml', lines: { begin: 11 } },
    },
  ]);
  expect(of('bare-en')).toMatchObject([{ severity: 'major', check_name: 'fencepost/drift' }]);
  expect(of('done')).toEqual([]);
  const [unplaced] = issuesOf(await somePlanView('verify', bareContext));
  expect(unplaced?.location).toEqual({ path: 'playbook.yml', lines: { begin: 1 } });
});

test('worst first; what a plan only proposes is no issue', async () => {
  const severities = issuesOf(await someRunView()).map((one) => codeQualitySeverities.indexOf(one.severity));
  expect(severities.length).toBeGreaterThan(3);
  expect(issuesOf(await somePlanView('plan')).some((one) => one.check_name === 'fencepost/drift')).toBe(false);
});

test('a hostile run is JSON all the same', async () => {
  expect(issuesOf(await hostileRunView()).every((one) => codeQualitySeverities.includes(one.severity))).toBe(true);
});
