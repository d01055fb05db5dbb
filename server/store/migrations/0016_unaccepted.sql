-- Reports of finished work that a connector still holds because nobody took them, as it says in its hello (T6).
ALTER TABLE connector ADD COLUMN unaccepted INTEGER NOT NULL DEFAULT 0 CHECK (unaccepted >= 0);
