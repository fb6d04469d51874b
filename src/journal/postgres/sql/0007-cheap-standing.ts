// How a shared run stands for the runner of a site, asked at each claim: counted over what is few, by the indexes of 0004, as joined-run.ts counts
// for all others. It read every host of the run before. What waits is only ever compared with 0, so it is looked for and not counted.
export const cheapStanding = `
CREATE INDEX joined_site_waiting ON fencepost.joined_host (run, site, batch, place)
  WHERE state = 'waiting' AND site IS NOT NULL;

-- Numbers alone are of all hosts. With is_locked the run's row is held until the transaction ends. run_waiting, batch_waiting and site_waiting are
-- 1 where a host waits, else 0. failing never holds changed and unchanged: joined_failed does not have them.
CREATE OR REPLACE FUNCTION fencepost.stand_for_site(of_run text, of_site text, as_runner uuid, failing text[], is_locked boolean)
  RETURNS TABLE (
    plan text, batch integer, finished_batch integer, stopping text, closed boolean,
    run_hosts integer, run_waiting integer, run_busy integer, run_failed integer,
    batch_hosts integer, batch_waiting integer, batch_busy integer, batch_failed integer,
    site_waiting integer, runners integer, own integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  open_batch integer;
BEGIN
  PERFORM fencepost.check_site(of_run, of_site);
  IF is_locked THEN
    PERFORM FROM fencepost.joined_run r WHERE r.run = of_run FOR UPDATE;
  END IF;
  -- A statement of its own, after the lock was granted; the next ones see no less.
  SELECT r.batch INTO open_batch FROM fencepost.joined_run r WHERE r.run = of_run;
  RETURN QUERY
    SELECT r.plan, r.batch, r.finished_batch, r.stopping, r.closed,
      hosts.in_run, waiting.in_run, busy.in_run, failed.in_run,
      hosts.in_batch, waiting.in_batch, busy.in_batch, failed.in_batch,
      waiting.in_site,
      (SELECT count(*) FROM fencepost.lease l JOIN fencepost.runner w ON w.id = l.runner
        WHERE l.holder->>'run' = of_run AND l.holder->>'label' = 'runner of ' || of_run
          AND l.holder->>'site' = of_site AND w.expires_at >= clock_timestamp())::int,
      busy.own
    FROM fencepost.joined_run r,
      (SELECT coalesce(sum(b.hosts), 0)::int AS in_run,
          coalesce(sum(b.hosts) FILTER (WHERE b.batch = open_batch), 0)::int AS in_batch
        FROM fencepost.joined_batch b WHERE b.run = of_run AND b.batch > 0) hosts,
      (SELECT count(*)::int AS in_run, (count(*) FILTER (WHERE h.batch = open_batch))::int AS in_batch,
          (count(*) FILTER (WHERE h.runner = as_runner))::int AS own
        FROM fencepost.joined_host h
        WHERE h.run = of_run AND h.batch > 0 AND h.state IN ('claimed', 'started')) busy,
      (SELECT count(*)::int AS in_run, (count(*) FILTER (WHERE h.batch = open_batch))::int AS in_batch
        FROM fencepost.joined_host h
        WHERE h.run = of_run AND h.batch > 0 AND h.verdict IS NOT NULL
          AND h.verdict <> 'changed' AND h.verdict <> 'unchanged' AND h.verdict = ANY (failing)) failed,
      (SELECT (EXISTS (SELECT FROM fencepost.joined_host h
            WHERE h.run = of_run AND h.batch > 0 AND h.state = 'waiting'))::int AS in_run,
          (EXISTS (SELECT FROM fencepost.joined_host h
            WHERE h.run = of_run AND h.batch = open_batch AND h.batch > 0 AND h.state = 'waiting'))::int AS in_batch,
          (EXISTS (SELECT FROM fencepost.joined_host h
            WHERE h.run = of_run AND h.site = of_site AND h.batch > 0
              AND h.state = 'waiting'))::int AS in_site) waiting
    WHERE r.run = of_run AND hosts.in_run > 0;
END
$$;
`;
