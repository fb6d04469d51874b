// One HTML document that needs nothing but itself: no network, no font, no framework. Its content security policy lets run only the style and
// the script written here, by their digests. Every page of a report is made in it.
import { createHash } from 'node:crypto';
import { html, Markup, type Insert } from './markup.ts';
import { pageStyle } from './page-style.ts';

export interface DocumentParts {
  readonly title: string;
  readonly body: Insert;
  /** Left out: the document runs none. */
  readonly script?: string;
}

/** The whole document, ending in a newline. */
export function renderDocument({ title, body, script }: DocumentParts): string {
  const policy = [
    "default-src 'none'",
    `style-src '${computeDigest(pageStyle)}'`,
    ...(script === undefined ? [] : [`script-src '${computeDigest(script)}'`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `${
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta http-equiv="Content-Security-Policy" content="${policy}" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="generator" content="Fencepost" />
          <title>${title}</title>
          ${inline('style', pageStyle)}
        </head>
        <body>
          ${body} ${script === undefined ? null : inline('script', script)}
        </body>
      </html>`.text
  }\n`;
}

/** An element that holds exactly this text, to the byte: its digest stands in the policy. */
function inline(name: 'style' | 'script', text: string): Markup {
  return new Markup(`<${name}>${text}</${name}>`);
}

function computeDigest(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
