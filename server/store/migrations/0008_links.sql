-- Links that end a subscription are kept for ninety days: each mail, and each try of one, has its own.
-- Those of before count from the day of this change.
ALTER TABLE unsubscribe_link ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
UPDATE unsubscribe_link SET made_at = unixepoch() * 1000;
CREATE INDEX unsubscribe_link_made ON unsubscribe_link (made_at);
