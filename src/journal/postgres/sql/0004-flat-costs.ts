// What is asked of a joined run for each of its hosts costs the same however many there are: hosts that are under way, that failed, and locks of a
// run are few and have indexes of their own; how many hosts there are is counted once.
export const flatCosts = `
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
`;
