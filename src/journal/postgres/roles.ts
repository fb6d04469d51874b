// I/O: what the roles of a team may do with the tables: given by `state init`, and given again at each upgrade, which may bring tables. Roles are
// made by whoever runs the server; here they only get what they need. Nobody but the owner changes or removes a record.
import { Failure } from '../../model/failure.ts';
import type { Query } from './database.ts';

/** operators: plan, apply, roll back; auditors: look at everything. */
type TeamRoleKind = 'operators' | 'auditors';

export interface TeamRole {
  readonly name: string;
  readonly kind: TeamRoleKind;
}

const looks = 'GRANT USAGE ON SCHEMA fencepost TO %; GRANT SELECT ON ALL TABLES IN SCHEMA fencepost TO %;';

const grants: Readonly<Record<TeamRoleKind, string>> = {
  operators: `${looks}
    GRANT INSERT ON fencepost.record, fencepost.plan_part, fencepost.site_part, fencepost.applied_plan, fencepost.joined_batch TO %;
    GRANT INSERT, DELETE ON fencepost.approval TO %;
    GRANT INSERT, UPDATE, DELETE ON fencepost.run, fencepost.runner, fencepost.lease, fencepost.history, fencepost.letter TO %;
    GRANT INSERT, UPDATE ON fencepost.joined_run, fencepost.joined_host TO %;`,
  auditors: looks,
};

/** Those that were named before keep theirs. Throws Failure `usage/invalid` for a role that the server does not have. */
export async function grantRoles(named: readonly TeamRole[], query: Query): Promise<readonly TeamRole[]> {
  for (const { name, kind } of named) {
    const [found] = await query<{ name: string }>('SELECT rolname AS name FROM pg_roles WHERE rolname = $1', [name]);
    if (found === undefined) {
      throw new Failure('usage/invalid', `the server has no role ${name}`, {
        where: `--${kind}`,
        hint: `CREATE ROLE ${name}; then grant it to the users: GRANT ${name} TO olga`,
      });
    }
    await query(
      `INSERT INTO fencepost.team_role (name, kind) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET kind = excluded.kind`,
      [name, kind],
    );
  }
  const all = await query<TeamRole & { readonly quoted: string | null }>(
    `SELECT t.name, t.kind, quote_ident(r.rolname) AS quoted FROM fencepost.team_role t
     LEFT JOIN pg_roles r ON r.rolname = t.name ORDER BY t.name`,
  );
  const there = all.flatMap(({ name, kind, quoted }) => (quoted === null ? [] : [{ name, kind, quoted }]));
  for (const { kind, quoted } of there) {
    // An auditor that was an operator before has no more than an auditor.
    await query(`REVOKE ALL ON ALL TABLES IN SCHEMA fencepost FROM ${quoted}`);
    for (const text of grants[kind].split(';')) {
      if (text.trim() !== '') await query(text.replaceAll('%', () => quoted));
    }
  }
  return there.map(({ name, kind }) => ({ name, kind }));
}

/** None: the database is of a version that knows none. */
export async function listRoles(query: Query): Promise<readonly TeamRole[]> {
  const [there] = await query<{ there: boolean }>(`SELECT to_regclass('fencepost.team_role') IS NOT NULL AS there`);
  return there?.there === true ? query<TeamRole>('SELECT name, kind FROM fencepost.team_role ORDER BY name') : [];
}
