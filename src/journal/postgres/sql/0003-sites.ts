// Sites: hosts in closed segments, each changed by a runner there. A runner's database role sees and changes the rows of its own site: by row
// security where the rows are its own, through functions where it needs a number or the head of a chain of all. Every other role, which may
// read the records, sees all as before.
export const sites = `
CREATE TABLE fencepost.site_role (
  role name PRIMARY KEY,
  site text NOT NULL
);

ALTER TABLE fencepost.joined_host ADD COLUMN site text, ADD COLUMN lock_key text;
CREATE INDEX joined_site ON fencepost.joined_host (site, run) WHERE site IS NOT NULL;
CREATE INDEX joined_lock ON fencepost.joined_host (lock_key) WHERE site IS NOT NULL;
ALTER TABLE fencepost.runner ADD COLUMN owner name NOT NULL DEFAULT current_user;
ALTER TABLE fencepost.lease ADD COLUMN owner name NOT NULL DEFAULT current_user;

CREATE TABLE fencepost.site_part (
  run text NOT NULL REFERENCES fencepost.joined_run (run) ON DELETE CASCADE,
  site text NOT NULL,
  part integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (run, site, part)
);

CREATE FUNCTION fencepost.tell_sites() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('fencepost_sites', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER sites_are_told AFTER INSERT OR UPDATE OF batch ON fencepost.joined_run
  FOR EACH ROW EXECUTE FUNCTION fencepost.tell_sites();

CREATE FUNCTION fencepost.refuse_restart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a run that was stopped stays stopped';
END
$$;
CREATE TRIGGER run_stays_stopped BEFORE UPDATE OF stopping ON fencepost.joined_run FOR EACH ROW
  WHEN (OLD.stopping IS NOT NULL AND NEW.stopping IS DISTINCT FROM OLD.stopping)
  EXECUTE FUNCTION fencepost.refuse_restart();

-- Null: a role of no site.
CREATE FUNCTION fencepost.site_of(who name) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT site FROM fencepost.site_role WHERE role = who
$$;

-- Not by being no site's role alone: one that was a site's and is not any more sees nothing.
CREATE FUNCTION fencepost.sees_all(who name) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT fencepost.site_of(who) IS NULL AND has_table_privilege(who, 'fencepost.record', 'SELECT')
$$;

ALTER TABLE fencepost.joined_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE fencepost.joined_host ENABLE ROW LEVEL SECURITY;
ALTER TABLE fencepost.site_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE fencepost.runner ENABLE ROW LEVEL SECURITY;
ALTER TABLE fencepost.lease ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_sites ON fencepost.joined_run USING ((SELECT fencepost.sees_all(current_user)));
CREATE POLICY all_sites ON fencepost.joined_host USING ((SELECT fencepost.sees_all(current_user)));
CREATE POLICY all_sites ON fencepost.site_part USING ((SELECT fencepost.sees_all(current_user)));
CREATE POLICY all_sites ON fencepost.runner USING ((SELECT fencepost.sees_all(current_user)));
CREATE POLICY all_sites ON fencepost.lease USING ((SELECT fencepost.sees_all(current_user)));
CREATE POLICY own_site ON fencepost.joined_host USING (site = (SELECT fencepost.site_of(current_user)));
CREATE POLICY own_site ON fencepost.site_part USING (site = (SELECT fencepost.site_of(current_user)));
CREATE POLICY own_site ON fencepost.joined_run USING (EXISTS (
  SELECT FROM fencepost.joined_host h
  WHERE h.run = joined_run.run AND h.site = (SELECT fencepost.site_of(current_user))));
-- Whether a runner lives is no secret, and who does not see it would take over from the living.
CREATE POLICY signs_of_life ON fencepost.runner FOR SELECT USING (true);
CREATE POLICY own_site ON fencepost.runner USING (owner = current_user AND fencepost.site_of(current_user) IS NOT NULL);
-- The key of its membership, and those of its hosts; what it held it sees after its run has ended, too.
CREATE POLICY own_site ON fencepost.lease
  USING (owner = current_user AND key LIKE 'runner of %'
    OR runner IN (SELECT r.id FROM fencepost.runner r WHERE r.owner = current_user)
    OR EXISTS (SELECT FROM fencepost.joined_host h JOIN fencepost.joined_run r ON r.run = h.run
      WHERE NOT r.closed AND h.lock_key = lease.key AND h.site = (SELECT fencepost.site_of(current_user))))
  WITH CHECK (fencepost.site_of(current_user) IS NOT NULL
    AND (owner = current_user AND key LIKE 'runner of %'
      OR EXISTS (SELECT FROM fencepost.joined_host h JOIN fencepost.joined_run r ON r.run = h.run
        WHERE NOT r.closed AND h.lock_key = lease.key AND h.site = (SELECT fencepost.site_of(current_user)))));

CREATE FUNCTION fencepost.check_site(of_run text, of_site text) RETURNS void
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  own text := fencepost.site_of(session_user);
BEGIN
  IF own IS NULL AND NOT has_table_privilege(session_user, 'fencepost.record', 'INSERT') OR own <> of_site THEN
    RAISE EXCEPTION 'role % does not act for site %', session_user, of_site USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT EXISTS (SELECT FROM fencepost.joined_host h WHERE h.run = of_run AND h.site = of_site) THEN
    RAISE EXCEPTION 'run % has no host of site %', of_run, of_site USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;

-- Numbers alone are of all hosts. With is_locked the run's row is held until the transaction ends.
CREATE FUNCTION fencepost.stand_for_site(of_run text, of_site text, as_runner uuid, failing text[], is_locked boolean)
  RETURNS TABLE (
    plan text, batch integer, finished_batch integer, stopping text, closed boolean,
    run_hosts integer, run_waiting integer, run_busy integer, run_failed integer,
    batch_hosts integer, batch_waiting integer, batch_busy integer, batch_failed integer,
    site_waiting integer, runners integer, own integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM fencepost.check_site(of_run, of_site);
  IF is_locked THEN
    PERFORM FROM fencepost.joined_run r WHERE r.run = of_run FOR UPDATE;
  END IF;
  RETURN QUERY
    SELECT r.plan, r.batch, r.finished_batch, r.stopping, r.closed,
      count(*)::int,
      count(*) FILTER (WHERE h.state = 'waiting')::int,
      count(*) FILTER (WHERE h.state IN ('claimed', 'started'))::int,
      count(*) FILTER (WHERE h.verdict = ANY (failing))::int,
      count(*) FILTER (WHERE h.batch = r.batch)::int,
      count(*) FILTER (WHERE h.batch = r.batch AND h.state = 'waiting')::int,
      count(*) FILTER (WHERE h.batch = r.batch AND h.state IN ('claimed', 'started'))::int,
      count(*) FILTER (WHERE h.batch = r.batch AND h.verdict = ANY (failing))::int,
      count(*) FILTER (WHERE h.site = of_site AND h.state = 'waiting')::int,
      (SELECT count(*) FROM fencepost.lease l JOIN fencepost.runner w ON w.id = l.runner
        WHERE l.holder->>'run' = of_run AND l.holder->>'label' = 'runner of ' || of_run
          AND l.holder->>'site' = of_site AND w.expires_at >= clock_timestamp())::int,
      count(*) FILTER (WHERE h.runner = as_runner AND h.state IN ('claimed', 'started'))::int
    FROM fencepost.joined_run r JOIN fencepost.joined_host h ON h.run = r.run AND h.batch > 0
    WHERE r.run = of_run GROUP BY r.run;
END
$$;

-- A group may have hosts of other sites.
CREATE FUNCTION fencepost.is_group_free(of_run text, of_group text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT NOT EXISTS (SELECT FROM fencepost.joined_host h WHERE h.run = of_run AND h.exclusive_group = of_group
    AND h.state IN ('claimed', 'started', 'lost'))
$$;

-- Held until the transaction ends: a sign of life that comes now waits.
CREATE FUNCTION fencepost.lock_runner(of_runner uuid) RETURNS TABLE (expired boolean, silent_ms double precision)
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT expires_at < clock_timestamp(), (extract(epoch FROM clock_timestamp() - beat_at) * 1000)::float8
  FROM fencepost.runner WHERE id = of_runner FOR NO KEY UPDATE
$$;

CREATE FUNCTION fencepost.head_for_site(of_run text, of_site text) RETURNS TABLE (records bigint, digest text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM fencepost.check_site(of_run, of_site);
  RETURN QUERY SELECT r.records, r.digest FROM fencepost.run r WHERE r.name = of_run FOR UPDATE;
END
$$;

CREATE FUNCTION fencepost.has_record_for_site(of_run text, of_site text, at_sequence bigint, of_digest text)
  RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM fencepost.check_site(of_run, of_site);
  RETURN EXISTS (SELECT FROM fencepost.record c WHERE c.run = of_run AND c.sequence = at_sequence
    AND position(convert_to('"digest":"' || of_digest || '"}', 'UTF8') IN c.line) > 0);
END
$$;

-- Each line has to follow the one before it, and to be of a host of the site; that a run starts nothing more, a site may say too.
CREATE FUNCTION fencepost.append_for_site(of_run text, of_site text, lines bytea[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  last_sequence bigint;
  last_digest text;
  line bytea;
  body bytea;
  body_digest text;
  about json;
  event json;
BEGIN
  PERFORM fencepost.check_site(of_run, of_site);
  SELECT r.records, r.digest INTO STRICT last_sequence, last_digest FROM fencepost.run r WHERE r.name = of_run FOR UPDATE;
  FOREACH line IN ARRAY lines LOOP
    -- ,"digest":"64 digits"} and a newline
    body := substring(line FROM 1 FOR length(line) - 78);
    body_digest := encode(sha256(body), 'hex');
    about := convert_from(body || '}'::bytea, 'UTF8')::json;
    event := about->'event';
    IF line <> body || convert_to(',"digest":"' || body_digest || '"}' || chr(10), 'UTF8')
      OR (about->>'sequence')::bigint IS DISTINCT FROM last_sequence + 1
      OR about->>'previous' IS DISTINCT FROM last_digest THEN
      RAISE EXCEPTION 'the record does not follow the one before it';
    END IF;
    IF event->>'host' IS NULL AND event->>'type' IS DISTINCT FROM 'run-stopping'
      OR event->>'host' IS NOT NULL AND NOT EXISTS (SELECT FROM fencepost.joined_host h
        WHERE h.run = of_run AND h.host = event->>'host' AND h.site = of_site) THEN
      RAISE EXCEPTION 'the record is of no host of site %', of_site USING ERRCODE = 'insufficient_privilege';
    END IF;
    last_sequence := last_sequence + 1;
    last_digest := body_digest;
    INSERT INTO fencepost.record (run, sequence, line) VALUES (of_run, last_sequence, line);
  END LOOP;
  UPDATE fencepost.run r SET records = last_sequence, digest = last_digest WHERE r.name = of_run;
END
$$;

-- Gives a role what the runner of a site needs, and takes from it what it had before.
CREATE PROCEDURE fencepost.add_site(of_role name, of_site text) LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA fencepost FROM %I', of_role);
  IF has_table_privilege(of_role, 'fencepost.record', 'SELECT')
    OR EXISTS (SELECT FROM pg_roles WHERE rolname = of_role AND (rolsuper OR rolbypassrls)) THEN
    RAISE EXCEPTION 'role % sees all sites: it is the owner, a superuser, or a member of a role that may read the records', of_role
      USING ERRCODE = 'invalid_grantor';
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA fencepost TO %I', of_role);
  EXECUTE format('GRANT SELECT ON fencepost.setting, fencepost.joined_run, fencepost.joined_host, fencepost.site_part,
    fencepost.lease, fencepost.runner TO %I', of_role);
  EXECUTE format('GRANT UPDATE (stopping) ON fencepost.joined_run TO %I', of_role);
  EXECUTE format('GRANT UPDATE (state, runner, holder, verdict) ON fencepost.joined_host TO %I', of_role);
  EXECUTE format('GRANT INSERT (key), UPDATE (epoch, runner, claim, holder) ON fencepost.lease TO %I', of_role);
  EXECUTE format('GRANT INSERT (id, beat_at, expires_at), UPDATE (beat_at, expires_at), DELETE ON fencepost.runner TO %I',
    of_role);
  INSERT INTO fencepost.site_role (role, site) VALUES (of_role, of_site)
    ON CONFLICT (role) DO UPDATE SET site = excluded.site;
END
$$;

CREATE PROCEDURE fencepost.remove_site(of_role name) LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA fencepost FROM %I', of_role);
  EXECUTE format('REVOKE ALL ON SCHEMA fencepost FROM %I', of_role);
  DELETE FROM fencepost.site_role WHERE role = of_role;
END
$$;
`;
