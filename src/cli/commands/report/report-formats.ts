// The formats of a report, and which of them a file's name asks for.
import { extname } from 'node:path';
import { writeCodeQuality } from '../../../report/ci/code-quality.ts';
import { gathered } from '../../../model/lists/gathered.ts';
import { visibleText } from '../../../model/text/visible-text.ts';
import type { FleetView } from '../../../report/view/fleet-view.ts';
import { renderPage } from '../../../report/html/page.ts';
import { writeJunit } from '../../../report/ci/junit.ts';
import { writeMarkdown } from '../../../report/ci/markdown.ts';
import { jsonDocumentByItem, jsonTexts } from '../../json.ts';
import type { ReportFormat, ViewFormat } from './report-format.ts';

/** The parts of the text, in order. */
export function writeReport(view: FleetView, format: ViewFormat): Iterable<string> {
  switch (format) {
    case 'html':
      return gathered(renderPage(view));
    case 'junit':
      return [writeJunit(view)];
    case 'markdown':
      return [writeMarkdown(view)];
    case 'json': {
      const { hosts, ...about } = view;
      return gathered(visibleParts(jsonDocumentByItem('report', about, 'hosts', jsonTexts(hosts))));
    }
    case 'gitlab-codequality':
      return [writeCodeQuality(view)];
  }
}

/** For a file, which passes no guarded stream. */
function* visibleParts(parts: Iterable<string>): Iterable<string> {
  for (const part of parts) yield visibleText(part);
}

const byExtension: Readonly<Record<string, ReportFormat>> = { '.xml': 'junit', '.md': 'markdown', '.json': 'json' };

/** The format that was asked for, else the one that the name of the file suggests, else the page. */
export function chooseFormat(asked: ReportFormat | undefined, file: string | undefined): ReportFormat {
  return asked ?? byExtension[extname(file ?? '').toLowerCase()] ?? 'html';
}
