// The page of a view as one text, for tests that look into it.
import { renderPage } from '../../../src/report/html/page.ts';
import type { FleetView } from '../../../src/report/view/fleet-view.ts';

export function pageText(view: FleetView): string {
  return [...renderPage(view)].join('');
}
