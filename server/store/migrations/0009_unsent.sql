-- The watch looks every few seconds for mail that does not go out (M1): those few, and not the outbox.
CREATE INDEX mail_unsent ON mail (office, id) WHERE sent_at IS NULL;
