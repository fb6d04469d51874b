// Hosts that were taken from a run whose process did not give them back: it may be asleep, and what it sent last may still come. The database
// notes each such host itself, whoever takes it: every way of doing so raises the epoch of a lease that is held. The note stays until the shells of
// that run are known to be gone, however many runs have the host in between. A role of a site reads what is noted of its own hosts.
export const leftBehind = `
CREATE TABLE fencepost.left_behind (
  key text NOT NULL,
  run text NOT NULL,
  host text NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (key, run, host)
);

-- A lock of a run itself is of no host; a run that goes on ends its own shells.
CREATE FUNCTION fencepost.note_left() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO fencepost.left_behind (key, run, host)
    SELECT OLD.key, r.name, OLD.holder->>'label' FROM fencepost.run r WHERE r.name = OLD.holder->>'run'
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER taken_hosts_are_noted AFTER UPDATE ON fencepost.lease FOR EACH ROW
  WHEN (OLD.holder IS NOT NULL AND NEW.epoch > OLD.epoch AND OLD.key NOT LIKE '% %'
    AND NEW.holder->>'run' IS DISTINCT FROM OLD.holder->>'run')
  EXECUTE FUNCTION fencepost.note_left();

CREATE FUNCTION fencepost.check_taken(of_run text, of_key text) RETURNS void
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  own text := fencepost.site_of(session_user);
BEGIN
  IF own IS NULL AND NOT has_table_privilege(session_user, 'fencepost.record', 'INSERT')
    OR own IS NOT NULL AND NOT EXISTS (SELECT FROM fencepost.joined_host h
      WHERE h.run = of_run AND h.lock_key = of_key AND h.site = own) THEN
    RAISE EXCEPTION 'role % does not act for %', session_user, of_key USING ERRCODE = 'insufficient_privilege';
  END IF;
END
$$;

-- Of what the run itself left it is told nothing here.
CREATE FUNCTION fencepost.list_left(of_run text, of_key text) RETURNS TABLE (run text, host text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM fencepost.check_taken(of_run, of_key);
  RETURN QUERY SELECT l.run, l.host FROM fencepost.left_behind l
    WHERE l.key = of_key AND l.run <> of_run ORDER BY l.taken_at, l.run, l.host;
END
$$;

CREATE FUNCTION fencepost.read_left(of_run text, of_key text) RETURNS TABLE (run text, host text, line bytea)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM fencepost.check_taken(of_run, of_key);
  RETURN QUERY SELECT l.run, l.host, c.line FROM fencepost.left_behind l
    JOIN fencepost.record c ON c.run = l.run
      AND position(convert_to('"host":' || to_json(l.host)::text, 'UTF8') IN c.line) > 0
      AND convert_from(c.line, 'UTF8')::json->'event'->>'host' = l.host
    WHERE l.key = of_key AND l.run <> of_run ORDER BY l.run, l.host, c.sequence;
END
$$;

CREATE FUNCTION fencepost.settle_left(of_run text, of_key text, left_by text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM fencepost.check_taken(of_run, of_key);
  DELETE FROM fencepost.left_behind l WHERE l.key = of_key AND l.run = left_by;
END
$$;
`;
