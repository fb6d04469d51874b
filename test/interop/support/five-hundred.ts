// An organization of 500 servers: two DAGs, three sites with names that are not ASCII, old and new ports, and what is left out.
import type { FixtureServer } from '../../support/exchange-directory.ts';

const sites = ['Paris', 'Zürich', '東京'] as const;
const ancient = '2020-01-01T00:00:00Z';

export const fiveHundred: readonly FixtureServer[] = Array.from({ length: 500 }, (_, index): FixtureServer => {
  const name = `EX${String(index + 1).padStart(3, '0')}`;
  const site = sites[index % sites.length] ?? 'Paris';
  if (index === 497) return { name: 'EDGE1', site, roles: 64, lastLogon: null };
  if (index === 498) return { name, site, serial: 'Version 14.3 (Build 30123.4)', roles: 38, imap4: 143 };
  if (index === 499) return { name, site, lastLogon: ancient, imap4: 1993 };
  const isOld = index < 100;
  return {
    name,
    site,
    dag: index % 2 === 0 ? 'DAG-Süd' : 'DAG2',
    serial: isOld ? 'Version 15.0 (Build 30913.7)' : 'Version 15.1 (Build 32507.6)',
    imap4: isOld ? 9933 : 1993,
    pop3: isOld ? 9955 : 1995,
  };
});

export const managedCount = 497;
