// What a report on a run holds of each host while the journal is read and once its view is made, and what its page holds while it is written: the
// journal of ten thousand hosts is a hundred megabytes. V8 is asked to collect, and what stays is divided by the hosts.
import { expect, test } from 'vitest';
import { createOutline } from '../../src/journal/outline.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { createSharing } from '../../src/plan/share-alike.ts';
import { renderPage } from '../../src/report/html/page.ts';
import { tellEvents } from '../../src/report/view/run-telling.ts';
import { viewRun } from '../../src/report/view/run-view.ts';
import { bareContext, someRun } from './view/some-views.ts';
import { heapBytes } from '../support/heap.ts';

const hosts = 1500;

/** A journal of many hosts, each with the events of one that was changed, read one by one as from a file. */
async function* manyEvents(): AsyncGenerator<RunEvent> {
  const { events } = await someRun();
  const host = 'imap';
  const own = events.filter((event) => 'host' in event && event.host === host);
  const nameOf = (index: number): string => `${host}${String(index)}`;
  const names = Array.from({ length: hosts }, (_, index) => nameOf(index));
  for (const event of events) {
    if (event.type === 'run-started')
      yield { ...event, hosts: names.map((name) => ({ host: name, state: 'changes' })) };
    else if (event.type === 'run-finished') {
      for (const name of names)
        for (const one of own) yield JSON.parse(JSON.stringify({ ...one, host: name })) as RunEvent;
      yield event;
    }
  }
}

test('no events once they are told, and no page that is written', async () => {
  const before = heapBytes();
  const [standing, told, sharing] = [createOutline(), tellEvents(), createSharing()];
  for await (const event of manyEvents()) {
    standing.event(event);
    told.event(sharing.event(event));
  }
  const outline = standing.outline();
  if (outline === null) throw new Error('no run');
  const read = (heapBytes() - before) / hosts;
  const view = viewRun({ outline, told, plan: null, damage: null }, bareContext);
  const viewed = (heapBytes() - before) / hosts;
  let most = 0;
  let parts = 0;
  let chars = 0;
  for (const part of renderPage(view)) {
    parts += 1;
    chars += part.length;
    if (parts % 1000 === 0) most = Math.max(most, (heapBytes() - before) / hosts);
  }
  expect([view.hosts.length, view.hosts.at(-1)?.steps.length, chars > 600 * hosts]).toEqual([hosts, 6, true]);
  // 12 kB with the events.
  expect(read).toBeLessThan(6500);
  expect(viewed - read).toBeLessThan(1600);
  // The pieces that hosts have alike; its text is 0.7 kB a host, and was in memory several times.
  expect(most - viewed).toBeLessThan(600);
});
