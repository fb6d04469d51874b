// No flag is parsed and then ignored: one that would do nothing beside others is refused. Nothing is read, asked or sent by then, so the files
// and hosts need not be there.
import { describe, expect, test } from 'vitest';
import { refusedLine } from '../support/refused-line.ts';

describe('a flag that would do nothing', () => {
  test.each([
    ['apply tonight.plan --dry-run --events events.ndjson', '--events has no effect with --dry-run'],
    ['apply tonight.plan --dry-run --deadline 50m', '--deadline has no effect with --dry-run'],
    ['apply tonight.plan --dry-run --no-wait', '--no-wait has no effect with --dry-run'],
    ['apply --dry-run --sign-key key', '--sign-key has no effect with --dry-run'],
    ['resume last --dry-run --events - --deadline 1h --no-wait', '--events, --deadline and --no-wait have no effect'],
    ['resume last --dry-run --sign-key key', '--sign-key has no effect with --dry-run'],
    ['resume last --dry-run --policy policy.yml', '--policy has no effect with --dry-run'],
    ['rollback last --dry-run --events -', '--events has no effect with --dry-run'],
    ['rollback last --dry-run --deadline 1h --sign-key key', '--deadline and --sign-key have no effect'],
    ['rollback last --dry-run --policy policy.yml', '--policy has no effect with --dry-run'],
    ['plan --force', '--force has no effect without --out'],
    ['collect --log-level debug', '--log-level has no effect without --log-file'],
    ['runner --site paris --state postgres://db/f --log-level info', '--log-level has no effect without --log-file'],
    ['runs list last', 'runs list takes no run'],
    ['verify --domain corp.example', '--domain has no effect without --discover'],
    ['verify --server dc01 --user u --password-from env:P', '--server, --user and --password-from have no effect'],
    ['verify --auth ntlm --tls none --ca-file ca.pem', '--auth, --tls and --ca-file have no effect'],
    ['verify --timeout 5 --no-dns', '--timeout and --no-dns have no effect without --discover'],
    ['discover --domain corp.example --ask-vault-pass', '--ask-vault-pass has no effect without --update'],
    ['discover --domain corp.example --vault-password-file p --vault-id l@p', 'have no effect without --update'],
    ['discover --domain corp.example --password-from env:P', '--password-from has no effect without --user'],
    ['discover --domain corp.example --tls none --ca-file ca.pem', '--ca-file has no effect with --tls none'],
    ['report last -p playbook.yml', '--playbook has no effect on a run or a plan'],
    ['report last --vault-password-file p', '--vault-password-file has no effect without -i'],
    ['report last --format otlp -i prod.yml -p playbook.yml', '--inventory and --playbook have no effect on a trace'],
    ['watch --once --every 5m', '--every has no effect with --once'],
    ['watch --test --every 1m', '--every has no effect with --test'],
    ['watch --test --state-dir elsewhere', '--state-dir has no effect with --test'],
    ['watch --test --state postgres://db/f', '--state has no effect with --test'],
    ['guards --yes', '--yes has no effect without clean'],
  ])('%s', async (line, says) => {
    expect(await refusedLine(line)).toContain(says);
  });

  test('approvals that a dry run is told to ask for are asked for, and only a saved plan has any', async () => {
    const line = 'apply --dry-run --require-approvals 2 --signers ops.signers';
    expect(await refusedLine(line, 'approval/missing')).toContain('plan');
  });
});
