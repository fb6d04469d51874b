// The forms of what the runner of a site prints, and of the roles that act for sites.
import * as z from 'zod';
import { hostVerdict } from '../../forms/run-forms.ts';
import { text } from '../../forms/value-forms.ts';

export const siteForms = {
  runner: z
    .strictObject({
      site: text,
      runs: z.array(
        z.strictObject({
          run: text,
          hosts: z.array(hostVerdict).describe('Those that this runner had'),
          problem: text.nullable().describe('Why it took no part, or left early; null: neither'),
        }),
      ),
    })
    .describe('fencepost runner --site SITE --once --json'),
  'state-sites': z
    .strictObject({ sites: z.array(z.strictObject({ site: text, role: text })) })
    .describe('fencepost state site add|remove|list --json: all that there are afterwards'),
} as const;
