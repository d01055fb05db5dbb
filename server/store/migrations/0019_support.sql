-- Whether the desk has somebody of Support is asked at every request, and people are looked up by their office on the page
-- of all offices.
CREATE INDEX person_support ON person (id) WHERE role = 'support';
CREATE INDEX person_by_office ON person (office, role);
