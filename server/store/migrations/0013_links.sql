-- Links have a life of their kind: a reset is for somebody who waits for it, an invitation for somebody on holiday.
ALTER TABLE sign_in_link ADD COLUMN kind TEXT NOT NULL DEFAULT 'invitation'
  CHECK (kind IN ('invitation', 'reset', 'first_admin', 'demo'));
ALTER TABLE sign_in_link ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
UPDATE sign_in_link SET kind = iif(person IS NULL, 'first_admin', iif(reusable = 1, 'demo', 'invitation'));
CREATE INDEX sign_in_link_of ON sign_in_link (person);
