// The first form of the database. It is never edited once it is out: what changes comes as a file after it. Plain SQL of PostgreSQL 13 to 17,
// without extensions. Leases are rows with an epoch, not advisory locks: whoever takes one over raises the epoch, and what was written under
// the earlier one is refused from then on.
export const runsAndLeases = `
CREATE TABLE fencepost.setting (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  protocol integer NOT NULL,
  lease_ms integer NOT NULL CHECK (lease_ms >= 1000)
);

CREATE TABLE fencepost.run (
  name text PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  records bigint NOT NULL,
  digest text NOT NULL,
  signature text
);

CREATE TABLE fencepost.plan_part (
  run text NOT NULL REFERENCES fencepost.run (name) ON DELETE CASCADE,
  part integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (run, part)
);

CREATE TABLE fencepost.record (
  run text NOT NULL REFERENCES fencepost.run (name),
  sequence bigint NOT NULL,
  line bytea NOT NULL,
  PRIMARY KEY (run, sequence)
);

CREATE FUNCTION fencepost.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'records of a journal are only added';
END
$$;
CREATE TRIGGER record_is_kept BEFORE UPDATE OR DELETE ON fencepost.record
  FOR EACH ROW EXECUTE FUNCTION fencepost.refuse_change();
CREATE TRIGGER records_are_kept BEFORE TRUNCATE ON fencepost.record
  FOR EACH STATEMENT EXECUTE FUNCTION fencepost.refuse_change();

CREATE TABLE fencepost.runner (
  id uuid PRIMARY KEY,
  beat_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE TABLE fencepost.lease (
  key text PRIMARY KEY,
  epoch bigint NOT NULL DEFAULT 0,
  runner uuid REFERENCES fencepost.runner (id),
  claim uuid,
  holder jsonb
);
CREATE INDEX lease_runner ON fencepost.lease (runner) WHERE runner IS NOT NULL;

CREATE TABLE fencepost.applied_plan (
  digest text PRIMARY KEY,
  run text NOT NULL
);

CREATE TABLE fencepost.history (
  id text PRIMARY KEY,
  written_at timestamptz NOT NULL,
  body jsonb NOT NULL
);
`;
