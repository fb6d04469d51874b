// What is asked of a joined run for each of its hosts costs the same however many there are: hosts that are under way, that failed, and locks of a
// run are few and have indexes of their own; how many hosts there are is counted once. And old runs may be removed, by the owner of the tables
// alone, whole, and with a row that says so: records are still never changed, and that the plan was applied stays known.
export const scaleAndRetention = `
CREATE TABLE fencepost.joined_batch (
  run text NOT NULL REFERENCES fencepost.joined_run (run) ON DELETE CASCADE,
  batch integer NOT NULL,
  hosts integer NOT NULL,
  PRIMARY KEY (run, batch)
);
INSERT INTO fencepost.joined_batch (run, batch, hosts)
  SELECT run, batch, count(*) FROM fencepost.joined_host GROUP BY run, batch;

CREATE INDEX joined_busy ON fencepost.joined_host (run, batch) WHERE state IN ('claimed', 'started');
CREATE INDEX joined_failed ON fencepost.joined_host (run, batch, verdict)
  WHERE verdict IS NOT NULL AND verdict <> 'changed' AND verdict <> 'unchanged';
CREATE INDEX lease_holder ON fencepost.lease ((holder->>'label'), (holder->>'run')) WHERE holder IS NOT NULL;

ALTER TABLE fencepost.run ADD COLUMN exported text;

CREATE TABLE fencepost.pruned_run (
  name text PRIMARY KEY,
  created_at timestamptz NOT NULL,
  records bigint NOT NULL,
  digest text NOT NULL,
  signature text,
  pruned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  pruned_by text NOT NULL DEFAULT session_user
);

CREATE TABLE fencepost.team_role (
  name text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('operators', 'auditors'))
);

CREATE OR REPLACE FUNCTION fencepost.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF current_setting('fencepost.pruning', true) = OLD.run
      AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'records of a journal are only added';
END
$$;
`;
