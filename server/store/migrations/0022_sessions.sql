-- Every sign-in looks for sessions that are over, and for those of its person.

CREATE INDEX session_over ON session (expires_at);
CREATE INDEX session_of ON session (person, created_at);

-- The downtime during which an exempt integration delivered it: it is handed out before that ends.
ALTER TABLE task ADD COLUMN meanwhile INTEGER REFERENCES downtime;
CREATE INDEX task_meanwhile ON task (id) WHERE meanwhile IS NOT NULL;
