-- The password of a mail server is sealed with the desk's key: those of before are, at the next start.
ALTER TABLE smtp ADD COLUMN sealed BLOB;
-- since when the server does not take the user name and the password
ALTER TABLE smtp ADD COLUMN refused_at INTEGER;
-- What servers said in their own words becomes the class of it.
UPDATE mail SET error = CASE WHEN next_at IS NULL THEN 'refused' ELSE 'not_now' END WHERE error <> '';
-- A link that lets somebody in is not kept once nobody sends it any more.
UPDATE mail SET letter = '"test"' WHERE kind IN ('invitation', 'reset') AND next_at IS NULL;
